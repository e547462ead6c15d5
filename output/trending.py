"""Trends, and changes from one period to another, with all that has to stand under them.

The command line prints them and the page draws them: both ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from answers.remarks import Remark
from output.footers import coverages_of, footer_of

if TYPE_CHECKING:
    from answers.changes import Change
    from answers.spans import Span
    from answers.trends import Coverages, TrendRow
    from cluster import Place
    from index.base import MentionIndex, Period, Split, TrendPoint
    from output.footer import Footer

_INTERVALS: Final = Remark("intervals")
_CHANCE: Final = Remark("chance")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Row]):
    """Rows, and what their footer says of them.

    Attributes:
        rows: of a trend or of changes, in their order.
        period: first and last day and the length of buckets, as one phrase.
        coverages: of the buckets; None where nobody knows what was collected.
        topics: that the rows speak of.
        notes: what else a reader has to know.
    """

    rows: list[Row]
    period: str
    coverages: Coverages | None
    topics: list[str]
    notes: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted, and how.

    Attributes:
        place: where it is asked.
        mentions: what answers; stays open while it is asked.
        query: narrows what is counted.
        period: length of a bucket.
        split: a line for each of these; None for one line.
        minimum: below so many mentions a share is not given.
        limit: a trend of more rows than these is an error; None: of no number.
        most: of more mentions than these, a random sample may be counted, and the footer is
            short; None: all are.
    """

    place: Place
    mentions: MentionIndex
    query: str
    period: Period
    split: Split | None
    minimum: int
    limit: int | None = None
    most: int | None = None

    def trend(self, topics: Sequence[str] | None) -> Answer[TrendRow]:
        """Count every bucket of each topic, as far as was collected.

        Args:
            topics: codes; () for the overall sentiment instead; None for every topic that
                occurs.

        Raises:
            QueryError: the query cannot be understood.
            TooManyPointsError: there are more rows than `limit`.
        """
        from answers.coverage import extend
        from answers.spans import bucket
        from answers.trends import trend_rows

        points = self.mentions.trends(
            self.query,
            period=self.period,
            topics=topics,
            split=self.split,
            limit=self.limit,
            most=self.most,
        )
        coverages: Coverages | None = {}
        days = "no day has a mention"
        if points:
            first = min(point.start for point in points)
            coverages = self._coverages(self.period, first, None)
            if coverages is not None:
                points = extend(points, coverages, limit=self.limit)
            last = bucket(max(point.start for point in points), self.period).last
            days = f"{first} to {last}, by {self.period}"
        rows = list(trend_rows(points, coverages, minimum=self.minimum))
        notes = [_INTERVALS]
        if (part := min((point.part for point in points), default=1.0)) < 1:
            notes.append(Remark("sample", share=part))
        return Answer(rows, days, coverages, _topics(points), tuple(notes))

    def changes(self, spans: tuple[Span, Span], *topics: Sequence[str]) -> Answer[Change]:
        """Count what has changed from one span of days to the other.

        Args:
            spans: the earlier and the later one.
            topics: codes; () for the overall sentiment instead. Of several lists all are
                counted.

        Raises:
            QueryError: the query cannot be understood.
        """
        from answers.changes import changes

        before, after = (
            [
                point
                for codes in topics
                for point in self.mentions.trends(
                    span.narrow(self.query), period="day", topics=codes, split=self.split
                )
            ]
            for span in spans
        )
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        coverages = self._coverages("day", first, last)
        if coverages is not None:
            coverages = {
                key: one
                for key, one in coverages.items()
                if any(span.first <= one.start <= span.last for span in spans)
            }
        rows = list(changes(before, after, spans, coverages, minimum=self.minimum))
        days = f"{spans[1]} against {spans[0]}; only days that were collected count"
        counted = _topics(row.after.row.point for row in rows)
        return Answer(rows, days, coverages, counted, (_INTERVALS, _CHANCE))

    def footer(self, answer: Answer[Any]) -> Footer:
        """Return what stands under an answer."""
        return footer_of(
            self.place,
            self.mentions,
            self.query,
            period=answer.period,
            coverages=answer.coverages,
            topics=answer.topics,
            notes=answer.notes,
            most=self.most,
        )

    def _coverages(self, period: Period, first: date, last: date | None) -> Coverages | None:
        return coverages_of(self.place, period, self.split, first, last, query=self.query)


def _topics(points: Iterable[TrendPoint]) -> list[str]:
    """Return the topics of an answer in their order."""
    return [topic for topic in dict.fromkeys(point.topic for point in points) if topic is not None]
