"""Reading many rows by key: the part of SQL that every other module of the store needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from index.base import StoreError
from index.rows import MENTION_COLUMNS, Stored
from mention import Mention

# A statement with a fixed number of parameters is prepared once; the last chunk is
# filled up with nulls, which equal nothing.
_CHUNK: Final = 256
_MARKS: Final = ",".join("?" * _CHUNK)
STORED: Final = ", ".join(f"m.{name}" for name in MENTION_COLUMNS)


T = TypeVar("T")


def rounds(items: Iterable[T], key: Callable[[T], str]) -> Iterator[dict[str, T]]:
    """Yield `items` in groups in which every key comes once, keeping their order by key."""
    remaining = list(items)
    while remaining:
        group: dict[str, T] = {}
        later = [one for one in remaining if group.setdefault(key(one), one) is not one]
        yield group
        remaining = later


def select_in(connection: sqlite3.Connection, select: str, keys: Sequence[Any]) -> Iterator[Any]:
    """Yield the rows of `select`, in which `{keys}` stands for a chunk of `keys`."""
    statement = select.format(keys=_MARKS)
    for begin in range(0, len(keys), _CHUNK):
        chunk = list(keys[begin : begin + _CHUNK])
        chunk += [None] * (_CHUNK - len(chunk))
        yield from connection.execute(statement, chunk)


def stored_by_id(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Stored]:
    """Return the mentions among `ids` that the store has."""
    rows = select_in(connection, f"SELECT {STORED} FROM mention m WHERE m.id IN ({{keys}})", ids)  # noqa: S608 - our own names
    return {row[1]: Stored._make(row) for row in rows}


def one_stored(connection: sqlite3.Connection, mention_id: str) -> Stored:
    """Return a mention that a person has named.

    Raises:
        StoreError: the store does not have it.
    """
    row = stored_by_id(connection, [mention_id]).get(mention_id)
    if row is None:
        raise StoreError(
            f"there is no mention {mention_id}; 'molva search --format json' prints ids"
        )
    return row


def hashes_by_id(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return {id: content_hash} of the mentions among `ids` that the store has."""
    select = "SELECT id, content_hash FROM mention WHERE id IN ({keys})"
    return dict(select_in(connection, select, ids))


def revisions(connection: sqlite3.Connection, mention_id: str) -> list[Mention]:
    """Return superseded versions of a mention, oldest first."""
    rows = connection.execute(
        "SELECT r.record FROM mention m JOIN mention_revision r"
        " ON r.mention_rowid = m.rowid WHERE m.id = ? ORDER BY r.revision",
        (mention_id,),
    )
    return [Mention.model_validate_json(record) for (record,) in rows]


def topics_by_rowid(
    connection: sqlite3.Connection, rowids: Sequence[int]
) -> dict[int, list[tuple[str, str]]]:
    """Return the (topic, polarity) pairs of the current taggings of mentions."""
    select = (
        "SELECT mention_rowid, topic, polarity FROM mention_topic WHERE mention_rowid IN ({keys})"
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for rowid, topic, polarity in select_in(connection, select, rowids):
        found.setdefault(rowid, []).append((topic, polarity))
    return found
