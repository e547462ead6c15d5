"""Queries that the prepared counts can answer: one kind of filter, and a span of days."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from index.base import Period, Split
from index.compile_sqlite import fold
from index.query import And, DateFilter, Node, Or, TextFilter, TopicFilter
from index.rows import from_date, to_date

DIMENSIONS: Final = ("source", "brand", "lang")
# Before and after every day that a mention can have.
_FIRST_DAY: Final = -2
_LAST_DAY: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the mentions.

    Attributes:
        filters: for each dimension that is filtered, the filters of which one must hold.
        days: first and last day, counted from 1970-01-01; None for all.
        topic: the topic that the mentions speak of, or '' with their overall sentiment; None
            for any or none.
    """

    filters: dict[str, tuple[TextFilter, ...]] = field(default_factory=dict)
    days: tuple[int, int] | None = None
    topic: TopicFilter | None = None

    def dimension(self, split: Split | None) -> str | None:
        """Return the dimension of the counts that has the answer; None when none has."""
        needed = {*self.filters, *([split] if split else [])}
        if len(needed) > 1 or not needed <= {*DIMENSIONS}:
            return None
        return needed.pop() if needed else "all"

    def total(self, connection: sqlite3.Connection) -> int | None:
        """Return how many mentions there are; None when the counts do not tell."""
        dimension = self.dimension(None)
        if dimension is None:
            return None
        where, parameters = self.condition(connection, dimension)
        if self.topic is None:
            where += " AND topic = ''"
        else:
            where, parameters = f"{where} AND topic = ?", [*parameters, self.topic.topic]
            if self.topic.polarity is not None:
                where, parameters = f"{where} AND polarity = ?", [*parameters, self.topic.polarity]
        row = connection.execute(f"SELECT sum(mentions) FROM rollup WHERE {where}", parameters)  # noqa: S608 - our own names, values bound
        return int(row.fetchone()[0] or 0)

    def condition(
        self, connection: sqlite3.Connection, dimension: str, period: Period = "month"
    ) -> tuple[str, list[Any]]:
        """Return a condition on the table `rollup`, with its parameters.

        Asks for months, which make quarters too, or for days: where the span of days cuts
        the first or the last month, and for weeks.
        """
        kept = "month" if period in {"month", "quarter"} and self._has_whole_months() else "day"
        sql, parameters = "dimension = ? AND period = ?", [dimension, kept]
        if dimension in self.filters:
            wanted = self.filters[dimension]
            values = [
                value
                for value in _values(connection, dimension)
                if any(matches(value, one) for one in wanted)
            ]
            sql += f" AND value IN ({', '.join('?' * len(values))})"
            parameters += values
        if self.days is not None:
            return f"{sql} AND start BETWEEN ? AND ?", [*parameters, *self.days]
        return sql, parameters

    def _has_whole_months(self) -> bool:
        if self.days is None:
            return True
        first, last = self.days
        begins = first == _FIRST_DAY or to_date(first).day == 1
        return begins and (last == _LAST_DAY or _ends_a_month(to_date(last)))


def _ends_a_month(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def as_slice(node: Node | None) -> Slice | None:
    """Return the slice that a query asks for; None when it asks for something else."""
    part: Slice | None = None
    match node:
        case None:
            part = Slice()
        case TextFilter() if node.name in DIMENSIONS:
            part = Slice({node.name: (node,)})
        case TopicFilter():
            part = Slice(topic=node)
        case TextFilter(name="sentiment", prefix=False):
            # The counts have the mentions as a whole under the topic ''.
            part = Slice(topic=TopicFilter("", node.value))
        case DateFilter(first, last):
            part = Slice(
                days=(
                    _FIRST_DAY if first is None else from_date(first),
                    _LAST_DAY if last is None else from_date(last),
                )
            )
        case And(children):
            part = _all_of([as_slice(child) for child in children])
        case Or(children):
            part = _any_of([as_slice(child) for child in children])
    return part


def _all_of(slices: Sequence[Slice | None]) -> Slice | None:
    whole = Slice()
    for part in slices:
        if (
            part is None
            or whole.filters.keys() & part.filters.keys()
            or (whole.topic and part.topic)
        ):
            return None
        days = whole.days or part.days
        if whole.days and part.days:
            days = max(whole.days[0], part.days[0]), min(whole.days[1], part.days[1])
        whole = Slice(whole.filters | part.filters, days, whole.topic or part.topic)
    return whole


def _any_of(slices: Sequence[Slice | None]) -> Slice | None:
    """Join filters of one dimension; anything else is no slice."""
    found: list[TextFilter] = []
    for part in slices:
        if part is None or part.days or part.topic or len(part.filters) != 1:
            return None
        found += next(iter(part.filters.values()))
    return Slice({found[0].name: tuple(found)}) if len({one.name for one in found}) == 1 else None


def _values(connection: sqlite3.Connection, dimension: str) -> list[str]:
    """Return the values of a dimension, each read once from the index."""
    rows = connection.execute(
        "WITH RECURSIVE found (value) AS ("
        " SELECT min(value) FROM rollup WHERE dimension = :dimension AND period = 'month'"
        " UNION ALL SELECT (SELECT min(r.value) FROM rollup r WHERE r.dimension = :dimension"
        " AND r.period = 'month' AND r.value > found.value) FROM found"
        " WHERE found.value IS NOT NULL) SELECT value FROM found WHERE value > ''",
        {"dimension": dimension},
    )
    return [value for (value,) in rows]


def matches(value: str, wanted: TextFilter) -> bool:
    """Say whether a filter holds for a value, as `index.compile_sqlite` would."""
    name = fold(value) or ""
    folded = fold(wanted.value) or ""
    return name.startswith(folded) if wanted.prefix else name == folded
