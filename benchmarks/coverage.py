"""How fast gaps are told: the coverage of a year of daily runs of thirty sources.

The bar is 50 ms. Beside each figure stands the plain way, measured in the same run: reading
the same runs whole, as `MentionStore.runs` gives them, which says nothing of gaps yet.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import click

from answers.coverage import coverage
from benchmarks.answers import percentile
from collecting.health import FIELDS
from collecting.jobs import jobs_of
from index import open_store
from index.rows import microseconds
from index.sqlite import SqliteStore
from project import Project, Source

SOURCES: Final = 30
DAYS: Final = 365
TIMES: Final = 20
_NAMES: Final = "items new changed refreshed same rejects pages requests status_200 stop_known"
_NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _record(store: SqliteStore, project: Project) -> None:
    """Keep the runs, then let them have happened in the past."""
    counts = dict.fromkeys(_NAMES.split(), 1)
    moved = []
    for day in range(DAYS, 0, -1):
        started = _NOW - timedelta(days=day)
        for job in jobs_of(project):
            run = store.start_run(job.spider, dict(job.arguments), job.series)
            covers = (started - timedelta(days=2), started)
            empty = dict.fromkeys(FIELDS, 3)
            store.finish_run(run, "finished", counts, empty_fields=empty, covers=covers)
            moved.append((microseconds(started), run))
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.executemany("UPDATE run SET started_at = ? WHERE id = ?", moved)


@click.command()
def main() -> None:
    """Print milliseconds, the 95th percentile and the median."""
    sources = tuple(
        Source("app_store", {"app_id": str(number), "brand": f"Brand {number % 5}"})
        for number in range(SOURCES)
    )
    with tempfile.TemporaryDirectory(prefix="molva-benchmark-") as folder:
        project = Project(store=Path(folder) / "runs.sqlite", sources=sources)
        with open_store(project.store, time_zone="Europe/Vilnius") as store:
            _record(store, project)
            ask = partial(coverage, store, project, now=_NOW)
            questions: dict[str, Callable[[], object]] = {
                "by month": partial(ask, period="month"),
                "by week and brand": partial(ask, period="week", split="brand"),
                "by day": partial(ask, period="day"),
                "plain: all runs read": partial(store.runs, limit=SOURCES * DAYS),
            }
            click.echo(f"coverage, {SOURCES * DAYS:,} runs  {'p95':>8}{'median':>8}")
            for name, question in questions.items():
                p95, median = percentile(question, TIMES)
                click.echo(f"{name:24}{p95:>10.1f}{median:>8.1f}")


if __name__ == "__main__":
    main()
