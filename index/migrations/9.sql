-- Schema version 9: what `molva alerts` has found and told (index/alert_log.py).
--
-- No text of a mention is kept here: the sentences behind an alert are looked up when they
-- are shown, so that what was erased is shown nowhere.

-- Append only. The newest event of a series says whether its alert is on.
CREATE TABLE alert_event (
    id       TEXT PRIMARY KEY,           -- the same for the same event, whoever finds it again
    series   TEXT NOT NULL,              -- rule, topic and group, as a hash
    kind     TEXT NOT NULL,              -- fired, escalated, cleared, digest
    day      INTEGER NOT NULL,           -- last day that was looked at
    since    INTEGER NOT NULL,           -- day on which the alert fired
    noted_at INTEGER NOT NULL,
    record   TEXT NOT NULL               -- JSON: what was found
) WITHOUT ROWID;
CREATE INDEX alert_event_by_series ON alert_event (series, day);

-- One row for each output that an event has to reach, written together with the event.
CREATE TABLE alert_delivery (
    event_id     TEXT NOT NULL REFERENCES alert_event (id) ON DELETE CASCADE,
    output       TEXT NOT NULL,          -- name in the project file
    attempts     INTEGER NOT NULL DEFAULT 0,
    claimed_at   INTEGER,                -- a process is sending it since then
    delivered_at INTEGER,
    error        TEXT,                   -- of the last attempt
    PRIMARY KEY (event_id, output)
) WITHOUT ROWID;
