-- Schema version 4: how many of the mentions that are counted have stars, and their sum.

-- In the same rows as `mentions`; stars_total in hundredths of a star, which add up exactly.
ALTER TABLE rollup ADD COLUMN rated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN stars_total INTEGER NOT NULL DEFAULT 0;

-- Counted anew: the rows that there are have no stars.
DELETE FROM rollup;
INSERT INTO rollup
WITH fact (day, source, brand, lang, topic, polarity, stars) AS (
    SELECT day, source, coalesce(brand, ''), coalesce(lang, ''), '',
        coalesce(sentiment, iif(tagger_id IS NULL, 'pending', 'untagged')),
        CAST(round(stars * 100) AS INTEGER)
    FROM mention
    UNION ALL
    SELECT m.day, m.source, coalesce(m.brand, ''), coalesce(m.lang, ''), mt.topic, mt.polarity,
        CAST(round(m.stars * 100) AS INTEGER)
    FROM mention_topic mt CROSS JOIN mention m ON m.rowid = mt.mention_rowid
),
counted AS MATERIALIZED (
    SELECT day, source, brand, lang, topic, polarity,
        count(*) AS mentions, count(stars) AS rated, coalesce(sum(stars), 0) AS stars_total
    FROM fact
    GROUP BY 1, 2, 3, 4, 5, 6
),
dimension (name) AS (VALUES ('all'), ('source'), ('brand'), ('lang')),
period (name) AS (VALUES ('day'), ('month'))
SELECT dimension.name, period.name,
    CASE dimension.name WHEN 'source' THEN source WHEN 'brand' THEN brand
        WHEN 'lang' THEN lang ELSE '' END,
    topic,
    CASE period.name WHEN 'day' THEN day
        ELSE CAST(strftime('%s', day * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400
        END,
    polarity, sum(mentions), sum(rated), sum(stars_total)
FROM counted CROSS JOIN dimension CROSS JOIN period
GROUP BY 1, 2, 3, 4, 5, 6;
