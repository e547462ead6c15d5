"""No sequence of runs makes a period known that no sound run has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from answers.gaps import Calendar, Log, Series
from collecting.covering import covered
from collecting.health import is_complete, misses_mentions
from crawlers.listing import EARLIEST, Reach
from index.base import Run, RunDigest
from index.rows import microseconds
from tests.answers.recorded import SILENT

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = 8
CALENDAR = Calendar.of(
    date(2026, 3, 1), date(2026, 3, DAYS), "day", ZoneInfo("UTC"), BEGIN + DAYS * 24 * HOUR
)


class Drawn(NamedTuple):
    """A run of which everything but its effect is given."""

    hours: int  # after the run before
    outcome: str
    back: int | None  # hours; None: there are gaps in it
    as_before: bool
    items: int
    is_silent: bool
    is_unmodified: bool


RUNS = st.lists(
    st.builds(
        Drawn,
        hours=st.integers(1, 40),
        outcome=st.sampled_from(["finished", "finished", "failed", "stopped", "interrupted"]),
        back=st.none() | st.integers(0, 60),
        as_before=st.booleans(),
        items=st.integers(0, 2),
        is_silent=st.booleans(),
        is_unmodified=st.booleans(),
    ),
    max_size=12,
)


def played(drawn: Sequence[Drawn]) -> tuple[Series, list[Run]]:
    """Let the runs happen one after the other; return the series and the runs, newest first."""
    log = Log.empty(DAYS)
    series = Series("rss", "rss", "", 24 * 3600 * 10**6, microseconds(BEGIN), log)
    runs: list[Run] = []
    started = BEGIN - 2 * HOUR
    for number, one in enumerate(drawn):
        started += one.hours * HOUR
        counts = {"items": one.items} | ({"stop_not_modified": 1} if one.is_unmodified else {})
        silent = one.is_silent and one.items == 0 and one.outcome == "finished"
        run = Run(
            number,
            "rss",
            started,
            started,
            one.outcome,
            counts=counts,
            alarms=(SILENT,) if silent else (),
        )
        back_to = EARLIEST if one.back == 0 else started - (one.back or 0) * HOUR
        reach = None if one.back is None else Reach(back_to, one.as_before)
        run = replace(run, covers=covered(run, reach, runs))
        runs.insert(0, run)
        since, until = (None, None) if run.covers is None else map(microseconds, run.covers)
        at = microseconds(started)
        series.add(
            RunDigest("rss", "1", at, run.outcome, since, until, one.items, 1, 0, run.alarms)
        )
    return series, runs


@given(RUNS)
def test_what_is_known_was_read_by_sound_runs(drawn: Sequence[Drawn]) -> None:
    series, runs = played(drawn)
    for bucket in range(DAYS):
        span = series.expected(bucket, CALENDAR)
        assert span is not None
        if not series.covers(span):
            continue
        begin = BEGIN + bucket * 24 * HOUR
        end = begin + 24 * HOUR
        sound = [run for run in runs if is_complete(run) and not misses_mentions(run.alarms)]
        assert any(run.started_at >= end for run in sound), "one began after the end"
        for hour in range(24):
            time = begin + hour * HOUR
            assert any(
                run.covers is not None and run.covers[0] <= time < run.covers[1] for run in sound
            ), f"hour {hour} was read"


@given(RUNS)
def test_what_a_silent_source_should_have_brought_is_unknown(drawn: Sequence[Drawn]) -> None:
    series, runs = played(drawn)
    if not runs or not runs[0].alarms:
        return
    fed = [run.started_at for run in runs if run.counts["items"]]
    until = max((end for _, end in series.spans), default=0)
    assert until <= (microseconds(fed[0]) if fed else 0)


@given(RUNS)
def test_spans_are_apart_and_in_order(drawn: Sequence[Drawn]) -> None:
    series, _ = played(drawn)
    flat = [time for span in series.spans for time in span]
    assert flat == sorted(flat)
    assert all(
        before[1] < after[0] for before, after in zip(series.spans, series.spans[1:], strict=False)
    )
