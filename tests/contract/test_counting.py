"""What every index must count of the values of a field, and of who labelled it."""

from __future__ import annotations

import pytest

from index.base import FACETS, FacetCount, LabelCount
from tests.contract.records import FillableIndex, make, tag


def pairs(facets: dict[str, list[FacetCount]]) -> dict[str, list[tuple[str | None, int]]]:
    """Return the counts of each field as (value, mentions)."""
    return {
        field: [(count.value, count.mentions) for count in counts]
        for field, counts in facets.items()
    }


class CountingContract:
    """Facets, as `MentionIndex` promises them."""

    def test_facets_count_the_values_of_what_a_query_finds(self, store: FillableIndex) -> None:
        assert store.facets() == {field: [] for field in FACETS}
        one = make(1, brand="Альфа", rating=5, lang="ru")
        two = make(2, "Другое", brand="Альфа", rating=4.5, source="forum")
        three, four = make(3, brand="Бета", rating=5), make(4)
        store.upsert([one, two, three, four])
        store.add_taggings(
            [
                tag(one, topics="speed- price+|price-"),
                tag(two, "positive", "speed+", lang="lt"),
                tag(three, None, lang=None),
            ]
        )
        assert pairs(store.facets()) == {
            "source": [("shop", 3), ("forum", 1)],
            "brand": [("Альфа", 2), ("Бета", 1), (None, 1)],
            "topic": [("speed", 2), (None, 2), ("price", 1)],
            "topic_sentiment": [
                (None, 2),
                ("price:mixed", 1),
                ("speed:negative", 1),
                ("speed:positive", 1),
            ],
            "sentiment": [(None, 2), ("negative", 1), ("positive", 1)],
            "stars": [("5", 2), ("4.5", 1), (None, 1)],
            "lang": [(None, 2), ("lt", 1), ("ru", 1)],
        }
        assert pairs(store.facets("курьера brand:альфа", ["brand", "stars"])) == {
            "brand": [("Альфа", 1)],
            "stars": [("5", 1)],
        }

    def test_few_mentions_are_counted_one_by_one(self, store: FillableIndex) -> None:
        brands = "Альфа Альфа Бета".split()
        mentions = [make(number, brand=brand) for number, brand in enumerate((*brands, None))]
        store.upsert(mentions)
        store.add_taggings(
            [
                tag(mentions[0], topics="speed-"),
                tag(mentions[1], "positive"),
                tag(mentions[3], None),
            ]
        )
        for query in (
            "",
            "brand:альфа",
            "topic:speed",
            "topic:speed brand:бета",
            "курьера",
            "NOT x",
        ):
            assert store.facets(query, most=1000) == store.facets(query), query
        with pytest.raises(ValueError, match="at least 1"):
            store.facets(most=0)

    def test_the_most_frequent_values_come_first(self, store: FillableIndex) -> None:
        brands = "ББ ББ А А В Г".split()
        store.upsert([make(number, brand=brand) for number, brand in enumerate((*brands, None))])
        first = store.facets("", ["brand"], limit=3)
        assert pairs(first) == {"brand": [("А", 2), ("ББ", 2), ("В", 1)]}
        assert pairs(store.facets(fields=["brand"]))["brand"][3:] == [("Г", 1), (None, 1)]

    def test_facets_that_there_cannot_be(self, store: FillableIndex) -> None:
        assert store.facets(fields=()) == {}
        with pytest.raises(ValueError, match="not of 'author'"):
            store.facets(fields=["author"])  # type: ignore[list-item]  # that is the test
        with pytest.raises(ValueError, match="limit"):
            store.facets(limit=0)

    def test_labels_are_counted_by_tagger_and_language(self, store: FillableIndex) -> None:
        assert store.count_labels() == []
        mentions = [make(number, brand="Парус") for number in range(5)]
        store.upsert([*mentions, make(5, lang="en"), make(6, "Другое")])
        store.add_taggings([tag(one, lang="ru") for one in mentions[:3]])
        waiting, first = LabelCount(None, None, None, None, 4), ("tagger", "1", "3", None)
        assert store.count_labels(by_language=False) == [waiting, LabelCount(*first, 3)]
        assert store.count_labels("доставка", by_language=False) == []
        store.add_taggings([tag(mentions[3], version="2"), tag(mentions[4], None, lang=None)])
        assert store.count_labels(by_language=False)[0] == LabelCount(*first, 4)
        assert store.count_labels() == [
            LabelCount("tagger", "1", "3", "ru", 3),
            LabelCount(None, None, None, None, 1),
            LabelCount(None, None, None, "en", 1),
            LabelCount("tagger", "1", "3", None, 1),
            LabelCount("tagger", "2", "3", "ru", 1),
        ]
        assert store.count_labels("brand:парус -lang:ru") == [
            LabelCount("tagger", "1", "3", None, 1)
        ]
