"""A store, its cluster and a way to compare them, for tests of what lies between."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

NUMBER = 40

Molva = Callable[..., Result]


def write_project(folder: Path, url: str, index: str, *lines: str, above: str = "") -> Path:
    """Write a project file that names the cluster; `lines` go into its table."""
    file = folder / "molva.toml"
    table = "\n".join(["[elasticsearch]", f'url = "{url}"', f'index = "{index}"', *lines])
    file.write_text(f"{above}\n{table}\n", encoding="utf-8")
    return file


def rows(text: str) -> dict[str, Any]:
    """Return exported mentions by id, without what never goes to a cluster."""
    found = {}
    for line in text.splitlines():
        row = json.loads(line)
        del row["author_id"], row["author_name"]
        assert row["id"] not in found, "exported twice"
        found[row["id"]] = row
    return found


def same_in_both(molva: Molva) -> set[str]:
    """Check that store and cluster export the same, and return the ids."""
    store, there = rows(molva("export").stdout), rows(molva("export", "--cluster").stdout)
    assert there == store
    return set(store)


def assert_same(molva: Molva, number: int = NUMBER) -> None:
    """Nothing lost, nothing twice, and nothing left to do."""
    assert len(same_in_both(molva)) == number
    assert ": 0 sent\n" in molva("index").stdout


def waiting(store: Path) -> int:
    """Return how many mentions the outbox of the store at `store` holds."""
    with sqlite3.connect(store) as connection:
        (number,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    connection.close()
    return int(number)
