"""Days, weeks, months and quarters as calendars have them, in any time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import open_store
from index.base import Period, StoreError
from index.rollups import bucket_start, next_bucket
from index.rows import (
    day_counter,
    from_date,
    microseconds,
    order_key,
    to_date,
    to_datetime,
)
from tests.contract.records import at, make, tag

days = st.dates(date(1970, 1, 1), date(2100, 12, 31))
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC))
ZONES = ("UTC", "Europe/Vilnius", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu")


@given(days)
def test_buckets_are_those_of_the_calendar(day: date) -> None:
    number = from_date(day)
    assert to_date(number) == day
    assert bucket_start(number, "day") == number
    week = to_date(bucket_start(number, "week"))
    assert week.isoweekday() == 1
    assert week.isocalendar()[:2] == day.isocalendar()[:2]
    assert to_date(bucket_start(number, "month")) == day.replace(day=1)
    quarter = to_date(bucket_start(number, "quarter"))
    assert (quarter.year, quarter.month, quarter.day) in {
        (day.year, first, 1) for first in (1, 4, 7, 10) if first <= day.month < first + 3
    }


@given(days)
def test_the_next_bucket_begins_where_this_one_ends(day: date) -> None:
    for period in get_args(Period):
        start = bucket_start(from_date(day), period)
        following = next_bucket(start, period)
        assert start <= from_date(day) < following
        assert bucket_start(following, period) == following
        assert bucket_start(following - 1, period) == start


@given(times, st.sampled_from(ZONES))
def test_days_are_those_of_the_time_zone(time: datetime, zone: str) -> None:
    day = day_counter(zone)(microseconds(time))
    assert to_date(day) == time.astimezone(ZoneInfo(zone)).date()


@given(times)
def test_times_survive_to_the_microsecond(time: datetime) -> None:
    assert to_datetime(microseconds(time)) == time


@given(times, times, st.text(min_size=1), st.text(min_size=1))
def test_order_keys_sort_by_time(one: datetime, two: datetime, a: str, b: str) -> None:
    first, second = order_key(microseconds(one), a), order_key(microseconds(two), b)
    if one + timedelta(seconds=1) <= two:
        assert first < second
    assert 0 <= first < 1 << 53, "a key that JSON readers keep exactly"


def test_a_store_has_its_own_time_zone(tmp_path: Path) -> None:
    mention = make(published_at=at("2025-12-31T22:30:00"))
    path = tmp_path / "molva.sqlite"
    with open_store(path, time_zone="Europe/Vilnius") as store:
        store.upsert([mention])
        store.add_taggings([tag(mention, topics="speed-")])
        assert [point.start for point in store.trends()] == [date(2026, 1, 1)]
    with open_store(path, time_zone="UTC") as store:
        assert store.time_zone == "Europe/Vilnius", "the one it was made with"
        assert store.search("date:2026").total == 1
        with open_store(path) as other:
            store.set_time_zone("UTC")
            assert [point.start for point in store.trends()] == [date(2025, 12, 1)]
            assert store.search("date:2026").total == 0
            assert store.check() == []
            with pytest.raises(StoreError, match="start this command again"):
                other.upsert([mention])


def test_a_time_zone_that_does_not_exist(tmp_path: Path) -> None:
    for name in ("Vilnius", "../etc/passwd", "", "UTC+3"):
        with pytest.raises(StoreError, match="is not a time zone; write one such as Europe"):
            open_store(tmp_path / "molva.sqlite", time_zone=name)
    assert not (tmp_path / "molva.sqlite").exists()


def test_more_mentions_in_a_second_than_it_has_keys_for(tmp_path: Path) -> None:
    """Order keys that are taken move on to free ones, and nothing is lost."""
    time = at("2026-01-01")
    ids = [n for n in range(200_000) if order_key(0, f"shop:{n}") >> 10 == 7]
    assert len(ids) > 100, "they crowd a thousandth of the keys of a second"
    mentions = [make(n, "", rating=1, published_at=time) for n in ids]
    with open_store(tmp_path / "molva.sqlite") as store:
        for begin in range(0, len(mentions), 50):
            store.upsert(mentions[begin : begin + 50])
        assert {hit.mention.id for hit in store.scan()} == {one.id for one in mentions}
        assert store.search("date:2026-01-01").total == len(ids)
        assert store.check() == []
