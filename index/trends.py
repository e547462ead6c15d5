"""Counting mentions by bucket, topic and group. Formulas: `docs/trends.md`.

What the counts of `index.rollups` can answer they answer: everything, or one source,
brand or language, between two days. Any other query counts the mentions themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from index.base import Period, Split, TooManyPointsError, TrendPoint
from index.connection import read_transaction
from index.garbage import no_search_for_cycles
from index.rollups import (
    HUNDREDTHS,
    PENDING,
    UNTAGGED,
    WEEK_START,
    bucket_start,
    next_bucket,
)
from index.rows import to_date
from index.sampling import Samples
from index.searching import Selection
from index.slices import Slice, as_slice

POLARITIES: Final = ("positive", "neutral", "negative", "mixed")

# What is counted of a topic, or of the mentions themselves, in one bucket and group.
_PLACES: Final = {name: n for n, name in enumerate((*POLARITIES, UNTAGGED, PENDING))}
_RATED: Final = len(_PLACES)
_STARS: Final = _RATED + 1  # in hundredths
_NOTHING: Final = (0,) * (_STARS + 1)

# (any day of the bucket, group or '', topic or '', polarity, mentions, those of them with
# stars, the sum of their stars in hundredths)
Row = tuple[int, str, str, str, int, int, int]

# The group of a mention, alias m.
_GROUP: Final[dict[Split | None, str]] = {
    None: "''",
    # As `whole_stars` has it.
    "stars": "coalesce(CAST(CAST(m.stars + 0.5 AS INTEGER) AS TEXT), '')",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a trend is asked to show. Raises `ValueError` for a period or split there is not."""

    period: Period = "month"
    topics: Sequence[str] | None = None
    split: Split | None = None
    limit: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.period not in get_args(Period):
            known = ", ".join(get_args(Period))
            raise ValueError(f"the period is one of {known}, not {self.period!r}")
        if self.split not in (None, *get_args(Split)):
            known = ", ".join(get_args(Split))
            raise ValueError(f"a trend is split by one of {known}, not by {self.split!r}")


def group_sql(split: Split | None) -> str:
    """Return the SQL for the group of a mention, alias m; '' without one."""
    return _GROUP.get(split, f"coalesce(m.{split}, '')")


def whole_stars(stars: float) -> str:
    """Return the group of a mention with so many stars: the nearest whole number, .5 up."""
    return str(int(stars + 0.5))


def trends(
    connection: sqlite3.Connection, selection: Selection, samples: Samples, question: Question
) -> list[TrendPoint]:
    """Return the points of a trend; see `MentionIndex.trends`."""
    part = as_slice(selection.node)
    dimension = None if part is None else part.dimension(question.split)
    with read_transaction(connection):
        if part is not None and dimension is not None and part.topic is None:
            rows = _from_rollups(connection, part, dimension, question)
        else:
            selection = samples.take(connection, selection, question.most)
            rows = _from_mentions(connection, selection, question)
    with no_search_for_cycles():
        return points(rows, question, selection.part)


def _from_rollups(
    connection: sqlite3.Connection, part: Slice, dimension: str, question: Question
) -> list[Row]:
    where, parameters = part.condition(connection, dimension, question.period)
    if question.topics is not None:
        where += f" AND topic IN ({_marks(['', *question.topics])})"
        parameters += ["", *question.topics]
    group = "value" if question.split else "''"
    start = WEEK_START.format(day="start") if question.period == "week" else "start"
    counts, grouped = "sum(mentions), sum(rated), sum(stars_total)", " GROUP BY 1, 2, 3, 4"
    if question.period == "day" or (question.period == "month" and part.days is None):
        # Every row is a cell already; sorting them would take as long as reading them.
        counts, grouped = "mentions, rated, stars_total", ""
    return connection.execute(
        f"SELECT {start}, {group}, topic, polarity, {counts} FROM rollup WHERE {where}{grouped}",  # noqa: S608 - our own names, values bound
        parameters,
    ).fetchall()


def _from_mentions(
    connection: sqlite3.Connection, selection: Selection, question: Question
) -> list[Row]:
    group = group_sql(question.split)
    sql, parameters = selection.source()
    counts = "count(*), count(stars), coalesce(sum(stars), 0)"
    # Read once, used twice: looking up the hits is most of the work.
    statement = (
        f"WITH hit AS MATERIALIZED (SELECT m.rowid AS mention_rowid, m.day AS day,"  # noqa: S608 - compiled, values bound
        f" {group} AS value, {HUNDREDTHS} AS stars,"
        f" coalesce(m.sentiment, iif(m.tagger_id IS NULL, '{PENDING}', '{UNTAGGED}')) AS state"
        f" {sql})"
        f" SELECT day, value, '', state, {counts} FROM hit GROUP BY 1, 2, 4"
    )
    if question.topics is None or question.topics:
        statement += (
            f" UNION ALL SELECT day, value, topic, polarity, {counts} FROM hit"  # noqa: S608 - our own names
            " CROSS JOIN mention_topic USING (mention_rowid)"
        )
        if question.topics is not None:
            statement += f" WHERE topic IN ({_marks(question.topics)})"
            parameters += question.topics
        statement += " GROUP BY 1, 2, 3, 4"
    return connection.execute(statement, parameters).fetchall()


def points(rows: Iterable[Row], question: Question, part: float = 1.0) -> list[TrendPoint]:
    """Return the points of a trend from its counts, which any back-end may have made.

    Args:
        rows: those with topic '' count the mentions themselves; their polarity is the
            sentiment, `UNTAGGED` or `PENDING`.
        question: that they answer.
        part: of all mentions, what was counted.

    Raises:
        TooManyPointsError: there are more than the question allows.
    """
    series = _cells(rows, question.period)
    # Every mention is counted as a whole, so these know all groups and all buckets.
    whole = {group: buckets for (topic, group), buckets in series.items() if not topic}
    if not whole:
        return []
    starts = [(start, to_date(start)) for start in bucket_starts(whole.values(), question.period)]
    names = _series_names(series, question.topics, sorted(whole))
    check_number(len(names) * len(starts), question.limit)
    bases = {
        group: [_base(buckets, start) for start, _ in starts] for group, buckets in whole.items()
    }
    found = []
    for topic, group in names:
        counted = series.get((topic, group), {})
        shown = None if question.split is None else group
        for (start, day_one), (mentions, untagged, pending) in zip(
            starts, bases[group], strict=True
        ):
            positive, neutral, negative, mixed, _, _, rated, stars = counted.get(start, _NOTHING)
            found.append(
                TrendPoint(
                    day_one,
                    topic or None,
                    shown,
                    positive,
                    neutral,
                    negative,
                    mixed,
                    mentions,
                    rated,
                    stars / 100,
                    untagged,
                    pending,
                    part,
                )
            )
    return found


def check_number(points: int, limit: int | None) -> None:
    """Raise `TooManyPointsError` where a trend would have more points than `limit`."""
    if limit is not None and points > limit:
        raise TooManyPointsError(
            f"this trend would have {points:,} points and at most {limit:,} are given; choose "
            "longer periods, fewer topics, or fewer groups by narrowing the query"
        )


def _cells(rows: Iterable[Row], period: Period) -> dict[tuple[str, str], dict[int, list[int]]]:
    """Return by (topic, group) and first day of the bucket what `_PLACES` and the rest count."""
    by_day = period == "day"
    series: dict[tuple[str, str], dict[int, list[int]]] = {}
    for day, group, topic, polarity, mentions, rated, stars in rows:
        start = day if by_day else bucket_start(day, period)
        # A year of a topic by day has thousands of rows: `setdefault` would make a list for each.
        buckets = series.get((topic, group))
        if buckets is None:
            buckets = series[topic, group] = {}
        cell = buckets.get(start)
        if cell is None:
            cell = buckets[start] = [*_NOTHING]
        cell[_PLACES[polarity]] += mentions
        # The stars of a point are those of the mentions that it counts.
        if rated and polarity in POLARITIES:
            cell[_RATED] += rated
            cell[_STARS] += stars
    return series


def _base(buckets: Mapping[int, Sequence[int]], start: int) -> tuple[int, int, int]:
    """Return how many mentions of a bucket have a sentiment, are untagged, and wait."""
    *base, untagged, pending, _, _ = buckets.get(start, _NOTHING)
    return sum(base), untagged, pending


def bucket_starts(series: Iterable[Iterable[int]], period: Period) -> Iterator[int]:
    """Yield every bucket from the first to the last of some series; no series may be empty."""
    found = {start for buckets in series for start in buckets}
    start, last = min(found), max(found)
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
