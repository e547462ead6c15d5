"""Plain SQL on the store for analysts, read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.base import StoreError
from index.connection import connect

Rows = Iterator[tuple[object, ...]]


@contextmanager
def run_sql(path: Path, statement: str) -> Iterator[tuple[list[str], Rows]]:
    """Run one SELECT and give the names of its columns and its rows, as they are read.

    `stem(word, lang)` is there beside SQLite's own functions: the stems under which
    the text index has a word.

    Raises:
        StoreError: there is no store, the statement is wrong or would write.
    """
    from index.text import document_stems

    with closing(connect(path, read_only=True)) as connection:
        connection.create_function(
            "stem", 2, lambda text, lang: document_stems(None, text or "", None, lang)
        )
        try:
            cursor = connection.execute(statement)
            if cursor.description is None:
                raise StoreError("this statement gives no rows; write a SELECT")
            # Names of columns may repeat in SQL, but not in a row of JSON.
            yield _distinct([column[0] for column in cursor.description]), cursor
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
                raise StoreError(
                    "the store is only read here, never written; write a SELECT"
                ) from error
            raise StoreError(
                f"SQLite does not accept this: {error}; docs/store.md lists the views"
            ) from error
        except sqlite3.Warning as error:
            raise StoreError(f"SQLite does not accept this: {error}; run one statement") from error


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result
