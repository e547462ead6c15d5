-- Schema version 5: what people say of mentions: corrections of labels, and logs of complaints.
-- Facts are only added (index/ledger.py). `corrected` and `case_state` are what follows from
-- them, kept in the transaction that adds the fact.

CREATE TABLE correction (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,   -- a later one wins over an earlier one
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    text_hash     TEXT NOT NULL,         -- of the title and the text that it is about
    made_at       INTEGER NOT NULL,
    author        TEXT,
    sentiment     TEXT,                  -- null leaves it as it is
    topics        TEXT NOT NULL,         -- JSON: {topic: polarity, or null: not spoken of}
    span          TEXT,                  -- JSON: {"field", "start", "end"}; null: the whole mention
    note          TEXT,
    undoes        INTEGER                -- id of the correction that this one takes back
);

CREATE INDEX correction_by_mention ON correction (mention_rowid);

-- The labels that hold where a person has spoken; elsewhere those of the current tagging do.
CREATE TABLE corrected (
    mention_rowid INTEGER PRIMARY KEY
        REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    text_hash     TEXT NOT NULL,
    sentiment     TEXT NOT NULL,
    score         REAL,
    confidence    REAL,
    sentences     TEXT NOT NULL          -- JSON, as in tagging
);

CREATE TABLE case_event (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    at            INTEGER NOT NULL,
    author        TEXT,
    status        TEXT,                  -- null leaves it as it is
    owner         TEXT,                  -- '' is nobody; null leaves it as it is
    note          TEXT
);

CREATE INDEX case_event_by_mention ON case_event (mention_rowid);

CREATE TABLE case_state (
    mention_rowid INTEGER PRIMARY KEY
        REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    status        TEXT NOT NULL,         -- open, waiting, done, rejected
    owner         TEXT,
    opened_at     INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    closed_at     INTEGER
);
