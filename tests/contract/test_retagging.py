"""What every store must remember of an earlier tagger."""

from __future__ import annotations

from datetime import date

import pytest

from index.base import MentionStore, QueryError
from index.label_pairs import LabelPair
from tests.contract.records import at, later, make, tag


class RetaggingContract:
    """Taggers and pairs of labels, as `MentionStore` promises them."""

    def test_the_labels_of_two_taggers_stand_beside_each_other(self, store: MentionStore) -> None:
        one, two = (make(n, published_at=at(f"2026-0{n}-15")) for n in (1, 2))
        fresh = make(3, published_at=at("2026-02-20"))
        store.upsert([one, two, fresh])
        store.add_taggings([tag(one, "neutral", "speed-|speed+"), tag(two, None)])
        store.add_taggings(
            [tag(mention, topics="speed- price0", version="2") for mention in (one, two, fresh)]
        )
        before, after = store.taggers()
        assert (before.model_version, after.model_version) == ("1", "2")
        assert before.first_tagged_at <= before.last_tagged_at <= after.first_tagged_at
        january, february = date(2026, 1, 1), date(2026, 2, 1)
        pairs = store.label_pairs("", before, after)
        assert set(pairs) == {
            LabelPair(january, None, True, "neutral", "negative", 1),
            LabelPair(january, "price", True, None, "neutral", 1),
            LabelPair(january, "speed", True, "mixed", "negative", 1),
            LabelPair(february, None, True, None, "negative", 1),
            LabelPair(february, "price", True, None, "neutral", 1),
            LabelPair(february, "speed", True, None, "negative", 1),
            LabelPair(february, None, False, None, "negative", 1),
            LabelPair(february, "price", False, None, "neutral", 1),
            LabelPair(february, "speed", False, None, "negative", 1),
        }
        assert len(store.label_pairs("date:2026-01", before, after, period="quarter")) == 3
        assert store.label_pairs("date:2026-01", after, before, period="day")[0].after == "neutral"

    def test_labels_of_an_earlier_text_are_of_another_text(self, store: MentionStore) -> None:
        first = make(1)
        store.upsert([first])
        store.add_taggings([tag(first, topics="speed-")])
        edited = later(first, text="Теперь всё быстро")
        store.upsert([edited])
        store.add_taggings([tag(edited, "positive", "speed+", version="2")])
        pairs = store.label_pairs("", *store.taggers())
        assert {(pair.topic, pair.by_both, pair.after) for pair in pairs} == {
            (None, False, "positive"),
            ("speed", False, "positive"),
        }

    def test_mentions_are_not_chosen_by_their_labels(self, store: MentionStore) -> None:
        assert store.taggers() == []
        mention = make(1)
        store.upsert([mention])
        store.add_taggings([tag(mention), tag(mention, version="2")])
        for query in ("topic:speed", "курьера -sentiment:negative", "has:sentiment"):
            with pytest.raises(QueryError, match="may not choose them by their labels"):
                store.label_pairs(query, *store.taggers())
        assert len(store.label_pairs("курьера -has:rating", *store.taggers())) == 1
