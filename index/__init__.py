"""The store and the index of Molva behind one protocol, `index.base.MentionStore`.

Importing this package loads nothing heavy; the back-end is imported when a store is opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.sqlite import SqliteStore

__all__ = ["open_store", "run_sql"]


def open_store(
    path: str | Path,
    *,
    create: bool = True,
    read_only: bool = False,
    time_zone: str = "UTC",
    topics: Collection[str] | None = None,
) -> SqliteStore:
    """Open the store at `path`, a `MentionStore`; make it when it is missing.

    Args:
        path: the SQLite file.
        create: False refuses a path where there is nothing, so that a search never
            leaves an empty file behind.
        read_only: open for reading, beside any number of writers.
        time_zone: IANA name for a *new* store; one that exists keeps its own
            (`SqliteStore.time_zone`, changed by `SqliteStore.set_time_zone`).
        topics: codes that a query's `topic:` may name; None allows any.

    Raises:
        StoreError: the file cannot be used; the message says why and what to do.
    """
    from index.sqlite import SqliteStore  # here, so that `import index` stays light

    return SqliteStore(path, create=create, read_only=read_only, time_zone=time_zone, topics=topics)


def run_sql(
    path: str | Path, statement: str
) -> AbstractContextManager[tuple[list[str], Iterator[tuple[object, ...]]]]:
    """Run one SELECT on the store at `path`; see `index.analyst_sql.run_sql`."""
    from index.analyst_sql import run_sql as run

    return run(Path(path), statement)
