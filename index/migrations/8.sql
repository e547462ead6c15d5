-- Schema version 8: survey scores (docs/metrics.md).

ALTER TABLE mention ADD COLUMN nps INTEGER;   -- 0..10
ALTER TABLE mention ADD COLUMN csat INTEGER;  -- 1..5
ALTER TABLE mention ADD COLUMN ces INTEGER;   -- 1..7, 7 is easiest

-- Partial: they cost nothing for a mention without a score.
CREATE INDEX mention_by_nps ON mention (nps) WHERE nps IS NOT NULL;
CREATE INDEX mention_by_csat ON mention (csat) WHERE csat IS NOT NULL;
CREATE INDEX mention_by_ces ON mention (ces) WHERE ces IS NOT NULL;

-- Which sources have replies at all. The condition is that of compile_sqlite.REPLIED.
CREATE INDEX mention_replied ON mention (source)
    WHERE reply_text IS NOT NULL OR reply_at IS NOT NULL;
