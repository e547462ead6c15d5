"""Schema versions of a store: how a file is made and how an older one is brought up to date.

`PRAGMA user_version` holds the version. A migration is a function that moves a file
from the version before to its own; all that are missing run in one transaction, so that
a file is at the old version or at the new one, also after a power cut. SQL for a
migration of version N may live in `migrations/N.sql`, run with `run_script`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from index.base import StoreError
from index.connection import APPLICATION_ID, prepare_to_write, write_transaction

Migration = Callable[[sqlite3.Connection], None]

# {version that the migration leads to: migration}, without gaps from 2 on. Append only:
# a version that was released is never changed.
MIGRATIONS: Final[Mapping[int, Migration]] = {
    2: lambda connection: _run_file(connection, 2),
    3: lambda connection: _run_file(connection, 3),
    4: lambda connection: _run_file(connection, 4),
    5: lambda connection: _run_file(connection, 5),
    6: lambda connection: _run_file(connection, 6),
    7: lambda connection: _run_file(connection, 7),
    8: lambda connection: _run_file(connection, 8),
    9: lambda connection: _run_file(connection, 9),
    10: lambda connection: _run_file(connection, 10),
    11: lambda connection: _run_file(connection, 11),
    12: lambda connection: _run_file(connection, 12),
}

_FOLDER: Final = Path(__file__).parent


def newest_version(migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """Return the schema version that this program writes."""
    return 1 + len(migrations)


def prepare(
    connection: sqlite3.Connection,
    path: Path,
    new_meta: Mapping[str, str],
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> None:
    """Make the tables of an empty file, or bring an older store up to date.

    Args:
        connection: open for writing, outside a transaction.
        path: of the file, for messages.
        new_meta: entries of the table `meta` for a new store.
        migrations: the steps; tests give their own.

    Raises:
        StoreError: the file belongs to another program or to a newer Molva.
    """
    version = check_version(connection, path, migrations)
    prepare_to_write(connection)
    if version == newest_version(migrations):
        return
    with write_transaction(connection):
        # Another process may have been quicker while this one waited for the lock.
        version = check_version(connection, path, migrations)
        if version == 0:
            run_script(connection, (_FOLDER / "schema.sql").read_text(encoding="utf-8"))
            connection.executemany(
                "INSERT INTO meta (key, value) VALUES (?, ?)",
                [
                    ("created_at", datetime.now(UTC).isoformat(timespec="seconds")),
                    *new_meta.items(),
                ],
            )
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            version = 1
        else:
            _drop_views(connection)
        for step in range(version + 1, newest_version(migrations) + 1):
            migrations[step](connection)
        run_script(connection, (_FOLDER / "views.sql").read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA user_version = {newest_version(migrations)}")


def check_version(
    connection: sqlite3.Connection, path: Path, migrations: Mapping[int, Migration] = MIGRATIONS
) -> int:
    """Return the schema version of the file, 0 when it is empty.

    Raises:
        StoreError: the file belongs to another program or to a newer Molva.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables == 0 and application in (0, APPLICATION_ID):
        return 0
    if application != APPLICATION_ID:
        raise StoreError(
            f"{path} is a database of another program, not a Molva store; "
            "name another file with --store"
        )
    if version > newest_version(migrations):
        raise StoreError(
            f"the store {path} was written by a newer Molva (schema {version}, this one knows "
            f"{newest_version(migrations)}); upgrade Molva, then try again"
        )
    return int(version)


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the settings that the store keeps about itself."""
    return dict(connection.execute("SELECT key, value FROM meta").fetchall())


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements of `script` inside the transaction that is open.

    `sqlite3.Connection.executescript` would commit it first.
    """
    for statement in _statements(script):
        connection.execute(statement)


def _run_file(connection: sqlite3.Connection, version: int) -> None:
    script = _FOLDER / "migrations" / f"{version}.sql"
    run_script(connection, script.read_text(encoding="utf-8"))


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _drop_views(connection: sqlite3.Connection) -> None:
    """Take our views away; those that an analyst added stay."""
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'view' AND name GLOB 'v_*'"
    ).fetchall()
    ours = (_FOLDER / "views.sql").read_text(encoding="utf-8")
    for (name,) in names:
        if f"CREATE VIEW {name} AS" in ours:
            connection.execute(f'DROP VIEW "{name}"')
