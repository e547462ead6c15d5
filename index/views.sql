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
    CASE
        WHEN m.stars >= 4 AND m.sentiment = 'negative' THEN 'rating_above_text'
        WHEN m.stars <= 2 AND m.sentiment = 'positive' THEN 'rating_below_text'
    END                                                                  AS conflict,
    coalesce(c.score, t.score)                                           AS score,
    coalesce(c.confidence, t.confidence)                                 AS confidence,
    iif(c.mention_rowid IS NULL, t.untagged_reason, NULL)                AS untagged_reason,
    c.mention_rowid IS NOT NULL                                          AS corrected,
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
    m.nps,
    m.csat,
    m.ces,
    s.status                                                             AS case_status,
    s.owner                                                              AS case_owner,
    m.revision
FROM mention m
LEFT JOIN tagging t ON t.id = m.tagging_id
LEFT JOIN tagger g ON g.id = m.tagger_id
LEFT JOIN corrected c ON c.mention_rowid = m.rowid
LEFT JOIN case_state s ON s.mention_rowid = m.rowid;

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
LEFT JOIN corrected c ON c.mention_rowid = m.rowid
CROSS JOIN json_each(coalesce(c.sentences, t.sentences)) s
CROSS JOIN json_each(s.value, '$.topics') x
WHERE json_extract(x.value, '$.topic') = mt.topic;

-- One row a fact that a text states about the service, with the words that state it.
CREATE VIEW v_facts AS
SELECT
    m.id,
    date(m.day * 86400, 'unixepoch')         AS day,
    mf.kind,
    json_extract(f.value, '$.value')         AS value,
    mf.value                                 AS mention_value,
    substr(
        CASE json_extract(f.value, '$.field') WHEN 'title' THEN m.title ELSE m.text END,
        json_extract(f.value, '$.start') + 1,
        json_extract(f.value, '$.end') - json_extract(f.value, '$.start')
    )                                        AS words,
    json_extract(f.value, '$.field')         AS field,
    json_extract(f.value, '$.start')         AS "start",
    json_extract(f.value, '$.end')           AS "end",
    m.source,
    m.brand,
    m.lang,
    m.sentiment
FROM mention_fact mf
CROSS JOIN mention m ON m.rowid = mf.mention_rowid
CROSS JOIN tagging t ON t.id = m.tagging_id
CROSS JOIN json_each(t.facts) f
WHERE json_extract(f.value, '$.kind') = mf.kind;

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

-- Everything that people have said of labels. in_force: whether it decides labels now.
CREATE VIEW v_corrections AS
SELECT
    k.id,
    m.id                                                                 AS mention_id,
    strftime('%Y-%m-%dT%H:%M:%SZ', k.made_at / 1000000, 'unixepoch')     AS made_at,
    k.author,
    k.sentiment,
    k.topics,
    substr(
        CASE json_extract(k.span, '$.field') WHEN 'title' THEN m.title ELSE m.text END,
        json_extract(k.span, '$.start') + 1,
        json_extract(k.span, '$.end') - json_extract(k.span, '$.start')
    )                                                                    AS sentence,
    k.note,
    k.undoes,
    k.undoes IS NULL AND k.text_hash IS c.text_hash
        AND NOT EXISTS (
            SELECT 1 FROM correction u WHERE u.mention_rowid = k.mention_rowid AND u.undoes = k.id
        )                                                                AS in_force
FROM correction k
JOIN mention m ON m.rowid = k.mention_rowid
LEFT JOIN corrected c ON c.mention_rowid = k.mention_rowid;

CREATE VIEW v_cases AS
SELECT
    m.id,
    s.status,
    s.owner,
    round((coalesce(s.closed_at / 1000000.0, strftime('%s', 'now')) - s.opened_at / 1000000.0) / 86400, 1)
                                                                         AS age_days,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.opened_at / 1000000, 'unixepoch')   AS opened_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.changed_at / 1000000, 'unixepoch')  AS changed_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', s.closed_at / 1000000, 'unixepoch')   AS closed_at,
    date(m.day * 86400, 'unixepoch')                                     AS day,
    m.source,
    m.brand,
    m.location,
    m.stars,
    m.sentiment,
    m.text,
    m.url
FROM case_state s
JOIN mention m ON m.rowid = s.mention_rowid;

-- The log behind v_cases.
CREATE VIEW v_case_log AS
SELECT
    e.id,
    m.id                                                                 AS mention_id,
    strftime('%Y-%m-%dT%H:%M:%SZ', e.at / 1000000, 'unixepoch')          AS at,
    e.author,
    e.status,
    e.owner,
    e.note
FROM case_event e
JOIN mention m ON m.rowid = e.mention_rowid;

-- Copies of earlier texts, adverts, and what only a person has kept from being either.
CREATE VIEW v_noise AS
SELECT
    m.id,
    n.is_copy,
    n.is_advert,
    o.id                                                                 AS copy_of,
    CASE
        WHEN o.source <> m.source THEN 'other_source'
        WHEN o.author_id = m.author_id THEN 'same_author'
        WHEN o.id IS NOT NULL THEN 'same_source'
    END                                                                  AS relation,
    n.similarity,
    n.adverts,
    n.copy_said,
    n.advert_said,
    strftime('%Y-%m-%dT%H:%M:%SZ', n.changed_at / 1000000, 'unixepoch')  AS changed_at,
    date(m.day * 86400, 'unixepoch')                                     AS day,
    m.source,
    m.brand,
    m.lang,
    m.sentiment,
    m.text,
    m.url
FROM noise n
JOIN mention m ON m.rowid = n.mention_rowid
LEFT JOIN mention o ON o.rowid = n.original_rowid
WHERE n.original_rowid IS NOT NULL OR n.adverts <> '[]' OR n.is_copy OR n.is_advert;

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
    alarms,
    strftime('%Y-%m-%dT%H:%M:%SZ', covers_from / 1000000, 'unixepoch')  AS covers_from,
    strftime('%Y-%m-%dT%H:%M:%SZ', covers_until / 1000000, 'unixepoch') AS covers_until
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
