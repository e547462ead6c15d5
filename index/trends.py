"""Counting mentions by bucket, topic and group. Formulas: `docs/trends.md`.

What the counts of `index.rollups` can answer they answer: everything, or one source,
brand or language, between two days. Any other query counts the mentions themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from index.base import Period, Split, TrendPoint
from index.connection import read_transaction
from index.rollups import WEEK_START, bucket_start, next_bucket
from index.rows import to_date
from index.searching import Selection
from index.slices import Slice, as_slice

POLARITIES: Final = ("positive", "neutral", "negative", "mixed")

_NOTHING: Final = (0, 0, 0, 0)

# (any day of the bucket, group or '', topic or '', polarity, mentions)
Row = tuple[int, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """What a trend is asked to show. Raises `ValueError` for a period or split there is not."""

    period: Period = "month"
    topics: Sequence[str] | None = None
    split: Split | None = None

    def __post_init__(self) -> None:
        if self.period not in get_args(Period):
            raise ValueError(f"the period is day, week or month, not {self.period!r}")
        if self.split not in (None, *get_args(Split)):
            raise ValueError(f"a trend is split by source or brand, not by {self.split!r}")


def trends(
    connection: sqlite3.Connection, selection: Selection, question: Question
) -> list[TrendPoint]:
    """Return the points of a trend; see `MentionIndex.trends`."""
    part = as_slice(selection.node)
    dimension = None if part is None else part.dimension(question.split)
    with read_transaction(connection):
        if part is not None and dimension is not None and part.topic is None:
            rows = _from_rollups(connection, part, dimension, question)
        else:
            rows = _from_mentions(connection, selection, question)
    return points(rows, question)


def _from_rollups(
    connection: sqlite3.Connection, part: Slice, dimension: str, question: Question
) -> list[Row]:
    where, parameters = part.condition(connection, dimension, question.period)
    if question.topics is not None:
        where += f" AND topic IN ({_marks(['', *question.topics])})"
        parameters += ["", *question.topics]
    group = "value" if question.split else "''"
    start = WEEK_START.format(day="start") if question.period == "week" else "start"
    return connection.execute(
        f"SELECT {start}, {group}, topic, polarity, sum(mentions) FROM rollup"  # noqa: S608 - our own names, values bound
        f" WHERE {where} GROUP BY 1, 2, 3, 4",
        parameters,
    ).fetchall()


def _from_mentions(
    connection: sqlite3.Connection, selection: Selection, question: Question
) -> list[Row]:
    group = f"coalesce(m.{question.split}, '')" if question.split else "''"
    sql, parameters = selection.source()
    # Read once, used twice: looking up the hits is most of the work.
    statement = (
        f"WITH hit AS MATERIALIZED (SELECT m.rowid AS mention_rowid, m.day AS day,"  # noqa: S608 - compiled, values bound
        f" {group} AS value, m.sentiment AS sentiment {sql} AND m.sentiment IS NOT NULL)"
        " SELECT day, value, '', sentiment, count(*) FROM hit GROUP BY 1, 2, 4"
    )
    if question.topics is None or question.topics:
        statement += (
            " UNION ALL SELECT day, value, topic, polarity, count(*) FROM hit"
            " CROSS JOIN mention_topic USING (mention_rowid)"
        )
        if question.topics is not None:
            statement += f" WHERE topic IN ({_marks(question.topics)})"
            parameters += question.topics
        statement += " GROUP BY 1, 2, 3, 4"
    return connection.execute(statement, parameters).fetchall()


def points(rows: Iterable[Row], question: Question) -> list[TrendPoint]:
    """Return the points of a trend from its counts, which any back-end may have made.

    Rows with topic '' count the mentions themselves; their polarity is the sentiment.
    """
    base: dict[tuple[str, int], int] = {}
    series: dict[tuple[str, str], dict[int, list[int]]] = {}
    for day, group, topic, polarity, number in rows:
        if polarity not in POLARITIES:
            continue  # pending and untagged mentions have no sentiment
        start = bucket_start(day, question.period)
        if not topic:
            base[group, start] = base.get((group, start), 0) + number
        counts = series.setdefault((topic, group), {}).setdefault(start, [0, 0, 0, 0])
        counts[POLARITIES.index(polarity)] += number
    if not base:
        return []
    buckets = list(_buckets(base, question.period))
    groups = sorted({group for group, _ in base})
    points = []
    for topic, group in _series_names(series, question.topics, groups):
        counted = series.get((topic, group), {})
        for start in buckets:
            positive, neutral, negative, mixed = counted.get(start, _NOTHING)
            points.append(
                TrendPoint(
                    start=to_date(start),
                    topic=topic or None,
                    group=None if question.split is None else group,
                    positive=positive,
                    neutral=neutral,
                    negative=negative,
                    mixed=mixed,
                    mentions=base.get((group, start), 0),
                )
            )
    return points


def _buckets(base: Iterable[tuple[str, int]], period: Period) -> Iterator[int]:
    """Yield every bucket from the first to the last that has a tagged mention."""
    starts = {start for _, start in base}
    start, last = min(starts), max(starts)
    while start <= last:
        yield start
        start = next_bucket(start, period)


def _series_names(
    series: Iterable[tuple[str, str]], topics: Sequence[str] | None, groups: Sequence[str]
) -> list[tuple[str, str]]:
    """Return (topic, group) of the series to give: those asked for, or those that occur."""
    if topics is None:
        return sorted((topic, group) for topic, group in series if topic)
    return [(topic, group) for topic in sorted(set(topics)) or [""] for group in groups]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
