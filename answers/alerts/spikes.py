"""Which counts stand out from what is usual, with few false alarms over all of them together.

Each series is looked at in windows of one and three days, and of the rule's own length, that
end on the day asked about; `answers.alerts.baseline` says what was to be expected. The
probability of so many mentions or more is that of a negative binomial with the expected
mean and variance, as in Noufaily et al. 2013, the uncertainty of the expectation included.

All these probabilities of one day, of every rule, topic, group and window, are one family:
a false discovery rate of 2 % over it is kept by the procedure of Y. Benjamini and
Y. Hochberg, Controlling the false discovery rate: a practical and powerful approach to
multiple testing, Journal of the Royal Statistical Society B 57, 1995, 289–300. It holds for
tests that depend on one another positively, as overlapping windows and topics of the same
brand do (Y. Benjamini and D. Yekutieli, The control of the false discovery rate in multiple
testing under dependency, Annals of Statistics 29, 2001, 1165–1188).

When nothing has happened, a false discovery rate is the probability of any alarm at all.
Looking anew every day therefore gives at most one false alarm in fifty days on average,
however many topics there are, where counts scatter as the baseline says. `docs/alerts.md` has
what a simulation measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from answers.alerts.baseline import Baseline, Bools, Floats, upper_tail
from answers.alerts.counts import Series
from answers.alerts.findings import Finding
from project.alerts import AlertRule

# Days before the window that say what is usual, and how many of them have to be known.
HISTORY: Final = 182
MINIMUM_HISTORY: Final = 28
FALSE_DISCOVERY_RATE: Final = 0.02
# An alert is taken back when no window is rarer than this by itself.
USUAL: Final = 0.05
WINDOWS: Final = (1, 3)
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Candidate:
    """One series that a rule is tried on.

    Attributes:
        rule: of kind `spike`.
        series: with at least HISTORY + `rule.window` days, of which the last is asked about.
        known: which of its days are known and belong to its history.
    """

    rule: AlertRule
    series: Series
    known: Bools


@dataclass(frozen=True, slots=True)
class Batch:
    """What was found in series that were tested together; arrays are (series × windows).

    Attributes:
        windows: days of each window.
        observed, expected: counts.
        spread: variance of the logarithm of observed / expected.
        p: probabilities; NaN where a day of the window is not known.
    """

    windows: tuple[int, ...]
    observed: Floats
    expected: Floats
    spread: Floats
    p: Floats


def windows_of(longest: int) -> tuple[int, ...]:
    """Return the windows that a rule with this longest one looks at."""
    return tuple(sorted({*(days for days in WINDOWS if days < longest), longest}))


def judge_counts(counts: Floats, known: Bools, longest: int, first_weekday: int) -> Batch:
    """Test the windows that end on the last day of many series at once.

    Args:
        counts: mentions (series × days): HISTORY days, then the longest window.
        known: which days are known.
        longest: days of the longest window.
        first_weekday: of the first day, 0 for Monday.
    """
    days = counts.shape[1]
    history = days - longest
    baseline = Baseline(counts[:, :history], known[:, :history], first_weekday)
    windows = windows_of(longest)
    observed, expected, spread, p = (np.empty((len(counts), len(windows))) for _ in range(4))
    for column, window in enumerate(windows):
        usual = baseline.expect(days - window, days)
        seen = counts[:, -window:].sum(axis=1)
        observed[:, column], expected[:, column] = seen, usual.mean
        # Of a quotient, by the delta method.
        spread[:, column] = (
            usual.dispersion / np.maximum(seen, 1.0) + usual.mean_variance / usual.mean**2
        )
        chance = upper_tail(seen, usual.mean, usual.variance)
        p[:, column] = np.where(known[:, -window:].all(axis=1), chance, np.nan)
    return Batch(windows, observed, expected, spread, p)


def adjust(batches: Sequence[Batch]) -> list[Floats]:
    """Return the q values of all tests, adjusted together; NaN where nothing was tested."""
    together = np.concatenate([batch.p.ravel() for batch in batches] or [np.empty(0)])
    tested = np.flatnonzero(~np.isnan(together))
    adjusted = np.full(len(together), np.nan)
    # Step up: the k-th smallest of m is multiplied by m / k, and none is above a later one.
    # `scipy.stats` has this too, but takes longer to load than all rules to try.
    order = tested[np.argsort(together[tested])]
    scaled = together[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    ends = np.cumsum([batch.p.size for batch in batches])
    parts = np.split(adjusted, ends[:-1]) if batches else []
    return [part.reshape(batch.p.shape) for part, batch in zip(parts, batches, strict=True)]


def find_spikes(candidates: Sequence[Candidate], on: date) -> list[Finding]:
    """Return what was found in every candidate of which the day `on` is known."""
    by_window: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_window[one.rule.window].append(one)
    batches = []
    for longest, members in by_window.items():
        length = HISTORY + longest
        counts = [one.series.counted(one.rule.polarity)[-length:] for one in members]
        known = [one.known[-length:] for one in members]
        weekday = (on - timedelta(days=length - 1)).weekday()
        batches.append(judge_counts(np.stack(counts), np.stack(known), longest, weekday))
    return [
        _finding(one, batch, q, row, on)
        for members, batch, q in zip(by_window.values(), batches, adjust(batches), strict=True)
        for row, one in enumerate(members)
        if not np.isnan(batch.p[row]).all()
    ]


def _finding(one: Candidate, batch: Batch, q: Floats, row: int, on: date) -> Finding:
    # Of windows that are equally sure, the one that is rarest by itself.
    best = min(
        (column for column in range(len(batch.windows)) if not np.isnan(batch.p[row, column])),
        key=lambda column: (q[row, column], batch.p[row, column]),
    )
    observed, expected = int(batch.observed[row, best]), float(batch.expected[row, best])
    ratio = observed / expected
    reach = float(np.exp(_Z * np.sqrt(batch.spread[row, best])))
    return Finding(
        rule=one.rule,
        topic=one.series.topic,
        group=one.series.group,
        first=on - timedelta(days=batch.windows[best] - 1),
        last=on,
        polarity=one.rule.polarity,
        observed=observed,
        expected=expected,
        value=ratio,
        low=ratio / reach,
        high=ratio * reach,
        p=float(batch.p[row, best]),
        q=float(q[row, best]),
        holds=bool(q[row, best] <= FALSE_DISCOVERY_RATE) and observed >= one.rule.minimum,
        # NaN is not above anything: a window with an unknown day clears nothing.
        is_usual=bool((batch.p[row] > USUAL).all()),
    )
