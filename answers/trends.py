"""A trend with how sure it is: intervals, what is too little to tell, what nobody collected.

Formulas: `docs/trends.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Protocol

from answers.coverage import Coverage
from answers.estimates import MINIMUM, NOT_ENOUGH, Estimate, net_sentiment, rounded, share
from answers.intervals import poisson
from answers.remarks import Remark
from index.base import TrendPoint

OVERALL: Final = "(overall)"
Coverages = Mapping[tuple[str | None, date], Coverage]
_COUNTS: Final = (
    "positive", "neutral", "negative", "mixed", "mentions", "rated", "untagged", "pending"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One bucket of one series of a trend. What cannot be told has no value.

    Attributes:
        point: what was counted, of all mentions or of a sample of them.
        coverage: what the collectors did in the bucket; None where nobody can tell.
        count: mentions that speak of the topic, with Garwood's interval of the number to be
            expected; no value in a bucket that was not collected.
        share: the part of the mentions that speaks of the topic, 0–1; no value for the
            overall sentiment.
        share_negative: the part of these that is negative, 0–1.
        net_sentiment: (positive − negative) / all with an opinion, −1–1.
        average_stars: mean stars, 1–5, of those counted that have any.
        reason: why a number is missing or is only a lower bound; None where all are there.
    """

    point: TrendPoint
    coverage: Coverage | None = None
    count: Estimate = NOT_ENOUGH
    share: Estimate = NOT_ENOUGH
    share_negative: Estimate = NOT_ENOUGH
    net_sentiment: Estimate = NOT_ENOUGH
    average_stars: float | None = None
    reason: Remark | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the bucket was not collected, so that its counts say nothing."""
        return _state(self.coverage) == "unknown"

    def _whole(self, counted: int) -> int | None:
        """Return a count as it is of all mentions; None in an unknown bucket."""
        return None if self.is_unknown else round(counted / self.point.part)

    def as_row(self) -> dict[str, Any]:
        """Return it as columns; the numbers of an unknown bucket are None."""
        point, coverage = self.point, self.coverage
        return {
            "topic": point.topic or OVERALL,
            "group": point.group,
            "start": point.start,
            **self.count.as_row("count"),
            "count": self._whole(point.count),
            **{name: self._whole(getattr(point, name)) for name in _COUNTS},
            **self.share.as_row("share"),
            **self.share_negative.as_row("share_negative"),
            **self.net_sentiment.as_row("net_sentiment"),
            "average_stars": rounded(self.average_stars),
            "coverage": _state(coverage),
            "reason": self.reason,
            "runs_due": None if coverage is None else coverage.runs_due,
            "runs_done": None if coverage is None else coverage.runs_done,
            "pages": None if coverage is None else coverage.pages,
            "rejects": None if coverage is None else coverage.rejects,
            "untagged_share": None if coverage is None else rounded(coverage.untagged),
        }


def trend_rows(
    points: Iterable[TrendPoint],
    coverages: Coverages | None = None,
    *,
    minimum: int = MINIMUM,
) -> Iterator[TrendRow]:
    """Yield the rows of a trend in the order of its points.

    Args:
        points: from `MentionIndex.trends`.
        coverages: from `answers.coverage.coverage`, for the same periods; None where nobody
            knows what was collected.
        minimum: below so many mentions a share, a net sentiment or a mean is not given.
    """
    for point in points:
        yield _row(point, coverage_of(point, coverages), minimum)


class Placed(Protocol):
    """What stands in one bucket of one group."""

    @property
    def start(self) -> date:
        """First day of the bucket."""
        ...

    @property
    def group(self) -> str | None:
        """Value of the split; None without one."""
        ...


def coverage_of(point: Placed, coverages: Coverages | None) -> Coverage | None:
    """Return the coverage of its group, else of everything: a branch is not collected by itself."""
    if coverages is None:
        return None
    return coverages.get((point.group, point.start)) or coverages.get((None, point.start))


def _row(point: TrendPoint, coverage: Coverage | None, minimum: int) -> TrendRow:
    about = None if coverage is None or coverage.reason is None else coverage.reason
    if _state(coverage) == "unknown":
        return TrendRow(point, coverage, reason=about)
    of_all = NOT_ENOUGH if point.topic is None else share(point.count, point.mentions, minimum)
    negative = share(point.negative, point.count, minimum)
    net = net_sentiment(point.positive, point.negative, point.mixed, minimum)
    stars = point.average_stars if point.rated >= minimum else None
    lacking = {
        "share": point.topic is not None and of_all.value is None,
        "share_negative": negative.value is None,
        "net_sentiment": net.value is None,
        "average_stars": stars is None,
    }
    if about is None and any(lacking.values()):
        figures = tuple(name for name, is_lacking in lacking.items() if is_lacking)
        about = _too_few(max(minimum, 1), figures)
    return TrendRow(
        point,
        coverage,
        count=_all(point),
        share=of_all,
        share_negative=negative,
        net_sentiment=net,
        average_stars=stars,
        reason=about,
    )


@cache
def _too_few(minimum: int, figures: tuple[str, ...]) -> Remark:
    # Thousands of rows have the same few reasons.
    return Remark("too_few", minimum=minimum, figures=figures)


def _all(point: TrendPoint) -> Estimate:
    """Return how many mentions are to be expected; of a sample, what it stands for."""
    low, high = poisson(point.count)
    return Estimate(point.count / point.part, low / point.part, high / point.part)


def _state(coverage: Coverage | None) -> str | None:
    return None if coverage is None else coverage.state
