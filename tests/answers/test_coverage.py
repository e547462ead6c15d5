"""What is known of a period: only what a sound run has read afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from answers.coverage import Coverage, coverage, extend
from crawlers.listing import EARLIEST, Reach
from index import open_store
from index.sqlite import SqliteStore
from mention import Mention
from project import Brand, Project, Source
from tests.answers.recorded import (
    DAILY,
    NOW,
    SILENT,
    TO_THE_END,
    at,
    record,
    record_days,
    record_file,
    since,
)

OTHER = Source("steam", {"app_id": "7", "brand": "Маяк"})
WEEKS = [date(2026, 3, day) for day in (2, 9, 16)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        yield store


def weeks(store: SqliteStore, *sources: Source, **values: Any) -> list[Coverage]:
    """The three weeks of March from the 2nd on; it is Friday of the third."""
    asked: dict[str, Any] = {"period": "week", "begin": WEEKS[0], "now": NOW} | values
    return list(coverage(store, Project(sources=sources), **asked).values())


def states(store: SqliteStore, *sources: Source, **values: Any) -> list[str]:
    return [one.state for one in weeks(store, *sources, **values)]


def test_daily_runs_make_all_but_the_open_week_known(store: SqliteStore) -> None:
    record(store, DAILY, at(1))
    record_days(store, DAILY, range(2, 21))
    first, second, third = weeks(store, DAILY)
    assert [one.start for one in (first, second, third)] == WEEKS
    assert (first.state, second.state, third.state) == ("known", "known", "partly")
    assert (first.reason, third.reason) == (None, "so far: read up to 2026-03-20 06:00")
    assert (first.runs_due, first.runs_done, first.pages) == (7, 7, 14)
    assert (third.runs_due, third.runs_done, third.known) == (5, 5, False)


def test_a_source_that_has_never_run_is_unknown(store: SqliteStore) -> None:
    found = weeks(store, DAILY)
    assert [one.state for one in found] == ["unknown"] * 3
    reason = "rss (url=https://example.org/feed), which has never run"
    assert [one.reason for one in found] == [reason] * 3
    assert [one.runs_due for one in found] == [0, 0, 1]
    assert found[0].missing == ("rss (url=https://example.org/feed)",)


@pytest.mark.parametrize("outcome", ["failed", "stopped"])
def test_a_run_that_broke_off_covers_nothing(store: SqliteStore, outcome: str) -> None:
    record_days(store, DAILY, range(1, 9))
    record(store, DAILY, at(10), outcome=outcome)
    assert states(store, DAILY) == ["unknown"] * 3
    first, second, _ = weeks(store, DAILY)
    assert first.reason is not None
    assert "was read only up to 2026-03-08 06:00" in first.reason
    assert (second.runs_failed, second.runs_done) == (1, 0)


def test_the_next_sound_run_fills_the_gap(store: SqliteStore) -> None:
    record_days(store, DAILY, range(1, 5))
    record(store, DAILY, at(9), None, "failed")
    record(store, DAILY, at(17), since(4))
    assert states(store, DAILY) == ["known", "known", "partly"]


def test_a_gap_between_runs_is_not_read_over(store: SqliteStore) -> None:
    record_days(store, DAILY, range(1, 11))
    record_days(store, DAILY, range(14, 21))  # from the 12th on
    first, second, third = weeks(store, DAILY)
    assert (first.state, second.state, third.state) == ("known", "unknown", "partly")
    assert "was read only up to 2026-03-10 06:00" in str(second.reason)


def test_the_days_before_the_first_run_are_known_as_far_as_it_read(store: SqliteStore) -> None:
    record(store, DAILY, at(20), since(9))
    first, second, third = weeks(store, DAILY)
    assert (first.state, second.state, third.state) == ("unknown", "known", "partly")
    assert "which was read back to 2026-03-09 00:00 only" in str(first.reason)
    assert (first.runs_due, second.runs_due, third.runs_due) == (0, 0, 1)


def test_a_silent_run_leaves_unknown_what_it_should_have_brought(store: SqliteStore) -> None:
    record_days(store, DAILY, range(1, 9))
    nothing = {"items": 0}
    record(store, DAILY, at(9), counts=nothing)  # once may be chance
    assert states(store, DAILY, end=WEEKS[0]) == ["known"]
    record(store, DAILY, at(10), counts=nothing, alarms=[SILENT])  # twice was not
    first, second, _ = weeks(store, DAILY)
    assert (first.state, second.state) == ("unknown", "unknown")
    assert "was read only up to 2026-03-08 06:00" in str(first.reason)
    assert "1 run brought less than usual" in str(second.reason)
    record(store, DAILY, at(17), since(7))
    assert states(store, DAILY) == ["known", "known", "partly"]


def test_not_modified_is_as_good_as_the_run_before(store: SqliteStore) -> None:
    unchanged = Reach(EARLIEST, as_before=True)
    counts = {"items": 0, "stop_not_modified": 1}
    record_days(store, DAILY, range(1, 4))
    record(store, DAILY, at(9), unchanged, counts=counts)
    assert states(store, DAILY, end=WEEKS[0]) == ["known"]
    record(store, DAILY, at(10), counts={"items": 0}, alarms=[SILENT])
    record(store, DAILY, at(17), unchanged, counts=counts)
    assert states(store, DAILY) == ["unknown"] * 3


def test_everything_is_known_when_every_source_is(store: SqliteStore) -> None:
    record(store, OTHER, at(1))
    for day in range(1, 21):
        record(store, DAILY, at(day))
    record(store, OTHER, at(10))
    first, second, third = weeks(store, DAILY, OTHER)
    assert (first.state, second.state, third.state) == ("known", "partly", "partly")
    label = "steam (app_id=7 brand=Маяк)"
    assert second.missing == (label,)
    assert second.reason == f"without {label}, which was read only up to 2026-03-10 06:00"
    assert third.reason == (
        f"so far: read up to 2026-03-20 06:00; without {label}, "
        "which was not read after 2026-03-10 06:00"
    )
    assert second.runs_due == 14


def test_the_sources_of_a_brand_say_what_is_known_of_it(store: SqliteStore) -> None:
    parus = replace(OTHER, arguments={"app_id": "8", "brand": "Парус"})
    record(store, OTHER, at(20))
    record(store, parus, at(10))
    record(store, DAILY, at(20), since(9))
    found = coverage(
        store,
        Project(sources=(DAILY, OTHER, parus), brands=(Brand("Маяк"), Brand("Парус"))),
        period="week",
        split="brand",
        begin=WEEKS[1],
        end=WEEKS[1],
        now=NOW,
    )
    assert {group: one.state for (group, _), one in found.items()} == {
        "": "known",
        "Маяк": "known",
        "Парус": "unknown",
    }
    query = 'brand:"маяк" date:2026-03-02..2026-03-15 очередь'
    narrowed = weeks(store, DAILY, OTHER, parus, query=query, begin=None)
    assert [(one.start, one.state) for one in narrowed] == [(day, "known") for day in WEEKS[:2]]
    assert states(store, DAILY, OTHER, parus, query="source:rss OR source:vk") == [
        "unknown",
        "known",
        "partly",
    ]


def test_files_cover_what_they_contain_and_are_never_due(store: SqliteStore) -> None:
    record_file(store, "import", at(3), at(9))
    assert states(store, end=NOW.date()) == ["known", "known", "unknown"]
    assert weeks(store, end=NOW.date())[2].reason == "nothing was collected then"
    assert [one.runs_due for one in weeks(store, end=NOW.date())] == [0, 0, 0]
    assert [one.rejects for one in weeks(store, end=NOW.date())] == [0, 1, 0]
    record(store, DAILY, at(20), since(9))
    assert states(store, DAILY) == ["partly", "known", "partly"]
    (reason,) = {one.reason for one in weeks(store, DAILY, end=WEEKS[0])}
    assert reason is not None
    assert reason.startswith("without rss")


def test_a_source_that_was_removed_keeps_its_history(store: SqliteStore) -> None:
    record(store, OTHER, at(1))
    record(store, OTHER, at(10))
    record(store, DAILY, at(20))
    assert states(store, DAILY) == ["known", "known", "partly"]
    by_source = coverage(
        store, Project(sources=(DAILY,)), period="week", split="source", begin=WEEKS[0], now=NOW
    )
    assert [one.state for (group, _), one in by_source.items() if group == "steam"] == [
        "known",
        "known",
        "unknown",
    ]
    record(store, OTHER, at(18), None, "failed")
    assert states(store, DAILY) == ["known", "partly", "partly"]


def test_a_trial_of_a_source_is_nobody_s_gap(store: SqliteStore) -> None:
    trial = replace(OTHER, arguments={"app_id": "7", "max_items": "10"})
    record(store, trial, at(20, 5), since(19), "stopped", {"stop_max_items": 1})
    record(store, DAILY, at(20))
    assert states(store, DAILY) == ["known", "known", "partly"]


def test_what_was_collected_by_hand_is_known_as_far_as_it_was_read(store: SqliteStore) -> None:
    record(store, DAILY, at(12), since(9))
    first, second, _ = weeks(store, end=NOW.date())
    assert (first.state, second.state, second.missing) == ("unknown", "unknown", ())
    assert "which was read back to 2026-03-09 00:00 only" in str(first.reason)
    assert "which was read only up to 2026-03-12 06:00" in str(second.reason)
    record(store, OTHER, at(17))
    first, second, third = weeks(store, end=NOW.date())
    assert (first.state, second.state, third.state) == ("known", "known", "partly")
    assert third.reason == "so far: read up to 2026-03-17 06:00"
    assert (first.runs_due, third.runs_due, third.runs_done) == (0, 0, 1)


def test_shares_of_what_no_tagger_has_read(store: SqliteStore) -> None:
    record(store, DAILY, at(20))
    store.upsert([Mention(id="rss:1", source="rss", text="Ждал долго.", published_at=at(3))])
    first, second, _ = weeks(store, DAILY)
    assert (first.pending, first.untagged) == (1.0, 0.0)
    assert (second.pending, second.untagged, second.known) == (None, None, True)


def test_a_trend_goes_on_to_the_last_period_covered(store: SqliteStore) -> None:
    store.upsert([Mention(id="rss:1", source="rss", text="Ждал долго.", published_at=at(3))])
    record(store, DAILY, at(4))
    points = store.trends(period="week", topics=())
    found = coverage(store, Project(sources=(DAILY,)), period="week", now=NOW)
    longer = extend(points, found)
    assert [one.start for one in longer] == WEEKS
    assert [found[None, one.start].state for one in longer] == ["unknown"] * 3
    assert {one.topic for one in longer} == {None}
    # What was only imported ends with its last mention.
    assert {start for _, start in coverage(store, Project(), period="week", now=NOW)} == {WEEKS[0]}


def test_an_empty_store_has_nothing_to_cover(store: SqliteStore) -> None:
    assert coverage(store, Project(), now=NOW) == {}


def test_days_begin_in_the_time_zone_of_the_store(tmp_path: Path) -> None:
    with open_store(tmp_path / "east.sqlite", time_zone="Asia/Tokyo") as store:
        record(store, DAILY, datetime(2026, 3, 8, 15, 30, tzinfo=UTC))  # Monday, 00:30
        assert states(store, DAILY, end=WEEKS[0]) == ["known"]
    with open_store(tmp_path / "utc.sqlite") as store:
        record(store, DAILY, datetime(2026, 3, 8, 15, 30, tzinfo=UTC))
        assert states(store, DAILY, end=WEEKS[0]) == ["unknown"]


def test_runs_of_every_two_weeks_are_due_every_two_weeks(store: SqliteStore) -> None:
    rare = replace(DAILY, every=timedelta(weeks=2))
    record(store, rare, at(3), TO_THE_END)
    assert [one.runs_due for one in weeks(store, rare)] == [1, 0, 1]
