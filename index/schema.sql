-- Schema version 1 of a Molva store. docs/store.md explains it to analysts.
--
-- Later versions are reached by the migrations in index/migrations.py, also for
-- a new file, so that there is one way to every version and this text stays.
--
-- Times are integers: microseconds since 1970-01-01T00:00:00Z. Days are integers:
-- days since 1970-01-01 in the store's time zone (meta 'time_zone').

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row a mention, its newest version.
--
-- rowid is the order key: (seconds of published_at, or of first_collected_at) * 2^20
-- + 20 bits of a hash of the id. So newest-first is plain descending rowid order,
-- in this table and in the text index, and a span of time is a range of rowids.
-- It changes when the date does: refer to it only with ON UPDATE CASCADE.
CREATE TABLE mention (
    rowid              INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL UNIQUE,
    source             TEXT NOT NULL,
    kind               TEXT NOT NULL,
    brand              TEXT,
    product            TEXT,
    location           TEXT,
    country            TEXT,
    version            TEXT,              -- of the product that was reviewed
    lang_stated        TEXT,              -- as the platform states it: Mention.lang
    rating             REAL,
    rating_min         REAL NOT NULL,
    rating_max         REAL NOT NULL,
    published_at       INTEGER,
    updated_at         INTEGER,
    collected_at       INTEGER NOT NULL,
    likes              INTEGER,
    author_id          TEXT,
    author_name        TEXT,
    parent_id          TEXT,
    url                TEXT,
    reply_at           INTEGER,
    title              TEXT,
    text               TEXT NOT NULL,
    reply_text         TEXT,
    -- What follows is derived by the store.
    revision           INTEGER NOT NULL,  -- 1, and 1 more with every change of content
    content_hash       TEXT NOT NULL,
    first_collected_at INTEGER NOT NULL,
    day                INTEGER NOT NULL,
    stars              REAL,              -- rating moved to 1..5
    lang               TEXT,              -- as identified by the current tagging, else lang_stated
    -- What the current tagging says; all null while this revision waits to be tagged.
    tagging_id         INTEGER,
    tagger_id          INTEGER,
    sentiment          TEXT               -- null too when the text is untaggable
);

-- Answers the usual filters and their totals without reading the long rows.
CREATE INDEX mention_facets ON mention (
    brand, source, lang, sentiment, rating, stars, day, tagger_id
);
-- Finds what no tagger, or another one, has labelled.
CREATE INDEX mention_by_tagger ON mention (tagger_id);

-- Superseded revisions, whole, as JSON with the fields of Mention.
CREATE TABLE mention_revision (
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    revision      INTEGER NOT NULL,
    content_hash  TEXT NOT NULL,
    superseded_at INTEGER NOT NULL,
    record        TEXT NOT NULL,
    PRIMARY KEY (mention_rowid, revision)
) WITHOUT ROWID;

-- The stems of title, text and reply as index/text.py writes them for `lang`; the tokenizer
-- only cuts at spaces, so no other program needs anything of ours to open the file.
-- Contentless: the stems themselves are not kept, which saves a third of the file. To take
-- a row out, its stems are made again from the mention; so a store whose stems another
-- version of the analysis wrote (meta 'analysis_version') is rebuilt before it is changed.
CREATE VIRTUAL TABLE mention_text USING fts5 (
    stems, content = '', tokenize = "unicode61 remove_diacritics 0"
);
-- One flush of the index a batch of about 5,000 mentions instead of four (8 MiB, not 1).
INSERT INTO mention_text (mention_text, rank) VALUES ('hashsize', 8388608);

CREATE TABLE tagger (
    id               INTEGER PRIMARY KEY,
    model            TEXT NOT NULL,
    model_version    TEXT NOT NULL,
    taxonomy_version TEXT NOT NULL,
    UNIQUE (model, model_version, taxonomy_version)
);

-- What each tagger said about each revision. mention.tagging_id points at the current one.
CREATE TABLE tagging (
    id              INTEGER PRIMARY KEY,
    mention_rowid   INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    revision        INTEGER NOT NULL,
    tagger_id       INTEGER NOT NULL REFERENCES tagger (id),
    tagged_at       INTEGER NOT NULL,
    lang            TEXT,
    sentiment       TEXT,
    score           REAL,
    confidence      REAL,
    untagged_reason TEXT,
    sentences       TEXT NOT NULL,        -- JSON: [{"field", "start", "end", "topics": [{"topic", "polarity", "confidence"}]}]
    UNIQUE (mention_rowid, revision, tagger_id)
);

-- The topics of current taggings: one polarity a mention and topic, 'mixed' when its
-- sentences disagree.
CREATE TABLE mention_topic (
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    topic         TEXT NOT NULL,
    polarity      TEXT NOT NULL,
    PRIMARY KEY (mention_rowid, topic)
) WITHOUT ROWID;

CREATE INDEX mention_topic_by_topic ON mention_topic (topic, polarity, mention_rowid);

-- Mentions counted by bucket, kept in the same transaction as the mentions themselves.
-- dimension is 'all' (value ''), 'source', 'brand' or 'lang' (value '' for none).
-- topic '' counts each mention once: polarity is then its overall sentiment,
-- 'untagged' (a tagger declined it) or 'pending' (none has seen this revision).
CREATE TABLE rollup (
    dimension TEXT NOT NULL,
    period    TEXT NOT NULL,              -- day, month
    value     TEXT NOT NULL,
    topic     TEXT NOT NULL,
    start     INTEGER NOT NULL,           -- first day of the bucket
    polarity  TEXT NOT NULL,
    mentions  INTEGER NOT NULL,
    PRIMARY KEY (dimension, period, value, topic, start, polarity)
) WITHOUT ROWID;

-- Runs of spiders and imports. process, host and alive_at tell a run that still works
-- from one whose process was killed.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT NOT NULL,            -- running, finished, failed, stopped
    arguments   TEXT NOT NULL,            -- JSON, secrets left out
    counts      TEXT NOT NULL,            -- JSON
    message     TEXT,
    process     INTEGER NOT NULL,
    host        TEXT NOT NULL,
    alive_at    INTEGER NOT NULL
);

CREATE INDEX run_by_source ON run (source);

-- What looked like a mention and could not become one. raw is cut after 2,000 characters.
CREATE TABLE reject (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    rejected_at INTEGER NOT NULL,
    run_id      INTEGER REFERENCES run (id) ON DELETE SET NULL,
    source      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    place       TEXT,                     -- address, or file and line
    raw         TEXT
);

-- What spiders remember from run to run, values as JSON: ETags, what was covered.
CREATE TABLE crawl_state (
    spider TEXT NOT NULL,
    key    TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (spider, key)
) WITHOUT ROWID;
