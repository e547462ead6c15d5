"""Counting the mentions that a query finds by the values of a field, in SQLite.

`check_fields`, `as_text` and `most_first` hold for every back-end.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from index.base import FACETS, Facet, FacetCount
from index.connection import read_transaction
from index.query import TopicFilter
from index.rollups import PENDING, UNTAGGED
from index.sampling import Samples
from index.searching import Selection
from index.slices import DIMENSIONS, Slice, as_slice

# What is read of each hit, and what it is counted by.
_COLUMNS: Final[dict[Facet, str]] = {
    "source": "source",
    "brand": "brand",
    "sentiment": "sentiment",
    "stars": "stars",
    "lang": "lang",
}
_TOPICS: Final[tuple[Facet, ...]] = ("topic", "topic_sentiment")
_PAIRS: Final[Facet] = "topic_sentiment"


def facets(
    connection: sqlite3.Connection,
    selection: Selection,
    samples: Samples,
    fields: Sequence[Facet],
    limit: int,
    *,
    most: int | None,
) -> dict[str, list[FacetCount]]:
    """Return the most frequent values of each field; see `MentionIndex.facets`."""
    check_fields(fields, limit, most)
    counts: dict[str, list[FacetCount]] = {field: [] for field in fields}
    with read_transaction(connection):
        part = as_slice(selection.node) if most is not None else None
        left = []
        for field in fields:
            known = None if part is None else _prepared(connection, part, field)
            if known is None:
                left.append(field)
            else:
                counts[field] = known
        if left:
            counts |= _read(connection, samples.take(connection, selection, most), left)
    return {field: most_first(values, limit) for field, values in counts.items()}


def _prepared(connection: sqlite3.Connection, part: Slice, field: Facet) -> list[FacetCount] | None:
    """Return the values of a field from the prepared counts; None when these do not tell."""
    if field == "sentiment":
        column, dimension, none = "polarity", part.dimension(None), {PENDING, UNTAGGED}
    elif field in DIMENSIONS:
        column, dimension, none = "value", part.dimension(field), {""}
    else:
        # Nothing counts the mentions that have no topic, and nothing those of equal stars.
        return None
    if dimension is None or (field == "sentiment" and part.topic is not None):
        return None
    where, parameters = part.condition(connection, dimension)
    topic = TopicFilter("") if part.topic is None else part.topic
    where, parameters = f"{where} AND topic = ?", [*parameters, topic.topic]
    if topic.polarity is not None:
        where, parameters = f"{where} AND polarity = ?", [*parameters, topic.polarity]
    counts: Counter[str | None] = Counter()
    for value, number in connection.execute(
        f"SELECT {column}, sum(mentions) FROM rollup WHERE {where} GROUP BY 1",  # noqa: S608 - our own names, values bound
        parameters,
    ):
        counts[None if value in none else value] += number
    return [FacetCount(value, number) for value, number in counts.items() if number]


def _read(
    connection: sqlite3.Connection, selection: Selection, fields: Sequence[Facet]
) -> dict[str, list[FacetCount]]:
    """Count values by reading the hits, or those of a sample."""
    sql, parameters = selection.source()
    columns = ", ".join(f"m.{name}" for name in _COLUMNS.values())
    # Topics are looked up once for both fields; a mention has a topic with one polarity.
    kinds = dict.fromkeys(_PAIRS if field in _TOPICS else field for field in fields)
    # Read once, counted several times: finding the hits is most of the work.
    statement = (
        f"WITH hit AS MATERIALIZED (SELECT m.rowid AS mention_rowid, {columns} {sql}) "
        + " UNION ALL ".join(_count(kind) for kind in kinds)
    )
    counts: dict[str, Counter[str | None]] = {field: Counter() for field in fields}
    for kind, value, number in connection.execute(statement, parameters):
        if kind != _PAIRS:
            counts[kind][as_text(value)] = number
            continue
        if _PAIRS in counts:
            counts[_PAIRS][value] = number
        if "topic" in counts:
            counts["topic"][value and value.partition(":")[0]] += number
    is_estimate = selection.part < 1
    return {
        field: [
            FacetCount(value, round(number / selection.part), is_estimate)
            for value, number in of_it.items()
        ]
        for field, of_it in counts.items()
    }


def _count(kind: Facet) -> str:
    if kind in _COLUMNS:
        return f"SELECT '{kind}', {_COLUMNS[kind]}, count(*) FROM hit GROUP BY 2"  # noqa: S608 - our own names
    return (
        f"SELECT '{kind}', topic || ':' || polarity, count(*) FROM hit"  # noqa: S608 - our own names
        " LEFT JOIN mention_topic USING (mention_rowid) GROUP BY 2"
    )


def check_fields(fields: Sequence[Facet], limit: int, most: int | None) -> None:
    """Raise `ValueError` for a field or a limit that there cannot be."""
    unknown = [field for field in fields if field not in FACETS]
    if unknown:
        raise ValueError(f"values are counted of {', '.join(FACETS)}, not of {unknown[0]!r}")
    if limit < 1:
        raise ValueError(f"limit is at least 1, not {limit}")
    if most is not None and most < 1:
        raise ValueError(f"at least 1 mention has to be read, not {most}")


def as_text(value: str | float | None) -> str | None:
    """Return a value as a query writes it: 4 and 4.5 for stars."""
    return f"{value:g}" if isinstance(value, int | float) else value


def most_first(counts: Iterable[FacetCount], limit: int) -> list[FacetCount]:
    """Return at most `limit` counts in the order of `MentionIndex.facets`."""
    ordered = sorted(counts, key=lambda one: (-one.mentions, one.value is None, one.value or ""))
    return ordered[:limit]
