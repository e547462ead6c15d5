"""What the parts of a store that keep what people say have in common."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from index.connection import Access
from index.lookup import one_stored
from index.rows import Stored


class StorePart:
    """A part of a store with tables of its own; `SqliteStore` makes it.

    Args:
        reading, writing: give a connection, in a `with` statement.
        require_unchanged: raises `StoreError` when another program has changed the schema.
    """

    def __init__(
        self, reading: Access, writing: Access, require_unchanged: Callable[[], None]
    ) -> None:
        self._reading = reading
        self._writing = writing
        self._require_unchanged = require_unchanged

    def _row(self, connection: sqlite3.Connection, mention_id: str) -> Stored:
        """Return a mention that is to be written about, inside the open transaction.

        Raises:
            StoreError: there is no such mention, or the schema has changed.
        """
        self._require_unchanged()
        return one_stored(connection, mention_id)
