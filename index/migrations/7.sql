-- Schema version 7: near-duplicates and adverts (docs/noise.md).
--
-- Nothing is looked for while mentions come in: they only wait here. index/noise_book.py
-- takes them out, in the transaction that writes what it found.

-- Mentions that are new, or whose text or date may have changed, since they were examined.
CREATE TABLE noise_waiting (
    mention_rowid INTEGER PRIMARY KEY REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE
);

-- Mentions whose text is a copy of no other: what later texts are compared with.
CREATE TABLE noise_text (
    id            INTEGER PRIMARY KEY,
    mention_rowid INTEGER NOT NULL UNIQUE
        REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE
);

-- Hashes of the parts of each text's MinHash (index/shingles.py): similar texts share some.
CREATE TABLE noise_band (
    text_id INTEGER NOT NULL REFERENCES noise_text (id) ON DELETE CASCADE,
    hash    INTEGER NOT NULL,
    PRIMARY KEY (text_id, hash)
) WITHOUT ROWID;

CREATE INDEX noise_band_by_hash ON noise_band (hash, text_id);

-- Append only: what people say of it.
CREATE TABLE noise_verdict (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,   -- a later one wins over an earlier one
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    text_hash     TEXT NOT NULL,         -- of the title and the text that it is about
    made_at       INTEGER NOT NULL,
    author        TEXT,
    verdict       TEXT,                  -- keep, advert, copy; null where it only undoes
    note          TEXT,
    undoes        INTEGER                -- id of the verdict that this one takes back
);

CREATE INDEX noise_verdict_by_mention ON noise_verdict (mention_rowid);

-- What was ever found or said of a mention; where nothing was there is no row.
CREATE TABLE noise (
    mention_rowid  INTEGER PRIMARY KEY
        REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    original_rowid INTEGER REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE SET NULL,
    similarity     REAL,                 -- to the original, 0..1; null until they are compared
    adverts        TEXT NOT NULL DEFAULT '[]',  -- JSON: names of rules
    copy_said      INTEGER,              -- 1 or 0 where a person has decided
    advert_said    INTEGER,
    changed_at     INTEGER NOT NULL,
    is_copy        INTEGER NOT NULL AS (coalesce(copy_said, original_rowid IS NOT NULL)),
    is_advert      INTEGER NOT NULL AS (coalesce(advert_said, adverts <> '[]'))
);

CREATE INDEX noise_by_original ON noise (original_rowid);

INSERT INTO noise_waiting SELECT rowid FROM mention;
