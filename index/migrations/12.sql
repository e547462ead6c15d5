-- Schema version 12: a fair sample of the mentions lies side by side.
--
-- The low bits of an order key come from a hash of the id (schema.sql), so that the mentions
-- with the lowest ones are a sample; with the columns that are counted, no long row is read.
CREATE INDEX mention_by_chance ON mention (
    (rowid & 1048575), day, sentiment, stars, rating, brand, source, lang, tagger_id
);
