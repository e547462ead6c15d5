-- What `molva index` adds to a store when it first runs: every change of a mention is noted
-- in the transaction that makes it. The tables are in migrations/2.sql; index/outbox.py
-- reads them. A change of these triggers needs a migration that drops the old ones.

CREATE TRIGGER IF NOT EXISTS outbox_insert AFTER INSERT ON mention BEGIN
    INSERT INTO outbox VALUES (new.rowid, (SELECT number FROM outbox_state))
        ON CONFLICT DO UPDATE SET number = excluded.number;
END;

CREATE TRIGGER IF NOT EXISTS outbox_update AFTER UPDATE ON mention BEGIN
    -- A date that changed has moved the mention to another rowid.
    DELETE FROM outbox WHERE mention_rowid = old.rowid AND old.rowid <> new.rowid;
    INSERT INTO outbox VALUES (new.rowid, (SELECT number FROM outbox_state))
        ON CONFLICT DO UPDATE SET number = excluded.number;
    DELETE FROM outbox_refused WHERE mention_id = new.id;
END;

-- The version is that of index.elastic.documents.deletion_version, of now or of the last
-- look, whichever is later: an import may bring mentions that were collected "tomorrow".
CREATE TRIGGER IF NOT EXISTS outbox_delete AFTER DELETE ON mention BEGIN
    DELETE FROM outbox WHERE mention_rowid = old.rowid;
    DELETE FROM outbox_refused WHERE mention_id = old.id;
    INSERT INTO outbox_deletion VALUES (
        old.id,
        max(CAST(strftime('%s', 'now') AS INTEGER), old.collected_at / 1000000) * 1000000000
            + 999999999,
        (SELECT number FROM outbox_state)
    ) ON CONFLICT DO UPDATE SET version = excluded.version, number = excluded.number;
END;
