"""Alarms: what breaks is found, what only varies is not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from collecting.health import FIELDS, KEPT_REASONS, OTHER_REASONS, Observations, alarms
from index.base import Run
from mention import Mention, Reject


def run(items: int, outcome: str = "finished", **values: Any) -> Run:
    counts = {"items": items, "rejects": values.pop("rejects", 0)} | values.pop("counts", {})
    empty = dict.fromkeys(FIELDS, 0) | values
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Run(1, "rss", at, at, outcome, counts=counts, empty_fields=empty)


def runs(*items: int) -> list[Run]:
    """Runs that brought so many mentions, newest first."""
    return [run(one) for one in items]


@pytest.mark.parametrize(
    ("items", "earlier", "says"),
    [
        (0, [50], "brought nothing where 50 are usual (median of 1 run before)"),
        (0, [50, 50, 500], "brought nothing where 50 are usual (median of 3 runs before)"),
        (0, [8, 7, 9, 7, 8], "brought nothing where 8 are usual"),
        (0, [0, 0, 0, 0, 2, 1, 3, 2, 2, 2, 2, 2], "brought nothing in its last 5 runs where 2 are"),
        (4, [50, 48, 50, 52], "brought only 4 mentions where 50 are usual"),
        (4, [50, 0, 0, 52, 50], "brought only 4 mentions where 50 are usual"),
        (0, [0] * 60 + [50] * 5, "in its last 61 runs where 50 are usual"),
    ],
)
def test_a_source_that_falls_silent(items: int, earlier: list[int], says: str) -> None:
    (sentence,) = alarms(run(items), runs(*earlier))
    assert says in sentence
    assert "; see in a browser" in sentence


@pytest.mark.parametrize(
    ("items", "earlier"),
    [
        (0, []),
        (0, [0, 0, 0]),
        (0, [3, 2, 4, 3, 3]),  # one such run in twenty
        (0, [0, 2, 1, 3, 2, 2]),
        (0, [0, 0, 90, 0, 0, 1]),
        (50, [500]),  # the first run reads everything
        (4, [500, 500]),  # two runs do not say yet what is usual
        (25, [50, 50, 50, 50]),
        (4, [9, 60, 2, 30, 4, 80, 1, 25]),
        (50, [50, 50, 50]),
    ],
)
def test_a_source_that_only_varies(items: int, earlier: list[int]) -> None:
    assert alarms(run(items), runs(*earlier)) == []


def test_runs_that_say_nothing_are_passed_over() -> None:
    unchanged = {"counts": {"stop_not_modified": 1}}
    assert alarms(run(0, **unchanged), runs(50, 50, 50)) == []
    assert alarms(run(0, "failed"), runs(50, 50, 50)) == []
    assert alarms(run(0, "stopped"), runs(50, 50, 50)) == []
    limited = {"counts": {"stop_max_items": 1, "stop_interrupted": 1}}
    assert alarms(run(0), [run(50, "stopped", **limited)])
    assert alarms(run(0), [run(0, "failed"), run(0, **unchanged), run(50)])
    assert alarms(run(0), [run(50, "failed")]) == []


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_comes_back_empty_more_often(field: str) -> None:
    before = [run(50, **{field: empty}) for empty in (1, 0, 2)]
    (sentence,) = alarms(run(50, **{field: 50}), before)
    assert sentence.startswith(f"50 of 50 came without {field}, 2% are usual (3 runs before); see")
    assert alarms(run(50, **{field: 2}), before) == []


def test_a_share_needs_enough_mentions_to_be_told_from_chance() -> None:
    # Wilson's interval at z = 3.29 begins at 1.9 % for 3 of 30, and at 5.9 % for 6 of 30.
    never = [run(20) for _ in range(5)]
    sometimes = [run(100, rating=2) for _ in range(5)]
    assert alarms(run(30, rating=3), sometimes) == []
    assert alarms(run(30, rating=6), sometimes)
    assert alarms(run(9, rating=9), never) == []  # too few
    assert alarms(run(20, rating=20), never[:2]) == []  # too few runs
    assert alarms(run(2000, rating=180), sometimes) == []  # certain, but only seven points more


def test_new_reviews_without_replies_are_no_alarm() -> None:
    """The first run reads old reviews, which were answered; the later ones only new ones."""
    first = run(500, reply_text=100)
    later = [run(50, reply_text=number) for number in (48, 50, 47)]
    assert alarms(later[0], [*later[1:], first]) == []


def test_a_field_that_was_not_counted_then_is_not_known() -> None:
    earlier = [Run(1, "rss", r.started_at, None, "finished", counts=r.counts) for r in runs(50, 50)]
    assert alarms(run(50, rating=50), [*earlier, run(50)]) == []


def test_more_rejects_than_usual() -> None:
    (sentence,) = alarms(run(30, rejects=20), [run(50, rejects=one) for one in (0, 1, 0)])
    assert "20 of 50 could not be read, 1% are usual" in sentence


def _poisson(chance: random.Random, rate: float) -> int:
    """Count arrivals within one unit of time, with exponential times between them."""
    count, time = 0, chance.expovariate(rate)
    while time < 1:
        count, time = count + 1, time + chance.expovariate(rate)
    return count


def _days(chance: random.Random, rate: float, number: int) -> list[Run]:
    days = []
    for _ in range(number):
        items = _poisson(chance, rate)
        days.append(run(items, rating=sum(chance.random() < 0.1 for _ in range(items))))
    return days


def _alarms_over_time(days: Sequence[Run]) -> list[int]:
    return [day for day in range(len(days)) if alarms(days[day], list(reversed(days[:day]))[:200])]


@pytest.mark.parametrize("rate", [0.5, 2, 7, 20, 60])
def test_a_year_of_a_steady_source_gives_hardly_a_false_alarm(rate: float) -> None:
    chance = random.Random(int(rate * 10))
    false = [len(_alarms_over_time(_days(chance, rate, 365))) for _ in range(4)]
    assert sum(false) <= 4 * 365 * 0.003, f"{false} false alarms in four years"


@pytest.mark.parametrize(("rate", "within"), [(2, 10), (7, 2), (20, 1), (60, 1)])
def test_a_break_is_found_soon(rate: float, within: int) -> None:
    chance = random.Random(int(rate))
    for _ in range(20):
        history = _days(chance, rate, 60)
        found = _alarms_over_time([*history, *runs(*[0] * within)])
        assert any(day >= len(history) for day in found)


def test_observations_count_what_came_without_a_field() -> None:
    seen = Observations()
    seen.note(Mention(id="a:1", source="a", text="x", rating=1, likes=0))
    seen.note(Mention(id="a:2", source="a", title="y", url="https://example.org"))
    expected = {"text": 1, "title": 1, "rating": 1, "likes": 1, "url": 1, "reply_text": 2}
    assert {name: seen.empty_fields[name] for name in expected} == expected
    assert set(seen.empty_fields) == set(FIELDS)


def test_reasons_that_a_page_makes_up_do_not_fill_the_record() -> None:
    seen = Observations()
    for number in range(1000):
        seen.note(Reject(source="a", reason=f"the rating {number} is outside 1 to 5"))
    for _ in range(5):
        seen.note(Reject(source="a", reason="there is no text " + "x" * 10_000))
    kept = seen.rejects
    assert len(kept) == KEPT_REASONS + 1
    assert max(kept, key=lambda reason: kept[reason]) == OTHER_REASONS
    assert sum(kept.values()) == 1005
    assert max(map(len, kept)) < 300
