"""Examining a store's mentions for copies and adverts, and keeping what people say of these.

Mentions wait in a table from the moment they come in. They are taken out in batches, each in
the transaction that writes what was found: killed at any moment, the rest still waits.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from index.base import Hit
from index.connection import HasAccess, read_transaction, write_transaction
from index.copies import Placing
from index.lookup import STORED, stored_by_id
from index.noise import Verdict, said
from index.rows import Stored, microseconds
from index.searching import read_hits
from index.shingles import VERSION, Shingles, bands, shingles
from index.store_part import StorePart
from index.touching import touch
from index.verdicts import Said, add, in_force, verdicts_of, words

# Returns the names of the rules that take a title and a text for an advert.
FindAdverts = Callable[[str | None, str], Sequence[str]]

# Mentions examined in one transaction, in which no one else can write: a tenth of a second.
BATCH: Final = 200
_READ: Final = 500

_WAITING: Final = (
    f"SELECT {STORED} FROM noise_waiting w CROSS JOIN mention m ON m.rowid = w.mention_rowid"  # noqa: S608 - our own names
    " ORDER BY w.mention_rowid LIMIT ?"
)
_NOTE: Final = """
    INSERT INTO noise (mention_rowid, original_rowid, similarity, adverts, copy_said, advert_said,
        changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET original_rowid = excluded.original_rowid,
        similarity = excluded.similarity, adverts = excluded.adverts,
        copy_said = excluded.copy_said, advert_said = excluded.advert_said,
        changed_at = excluded.changed_at
    WHERE (original_rowid, similarity, adverts, copy_said, advert_said) IS NOT
        (excluded.original_rowid, excluded.similarity, excluded.adverts, excluded.copy_said,
        excluded.advert_said)
"""
# Groups together, that of the newest original first; in a group the earliest copy first.
_FOUND: Final = (
    "SELECT mention_rowid, similarity FROM noise WHERE is_copy OR is_advert"
    " ORDER BY iif(is_copy, coalesce(original_rowid, mention_rowid), mention_rowid) DESC,"
    " mention_rowid"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A mention that is a copy or an advert.

    Attributes:
        hit: the mention, with its `noise`.
        similarity: of its text to the original's, 0–1; None where they were not compared.
    """

    hit: Hit
    similarity: float | None


class NoiseBook(StorePart):
    """What is noise in one store; `SqliteStore.noise` gives it."""

    # --- examining ---------------------------------------------------------
    def waiting(self) -> int:
        """Return how many mentions have not been examined as they are now."""
        with self._reading() as connection:
            return int(connection.execute("SELECT count(*) FROM noise_waiting").fetchone()[0])

    def prepare(self, rules_version: int) -> None:
        """Let everything be examined anew where it was by other rules.

        Args:
            rules_version: of the rules about adverts.
        """
        version = f"{VERSION}:{rules_version}"
        with self._writing() as connection, write_transaction(connection):
            self._require_unchanged()
            known = connection.execute("SELECT value FROM meta WHERE key = 'noise'").fetchone()
            if known == (version,):
                return
            if known is not None:
                connection.execute("DELETE FROM noise_text")
                connection.execute("INSERT OR IGNORE INTO noise_waiting SELECT rowid FROM mention")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('noise', ?)", (version,))

    def examine(self, find_adverts: FindAdverts, batch: int = BATCH) -> Iterator[int]:
        """Examine what waits, the earliest first; yield after each batch how many it had.

        Call `prepare` first.
        """
        while rows := self._next(batch):
            # Before the lock: most of the work of a batch.
            texts = [shingles(row.title, row.text) for row in rows]
            found = {
                row.id: _Examined(row, text, hashes, find_adverts(row.title, row.text))
                for row, text, hashes in zip(rows, texts, bands(texts), strict=True)
            }
            with self._writing() as connection, write_transaction(connection):
                self._require_unchanged()
                _note(connection, found)
            yield len(rows)

    def _next(self, batch: int) -> list[Stored]:
        with self._reading() as connection:
            return [Stored._make(row) for row in connection.execute(_WAITING, (batch,))]

    # --- verdicts ----------------------------------------------------------
    def say(self, verdict: Verdict) -> bool:
        """Add a verdict; return False when it only repeats the latest one in force.

        Raises:
            StoreError: the store does not have the mention.
        """
        with self._writing() as connection, write_transaction(connection):
            row = self._row(connection, verdict.mention_id)
            holding = in_force(connection, row)
            if holding and words(holding[-1].verdict) == words(verdict):
                return False
            add(connection, row, verdict)
        return True

    def undo(
        self, mention_id: str, *, author: str | None = None, note: str | None = None
    ) -> Verdict | None:
        """Take back the latest verdict in force, and return it; None when none is.

        Raises:
            StoreError: the store does not have the mention.
        """
        with self._writing() as connection, write_transaction(connection):
            row = self._row(connection, mention_id)
            holding = in_force(connection, row)
            if not holding:
                return None
            last = holding[-1]
            undone = Verdict(mention_id=row.id, author=author, note=note, undoes=last.number)
            add(connection, row, undone)
        return last.verdict

    # --- reading -----------------------------------------------------------
    def verdicts(self, mention_id: str) -> list[Said]:
        """Return every verdict about a mention, in the order they were made."""
        with self._reading() as connection, read_transaction(connection):
            row = stored_by_id(connection, [mention_id]).get(mention_id)
            return [] if row is None else verdicts_of(connection, [row]).get(row.rowid, [])

    def found(self) -> Iterator[Found]:
        """Yield what is a copy or an advert, the copies of one original one after the other.

        Nothing may be written before the last one is read.
        """
        with self._reading() as connection, read_transaction(connection):
            rows = connection.execute(_FOUND)
            while chunk := rows.fetchmany(_READ):
                compared = dict(chunk)
                for rowid, hit in read_hits(connection, list(compared), ()):
                    has_original = hit.noise is not None and hit.noise.copy_of is not None
                    yield Found(hit, compared[rowid] if has_original else None)


class KeepsNoise:
    """The part of `SqliteStore` that gives its book of noise."""

    def noise(self: HasAccess) -> NoiseBook:
        """Return what is noise in the store: copies, adverts, and verdicts about these."""
        return NoiseBook(self._reading, self._writing, self._require_unchanged)


class _Examined(NamedTuple):
    """What the text of a mention is, found before anything is locked."""

    row: Stored
    text: Shingles
    bands: Collection[int]
    adverts: Sequence[str]


def _note(connection: sqlite3.Connection, examined: dict[str, _Examined]) -> None:
    """Write what was found of mentions; those that have changed meanwhile go on waiting."""
    rows = [
        row
        for row in stored_by_id(connection, list(examined)).values()
        if (row.title, row.text) == (examined[row.id].row.title, examined[row.id].row.text)
    ]
    verdicts = verdicts_of(connection, rows)
    now = microseconds(datetime.now(UTC))
    placing = Placing(connection, now)
    # Taken out first: what is placed may let others wait, and some of these are in this batch.
    connection.executemany(
        "DELETE FROM noise_waiting WHERE mention_rowid = ?", [(row.rowid,) for row in rows]
    )
    changed = set()
    for row in sorted(rows):
        one = examined[row.id]
        original = placing.place(row.rowid, one.text, one.bands)
        holding = [each.verdict for each in verdicts.get(row.rowid, ()) if each.in_force]
        copy_said, advert_said = said(holding)
        found = (
            None if original is None else original.rowid,
            None if original is None else original.similarity,
            json.dumps(list(one.adverts)),
            copy_said,
            advert_said,
        )
        if found == _NOTHING and not _is_noted(connection, row.rowid):
            continue
        if connection.execute(_NOTE, (row.rowid, *found, now)).rowcount:
            changed.add(row.rowid)
    touch(connection, changed | placing.changed)


_NOTHING: Final = (None, None, "[]", None, None)


def _is_noted(connection: sqlite3.Connection, rowid: int) -> bool:
    found = connection.execute("SELECT 1 FROM noise WHERE mention_rowid = ?", (rowid,))
    return found.fetchone() is not None
