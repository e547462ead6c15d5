"""Runs in a real store at times of a test's choice, and the project that they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from collecting.covering import covered
from collecting.jobs import jobs_of
from crawlers.listing import EARLIEST, Reach
from index.base import Run
from index.rows import microseconds
from index.sqlite import SqliteStore
from project import Project, Source

DAILY = Source("rss", {"url": "https://example.org/feed"})
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TO_THE_END = Reach(EARLIEST)
SILENT = "brought nothing where 50 are usual (median of 30 runs before); see in a browser"


def at(day: int, hour: int = 6, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def since(day: int, month: int = 3) -> Reach:
    return Reach(at(day, 0, month))


def record(
    store: SqliteStore,
    source: Source,
    started: datetime,
    reach: Reach | None = TO_THE_END,
    outcome: str = "finished",
    counts: Mapping[str, int] | None = None,
    alarms: Sequence[str] = (),
    brand: str | None = None,
) -> Run:
    """Keep a run as `pipeline` does, but at a time that has passed."""
    project = Project(sources=(source,))
    (job,) = (
        one for one in jobs_of(project) if brand is None or one.arguments.get("brand") == brand
    )
    earlier = store.runs(series=job.series, limit=200)
    run_id = store.start_run(job.spider, dict(job.arguments), job.series)
    every: dict[str, Any] = {"items": 40, "pages": 2, "rejects": 0, **(counts or {})}
    run = Run(run_id, job.spider, started, started, outcome, counts=every, alarms=tuple(alarms))
    store.finish_run(run_id, outcome, every, alarms=alarms, covers=covered(run, reach, earlier))
    _move(store, run_id, started)
    return run


def record_days(store: SqliteStore, source: Source, days: range, **values: Any) -> None:
    """Keep a run on each of these days of March that has read what was new."""
    for day in days:
        record(store, source, at(day), Reach(at(day) - timedelta(days=2)), **values)


def record_file(store: SqliteStore, name: str, first: datetime, last: datetime) -> None:
    """Keep an import with mentions from one time to another."""
    run_id = store.start_run(name, {"files": ["a.csv"]})
    store.finish_run(run_id, "finished", {"items": 2, "rejects": 1}, covers=(first, last))
    _move(store, run_id, last)


def _move(store: SqliteStore, run_id: int, started: datetime) -> None:
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(
            "UPDATE run SET started_at = ? WHERE id = ?", (microseconds(started), run_id)
        )
