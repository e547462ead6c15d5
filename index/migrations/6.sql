-- Schema version 6: what texts state about the service (docs/facts.md).

ALTER TABLE tagging ADD COLUMN facts TEXT NOT NULL DEFAULT '[]';  -- JSON: [{"kind", "value", "field", "start", "end"}]
-- Of the rules that looked for them; null for taggings that are older than the rules.
ALTER TABLE tagging ADD COLUMN facts_version INTEGER;

-- Finds what no rules, or older ones, have read.
CREATE INDEX tagging_by_facts_version ON tagging (facts_version, mention_rowid);

-- The facts of current taggings: one value a mention and kind (index.rows.fact_values).
CREATE TABLE mention_fact (
    mention_rowid INTEGER NOT NULL REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    kind          TEXT NOT NULL,
    value         REAL NOT NULL,
    PRIMARY KEY (mention_rowid, kind)
) WITHOUT ROWID;

CREATE INDEX mention_fact_by_kind ON mention_fact (kind, value, mention_rowid);
