"""How a store file is opened, locked and reported on when something is wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from index.base import StoreError

Access = Callable[[], AbstractContextManager[sqlite3.Connection]]

# Marks the file as ours ("MOLV"); https://www.sqlite.org/pragma.html#pragma_application_id
APPLICATION_ID: Final = 0x4D4F4C56
# Writers queue for the one write lock; a batch holds it for under a second, a rebuild
# of the text index of a large store for a minute or two.
BUSY_SECONDS: Final = 60
# The first with materialized common table expressions.
MINIMUM_SQLITE: Final = (3, 35, 0)
# A reader that stays for long keeps the log from being reused; it is cut back once it
# has grown past this.
WAL_LIMIT_BYTES: Final = 128 * 1024 * 1024

# Steps of SQLite between two looks at the clock: some milliseconds.
_INSTRUCTIONS: Final = 100_000
_SHORTEST: Final = 512  # bytes of the smallest SQLite file, a page of the smallest size

_PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # KiB
    # Look-ups by rowid over a text index are twice as fast without a read() each.
    "PRAGMA mmap_size = 2147418112",
    "PRAGMA cell_size_check = ON",
)
_WRITER_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # With WAL a power cut may lose the last commits, never the file.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 8000",  # pages: fewer, larger, cheaper checkpoints
    f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES // 2}",
    # Erased text is overwritten with zeros, not only unlinked.
    "PRAGMA secure_delete = ON",
)


class HasAccess(Protocol):
    """What a part of `SqliteStore` needs of the store that it is a part of."""

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]: ...
    def _writing(self) -> AbstractContextManager[sqlite3.Connection]: ...
    def _require_unchanged(self) -> None: ...


def connect(path: Path, *, create: bool = False, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection in autocommit mode with Molva's settings.

    Raises:
        StoreError: there is no usable SQLite file at `path`.
    """
    _check_place(path, create=create and not read_only)
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        raise StoreError(
            f"Python was built with SQLite {sqlite3.sqlite_version}, too old for Molva; "
            "install a Python with SQLite 3.35 or newer"
        )
    with translated_errors(path):
        if not read_only:
            return _open(path, "rwc" if create else "rw")
        try:
            return _open(path, "ro")
        except sqlite3.OperationalError:
            # In a folder that cannot be written SQLite cannot make the shared memory of the
            # log. Without a log nobody is writing, and the file can be read as it is.
            if _log(path).exists():
                raise
            return _open(path, "ro&immutable=1")


def limit_time(connection: sqlite3.Connection, seconds: float) -> None:
    """Have whatever the connection is at `seconds` from now broken off, with `SQLITE_INTERRUPT`."""
    end = monotonic() + seconds
    connection.set_progress_handler(lambda: monotonic() > end, _INSTRUCTIONS)


def prepare_to_write(connection: sqlite3.Connection) -> None:
    """Switch a file that is known to be ours to a write-ahead log, for good."""
    for pragma in _WRITER_PRAGMAS:
        _execute_patiently(connection, pragma)


def _open(path: Path, mode: str) -> sqlite3.Connection:
    # as_uri() escapes what means something in a URI: '?', '#', '%'.
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def _execute_patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Execute a statement that SQLite does not wait for a lock for: the switch to WAL."""
    for _ in range(20):
        try:
            connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            # An immediate transaction does wait; afterwards the other process has switched.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return
    connection.execute(statement).fetchall()


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(
            f"{path} is a folder, not a store; name a file in it, such as molva.sqlite"
        )
    if path.exists():
        # SQLite takes a file that is shorter than its header for an empty one.
        if 0 < path.stat().st_size < _SHORTEST:
            raise StoreError(_SENTENCES[sqlite3.SQLITE_NOTADB].format(path=path))
        return
    if not create:
        raise StoreError(
            f"there is no store at {path}; collect or import something into it first, "
            "or name another file with --store"
        )
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} does not exist; make it, then try again")


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into a `StoreError` with the next step."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(_sentence(path, error)) from error


_MAY_NOT: Final = (
    "the store {path} or its folder may not be read or written by this user; "
    "change the permissions, or name another file with --store"
)
_TOO_LONG: Final = (
    "this question takes longer than is allowed here; narrow it with a brand, a topic, a source "
    "or dates"
)
_LOCKED: Final = (
    f"another process has kept the store {{path}} locked for {BUSY_SECONDS} seconds; "
    "let it finish, then try again"
)
# By primary result code: https://www.sqlite.org/rescode.html
_SENTENCES: Final = {
    sqlite3.SQLITE_NOTADB: "{path} is not a Molva store; name another file with --store",
    sqlite3.SQLITE_CORRUPT: (
        "the store {path} is damaged; put back a copy of it, "
        "or save what can be read with: sqlite3 {path} .recover"
    ),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_INTERRUPT: _TOO_LONG,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _MAY_NOT,
    sqlite3.SQLITE_CANTOPEN: _MAY_NOT,
    sqlite3.SQLITE_PERM: _MAY_NOT,
    sqlite3.SQLITE_FULL: (
        "the disk is full, so nothing was written to {path}; make room, then try again"
    ),
    sqlite3.SQLITE_IOERR: "the disk failed while {path} was used ({error}); check the disk",
}


def _sentence(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # 0: raised by Python's own module
    sentence = _SENTENCES.get(code, "the store {path} cannot be used ({error}); run: molva doctor")
    if isinstance(error, sqlite3.ProgrammingError):
        # A closed store, or one used from a thread that did not open it.
        sentence = "the store {path} cannot be used here ({error}); open it again in this thread"
    return sentence.format(path=path, error=error)


@contextmanager
def write_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; everything inside is written whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Some errors (a full disk) have already ended the transaction.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def read_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """See one state of the store in several statements, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")


def cut_log(connection: sqlite3.Connection, path: Path) -> None:
    """Move a log that has grown large into the file, unless a reader is in the way."""
    try:
        size = _log(path).stat().st_size
    except OSError:
        return
    if size < WAL_LIMIT_BYTES:
        return
    # Never wait for readers here: a long export would stop every writer.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
