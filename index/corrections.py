"""Corrections in the store's tables, and the labels that hold because of them.

Functions work inside the transaction that is open. `index/ledger.py` composes them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Final

from index.lookup import select_in
from index.overlay import text_hash
from index.rows import Stored, microseconds, sentences_json, to_datetime
from mention import Correction, Span, Tagging

Numbered = tuple[int, Correction]  # a correction with its number, which orders them

_SELECT: Final = (
    "SELECT id, mention_rowid, text_hash, made_at, author, sentiment, topics, span, note, undoes"
    " FROM correction WHERE mention_rowid IN ({keys})"
)
_INSERT: Final = (
    "INSERT INTO correction (mention_rowid, text_hash, made_at, author, sentiment, topics, span,"
    " note, undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def add(connection: sqlite3.Connection, row: Stored, correction: Correction) -> int:
    """Keep a correction of the text that `row` has now, and return its number."""
    cursor = connection.execute(
        _INSERT,
        (
            row.rowid,
            text_hash(row.title, row.text),
            microseconds(correction.made_at),
            correction.author,
            correction.sentiment,
            json.dumps(correction.topics),
            None if correction.span is None else correction.span.model_dump_json(),
            correction.note,
            correction.undoes,
        ),
    )
    return int(cursor.lastrowid or 0)


def all_of(connection: sqlite3.Connection, rows: Iterable[Stored]) -> dict[int, list[Numbered]]:
    """Return by rowid every correction of the mentions, in the order they were made."""
    return {rowid: [(n, one) for n, _, one in kept] for rowid, kept in _kept(connection, rows)}


def of_this_text(
    connection: sqlite3.Connection, rows: Iterable[Stored]
) -> dict[int, list[Numbered]]:
    """Return by rowid the corrections of the text that each of `rows` has now."""
    by_rowid = {row.rowid: row for row in rows}
    found = {}
    for rowid, kept in _kept(connection, by_rowid.values()):
        now = text_hash(by_rowid[rowid].title, by_rowid[rowid].text)
        if about_it := [(number, one) for number, of, one in kept if of == now]:
            found[rowid] = about_it
    return found


def in_force(connection: sqlite3.Connection, rows: Iterable[Stored]) -> dict[int, list[Numbered]]:
    """Return by rowid the corrections that hold for the text of now and were not undone."""
    found = {}
    for rowid, about_it in of_this_text(connection, rows).items():
        undone = {one.undoes for _, one in about_it}
        holding = [
            (number, one) for number, one in about_it if number not in undone and one.undoes is None
        ]
        if holding:
            found[rowid] = holding
    return found


def _kept(
    connection: sqlite3.Connection, rows: Iterable[Stored]
) -> Iterable[tuple[int, list[tuple[int, str, Correction]]]]:
    ids = {row.rowid: row.id for row in rows}
    kept: dict[int, list[tuple[int, str, Correction]]] = {}
    for number, rowid, of, made_at, author, sentiment, topics, span, note, undoes in sorted(
        select_in(connection, _SELECT, list(ids))
    ):
        correction = Correction.model_construct(
            mention_id=ids[rowid],
            made_at=to_datetime(made_at),
            author=author,
            sentiment=sentiment,
            topics=json.loads(topics),
            span=None if span is None else Span.model_validate_json(span),
            note=note,
            undoes=undoes,
        )
        kept.setdefault(rowid, []).append((number, of, correction))
    return kept.items()


def write_labels(
    connection: sqlite3.Connection,
    rows: Iterable[Stored],
    labels: Mapping[int, Tagging],
    topics: Mapping[int, Mapping[str, str]],
) -> None:
    """Replace what holds of `rows`: the labels and their `topic_polarities`, both by rowid."""
    rows = list(rows)
    rowids = [(row.rowid,) for row in rows]
    connection.executemany("DELETE FROM mention_topic WHERE mention_rowid = ?", rowids)
    connection.executemany(
        "INSERT INTO mention_topic VALUES (?, ?, ?)",
        [
            (rowid, topic, polarity)
            for rowid, said in topics.items()
            for topic, polarity in said.items()
        ],
    )
    connection.executemany("DELETE FROM corrected WHERE mention_rowid = ?", rowids)
    connection.executemany(
        "INSERT INTO corrected VALUES (?, ?, ?, ?, ?, ?)",
        [_corrected_row(row, labels[row.rowid]) for row in rows if _is_corrected(row, labels)],
    )


def _is_corrected(row: Stored, labels: Mapping[int, Tagging]) -> bool:
    return row.rowid in labels and labels[row.rowid].corrected


def _corrected_row(row: Stored, labels: Tagging) -> tuple[Any, ...]:
    return (
        row.rowid,
        text_hash(row.title, row.text),
        labels.sentiment,
        labels.score,
        labels.confidence,
        sentences_json(labels),
    )
