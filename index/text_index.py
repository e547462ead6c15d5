"""The full-text index over the stems and words of title, text and reply.

It always holds, for every row of `mention`, the terms that `index.text` makes of it for
its column `lang`. The terms are not stored a second time, so an entry can only be taken
out by the analysis that put it in: `Analysis` sees to that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from index.connection import write_transaction
from index.migrations import read_meta
from index.text import ANALYSIS_VERSION, document_terms

# (title, text, reply, language) -> terms joined by spaces
TermMaker = Callable[[str | None, str, str | None, str | None], str]

# Raise the number when `document_terms` changes otherwise than by its stems.
_VERSION: Final = f"{ANALYSIS_VERSION}-forms1"

_META_KEY: Final = "analysis_version"
_CONTENT: Final = "SELECT rowid, title, text, reply_text, lang FROM mention"
_BATCH: Final = 5000
_SAMPLE: Final = 500


class TextChanges:
    """Entries to take out and to put in, applied in the order that costs least."""

    def __init__(self) -> None:
        self._out: list[tuple[int, str]] = []
        self._in: list[tuple[int, str]] = []

    def take_out(self, rowid: int, terms: str) -> None:
        """Note that the entry of `rowid` goes; `terms` are those it was put in with."""
        self._out.append((rowid, terms))

    def put_in(self, rowid: int, terms: str) -> None:
        """Note a new entry."""
        self._in.append((rowid, terms))

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write the changes, inside the transaction that is open."""
        # FTS5 writes out what it has gathered whenever a rowid does not grow.
        self._out.sort()
        self._in.sort()
        connection.executemany(
            "INSERT INTO mention_text (mention_text, rowid, stems) VALUES ('delete', ?, ?)",
            self._out,
        )
        connection.executemany("INSERT INTO mention_text (rowid, stems) VALUES (?, ?)", self._in)
        self._out.clear()
        self._in.clear()


class Analysis:
    """The version of the text analysis that a store was opened with.

    Tests give other `terms` and another `version`; everyone else takes those of `index.text`.
    """

    def __init__(self, terms: TermMaker = document_terms, version: str = _VERSION) -> None:
        self.terms = terms
        self.version = version

    def is_current(self, connection: sqlite3.Connection) -> bool:
        """Say whether the store's index was written by this version."""
        return read_meta(connection).get(_META_KEY) == self.version

    def rebuild(self, connection: sqlite3.Connection) -> None:
        """Write the index anew with this version, in one transaction."""
        with write_transaction(connection):
            connection.execute("INSERT INTO mention_text (mention_text) VALUES ('delete-all')")
            changes = TextChanges()
            last = -1
            while rows := connection.execute(
                f"{_CONTENT} WHERE rowid > ? ORDER BY rowid LIMIT ?", (last, _BATCH)
            ).fetchall():
                for rowid, title, text, reply, lang in rows:
                    changes.put_in(rowid, self.terms(title, text, reply, lang))
                changes.apply(connection)
                last = rows[-1][0]
            connection.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value",
                (_META_KEY, self.version),
            )

    def problems(self, connection: sqlite3.Connection) -> list[str]:
        """Return what is wrong with the index, one sentence each."""
        if not self.is_current(connection):
            return [
                f"the text index was written by analysis {read_meta(connection).get(_META_KEY)}, "
                f"this Molva has {self.version}: searches may miss words until it is rebuilt"
            ]
        found = []
        (mentions,) = connection.execute("SELECT count(*) FROM mention").fetchone()
        (entries,) = connection.execute("SELECT count(*) FROM mention_text_docsize").fetchone()
        if mentions != entries:
            found.append(f"the text index has {entries:,} entries for {mentions:,} mentions")
        missing = sum(not self._is_found(connection, row) for row in _sample(connection))
        if missing:
            found.append(f"{missing} of {_SAMPLE} mentions looked up are not found by their words")
        return found

    def _is_found(
        self, connection: sqlite3.Connection, row: tuple[int, str, str, str, str]
    ) -> bool:
        rowid, *content = row
        terms = list(dict.fromkeys(self.terms(*content).split()))[:50]
        if not terms:
            return True
        match = " ".join(f'"{term}"' for term in terms)
        found = connection.execute(
            "SELECT 1 FROM mention_text WHERE mention_text MATCH ? AND rowid = ?", (match, rowid)
        )
        return found.fetchone() is not None


def _sample(connection: sqlite3.Connection) -> list[tuple[int, str, str, str, str]]:
    """Return mentions spread over all times."""
    first, last = connection.execute("SELECT min(rowid), max(rowid) FROM mention").fetchone()
    if first is None:
        return []
    keys = sorted({first + (last - first) * step // _SAMPLE for step in range(_SAMPLE)})
    found = [
        connection.execute(f"{_CONTENT} WHERE rowid >= ? ORDER BY rowid LIMIT 1", (key,)).fetchone()
        for key in keys
    ]
    return list(dict.fromkeys(found))
