"""The tables of a store, filled by hand and asked by compiled queries."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.compile_sqlite import compile_query, register_functions
from index.migrations import MIGRATIONS
from index.query import Node, parse
from index.text import document_terms

SCHEMA = Path(__file__).parents[2] / "index" / "schema.sql"


class Store:
    """The tables of a store, filled by hand."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.executescript(SCHEMA.read_text(encoding="utf-8"))
        for migrate in MIGRATIONS.values():
            migrate(self.connection)
        register_functions(self.connection)

    def add(self, **values: Any) -> int:
        """Insert one mention and return its rowid."""
        moment = values.pop("moment", datetime(2026, 3, 5, 12, tzinfo=UTC))
        topics, facts = values.pop("topics", {}), values.pop("facts", {})
        number = self.connection.execute("SELECT count(*) FROM mention").fetchone()[0]
        rowid: int = (int(moment.timestamp()) << 20) + number
        row = {
            "rowid": rowid, "id": f"shop:{number}", "source": "shop", "kind": "review",
            "rating_min": 1, "rating_max": 5, "collected_at": 0, "text": "", "revision": 1,
            "content_hash": "x", "first_collected_at": 0, "day": 0, "stars": values.get("rating"),
            "tagging_id": 1 if values.get("sentiment") or topics else None,
            "published_at": int(moment.timestamp() * 1_000_000),
        } | values  # fmt: skip
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.connection.execute(
            f"INSERT INTO mention ({columns}) VALUES ({marks})", [*row.values()]
        )
        parts: list[Any] = [row.get(one) for one in ("title", "text", "reply_text", "lang")]
        terms = document_terms(*parts)
        self.connection.execute(
            "INSERT INTO mention_text (rowid, stems) VALUES (?, ?)", (rowid, terms)
        )
        self.connection.executemany(
            "INSERT INTO mention_topic (mention_rowid, topic, polarity) VALUES (?, ?, ?)",
            [(rowid, topic, polarity) for topic, polarity in topics.items()],
        )
        self.connection.executemany(
            "INSERT INTO mention_fact VALUES (?, ?, ?)",
            [(rowid, kind, value) for kind, value in facts.items()],
        )
        return rowid

    def find(self, query: str | Node | None, time_zone: str = "UTC") -> list[int]:
        """Return the rowids that a query finds, oldest first."""
        node = parse(query) if isinstance(query, str) else query
        compiled = compile_query(node, time_zone=time_zone)
        sql = f"SELECT m.rowid FROM mention m WHERE ({compiled.where})"
        parameters = [*compiled.parameters]
        if compiled.match is not None:
            found_by_words, values = compiled.found()
            sql = (
                "SELECT f.rowid FROM mention_text f CROSS JOIN mention m ON m.rowid = f.rowid"
                f" WHERE {found_by_words} AND ({compiled.where})"
            )
            parameters = [*values, *parameters]
        found = sorted(rowid for (rowid,) in self.connection.execute(sql, parameters))
        low, high = compiled.rowid_range
        assert all((low or 0) <= rowid <= (high or 1 << 62) for rowid in found)
        return found

    def matches(self, query: str, **values: Any) -> bool:
        """Say whether a query finds a mention with these values."""
        rowid = self.add(**values)
        return rowid in self.find(query)
