-- Views for analysts. docs/store.md documents every column and a test compares the two.
-- They are dropped and made again whenever the schema version moves.

CREATE VIEW v_mentions AS
SELECT
    m.id,
    m.source,
    m.kind,
    date(m.day * 86400, 'unixepoch')                                     AS day,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.published_at / 1000000, 'unixepoch') AS published_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.updated_at / 1000000, 'unixepoch')   AS updated_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.collected_at / 1000000, 'unixepoch') AS collected_at,
    m.brand,
    m.product,
    m.location,
    m.country,
    m.version,
    m.lang,
    m.rating,
    m.rating_min,
    m.rating_max,
    m.stars,
    m.title,
    m.text,
    m.sentiment,
    t.score,
    t.confidence,
    t.untagged_reason,
    g.model,
    g.model_version,
    g.taxonomy_version,
    m.likes,
    m.author_id,
    m.author_name,
    m.parent_id,
    m.url,
    m.reply_text,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.reply_at / 1000000, 'unixepoch')     AS reply_at,
    m.revision
FROM mention m
LEFT JOIN tagging t ON t.id = m.tagging_id
LEFT JOIN tagger g ON g.id = m.tagger_id;

-- One row a mention, sentence and topic: the evidence under every count of topics.
CREATE VIEW v_topics AS
SELECT
    m.id,
    date(m.day * 86400, 'unixepoch')         AS day,
    mt.topic,
    json_extract(x.value, '$.polarity')      AS polarity,
    json_extract(x.value, '$.confidence')    AS confidence,
    mt.polarity                              AS mention_polarity,
    substr(
        CASE json_extract(s.value, '$.field') WHEN 'title' THEN m.title ELSE m.text END,
        json_extract(s.value, '$.start') + 1,
        json_extract(s.value, '$.end') - json_extract(s.value, '$.start')
    )                                        AS sentence,
    json_extract(s.value, '$.field')         AS field,
    json_extract(s.value, '$.start')         AS "start",
    json_extract(s.value, '$.end')           AS "end",
    m.source,
    m.brand,
    m.lang,
    m.sentiment
FROM mention_topic mt
CROSS JOIN mention m ON m.rowid = mt.mention_rowid
CROSS JOIN tagging t ON t.id = m.tagging_id
CROSS JOIN json_each(t.sentences) s
CROSS JOIN json_each(s.value, '$.topics') x
WHERE json_extract(x.value, '$.topic') = mt.topic;

-- Mentions that speak of a topic, each counted once a topic.
CREATE VIEW v_topic_trend AS
SELECT
    date(m.day * 86400, 'unixepoch') AS day,
    mt.topic,
    mt.polarity,
    m.source,
    m.brand,
    m.lang,
    count(*)                         AS mentions
FROM mention_topic mt
CROSS JOIN mention m ON m.rowid = mt.mention_rowid
GROUP BY m.day, mt.topic, mt.polarity, m.source, m.brand, m.lang;

-- All mentions by overall sentiment: the base of the shares of v_topic_trend.
-- sentiment is 'untagged' where a tagger declined, 'pending' where none has been.
CREATE VIEW v_sentiment_trend AS
SELECT
    date(day * 86400, 'unixepoch') AS day,
    coalesce(sentiment, CASE WHEN tagger_id IS NULL THEN 'pending' ELSE 'untagged' END)
                                   AS sentiment,
    source,
    brand,
    lang,
    count(*)                       AS mentions
FROM mention
GROUP BY mention.day, 2, source, brand, lang;

CREATE VIEW v_runs AS
SELECT
    id,
    source,
    strftime('%Y-%m-%dT%H:%M:%SZ', started_at / 1000000, 'unixepoch')  AS started_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', finished_at / 1000000, 'unixepoch') AS finished_at,
    (finished_at - started_at) / 1000000.0                             AS seconds,
    outcome,
    arguments,
    counts,
    message,
    series,
    rejects,
    empty_fields,
    alarms
FROM run;

CREATE VIEW v_rejects AS
SELECT
    id,
    strftime('%Y-%m-%dT%H:%M:%SZ', rejected_at / 1000000, 'unixepoch') AS rejected_at,
    run_id,
    source,
    reason,
    place,
    raw
FROM reject;
