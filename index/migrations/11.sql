-- Schema version 11: finds when each tagger began, without reading its taggings.
CREATE INDEX tagging_by_tagger ON tagging (tagger_id, tagged_at);
