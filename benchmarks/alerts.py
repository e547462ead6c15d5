"""How soon alerts find a planted crisis, and how often they cry wolf, on synthetic histories.

Bars: a rise to three times in one topic of five mentions a day is found within three days;
over a year of noise in 15 topics × 5 brands at most one false alarm a month. Beside it, on
the same histories, stands what many dashboards do: an alarm where a day has more than the
mean of the last 28 days and three standard deviations.

A history is a count a day for each of 75 series: means from 0.3 to 20 a day, a weekday pattern
of its own, a trend that changes it by up to half in a year, and negative binomial noise
with a given dispersion (variance / mean). `carried over` adds what the model has no term for:
a level that wanders and is remembered from day to day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import click
import numpy as np
import numpy.typing as npt

from answers.alerts.spikes import FALSE_DISCOVERY_RATE, HISTORY, USUAL, adjust, judge_counts
from project.alerts import AlertRule

SERIES: Final = 75
MEANS: Final = (0.3, 1.0, 2.0, 5.0, 20.0)
SIZES: Final = (2, 3, 5)
RATES: Final = (2.0, 5.0, 20.0)
WATCHED: Final = 7  # days after a crisis began
PLANTED: Final = 80  # crises in one history, one at a time
FIRST: Final = date(2024, 1, 1)  # a Monday
RULE: Final = AlertRule("benchmark")
LEAD: Final = HISTORY + RULE.window

Counts = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class World:
    """How noisy the histories are.

    Attributes:
        name: for the table.
        dispersion: variance / mean of a count about its level.
        wander: standard deviation of the logarithm of the level.
        memory: correlation of the level from day to day.
    """

    name: str
    dispersion: float
    wander: float = 0.0
    memory: float = 0.0


WORLDS: Final = (
    World("Poisson, dispersion 1", 1.0),
    World("dispersion 1.3", 1.3),
    World("dispersion 2", 2.0),
    World("dispersion 1.3, carried over", 1.3, wander=0.2, memory=0.6),
)


def levels(chance: np.random.Generator, means: Counts, days: int, world: World) -> Counts:
    """Return the expected count of every series and day."""
    series = len(means)
    weekdays = np.exp(chance.normal(0, 0.25, (series, 7)))
    weekdays /= weekdays.mean(axis=1, keepdims=True)
    time = np.arange(days)
    trend = np.exp(chance.uniform(-0.4, 0.4, (series, 1)) * (time - LEAD) / 365)
    wandering = np.zeros((series, days))
    shocks = chance.normal(0, world.wander * np.sqrt(1 - world.memory**2), (series, days))
    for day in range(1, days):
        wandering[:, day] = world.memory * wandering[:, day - 1] + shocks[:, day]
    expected: Counts = means[:, None] * weekdays[:, time % 7] * trend * np.exp(wandering)
    return expected


def draw(chance: np.random.Generator, expected: Counts, world: World) -> Counts:
    """Return counts about these levels."""
    if world.dispersion <= 1:
        return chance.poisson(expected).astype(np.float64)
    excess = world.dispersion - 1
    return chance.negative_binomial(expected / excess, 1 / world.dispersion).astype(np.float64)


# Rows of series that are tested together.
Family = npt.NDArray[np.intp]
# (counts up to a day, series × days; families) -> for each family, whether each of its series
# (is worth an alarm, is back to usual).
Method = Callable[[Counts, Sequence[Family]], list[tuple[Flags, Flags]]]


def ours(counts: Counts, families: Sequence[Family]) -> list[tuple[Flags, Flags]]:
    """Judge the last day as `molva alerts` does."""
    recent = counts[:, -LEAD:]
    weekday = (FIRST + timedelta(days=counts.shape[1] - LEAD)).weekday()
    batch = judge_counts(recent, np.ones(recent.shape, dtype=bool), RULE.window, weekday)
    judged = []
    for rows in families:
        (q,) = adjust([replace(batch, p=batch.p[rows])])
        seen = np.take_along_axis(batch.observed[rows], q.argmin(axis=1)[:, None], axis=1)[:, 0]
        holds = (q.min(axis=1) <= FALSE_DISCOVERY_RATE) & (seen >= RULE.minimum)
        judged.append((holds, batch.p[rows].min(axis=1) > USUAL))
    return judged


def three_deviations(counts: Counts, families: Sequence[Family]) -> list[tuple[Flags, Flags]]:
    """Judge the last day by the mean and standard deviation of the 28 days before it."""
    before, today = counts[:, -29:-1], counts[:, -1]
    limit = before.mean(axis=1) + 3 * before.std(axis=1, ddof=1)
    holds, is_usual = (today > limit) & (today >= RULE.minimum), today <= limit
    return [(holds[rows], is_usual[rows]) for rows in families]


METHODS: Final[dict[str, Method]] = {
    "molva alerts": ours,
    "mean + 3 SD of 28 days": three_deviations,
}


def false_alarms(method: Method, counts: Counts, families: Sequence[Family]) -> int:
    """Return how many alarms histories give in which nothing happens.

    An alarm is on until its series is back to usual, and the same series is silent for the
    cooldown of a rule. The families share no series.
    """
    is_on = np.zeros(len(counts), dtype=bool)
    fired = np.full(len(counts), -RULE.cooldown)
    alarms = 0
    for day in range(LEAD, counts.shape[1]):
        judged = zip(families, method(counts[:, : day + 1], families), strict=True)
        for rows, (holds, is_usual) in judged:
            new = holds & ~is_on[rows] & (day - fired[rows] >= RULE.cooldown)
            alarms += int(new.sum())
            fired[rows[new]] = day
            is_on[rows] = (is_on[rows] & ~is_usual) | new
    return alarms


def delays(
    method: Method, chance: np.random.Generator, world: World, size: int, rate: float
) -> list[int | None]:
    """Return after how many days each of some planted crises is found; None: not in a week."""
    quiet = SERIES - 1
    means = np.concatenate([np.resize(MEANS, quiet), np.full(PLANTED, rate)])
    expected = levels(chance, means, LEAD + WATCHED, world)
    # The rate is that of the week before the crisis, whatever the trend.
    before = expected[quiet:, LEAD - 7 : LEAD].mean(axis=1, keepdims=True)
    expected[quiet:] *= rate / before
    expected[quiet:, LEAD:] *= size
    counts = draw(chance, expected, world)
    # One crisis at a time, among series in which nothing happens.
    families = [np.append(np.arange(quiet), quiet + one) for one in range(PLANTED)]
    found: list[int | None] = [None] * PLANTED
    for day in range(1, WATCHED + 1):
        for one, (holds, _) in enumerate(method(counts[:, : LEAD + day], families)):
            if holds[-1] and found[one] is None:
                found[one] = day
    return found


def _rows(years: int, crises: int, seed: int) -> Iterator[str]:
    yield f"false alarms a month, {SERIES} series, {years} years of noise each"
    yield f"{'':32}" + "".join(f"{name:>26}" for name in METHODS)
    for number, world in enumerate(WORLDS):
        chance = np.random.default_rng((seed, number))
        means = np.resize(MEANS, years * SERIES)
        counts = draw(chance, levels(chance, means, LEAD + 365, world), world)
        families = np.arange(years * SERIES).reshape(years, SERIES)
        alarms = {
            name: false_alarms(method, counts, list(families)) for name, method in METHODS.items()
        }
        cells = (f"{alarms[name] / (12 * years):>26.2f}" for name in METHODS)
        yield f"{world.name:32}" + "".join(cells)
    yield ""
    yield f"planted crises found, {crises * PLANTED} of each; days are counted from 1"
    heading = ("1 day", "2 days", "3 days", "7 days", "median")
    yield f"{'':26}{'method':26}" + "".join(f"{name:>8}" for name in heading)
    for world in WORLDS[:3]:
        for rate in RATES:
            for size in SIZES:
                for name, method in METHODS.items():
                    found: list[int | None] = []
                    for crisis in range(crises):
                        chance = np.random.default_rng((seed, size, int(rate), crisis))
                        found += delays(method, chance, world, size, rate)
                    label = f"{size}× of {rate:g} a day, φ {world.dispersion:g}"
                    yield f"{label:26}{name:26}" + _delay_cells(found)


def _delay_cells(found: list[int | None]) -> str:
    within = (
        sum(day is not None and day <= limit for day in found) / len(found)
        for limit in (1, 2, 3, 7)
    )
    cells = "".join(f"{share:>8.0%}" for share in within)
    middle = sorted(WATCHED + 1 if day is None else day for day in found)[len(found) // 2]
    return cells + (f"{middle:>8}" if middle <= WATCHED else f"{'> 7':>8}")


@click.command()
@click.option("--years", default=3, show_default=True, help="Years of noise in each world.")
@click.option(
    "--crises", default=2, show_default=True, help=f"Histories, of {PLANTED} crises each."
)
@click.option("--seed", default=20261126, show_default=True)
def main(years: int, crises: int, seed: int) -> None:
    """Print false alarms a month and detection delays of `molva alerts` and an alternative."""
    for row in _rows(years, crises, seed):
        click.echo(row)


if __name__ == "__main__":
    main()
