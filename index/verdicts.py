"""Verdicts in the store's tables, and what holds because of them.

Functions work inside the transaction that is open. `index/noise_book.py` composes them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from index.lookup import select_in
from index.noise import Verdict, said
from index.overlay import text_hash
from index.rows import Stored, microseconds, to_datetime
from index.touching import touch

_VERDICTS: Final = (
    "SELECT id, mention_rowid, text_hash, made_at, author, verdict, note, undoes FROM noise_verdict"
    " WHERE mention_rowid IN ({keys})"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict with its number, which orders them, and whether it holds for the text of now."""

    number: int
    verdict: Verdict
    in_force: bool


def add(connection: sqlite3.Connection, row: Stored, verdict: Verdict) -> None:
    """Keep a verdict about the text that `row` has now, and let it hold."""
    connection.execute(
        "INSERT INTO noise_verdict (mention_rowid, text_hash, made_at, author, verdict, note,"
        " undoes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row.rowid,
            text_hash(row.title, row.text),
            microseconds(verdict.made_at),
            verdict.author,
            verdict.verdict,
            verdict.note,
            verdict.undoes,
        ),
    )
    decided = said(one.verdict for one in in_force(connection, row))
    connection.execute(
        "INSERT INTO noise (mention_rowid, copy_said, advert_said, changed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET copy_said = excluded.copy_said,"
        " advert_said = excluded.advert_said, changed_at = excluded.changed_at",
        (row.rowid, *decided, microseconds(datetime.now(UTC))),
    )
    touch(connection, [row.rowid])


def in_force(connection: sqlite3.Connection, row: Stored) -> list[Said]:
    """Return the verdicts that hold for the text of now and were not undone, in order."""
    return [one for one in verdicts_of(connection, [row]).get(row.rowid, ()) if one.in_force]


def verdicts_of(connection: sqlite3.Connection, rows: Sequence[Stored]) -> dict[int, list[Said]]:
    """Return by rowid every verdict about mentions, in the order they were made."""
    by_rowid = {row.rowid: row for row in rows}
    kept = sorted(select_in(connection, _VERDICTS, list(by_rowid)))
    undone = {undoes for *_, undoes in kept}
    found: dict[int, list[Said]] = {}
    for number, rowid, of, made_at, author, decision, note, undoes in kept:
        row = by_rowid[rowid]
        verdict = Verdict.model_construct(
            mention_id=row.id,
            made_at=to_datetime(made_at),
            author=author,
            verdict=decision,
            note=note,
            undoes=undoes,
        )
        in_force = undoes is None and number not in undone and of == text_hash(row.title, row.text)
        found.setdefault(rowid, []).append(Said(number, verdict, in_force))
    return found


def words(verdict: Verdict) -> tuple[object, ...]:
    """Return what a verdict says, whenever it says it."""
    return verdict.verdict, verdict.author, verdict.note
