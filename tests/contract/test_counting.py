"""What every index must count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from index.base import FACETS, FacetCount
from tests.contract.records import FillableIndex, at, found, make, tag


def pairs(facets: dict[str, list[FacetCount]]) -> dict[str, list[tuple[str | None, int]]]:
    """Return the counts of each field as (value, mentions)."""
    return {
        field: [(count.value, count.mentions) for count in counts]
        for field, counts in facets.items()
    }


class CountingContract:
    """Trends and facets, as `MentionIndex` promises them."""

    def test_one_polarity_a_mention_and_topic(self, store: FillableIndex) -> None:
        labels = {
            "speed-": "negative",
            "speed- speed-": "negative",
            "speed-|speed+": "mixed",
            "speed0|speed+": "positive",
            "speed-|speed0": "negative",
            "speed0|speed0": "neutral",
            "price+": None,
        }
        mentions = [make(number) for number, _ in enumerate(labels)]
        store.upsert(mentions)
        store.add_taggings(
            [tag(one, "neutral", topics) for one, topics in zip(mentions, labels, strict=True)]
        )
        (point,) = store.trends(topics=("speed",))
        assert (point.positive, point.neutral, point.negative, point.mixed) == (1, 1, 3, 1)
        assert (point.mentions, point.count) == (7, 6)
        for polarity in ("positive", "neutral"):
            assert len(found(store, f"topic:speed:{polarity}")) == 1

    def test_weeks_begin_on_monday_also_over_the_new_year(self, store: FillableIndex) -> None:
        days = ("2024-12-29", "2024-12-30", "2025-01-05", "2025-01-06", "2026-12-31", "2027-01-03")
        mentions = [make(day, published_at=at(day)) for day in days]
        store.upsert(mentions)
        store.add_taggings([tag(one) for one in mentions])
        points = store.trends(period="week", topics=())
        counted = {point.start: point.negative for point in points if point.negative}
        assert counted == {
            date(2024, 12, 23): 1,
            date(2024, 12, 30): 2,  # week 1 of 2025
            date(2025, 1, 6): 1,
            date(2026, 12, 28): 2,  # week 53 of 2026
        }
        starts = [point.start for point in points]
        assert starts == [date(2024, 12, 23) + timedelta(weeks=n) for n in range(len(starts))]
        assert starts[-1] == date(2026, 12, 28)

    def test_empty_buckets_are_given_as_zeros(self, store: FillableIndex) -> None:
        one, two = make(1, published_at=at("2025-11-30")), make(2, published_at=at("2026-02-01"))
        other = make(3, "Хвалим", published_at=at("2026-03-31"))
        store.upsert([one, two, other])
        store.add_taggings(
            [tag(one, topics="speed-"), tag(two, topics="speed+"), tag(other, topics="price+")]
        )
        points = store.trends()
        months = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, m, 1) for m in (1, 2, 3))]
        assert [(point.topic, point.start) for point in points] == [
            (topic, month) for topic in ("price", "speed") for month in months
        ]
        assert [point.count for point in points] == [0, 0, 0, 0, 1, 1, 0, 0, 1, 0]
        assert [point.mentions for point in points] == [1, 0, 0, 1, 1] * 2
        assert [point.start for point in store.trends("курьера", topics=("speed",))] == months[:4]

    def test_the_overall_sentiment(self, store: FillableIndex) -> None:
        mentions = [make(number) for number in range(5)]
        store.upsert(mentions)
        sentiments = ("positive", "negative", "negative", "mixed", "neutral")
        store.add_taggings([tag(o, s, "speed-") for o, s in zip(mentions, sentiments, strict=True)])
        (point,) = store.trends(topics=())
        assert point.topic is None
        assert (point.positive, point.neutral, point.negative, point.mixed) == (1, 1, 2, 1)
        assert point.mentions == point.count == 5
        assert point.share_negative == 2 / 5
        assert point.net_sentiment == -1 / 4

    def test_a_split_has_a_series_for_each_group(self, store: FillableIndex) -> None:
        brands = ("Альфа", "Бета", None, "Альфа")
        mentions = [make(n, brand=brand) for n, brand in enumerate(brands)]
        mentions.append(make(9, brand="Гамма", source="forum"))
        store.upsert(mentions)
        labels = ("speed-", "speed+", "price0", "speed-", "")
        store.add_taggings([tag(o, topics=t) for o, t in zip(mentions, labels, strict=True)])
        points = store.trends(split="brand")
        assert [(p.topic, p.group, p.count, p.mentions) for p in points] == [
            ("price", "", 1, 1),
            ("speed", "Альфа", 2, 2),
            ("speed", "Бета", 1, 1),
        ]
        asked = store.trends(topics=("speed",), split="brand")
        assert [(p.group, p.count, p.mentions) for p in asked] == [
            ("", 0, 1),
            ("Альфа", 2, 2),
            ("Бета", 1, 1),
            ("Гамма", 0, 1),
        ]
        overall = store.trends(topics=(), split="source")
        assert [(p.group, p.count) for p in overall] == [("forum", 1), ("shop", 4)]

    def test_a_trend_of_nothing_is_empty(self, store: FillableIndex) -> None:
        assert store.trends() == store.trends(topics=("speed",)) == store.trends("слово") == []
        store.upsert([make()])
        assert store.trends() == store.trends(topics=()) == []

    # --- facets ------------------------------------------------------------
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
