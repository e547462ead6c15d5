"""Two spans of days to compare: as written, or the last whole bucket and the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta

from index.base import Period, QueryError, TrendPoint
from index.query import DateFilter, narrowed, parse
from mention import UserError

PREVIOUS: Final = "previous"
_LENGTHS: Final[dict[Period, relativedelta]] = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
}


class SpanError(UserError):
    """Two spans that cannot be compared. The message is one sentence and the next step."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        number = (self.last - self.first).days + 1
        return [self.first + timedelta(days=after) for after in range(number)]

    def narrow(self, query: str) -> str:
        """Return a query for what `query` finds on these days.

        Raises:
            QueryError: the query cannot be understood.
        """
        return narrowed(query, DateFilter(self.first, self.last))


def read_spans(text: str) -> tuple[Span, Span]:
    """Return the spans of `2026-01..2026-03,2026-04..2026-06`.

    Each may be a day, a month, a year or a range of these.

    Raises:
        SpanError: these are not two spans of days, or they share days.
    """
    parts = text.split(",")
    if len(parts) != 2:
        raise SpanError(
            f"'{text}' is not two periods; write --compare {PREVIOUS}, or two with a comma "
            "between, such as --compare 2026-01..2026-03,2026-04..2026-06"
        )
    before, after = (_read(part.strip()) for part in parts)
    if before.first <= after.last and after.first <= before.last:
        raise SpanError(f"{before} and {after} share days; name two periods that do not")
    return before, after


def _read(text: str) -> Span:
    try:
        node = parse(f"date:{text}")
    except QueryError:
        node = None
    if not isinstance(node, DateFilter) or node.first is None or node.last is None:
        raise SpanError(
            f"'{text}' is not a period; write a month as 2026-03, a day as 2026-03-05, or the "
            "first and the last of several as 2026-01..2026-03"
        )
    return Span(node.first, node.last)


def last_two(points: list[TrendPoint], period: Period, today: date) -> tuple[Span, Span]:
    """Return the last bucket that is over and has a mention, after the bucket before it.

    Args:
        points: of a trend by `period`.
        period: length of a bucket.
        today: in the time zone of the store.

    Raises:
        SpanError: no such bucket is there.
    """
    whole = [p.start for p in points if p.mentions and bucket(p.start, period).last < today]
    if not whole:
        raise SpanError(
            f"there is no whole {period} with a mention to compare; name two periods, such as "
            "--compare 2026-01..2026-03,2026-04..2026-06"
        )
    after = bucket(max(whole), period)
    return bucket(after.first - _LENGTHS[period], period), after


def last_whole_weeks(today: date) -> tuple[Span, Span]:
    """Return the last week that is over, from Monday, after the one before it."""
    after = bucket(today - timedelta(days=today.weekday() + 7), "week")
    return bucket(after.first - _LENGTHS["week"], "week"), after


def bucket(start: date, period: Period) -> Span:
    """Return the days of the bucket that begins on `start`."""
    return Span(start, start + _LENGTHS[period] - timedelta(days=1))
