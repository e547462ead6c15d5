"""Rows of a trend and of two periods compared, from counts made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.changes import changes
from answers.coverage import Coverage
from answers.spans import Span, last_two
from answers.trends import trend_rows
from index.base import TrendPoint

MAY = date(2026, 5, 1)
POINT = TrendPoint(
    MAY, "speed", None, positive=12, neutral=3, negative=30, mixed=5, mentions=400, rated=9
)


def test_counts_of_a_bucket_that_is_not_over_are_kept_with_the_reason() -> None:
    coverage = Coverage(MAY, None, "partly", "so far: read up to 2026-05-20 08:00", pages=7)
    (row,) = trend_rows([POINT], {(None, MAY): coverage})
    found = row.as_row()
    assert (found["count"], found["share"], found["pages"]) == (50, 0.125, 7)
    assert found["coverage"] == "partly"
    assert found["reason"] == "so far: read up to 2026-05-20 08:00"


def test_a_branch_has_the_coverage_of_everything() -> None:
    coverage = Coverage(MAY, None, "unknown", "nothing was collected then")
    (row,) = trend_rows([replace(POINT, group="Vilnius")], {(None, MAY): coverage})
    assert row.is_unknown
    assert row.as_row()["count"] is None


def test_the_overall_sentiment_has_no_share_of_itself() -> None:
    (row,) = trend_rows([replace(POINT, topic=None, mentions=50)])
    found = row.as_row()
    assert (found["topic"], found["share"]) == ("(overall)", None)
    assert found["reason"] == "not enough data (fewer than 10): average_stars"


counts = st.integers(0, 60)


@given(counts, counts, counts, counts, st.integers(0, 300), st.integers(1, 40))
def test_a_number_is_given_exactly_where_there_is_enough(
    positive: int, neutral: int, negative: int, mixed: int, others: int, minimum: int
) -> None:
    count = positive + neutral + negative + mixed
    point = TrendPoint(MAY, "speed", None, positive, neutral, negative, mixed, count + others)
    (row,) = trend_rows([point], minimum=minimum)
    for estimate, base in (
        (row.share, count + others),
        (row.share_negative, count),
        (row.net_sentiment, positive + negative + mixed),
    ):
        assert (estimate.value is not None) == (base >= minimum)
        if estimate.value is not None:
            assert estimate.low <= estimate.value <= estimate.high
    assert row.count.low <= count <= row.count.high


def by_day(first: date, days: int, positive: int, negative: int) -> list[TrendPoint]:
    """Return the same counts for each of some days."""
    return [
        TrendPoint(
            first + timedelta(days=after),
            "speed",
            None,
            positive=positive,
            negative=negative,
            mentions=20,
        )
        for after in range(days)
    ]


APRIL = Span(date(2026, 4, 1), date(2026, 4, 30))
WHOLE_MAY = Span(MAY, date(2026, 5, 31))


def test_rates_are_compared_by_day() -> None:
    before, after = by_day(APRIL.first, 30, 2, 1), by_day(MAY, 31, 2, 1)
    (change,) = changes(before, after, (APRIL, WHOLE_MAY))
    assert change.rate.value == pytest.approx(1)
    row = change.as_row()
    assert (row["before_count"], row["after_count"]) == (90, 93)
    assert {row[key] for key in row if key.endswith("_change")} == {"within chance"}


def test_a_rise_beyond_chance_is_called_so() -> None:
    before, after = by_day(APRIL.first, 30, 2, 1), by_day(MAY, 31, 2, 6)
    (change,) = changes(before, after, (APRIL, WHOLE_MAY))
    row = change.as_row()
    assert row["count_change"] == row["share_negative_change"] == "up, beyond chance"
    assert row["net_sentiment_change"] == "down, beyond chance"
    assert 2 < row["rate_ratio_low"] < row["rate_ratio"] < row["rate_ratio_high"]


def test_changes_are_told_apart_by_how_sure_they_are() -> None:
    def surety(before: tuple[int, int], after: tuple[int, int]) -> float:
        days = by_day(APRIL.first, 30, *before), by_day(MAY, 31, *after)
        (change,) = changes(*days, (APRIL, WHOLE_MAY))
        return change.surety

    assert surety((2, 1), (2, 1)) == pytest.approx(0, abs=0.1)
    # 30 a month, then 62: log((62.5 / 31) / (30.5 / 30)) / sqrt(1 / 30.5 + 1 / 62.5) is 3.10,
    # and the share, 5 % and then 10 %, tells a little more.
    assert 3.10 < surety((0, 1), (0, 2)) < 3.5
    assert surety((0, 1), (0, 3)) > surety((0, 1), (0, 2))
    # As many speak of it, and fewer of them well.
    assert surety((2, 2), (1, 3)) > 1.96


def test_what_was_never_said_before_has_no_ratio_but_has_risen() -> None:
    (change,) = changes([], by_day(MAY, 31, 0, 1), (APRIL, WHOLE_MAY))
    row = change.as_row()
    assert row["rate_ratio"] is row["rate_ratio_high"] is None
    assert row["count_change"] == "up, beyond chance"
    assert row["share_change"] == "not enough data"


def test_unknown_days_count_in_neither_period() -> None:
    before, after = by_day(APRIL.first, 30, 2, 1), by_day(MAY, 31, 2, 1)
    days = [*APRIL.days, *WHOLE_MAY.days]
    coverages = {(None, day): Coverage(day, None, "known") for day in days}
    for day in WHOLE_MAY.days[:10]:
        coverages[None, day] = Coverage(day, None, "unknown", "not read")
    (change,) = changes(before, after, (APRIL, WHOLE_MAY), coverages)
    assert (change.after.days, change.after.row.point.count) == (21, 63)
    assert change.rate.value == pytest.approx(1)


@pytest.mark.parametrize(
    ("period", "start", "today", "before", "after"),
    [
        ("month", "2026-03-01", "2026-04-01", "2026-02-01..2026-02-28", "2026-03-01..2026-03-31"),
        ("quarter", "2026-01-01", "2026-05-05", "2025-10-01..2025-12-31", "2026-01-01..2026-03-31"),
        ("week", "2026-03-02", "2026-03-09", "2026-02-23..2026-03-01", "2026-03-02..2026-03-08"),
        ("day", "2026-03-01", "2026-03-02", "2026-02-28..2026-02-28", "2026-03-01..2026-03-01"),
    ],
)
def test_the_last_two_buckets(period, start, today, before, after) -> None:
    point = TrendPoint(date.fromisoformat(start), None, None, mentions=1)
    later = replace(point, start=date.fromisoformat(today))
    spans = last_two([point, later], period, date.fromisoformat(today))
    assert [str(span) for span in spans] == [before, after]
