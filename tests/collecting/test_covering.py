"""What one run has covered, as it is noted when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collecting.covering import covered
from collecting.health import alarms
from crawlers.listing import EARLIEST, Reach
from index.base import Run

BEGAN = datetime(2026, 3, 8, 6, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE = Reach(EARLIEST, as_before=True)


def run(
    days_ago: int = 0, outcome: str = "finished", covers: int | None = None, **counts: int
) -> Run:
    at = BEGAN - days_ago * DAY
    return Run(
        1,
        "rss",
        at,
        at,
        outcome,
        counts={"items": 40, **counts},
        covers=None if covers is None else (at - covers * DAY, at),
    )


@pytest.mark.parametrize("reach", [Reach(EARLIEST), Reach(BEGAN - 3 * DAY)])
def test_a_sound_run_covers_up_to_its_beginning(reach: Reach) -> None:
    assert covered(run(), reach, []) == (reach.back_to, BEGAN)
    limited = run(outcome="stopped", stop_max_items=1)
    assert covered(limited, reach, []) == (reach.back_to, BEGAN)


@pytest.mark.parametrize(
    ("one", "reach"),
    [
        (run(), None),
        (run(outcome="failed"), Reach(EARLIEST)),
        (run(outcome="stopped"), Reach(EARLIEST)),
        (run(outcome="interrupted"), Reach(EARLIEST)),
    ],
)
def test_a_run_with_a_gap_or_without_an_end_covers_nothing(one: Run, reach: Reach | None) -> None:
    assert covered(one, reach, [run(1, covers=9)]) is None


@pytest.mark.parametrize(
    "odd",
    [{"items": 0}, {"items": 4}, {"items": 40, "rejects": 40}],
    ids=["none", "few", "rejects"],
)
def test_a_run_with_an_alarm_that_mentions_are_missing_covers_nothing(odd: dict[str, Any]) -> None:
    earlier = [run(number, covers=2, rejects=0) for number in range(1, 6)]
    unusual = run(**odd)
    found = alarms(unusual, earlier)
    assert found
    told = Run(1, "rss", BEGAN, BEGAN, "finished", counts=unusual.counts, alarms=tuple(found))
    assert covered(told, Reach(EARLIEST), earlier) is None
    unlabelled = "12 of 40 came without rating, 1% are usual (5 runs before); see in a browser"
    told = Run(1, "rss", BEGAN, BEGAN, "finished", counts=run().counts, alarms=(unlabelled,))
    assert covered(told, Reach(EARLIEST), earlier) is not None


def test_as_before_goes_back_to_the_sound_run_before() -> None:
    assert covered(run(), BEFORE, []) == (BEGAN, BEGAN)
    earlier = [run(1, "failed"), run(2, covers=0), run(3, covers=9)]
    assert covered(run(), BEFORE, earlier) == (BEGAN - 2 * DAY, BEGAN)
    given_since = Reach(BEGAN - DAY, as_before=True)
    assert covered(run(), given_since, earlier) == (BEGAN - DAY, BEGAN)


def test_not_modified_since_an_unsound_run_says_nothing() -> None:
    earlier = [run(1), run(2, covers=0)]
    assert covered(run(stop_not_modified=1), BEFORE, earlier) is None
    assert covered(run(stop_not_modified=1), BEFORE, earlier[1:]) == (BEGAN - 2 * DAY, BEGAN)
    assert covered(run(stop_not_modified=1), BEFORE, []) is None
