"""Letting the outbox know of what changes beside the row of a mention."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def touch(connection: sqlite3.Connection, rowids: Iterable[int]) -> None:
    """Let the outbox send mentions again (index/outbox.sql), though no column of theirs changes."""
    connection.executemany(
        "UPDATE mention SET revision = revision WHERE rowid = ?", [(one,) for one in rowids]
    )
