-- Schema version 2: what a cluster has still to be told (index/outbox.py).
--
-- Nothing here is filled, and nothing is paid for it, before the first `molva index`: that
-- makes the row of outbox_state and the triggers that keep the other tables.

-- Mentions that are new or changed since they were last sent.
CREATE TABLE outbox (
    mention_rowid INTEGER PRIMARY KEY,
    number        INTEGER NOT NULL       -- outbox_state.number at the time of the change
);

-- Mentions that were erased. An id stays here only until the cluster has erased it too.
CREATE TABLE outbox_deletion (
    mention_id TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,         -- external version: above all that was ever sent
    number     INTEGER NOT NULL
) WITHOUT ROWID;

-- Dead letters: what the cluster refused for good, until it changes or is sent again.
CREATE TABLE outbox_refused (
    mention_id TEXT PRIMARY KEY,
    refused_at INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    version    INTEGER                   -- of a deletion; null for a mention
) WITHOUT ROWID;

-- One row. Raising `number` tells what changes afterwards from what is being sent.
CREATE TABLE outbox_state (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    number        INTEGER NOT NULL,
    target        TEXT,                  -- the index that everything else was sent to
    sent_at       INTEGER,               -- when nothing was left to send
    rebuilding    TEXT,                  -- the index that a rebuild fills
    rebuild_below INTEGER                -- it has every mention from this rowid on; null: none
);
