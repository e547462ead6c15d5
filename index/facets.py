"""Counting the mentions that a query finds by the values of a field, in SQLite.

`check_fields`, `as_text` and `most_first` hold for every back-end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from index.base import FACETS, Facet, FacetCount
from index.connection import read_transaction
from index.searching import Selection

# What is read of each hit, and what it is counted by.
_COLUMNS: Final[dict[Facet, str]] = {
    "source": "source",
    "brand": "brand",
    "sentiment": "sentiment",
    "stars": "stars",
    "lang": "lang",
}
_TOPICS: Final[dict[Facet, str]] = {
    "topic": "topic",
    "topic_sentiment": "topic || ':' || polarity",
}


def facets(
    connection: sqlite3.Connection, selection: Selection, fields: Sequence[Facet], limit: int
) -> dict[str, list[FacetCount]]:
    """Return the most frequent values of each field; see `MentionIndex.facets`."""
    check_fields(fields, limit)
    if not fields:
        return {}
    sql, parameters = selection.source()
    columns = ", ".join(f"m.{name}" for name in _COLUMNS.values())
    # Read once, counted several times: finding the hits is most of the work.
    statement = (
        f"WITH hit AS MATERIALIZED (SELECT m.rowid AS mention_rowid, {columns} {sql}) "
        + " UNION ALL ".join(_count(field) for field in fields)
    )
    counts: dict[str, list[FacetCount]] = {field: [] for field in fields}
    with read_transaction(connection):
        for field, value, number in connection.execute(statement, parameters):
            counts[field].append(FacetCount(as_text(value), number))
    return {field: most_first(values, limit) for field, values in counts.items()}


def _count(field: Facet) -> str:
    if field in _COLUMNS:
        return f"SELECT '{field}', {_COLUMNS[field]}, count(*) FROM hit GROUP BY 2"  # noqa: S608 - our own names
    return (
        f"SELECT '{field}', {_TOPICS[field]}, count(*) FROM hit"  # noqa: S608 - our own names
        " LEFT JOIN mention_topic USING (mention_rowid) GROUP BY 2"
    )


def check_fields(fields: Sequence[Facet], limit: int) -> None:
    """Raise `ValueError` for a field or a limit that there cannot be."""
    unknown = [field for field in fields if field not in FACETS]
    if unknown:
        raise ValueError(f"values are counted of {', '.join(FACETS)}, not of {unknown[0]!r}")
    if limit < 1:
        raise ValueError(f"limit is at least 1, not {limit}")


def as_text(value: str | float | None) -> str | None:
    """Return a value as a query writes it: 4 and 4.5 for stars."""
    return f"{value:g}" if isinstance(value, int | float) else value


def most_first(counts: Iterable[FacetCount], limit: int) -> list[FacetCount]:
    """Return at most `limit` counts in the order of `MentionIndex.facets`."""
    ordered = sorted(counts, key=lambda one: (-one.mentions, one.value is None, one.value or ""))
    return ordered[:limit]
