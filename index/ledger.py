"""The ledger of a store: what people say about mentions, in facts that are only added.

A fact and everything that follows from it (labels, counts, how a case stands, what a cluster
has to be told) are written in one transaction: killed at any moment, the store has the whole
of it or nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from index.cases import Case, CaseEvent, stand
from index.connection import HasAccess, read_transaction, write_transaction
from index.corrections import Numbered, add, all_of, in_force, of_this_text
from index.lookup import stored_by_id
from index.relabelling import events_of, relabel, said_by_taggers
from index.rows import microseconds
from index.store_part import StorePart
from index.touching import touch
from mention import Correction, Tagging

# Corrections of a file that are written together.
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """All that the ledger has about one mention.

    Attributes:
        tagging: what the current tagger says, without corrections; None before it has spoken.
        corrections: every one with its number, in the order they were made.
        in_force: numbers of those that hold now: neither undone nor of an earlier text.
        events: the log of its case, in order.
    """

    tagging: Tagging | None = None
    corrections: tuple[Numbered, ...] = ()
    in_force: frozenset[int] = frozenset()
    events: tuple[CaseEvent, ...] = ()


@dataclass(slots=True)
class Taken:
    """What became of many corrections.

    Attributes:
        stored: how many were added.
        same: how many had been said before, in the same words by the same person.
        unknown: ids of mentions that the store does not have.
    """

    stored: int = 0
    same: int = 0
    unknown: list[str] = field(default_factory=list)


class Ledger(StorePart):
    """The ledger of one store; `SqliteStore.ledger` gives it."""

    # --- corrections -------------------------------------------------------
    def correct(self, correction: Correction) -> int | None:
        """Add a correction and return its number; None when it only repeats the latest in force.

        Raises:
            StoreError: the store does not have the mention.
        """
        with self._writing() as connection, write_transaction(connection):
            row = self._row(connection, correction.mention_id)
            holding = in_force(connection, [row]).get(row.rowid, ())
            if holding and _words(holding[-1][1]) == _words(correction):
                return None
            number = add(connection, row, correction)
            relabel(connection, [row.id])
        return number

    def correct_all(self, corrections: Iterable[Correction]) -> Taken:
        """Add the corrections of a file; what was said before is not said again.

        So the same file twice adds nothing, and one that was broken off goes on. Where a
        file says the same several times, so many are kept.
        """
        taken = Taken()
        said: Counter[str] = Counter()
        waiting = iter(corrections)
        while batch := list(islice(waiting, BATCH)):
            with self._writing() as connection, write_transaction(connection):
                self._require_unchanged()
                self._add_batch(connection, batch, said, taken)
        return taken

    def _add_batch(
        self,
        connection: sqlite3.Connection,
        batch: Sequence[Correction],
        said: Counter[str],
        taken: Taken,
    ) -> None:
        rows = stored_by_id(connection, [one.mention_id for one in batch])
        kept = of_this_text(connection, rows.values())
        there = Counter(_words(one) for numbered in kept.values() for _, one in numbered)
        changed = []
        for one in batch:
            row, words = rows.get(one.mention_id), _words(one)
            if row is None:
                taken.unknown.append(one.mention_id)
                continue
            said[words] += 1
            if there[words] >= said[words]:
                taken.same += 1
                continue
            add(connection, row, one)
            there[words] += 1
            changed.append(row.id)
        taken.stored += len(changed)
        relabel(connection, list(dict.fromkeys(changed)))

    def undo(
        self,
        mention_id: str,
        *,
        number: int | None = None,
        author: str | None = None,
        note: str | None = None,
    ) -> Correction | None:
        """Take back a correction in force, and return it; None when it is not in force.

        Args:
            mention_id: what was corrected.
            number: of the correction; None for the latest in force.
            author, note: who takes it back, and why.

        Raises:
            StoreError: the store does not have the mention.
        """
        with self._writing() as connection, write_transaction(connection):
            row = self._row(connection, mention_id)
            holding = dict(in_force(connection, [row]).get(row.rowid, ()))
            if number is None:
                number = max(holding, default=0)
            if (correction := holding.get(number)) is None:
                return None
            undone = Correction(mention_id=row.id, author=author, note=note, undoes=number)
            add(connection, row, undone)
            relabel(connection, [row.id])
        return correction

    # --- cases -------------------------------------------------------------
    def enter(self, event: CaseEvent) -> Case:
        """Add an entry to the log of a case, and return how it stands then.

        An entry that changes nothing and says nothing new is not added.

        Raises:
            StoreError: the store does not have the mention.
        """
        with self._writing() as connection, write_transaction(connection):
            row = self._row(connection, event.mention_id)
            events = events_of(connection, row)
            if not events and event.status is None:
                event = event.model_copy(update={"status": "open"})
            before, after = stand(events), stand([*events, event])
            assert after is not None  # noqa: S101 - it has the event
            if before is not None and _says_nothing_new(events[-1], event, before, after):
                return before
            connection.execute(
                "INSERT INTO case_event (mention_rowid, at, author, status, owner, note)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    row.rowid,
                    microseconds(event.at),
                    event.author,
                    event.status,
                    event.owner,
                    event.note,
                ),
            )
            connection.execute(
                "INSERT OR REPLACE INTO case_state VALUES (?, ?, ?, ?, ?, ?)",
                (
                    row.rowid,
                    after.status,
                    after.owner,
                    microseconds(after.opened_at),
                    microseconds(after.changed_at),
                    None if after.closed_at is None else microseconds(after.closed_at),
                ),
            )
            touch(connection, [row.rowid])
        return after

    # --- reading -----------------------------------------------------------
    def told(self, mention_id: str) -> Told:
        """Return all that the ledger has about a mention; empty for one that is not there."""
        with self._reading() as connection, read_transaction(connection):
            rows = list(stored_by_id(connection, [mention_id]).values())
            if not rows:
                return Told()
            (row,) = rows
            holding = in_force(connection, rows).get(row.rowid, ())
            return Told(
                said_by_taggers(connection, rows).get(row.rowid),
                tuple(all_of(connection, rows).get(row.rowid, ())),
                frozenset(number for number, _ in holding),
                tuple(events_of(connection, row)),
            )


class KeepsLedger:
    """The part of `SqliteStore` that gives its ledger."""

    def ledger(self: HasAccess) -> Ledger:
        """Return what people say about the store's mentions: corrections and cases."""
        return Ledger(self._reading, self._writing, self._require_unchanged)


def _words(correction: Correction) -> str:
    """Return what a correction says, whenever it says it."""
    return json.dumps(correction.model_dump(mode="json", exclude={"made_at"}), sort_keys=True)


def _says_nothing_new(last: CaseEvent, event: CaseEvent, before: Case, after: Case) -> bool:
    if (before.status, before.owner) != (after.status, after.owner):
        return False
    return event.note is None or (event.note, event.author) == (last.note, last.author)
