"""The cluster counts what SQLite counts: in every bucket, group and time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.base import FACETS, Measure, MentionStore, Period, Split
from index.elastic import counting, trends
from index.elastic.connection import ClusterSettings
from index.elastic.store import ElasticIndex
from index.query import to_string
from tests.contract.records import at, make, tag
from tests.index.elastic.corpus import ZONES, Pair, fill, generate, in_sqlite, new_index
from tests.index.query_trees import queries

PAIRS = generate(150, seed=4)
# Days on which a change of the clocks at midnight makes an hour belong to the day before,
# takes midnight away, or takes the whole day away.
ODD_DAYS = {
    "America/St_Johns": "2010-11-07T02:29 2010-11-07T02:30:30 2010-11-07T02:31:30 2010-11-07T03:30",
    "America/Sao_Paulo": "2018-11-04T02:59 2018-11-04T03:00 2018-02-18T01:59 2018-02-18T02:30",
    "America/Havana": "2025-11-02T03:59 2025-11-02T04:30 2025-11-02T05:30 2025-03-09T05:00",
    "Asia/Beirut": "2025-03-29T21:59 2025-03-29T22:00 2025-10-25T20:59 2025-10-25T21:30",
    "Pacific/Apia": "2011-12-30T09:59:59 2011-12-30T10:00",
}


@pytest.fixture(scope="module")
def filled(elasticsearch_url: str) -> Iterator[ClusterSettings]:
    """An index of `PAIRS`."""
    with new_index(elasticsearch_url) as named:
        fill(named, PAIRS)
        yield named


@pytest.mark.parametrize("zone", ZONES)
def test_every_period_split_and_time_zone(filled: ClusterSettings, zone: str) -> None:
    asked = (None, ("speed", "nothing"), ())
    with in_sqlite(PAIRS, zone) as sqlite, ElasticIndex(filled, time_zone=zone) as cluster:
        for period in get_args(Period):
            for topics, split in zip(cycle(asked), (None, *get_args(Split)), strict=False):
                expected = sqlite.trends(period=period, topics=topics, split=split)
                answer = cluster.trends(period=period, topics=topics, split=split)
                assert len(expected) > 4
                assert answer == expected, (period, topics, split)
                for name in ("rated", "untagged", "pending"):
                    assert any(getattr(point, name) for point in expected)


def test_days_that_are_odd(elasticsearch_url: str) -> None:
    times = " ".join(ODD_DAYS.values()).split()
    mentions = [make(time, published_at=at(time)) for time in times]
    pairs: list[Pair] = [(mention, tag(mention, topics="speed-")) for mention in mentions]
    with new_index(elasticsearch_url) as named:
        fill(named, pairs)
        for zone, odd_times in ODD_DAYS.items():
            with in_sqlite(pairs, zone) as sqlite, ElasticIndex(named, time_zone=zone) as cluster:
                points = sqlite.trends(period="day")
                assert cluster.trends(period="day") == points, zone
                for time in odd_times.split():
                    query = f"date:{at(time).astimezone(ZoneInfo(zone)):%Y-%m-%d}"
                    assert cluster.search(query).hits == sqlite.search(query).hits, (zone, query)


@pytest.fixture(scope="module")
def both(filled: ClusterSettings) -> Iterator[tuple[ElasticIndex, MentionStore]]:
    """The index, and a store of the same."""
    zone = "Pacific/Auckland"
    with in_sqlite(PAIRS, zone) as sqlite, ElasticIndex(filled, time_zone=zone) as cluster:
        yield cluster, sqlite


@given(
    query=queries.map(to_string),
    period=st.sampled_from(get_args(Period)),
    split=st.sampled_from((None, *get_args(Split))),
    topics=st.sampled_from((None, (), ("price",), ("speed", "delivery"))),
)
@settings(max_examples=60, deadline=None)
def test_generated_questions(
    both: tuple[ElasticIndex, MentionStore], query: str, period: Period, split: Split | None,
    topics: tuple[str, ...] | None,
) -> None:  # fmt: skip
    cluster, sqlite = both
    asked = {"period": period, "split": split, "topics": topics}
    assert cluster.trends(query, **asked) == sqlite.trends(query, **asked)  # type: ignore[arg-type]  # three kinds of values
    assert cluster.facets(query) == sqlite.facets(query)


@given(
    query=queries.map(to_string),
    period=st.sampled_from(get_args(Period)),
    split=st.sampled_from((None, *get_args(Split))),
    measure=st.sampled_from(get_args(Measure)),
    days=st.integers(1, 60),
)
@settings(max_examples=40, deadline=None)
def test_generated_questions_about_service(
    both: tuple[ElasticIndex, MentionStore], query: str, period: Period, split: Split | None,
    measure: Measure, days: int,
) -> None:  # fmt: skip
    cluster, sqlite = both
    expected = sqlite.replies(query, period=period, split=split, days=days)
    assert cluster.replies(query, period=period, split=split, days=days) == expected
    values = sqlite.values(measure, query, period=period, split=split)
    assert cluster.values(measure, query, period=period, split=split) == values
    now, ages = at("2026-03-02T09:00:00"), [timedelta(days=days) for days in (1, 30, 90)]
    assert cluster.ages(query, now, ages) == sqlite.ages(query, now, ages)


def test_more_combinations_than_one_answer_has(
    both: tuple[ElasticIndex, MentionStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, sqlite = both
    # Tens of thousands of combinations are more than a test should make.
    monkeypatch.setattr(counting, "_MOST", 14)
    monkeypatch.setattr(trends, "_VALUES", 2)
    for split in (None, *get_args(Split)):
        expected = sqlite.trends(period="week", split=split)
        assert cluster.trends(period="week", split=split) == expected
        assert cluster.replies(period="week", split=split) == sqlite.replies(
            period="week", split=split
        )
    assert cluster.stats().by_source == sqlite.stats().by_source


def test_more_buckets_than_the_server_gives(elasticsearch_url: str) -> None:
    topics = " ".join(f"t{number}+" for number in range(60))
    mentions = [make(n, published_at=at("1970-01-05") + timedelta(weeks=n)) for n in range(1200)]
    pairs: list[Pair] = [(mention, tag(mention, topics=topics)) for mention in mentions]
    with new_index(elasticsearch_url) as named, ElasticIndex(named) as cluster:
        fill(named, pairs)
        points = cluster.trends(period="week")
    assert len(points) == 1200 * 60
    assert all(point.positive == point.mentions == 1 for point in points)


def test_facets_of_every_size(both: tuple[ElasticIndex, MentionStore]) -> None:
    cluster, sqlite = both
    for limit in (1, 3, 50, 100_000):
        assert cluster.facets(limit=limit) == sqlite.facets(limit=limit), limit
    for field in FACETS:
        assert cluster.facets("доставка", [field]) == sqlite.facets("доставка", [field])


def test_stats_are_the_same(both: tuple[ElasticIndex, MentionStore]) -> None:
    cluster, sqlite = both
    answer, expected = cluster.stats(), sqlite.stats()
    for name in ("mentions", "tagged", "untagged", "pending", "first_day", "last_day"):
        assert getattr(answer, name) == getattr(expected, name), name
    assert answer.by_source == expected.by_source
    assert answer.by_language == expected.by_language
    assert answer.by_model == expected.by_model
