-- Schema version 3: what a run tells of the health of its source (health.py).

-- Runs with the same value read the same source and may be compared; null for an import.
ALTER TABLE run ADD COLUMN series TEXT;
-- JSON: {reason: how many could not become a mention}.
ALTER TABLE run ADD COLUMN rejects TEXT NOT NULL DEFAULT '{}';
-- JSON: {field: how many mentions came without it}, of all that counts.items counts.
ALTER TABLE run ADD COLUMN empty_fields TEXT NOT NULL DEFAULT '{}';
-- JSON: [sentence], what was unusual beside the runs before.
ALTER TABLE run ADD COLUMN alarms TEXT NOT NULL DEFAULT '[]';

DROP INDEX run_by_source;
CREATE INDEX run_by_series ON run (source, series);
