"""The outbox: what a cluster has still to be told, kept in the store beside the mentions.

Off until the first `molva index`, which makes triggers: from then on every change of a
mention, whoever makes it, notes in its own transaction that the mention has to be sent.
A store without a cluster has no triggers and pays nothing.

Sending and writing go on at the same time. `Outbox.batches` raises a number; changes made
afterwards carry the new one, so that `sent` takes away exactly what was read and not what
came meanwhile. Whatever is killed, wherever: what was not taken away is sent again, which
external versions make harmless (`index/elastic/documents.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from index.base import StoreError
from index.connection import Access, read_transaction, write_transaction
from index.elastic.documents import deletion_version
from index.migrations import run_script
from index.outbox_rows import (
    ALL,
    DELETED,
    REFUSED,
    WAITING,
    Change,
    Counts,
    DeadLetter,
    State,
    to_change,
)
from index.rows import microseconds, to_datetime
from index.taggings import tagger_names

# Entries in memory at once. Most are a kilobyte, but an article may have hundreds.
BATCH: Final = 100
# `State.rebuild_below` when the new index has every mention; rowids are not negative.
FILLED: Final = -1
_CACHE_KIB: Final = 16_384
_TRIGGERS: Final = Path(__file__).with_name("outbox.sql")
_TRIGGER_NAMES: Final = ("outbox_insert", "outbox_update", "outbox_delete")
_TABLES: Final = ("outbox", "outbox_deletion", "outbox_refused", "outbox_state")
# Longest reason that is kept of a refusal.
_REASON: Final = 2000
_ABOVE_ALL: Final = 1 << 62


class Outbox:
    """The outbox of one store; `index.sqlite.SqliteStore.outbox` gives it."""

    def __init__(self, reading: Access, writing: Access) -> None:
        self._reading = reading
        self._writing = writing

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing() as connection, write_transaction(connection):
            yield connection

    # --- state -------------------------------------------------------------
    def state(self) -> State | None:
        """Return how far sending is; None as long as the outbox is off."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT target, sent_at, rebuilding, rebuild_below FROM outbox_state"
            ).fetchone()
        if row is None:
            return None
        target, sent_at, rebuilding, below = row
        return State(target, None if sent_at is None else to_datetime(sent_at), rebuilding, below)

    def enable(self) -> None:
        """Note changes from now on. What is there already waits for `set_target`."""
        with self._reading() as connection:
            # Sending goes through the whole file once: mapped, all of it would stay in memory.
            connection.execute("PRAGMA mmap_size = 0").fetchall()
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO outbox_state (one, number) VALUES (1, 0)")
            run_script(connection, _TRIGGERS.read_text(encoding="utf-8"))

    def disable(self) -> int:
        """Note no more changes and forget those noted; whoever sends again sends everything.

        Returns how many erased mentions the cluster was not told of.
        """
        with self._transaction() as connection:
            (untold,) = connection.execute(
                "SELECT (SELECT count(*) FROM outbox_deletion)"
                " + (SELECT count(*) FROM outbox_refused WHERE version IS NOT NULL)"
            ).fetchone()
            for name in _TRIGGER_NAMES:
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        return int(untold)

    def set_target(self, target: str) -> bool:
        """Say which index is sent to, by a name that no other index ever had.

        Returns True when it is not the one of last time: then every mention waits to be
        sent. An index that a rebuild has filled counts as that of last time.
        """
        with self._transaction() as connection:
            before, rebuilding, below = connection.execute(
                "SELECT target, rebuilding, rebuild_below FROM outbox_state"
            ).fetchone()
            connection.execute("UPDATE outbox_state SET target = ?", (target,))
            if target == rebuilding:
                connection.execute(
                    "UPDATE outbox_state SET rebuilding = NULL, rebuild_below = NULL"
                )
            if target == before or (target == rebuilding and below == FILLED):
                return False
            connection.execute(
                "INSERT INTO outbox SELECT m.rowid, s.number FROM mention m, outbox_state s"
                " WHERE true ON CONFLICT DO UPDATE SET number = excluded.number"
            )
            connection.execute("DELETE FROM outbox_refused WHERE version IS NULL")
        return True

    def all_sent(self) -> None:
        """Note that nothing was left to send."""
        with self._transaction() as connection:
            now = microseconds(datetime.now(UTC))
            connection.execute("UPDATE outbox_state SET sent_at = ?", (now,))

    def waiting(self) -> int:
        """Return how many mentions and deletions wait to be sent."""
        return self.counts().waiting

    def counts(self) -> Counts:
        """Count, all from one state of the store."""
        with self._reading() as connection, read_transaction(connection):
            row = connection.execute(
                "SELECT (SELECT count(*) FROM mention),"
                " (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_deletion),"
                " (SELECT count(*) FROM outbox_refused),"
                " (SELECT count(*) FROM outbox_refused WHERE version IS NULL)"
            ).fetchone()
        return Counts(*row)

    def tagger(self) -> tuple[str, str] | None:
        """Return (model, model_version) of the latest tagging; None when nothing is tagged."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT g.model, g.model_version FROM tagger g"
                " WHERE g.id = (SELECT tagger_id FROM tagging ORDER BY id DESC LIMIT 1)"
            ).fetchone()
        return None if row is None else (row[0], row[1])

    # --- sending -----------------------------------------------------------
    def batches(self, size: int = BATCH, *, only_deletions: bool = False) -> Iterator[list[Change]]:
        """Yield what waits now, erased mentions first, then the newest; nothing twice.

        What changes after the first batch was asked for is left for the next call.
        """
        with self._transaction() as connection:
            (number,) = connection.execute("SELECT number FROM outbox_state").fetchone()
            connection.execute("UPDATE outbox_state SET number = number + 1")
        last_id = ""
        while rows := self._select(DELETED, (last_id, number, size)):
            last_id = rows[-1][0]
            yield [Change(mention_id, of, None, version) for mention_id, version, of in rows]
        last = 0 if only_deletions else _ABOVE_ALL
        while changes := self._changes(WAITING, (last, number, size)):
            last = changes[-1].rowid
            yield changes

    def sent(self, changes: Sequence[Change]) -> None:
        """Take away what the cluster has, unless it has changed again meanwhile."""
        with self._transaction() as connection:
            _take_away(connection, changes)

    def refuse(self, refusals: Iterable[tuple[Change, str]]) -> None:
        """Make dead letters of what the cluster refused, unless it has changed meanwhile.

        Args:
            refusals: what was refused and why.
        """
        with self._transaction() as connection:
            for change, reason in refusals:
                if _take_away(connection, [change]):
                    _add_dead_letter(connection, change, reason)

    def erase(self, ids: Iterable[str]) -> None:
        """Let the cluster erase mentions that the store does not have (any more)."""
        version = deletion_version(datetime.now(UTC))
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO outbox_deletion SELECT ?, ?, number FROM outbox_state"
                " WHERE NOT EXISTS (SELECT 1 FROM mention WHERE id = ?) ON CONFLICT DO NOTHING",
                [(mention_id, version, mention_id) for mention_id in ids],
            )

    def _changes(self, select: str, parameters: Sequence[object]) -> list[Change]:
        with self._reading() as connection, read_transaction(connection):
            rows = connection.execute(select, parameters).fetchall()
            taggers = tagger_names(connection) if rows else {}
        return [to_change(row, taggers) for row in rows]

    def _select(self, select: str, parameters: Sequence[object]) -> list[Any]:
        with self._reading() as connection:
            return connection.execute(select, parameters).fetchall()

    # --- dead letters ------------------------------------------------------
    def dead_letters(self, limit: int = 50) -> list[DeadLetter]:
        """Return what was refused, the latest first."""
        rows = self._select(
            "SELECT mention_id, refused_at, reason, version FROM outbox_refused"
            " ORDER BY refused_at DESC, mention_id LIMIT ?",
            (limit,),
        )
        return [
            DeadLetter(mention_id, to_datetime(at), reason, version is not None)
            for mention_id, at, reason, version in rows
        ]

    def retry_dead(self) -> int:
        """Let everything that was refused wait to be sent again; return how many."""
        with self._transaction() as connection:
            (number,) = connection.execute("SELECT count(*) FROM outbox_refused").fetchone()
            connection.execute(
                "INSERT INTO outbox SELECT m.rowid, s.number FROM outbox_refused r"
                " JOIN mention m ON m.id = r.mention_id, outbox_state s WHERE r.version IS NULL"
                " ON CONFLICT DO NOTHING"
            )
            connection.execute(
                "INSERT INTO outbox_deletion SELECT r.mention_id, r.version, s.number"
                " FROM outbox_refused r, outbox_state s WHERE r.version IS NOT NULL"
                " ON CONFLICT DO NOTHING"
            )
            connection.execute("DELETE FROM outbox_refused")
        return int(number)

    # --- rebuilding --------------------------------------------------------
    def begin_rebuild(self, target: str) -> int | None:
        """Say which index a rebuild fills; return where an earlier one of it had come to."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE outbox_state SET rebuilding = ?, rebuild_below = NULL"
                " WHERE rebuilding IS NOT ?",
                (target, target),
            )
            row = connection.execute("SELECT rebuild_below FROM outbox_state").fetchone()
        return None if row[0] is None else int(row[0])

    def everything(self, below: int | None = None, size: int = BATCH) -> Iterator[list[Change]]:
        """Yield every mention from `below` on, the newest first, as it is when it is read.

        A mention that moves meanwhile may be missed or come twice; it waits in the outbox.
        """
        last = _ABOVE_ALL if below is None else below
        while changes := self._changes(ALL, (last, size)):
            last = changes[-1].rowid
            yield changes

    def refused(self, size: int = BATCH) -> Iterator[list[Change]]:
        """Yield the mentions that were refused."""
        last = ""
        while changes := self._changes(REFUSED, (last, size)):
            last = changes[-1].mention_id
            yield changes

    def rebuilt(
        self,
        changes: Sequence[Change],
        reasons: dict[str, str],
        *,
        below: int | None = None,
    ) -> None:
        """Note what a rebuild has sent: dead letters come and go, the place moves on.

        Args:
            changes: mentions that were sent.
            reasons: {id: reason} of those that the new index refused for good.
            below: rowid of the last one that `everything` gave; `FILLED` after the end.
        """
        with self._transaction() as connection:
            connection.executemany(
                "DELETE FROM outbox_refused WHERE mention_id = ? AND version IS NULL",
                [(change.mention_id,) for change in changes],
            )
            for change in changes:
                if change.mention_id in reasons and _is_there(connection, change.mention_id):
                    _add_dead_letter(connection, change, reasons[change.mention_id])
            if below is not None:
                connection.execute("UPDATE outbox_state SET rebuild_below = ?", (below,))


def _take_away(connection: sqlite3.Connection, changes: Iterable[Change]) -> int:
    """Delete what waits with exactly these numbers; return how many did."""
    mentions, deletions = [], []
    for change in changes:
        if change.is_deletion:
            deletions.append((change.mention_id, change.number))
        else:
            mentions.append((change.rowid, change.number))
    before = connection.total_changes
    connection.executemany("DELETE FROM outbox WHERE mention_rowid = ? AND number = ?", mentions)
    connection.executemany(
        "DELETE FROM outbox_deletion WHERE mention_id = ? AND number = ?", deletions
    )
    return connection.total_changes - before


def _is_there(connection: sqlite3.Connection, mention_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM mention WHERE id = ?", (mention_id,))
    return found.fetchone() is not None


def _add_dead_letter(connection: sqlite3.Connection, change: Change, reason: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO outbox_refused VALUES (?, ?, ?, ?)",
        (
            change.mention_id,
            microseconds(datetime.now(UTC)),
            reason[:_REASON],
            change.version if change.is_deletion else None,
        ),
    )


@contextmanager
def only_sender(path: Path) -> Iterator[None]:
    """Keep other processes from sending what this store holds.

    Two at once could bring back what was erased: one may have read a mention before, and
    send it long after the other has told the cluster to erase it. The lock is that of an
    empty database file beside the store, which the system lets go when the process ends,
    however it ends.

    Raises:
        StoreError: another process is sending.
    """
    file = path.with_name(path.name + "-sender")
    with closing(_open(file)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"another process is sending what {path} holds to the cluster; "
                "let it finish, then try again"
            ) from error
        yield


def _open(file: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(file, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"the file {file} cannot be made; let this user write into that folder"
        ) from error
