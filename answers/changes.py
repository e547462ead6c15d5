"""Two periods compared: what has changed, by how much, and whether by more than chance.

Formulas: `docs/trends.md`. Only days that were collected count, in either period.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Any, Final, Literal

from answers.estimates import MINIMUM, NOT_ENOUGH, Estimate, difference, rounded
from answers.intervals import CONFIDENCE, rate_ratio
from answers.spans import Span
from answers.trends import OVERALL, Coverages, TrendRow, coverage_of, trend_rows
from index.base import TrendPoint

UP: Final = "up, beyond chance"
DOWN: Final = "down, beyond chance"
CHANCE: Final = "within chance"
TOO_FEW: Final = "not enough data"
UNKNOWN: Final = "unknown"

_SUMMED: Final = (
    "positive", "neutral", "negative", "mixed", "mentions", "rated", "stars_total", "untagged",
    "pending",
)  # fmt: skip

_COMPARED: Final = ("share", "share_negative", "net_sentiment")
# Half of an interval of 95 % has so many standard errors.
_STANDARD_ERRORS: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

Series = tuple[str | None, str | None]  # topic, group


@dataclass(frozen=True, slots=True)
class Part:
    """What one series counted in one period.

    Attributes:
        days: how many days of the period were collected; 0: nothing is known of it.
        row: what was counted on these days.
    """

    days: int
    row: TrendRow


@dataclass(frozen=True, slots=True)
class Change:
    """One series in two periods.

    Attributes:
        before, after: the earlier and the later period.
        minimum: below so many mentions a share is not given.
    """

    before: Part
    after: Part
    minimum: int = MINIMUM

    @property
    def is_unknown(self) -> bool:
        """Whether no day of one of the periods was collected."""
        return not (self.before.days and self.after.days)

    @property
    def rate(self) -> Estimate:
        """Mentions a day after / mentions a day before, with the exact interval.

        Without a mention before there is no ratio and no upper bound, but a lower one.
        Not enough where both together are below the minimum.
        """
        return self._ratio(self.before.row.point.count, self.after.row.point.count)

    def opinion_row(self, polarity: Literal["negative", "positive"]) -> dict[str, Any]:
        """Return the mentions of one polarity as columns: both periods, and what changed."""
        old, new = (getattr(part.row.point, polarity) for part in (self.before, self.after))
        ratio = self._ratio(old, new)
        return {
            "before": old if self.before.days else None,
            "after": new if self.after.days else None,
            **ratio.as_row("ratio"),
            "change": self._verdict(ratio, 1.0),
        }

    def _ratio(self, old: int, new: int) -> Estimate:
        """Return mentions a day after / before of so many in each period."""
        if self.is_unknown or old + new < max(self.minimum, 1):
            return NOT_ENOUGH
        low, high = rate_ratio((old, self.before.days), (new, self.after.days))
        value = (new / self.after.days) / (old / self.before.days) if old else None
        return Estimate(value, low, None if math.isinf(high) else high)

    @property
    def surety(self) -> float:
        """How surely it changed: the largest distance from no change, in standard errors.

        Of the numbers of mentions a day the logarithm of their ratio counts, with half a
        mention added to both (Haldane, J. B. S. (1956), The estimation and significance of the
        logarithm of a ratio of frequencies, Annals of Human Genetics 20, 309–311); of shares
        and net sentiment their difference, by its interval. 0 where nothing is known.
        """
        distances = [0.0]
        if self.rate.low is not None:
            old, new = (part.row.point.count + 0.5 for part in (self.before, self.after))
            ratio = (new / self.after.days) / (old / self.before.days)
            distances.append(abs(math.log(ratio)) / math.sqrt(1 / old + 1 / new))
        for name in _COMPARED:
            apart = difference(self._estimate(self.after, name), self._estimate(self.before, name))
            if apart.value and apart.low is not None and apart.high is not None:
                # The bound that stands towards no change tells how far it is.
                reach = apart.value - apart.low if apart.value > 0 else apart.high - apart.value
                distances.append(abs(apart.value) / reach * _STANDARD_ERRORS)
        return max(distances)

    def as_row(self) -> dict[str, Any]:
        """Return it as columns: both periods, the difference, and what it amounts to."""
        before, after = self.before.row, self.after.row
        rate = self.rate
        row: dict[str, Any] = {
            "topic": after.point.topic or OVERALL,
            "group": after.point.group,
            "before_days": self.before.days,
            "after_days": self.after.days,
            "before_count": before.point.count if self.before.days else None,
            "after_count": after.point.count if self.after.days else None,
            **rate.as_row("rate_ratio"),
            "count_change": self._verdict(rate, 1.0),
        }
        for name in _COMPARED:
            old, new = self._estimate(self.before, name), self._estimate(self.after, name)
            apart = difference(new, old)
            row |= {
                f"before_{name}": rounded(old.value),
                f"after_{name}": rounded(new.value),
                **apart.as_row(f"{name}_difference"),
                f"{name}_change": self._verdict(apart, 0.0),
            }
        if after.point.topic is None:
            row["share_change"] = None  # all mentions are the whole of all mentions
        row["before_average_stars"] = rounded(before.average_stars if self.before.days else None)
        row["after_average_stars"] = rounded(after.average_stars if self.after.days else None)
        return row

    @staticmethod
    def _estimate(part: Part, name: str) -> Estimate:
        found: Estimate = getattr(part.row, name)
        return found if part.days else NOT_ENOUGH

    def _verdict(self, estimate: Estimate, unchanged: float) -> str:
        if self.is_unknown:
            return UNKNOWN
        if estimate.low is None:
            return TOO_FEW
        if estimate.low > unchanged:
            return UP
        return DOWN if estimate.high is not None and estimate.high < unchanged else CHANCE


def changes(
    before: Iterable[TrendPoint],
    after: Iterable[TrendPoint],
    spans: tuple[Span, Span],
    coverages: Coverages | None = None,
    *,
    minimum: int = MINIMUM,
) -> Iterator[Change]:
    """Yield what has changed in each series that occurs, in the order of topics and groups.

    Args:
        before: points of a trend by day in the first span, with its topics named: so that a
            topic nobody spoke of has its zeros.
        after: the same in the second span.
        spans: the two.
        coverages: from `answers.coverage.coverage`, by day; None where nobody knows what was
            collected, so that every day counts.
        minimum: below so many mentions a number is not given.
    """
    counted = [_by_series(points) for points in (before, after)]
    names = sorted({*counted[0], *counted[1]}, key=lambda one: (one[0] or "", one[1] or ""))
    for series in names:
        if not any(point.count for found in counted for point in found.get(series, {}).values()):
            continue
        old, new = (
            _part(found.get(series, {}), series, span, coverages, minimum)
            for found, span in zip(counted, spans, strict=True)
        )
        yield Change(old, new, minimum)


def _by_series(points: Iterable[TrendPoint]) -> dict[Series, dict[date, TrendPoint]]:
    found: dict[Series, dict[date, TrendPoint]] = defaultdict(dict)
    for point in points:
        found[point.topic, point.group][point.start] = point
    return found


def _part(
    points: Mapping[date, TrendPoint],
    series: Series,
    span: Span,
    coverages: Coverages | None,
    minimum: int,
) -> Part:
    """Add up what a series counted on the days of a span that were collected."""
    nothing = {day: TrendPoint(day, *series) for day in span.days}
    days = [
        point for point in (nothing | dict(points)).values() if _was_collected(point, coverages)
    ]
    sums = {name: sum(getattr(point, name) for point in days) for name in _SUMMED}
    total = TrendPoint(span.first, *series, **sums)
    (row,) = trend_rows([total], minimum=minimum)
    return Part(len(days), row)


def _was_collected(point: TrendPoint, coverages: Coverages | None) -> bool:
    """Whether a day counts; one that is not over yet is in no coverage."""
    if coverages is None:
        return True
    coverage = coverage_of(point, coverages)
    return coverage is not None and coverage.known
