"""What a spider remembers from run to run: ETags, what the last run covered."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, MutableMapping
from typing import Any

from index.connection import Access, write_transaction

_SALT = "author_salt"


class CrawlState(MutableMapping[str, Any]):
    """A mapping of one spider, each value stored as JSON the moment it is assigned."""

    def __init__(self, spider: str, reading: Access, writing: Access) -> None:
        self._spider = spider
        self._reading = reading
        self._writing = writing

    def __getitem__(self, key: str) -> Any:
        with self._reading() as connection:
            row = connection.execute(
                "SELECT value FROM crawl_state WHERE spider = ? AND key = ?", (self._spider, key)
            ).fetchone()
        if row is None:
            raise KeyError(key)
        return json.loads(row[0])

    def __setitem__(self, key: str, value: Any) -> None:
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO crawl_state (spider, key, value) VALUES (?, ?, ?)"
                " ON CONFLICT (spider, key) DO UPDATE SET value = excluded.value",
                (self._spider, key, json.dumps(value, ensure_ascii=False)),
            )

    def __delitem__(self, key: str) -> None:
        with self._writing() as connection:
            deleted = connection.execute(
                "DELETE FROM crawl_state WHERE spider = ? AND key = ?", (self._spider, key)
            ).rowcount
        if not deleted:
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT key FROM crawl_state WHERE spider = ? ORDER BY key", (self._spider,)
            ).fetchall()
        return iter([key for (key,) in rows])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def author_salt(connection: sqlite3.Connection) -> str:
    """Return the store's own secret for hashes of authors; it is made when first asked for.

    The same author has the same hash in one store and another one in every other.
    """
    with write_transaction(connection):
        connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
            (_SALT, secrets.token_hex(16)),
        )
        (salt,) = connection.execute("SELECT value FROM meta WHERE key = ?", (_SALT,)).fetchone()
    return str(salt)
