-- Schema version 10: what a run has read, for the coverage of trends (answers/coverage.py).

-- Everything that the source shows was read, of what was published from covers_from to
-- covers_until (microseconds since 1970); null where a run says nothing of the kind.
ALTER TABLE run ADD COLUMN covers_from INTEGER;
ALTER TABLE run ADD COLUMN covers_until INTEGER;

-- How far back earlier runs had read was not noted. A sound one read what was new since the
-- sound one before it; the days before the first of them stay unknown.
UPDATE run SET covers_from = sound.since, covers_until = run.started_at
FROM (
    SELECT id, coalesce(lag(started_at) OVER (PARTITION BY series ORDER BY id), started_at) AS since
    FROM run
    WHERE outcome = 'finished' AND alarms = '[]' AND series IS NOT NULL
        AND coalesce(counts ->> '$.rejects', 0) = 0
        AND counts ->> '$.stop_page_limit' IS NULL AND counts ->> '$.stop_repeated' IS NULL
) AS sound
WHERE sound.id = run.id;

CREATE INDEX run_by_start ON run (started_at);
