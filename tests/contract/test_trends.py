"""What every index must count in the buckets of a trend."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest

from index.base import Split, TooManyPointsError, TrendPoint
from tests.contract.records import FillableIndex, at, found, make, tag


def numbers(point: TrendPoint) -> tuple[str | None, int, int, int, int]:
    """Return what a point says of its group beside polarities."""
    return point.group, point.count, point.mentions, point.untagged, point.pending


class TrendsContract:
    """Trends, as `MentionIndex` promises them."""

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
        assert store.trends() == store.trends("слово", topics=()) == []

    def test_quarters_begin_with_their_first_month(self, store: FillableIndex) -> None:
        days = ("2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01", "2026-12-31")
        mentions = [make(day, published_at=at(day)) for day in days]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-") for one in mentions])
        for query in ("", "курьера", "date:2025..2026", "source:shop"):
            points = store.trends(query, period="quarter")
            assert [(point.start, point.negative) for point in points] == [
                (date(2025, 10, 1), 1),
                (date(2026, 1, 1), 2),
                (date(2026, 4, 1), 1),
                (date(2026, 7, 1), 0),
                (date(2026, 10, 1), 1),
            ], query
        cut = store.trends("date:2026-01-02..2026-04-01", period="quarter")
        assert [point.negative for point in cut] == [1, 1]

    def test_stars_are_added_up_to_the_hundredth(self, store: FillableIndex) -> None:
        # A third of the way from 1 to 5 is 2.33 stars; a binary fraction has none of these.
        scales = ((1.1, 5), (2.2, 5), (3.3, 5), (4, 10), (None, 5), (5, 5))
        mentions = [
            make(number, rating=rating, rating_max=most)
            for number, (rating, most) in enumerate(scales)
        ]
        store.upsert(mentions)
        labels = ("speed-", "speed+", "speed- price+", "speed0", "speed-", "price-")
        store.add_taggings([tag(o, topics=t) for o, t in zip(mentions, labels, strict=True)])
        for query in ("", "курьера"):
            price, speed = store.trends(query)
            assert (speed.count, speed.rated, speed.stars_total) == (5, 4, 8.93)
            assert speed.average_stars == 8.93 / 4
            assert (price.count, price.rated, price.stars_total) == (2, 2, 8.3)
            (overall,) = store.trends(query, topics=())
            assert (overall.count, overall.rated, overall.stars_total) == (6, 5, 13.93)
        (none,) = store.trends("-has:rating")
        assert (none.rated, none.stars_total, none.average_stars) == (0, 0.0, None)

    def test_a_thousand_ratings_add_up_without_an_error(self, store: FillableIndex) -> None:
        mentions = [make(number, rating=4.1 + number % 9 / 100) for number in range(1000)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-") for one in mentions])
        expected = sum(410 + number % 9 for number in range(1000)) / 100
        for query in ("", "курьера"):
            (point,) = store.trends(query)
            assert (point.rated, point.stars_total) == (1000, expected)

    def test_mentions_without_a_sentiment_are_told_apart(self, store: FillableIndex) -> None:
        months = ("2026-01-05", "2026-01-06", "2026-01-07", "2026-02-01", "2026-03-01")
        mentions = [make(day, rating=5, brand="А", published_at=at(day)) for day in months]
        mentions.append(make("other", brand="Б", published_at=at("2026-02-02")))
        store.upsert(mentions)
        read, declined, _, also_declined, *_ = mentions
        store.add_taggings([tag(read, topics="speed-"), tag(declined, None)])
        store.add_taggings([tag(also_declined, None)])
        for query in ("", "курьера"):
            overall = store.trends(query, topics=())
            assert [numbers(point) for point in overall] == [
                (None, 1, 1, 1, 1),
                (None, 0, 0, 1, 1),
                (None, 0, 0, 0, 1),
            ], "a month with nothing but untagged mentions is there"
            assert [(point.rated, point.stars_total) for point in overall] == [
                (1, 5),
                (0, 0),
                (0, 0),
            ]
            occurs = store.trends(query)
            assert [numbers(point) for point in occurs] == [numbers(point) for point in overall]
            asked = store.trends(query, topics=("speed",), split="brand")
            assert [numbers(point) for point in asked] == [
                ("А", 1, 1, 1, 1),
                ("А", 0, 0, 1, 0),
                ("А", 0, 0, 0, 1),
                ("Б", 0, 0, 0, 0),
                ("Б", 0, 0, 0, 1),
                ("Б", 0, 0, 0, 0),
            ]
            assert [p.group for p in store.trends(query, split="brand")] == ["А"] * 3

    def test_every_split_has_a_group_for_each_value(self, store: FillableIndex) -> None:
        one = make(1, location="Вильнюс", product="Кофе", rating=4.5)
        two = make(2, location="Вильнюс", product="Чай", rating=2.49, source="forum")
        three = make(3, location="Каунас", rating=2.5)
        four = make(4)
        store.upsert([one, two, three, four])
        store.add_taggings(
            [tag(o, topics="speed-", lang=lang) for o, lang in ((one, "ru"), (two, "lt"))]
            + [tag(three, topics="speed+", lang="ru"), tag(four, None, lang=None)]
        )
        groups = {
            "source": [("forum", 1, 1, 0, 0), ("shop", 2, 2, 1, 0)],
            "brand": [("", 3, 3, 1, 0)],
            "location": [("", 0, 0, 1, 0), ("Вильнюс", 2, 2, 0, 0), ("Каунас", 1, 1, 0, 0)],
            "product": [("", 1, 1, 1, 0), ("Кофе", 1, 1, 0, 0), ("Чай", 1, 1, 0, 0)],
            "lang": [("", 0, 0, 1, 0), ("lt", 1, 1, 0, 0), ("ru", 2, 2, 0, 0)],
            "stars": [("", 0, 0, 1, 0), ("2", 1, 1, 0, 0), ("3", 1, 1, 0, 0), ("5", 1, 1, 0, 0)],
        }
        assert groups.keys() == set(get_args(Split))
        for split in get_args(Split):
            for query in ("", "курьера"):
                points = store.trends(query, topics=("speed",), split=split)
                assert [numbers(point) for point in points] == groups[split], (split, query)

    def test_a_question_that_there_is_not(self, store: FillableIndex) -> None:
        with pytest.raises(ValueError, match="day, week, month, quarter, not 'year'"):
            store.trends(period="year")  # type: ignore[arg-type]  # that is the test
        with pytest.raises(ValueError, match=r"source, brand, location.*, not by 'author'"):
            store.trends(split="author")  # type: ignore[arg-type]  # that is the test

    def test_more_points_than_are_wanted_are_refused(self, store: FillableIndex) -> None:
        days = [at(f"2026-01-{day:02}") for day in (1, 2, 5)]
        store.upsert([make(n, published_at=day) for n, day in enumerate(days)])
        for query in ("", "курьера"):
            # Days without a mention are points as well.
            assert len(store.trends(query, period="day", topics=(), limit=5)) == 5
            with pytest.raises(TooManyPointsError, match="5 points and at most 4"):
                store.trends(query, period="day", topics=(), limit=4)

    def test_stars_that_contradict_the_text(self, store: FillableIndex) -> None:
        conflicts = {"5-": True, "4-": True, "3.9-": False, "2+": True, "1+": True, "2.1+": False}
        mentions = [make(text, rating=float(text[:-1])) for text in conflicts]
        quiet = [make(number, rating=number) for number in (1, 5)]
        store.upsert([*mentions, *quiet, make("none")])
        store.add_taggings(
            [tag(o, "positive" if o.id.endswith("+") else "negative") for o in mentions]
            + [tag(quiet[0], "mixed"), tag(quiet[1], None), tag(make("none"), "positive")]
        )
        expected = {f"shop:{text}" for text, conflict in conflicts.items() if conflict}
        assert set(found(store, "has:conflict")) == expected
        assert (
            set(found(store, "курьера -has:conflict has:rating"))
            == {one.id for one in (*mentions, *quiet)} - expected
        )
