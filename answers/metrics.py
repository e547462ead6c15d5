"""Service metrics as rows: how a company answers, what surveys say, what texts state.

Every row has a number, its interval, and on how many of how many it rests. Definitions and
sources: docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final, Literal

from answers import replies, survey
from answers.counted import Asked, Counted
from answers.estimates import NOT_ENOUGH, Estimate, net_sentiment, share
from answers.quantiles import quantile
from answers.trends import Coverages, Placed, coverage_of
from index.base import Measure, MentionIndex
from index.service_counts import Histogram, ReplyPoint

Unit = Literal["share", "minutes", "points", "steps"]
NO_REPLY_TIMES: Final = "the platform gives no times of replies"


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One number of one bucket and group.

    Attributes:
        metric: code of the metric, a key of `METRICS`.
        start: first day of the bucket.
        group: value of the split, '' for mentions that have none; None without a split.
        unit: share (0–1; a balance −1–1), minutes, points (−100–100) or steps of a scale.
        estimate: the number and its interval.
        n: mentions that it rests on.
        of: mentions that it could have rested on; what is missing is told in docs/metrics.md.
        reason: why the number is missing; None where it is there.
    """

    metric: str
    start: date
    group: str | None
    unit: Unit
    estimate: Estimate
    n: int
    of: int
    reason: str | None = None

    def as_row(self) -> dict[str, Any]:
        """Return it as columns."""
        return {
            "metric": self.metric,
            "group": self.group,
            "start": self.start,
            **self.estimate.as_row("value"),
            "unit": self.unit,
            "n": self.n,
            "of": self.of,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Metric:
    """How one metric of `answers.metric_names` is counted.

    Attributes:
        rows: makes its rows, ordered by (group, start).
        is_collected: whether it rests on what the collectors read, so that a bucket that
            nobody collected has no value; surveys do not.
    """

    rows: Callable[[Counted], Iterator[MetricRow]]
    is_collected: bool = True


def metric_rows(
    mentions: MentionIndex,
    asked: Asked,
    names: Sequence[str],
    coverages: Coverages | None = None,
) -> Iterator[MetricRow]:
    """Yield the rows of metrics, in the order of `names`, each by (group, start).

    Args:
        mentions: what answers.
        asked: of what.
        names: keys of `METRICS`.
        coverages: from `answers.coverage.coverage`; None where nobody knows what was
            collected.

    Raises:
        QueryError: the query cannot be understood.
    """
    counted = Counted(mentions, asked)
    for name in names:
        metric = METRICS[name]
        for row in metric.rows(counted):
            yield _covered(row, coverages) if metric.is_collected else row


def _covered(row: MetricRow, coverages: Coverages | None) -> MetricRow:
    coverage = coverage_of(row, coverages)
    if coverage is None or coverage.state != "unknown":
        return row
    return replace(row, estimate=NOT_ENOUGH, reason=coverage.reason)


# --- from replies ----------------------------------------------------------
def _reply_rate(metric: str, points: Iterable[ReplyPoint], asked: Asked) -> Iterator[MetricRow]:
    for point in points:
        estimate = replies.reply_rate(point, asked.minimum)
        yield _row(metric, point, "share", estimate, (point.settled, point.mentions), asked)


def _within_a_day(counted: Counted) -> Iterator[MetricRow]:
    for point in counted.replies:
        estimate = replies.within_a_day(point, counted.asked.minimum)
        counts = (point.day_seen, point.mentions)
        row = _row("answered_within_24h", point, "share", estimate, counts, counted.asked)
        if estimate.value is None and point.day_untimed and not point.timed:
            row = replace(row, reason=NO_REPLY_TIMES)
        yield row


def _first_response(metric: str, part: float, counted: Counted) -> Iterator[MetricRow]:
    for point in counted.replies:
        estimate = replies.first_response(point, part, counted.asked.minimum)
        row = _row(metric, point, "minutes", estimate, (point.timed, point.replied), counted.asked)
        if point.replied and not point.timed:
            row = replace(row, reason=NO_REPLY_TIMES)
        yield row


# --- from surveys ----------------------------------------------------------
_FORMULAS: Final[dict[Measure, tuple[Unit, Callable[[survey.Scores, int], Estimate]]]] = {
    "nps": ("points", survey.nps),
    "csat": ("share", survey.csat),
    "ces": ("steps", survey.ces),
}


def _survey(measure: Measure, counted: Counted) -> Iterator[MetricRow]:
    unit, formula = _FORMULAS[measure]
    for point in counted.scores(measure):
        estimate = formula(point.counts, counted.asked.minimum)
        yield _row(measure, point, unit, estimate, (point.total, point.total), counted.asked)


# --- from texts ------------------------------------------------------------
def _stated(metric: str, measure: Measure, counted: Counted) -> Iterator[MetricRow]:
    """Yield the share of the texts that state something, whatever its value."""
    for tagged, stated in counted.facts(measure):
        estimate = share(stated.total, tagged.mentions, counted.asked.minimum)
        counts = (tagged.mentions, tagged.mentions)
        yield _row(metric, tagged, "share", estimate, counts, counted.asked)


def _of_stated(
    metric: str,
    measure: Measure,
    unit: Unit,
    formula: Callable[[Histogram, int], Estimate],
    counted: Counted,
) -> Iterator[MetricRow]:
    """Yield what the values amount to, of the texts that state one."""
    for tagged, stated in counted.facts(measure):
        estimate = formula(stated.counts, counted.asked.minimum)
        yield _row(metric, tagged, unit, estimate, (stated.total, tagged.mentions), counted.asked)


def _median(counts: Histogram, minimum: int) -> Estimate:
    return quantile(counts, 0.5, minimum)


def _share_of_yes(counts: Histogram, minimum: int) -> Estimate:
    answers = dict(counts)
    return share(answers.get(1, 0), sum(answers.values()), minimum)


def _balance(counts: Histogram, minimum: int) -> Estimate:
    """Return 100 × (yes − no) / both, −100 to 100, with Tango's interval."""
    answers = dict(counts)
    return survey.points(net_sentiment(answers.get(1, 0), answers.get(0, 0), 0, minimum))


def _row(  # noqa: PLR0917 - all that a row has
    metric: str,
    point: Placed,
    unit: Unit,
    estimate: Estimate,
    counts: tuple[int, int],
    asked: Asked,
) -> MetricRow:
    """Return a row; `counts` are its `n` and `of`."""
    reason = None
    if estimate.value is None:
        reason = f"not enough data (fewer than {max(asked.minimum, 1)})"
    return MetricRow(metric, point.start, point.group, unit, estimate, *counts, reason)


METRICS: Final[dict[str, Metric]] = {
    "reply_rate": Metric(lambda counted: _reply_rate("reply_rate", counted.replies, counted.asked)),
    "negative_reply_rate": Metric(
        lambda counted: _reply_rate(
            "negative_reply_rate", counted.replies_to_negative, counted.asked
        )
    ),
    "answered_within_24h": Metric(_within_a_day),
    "first_response_median": Metric(partial(_first_response, "first_response_median", 0.5)),
    "first_response_p90": Metric(partial(_first_response, "first_response_p90", 0.9)),
    "nps": Metric(partial(_survey, "nps"), is_collected=False),
    "csat": Metric(partial(_survey, "csat"), is_collected=False),
    "ces": Metric(partial(_survey, "ces"), is_collected=False),
    "stated_wait": Metric(partial(_stated, "stated_wait", "wait")),
    "stated_wait_median": Metric(
        partial(_of_stated, "stated_wait_median", "wait", "minutes", _median)
    ),
    "repeat_contact": Metric(partial(_stated, "repeat_contact", "repeat_contact")),
    "recommend_balance": Metric(
        partial(_of_stated, "recommend_balance", "recommend", "points", _balance)
    ),
    "resolved": Metric(partial(_of_stated, "resolved", "resolved", "share", _share_of_yes)),
}
