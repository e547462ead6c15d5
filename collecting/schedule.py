"""Which jobs are due: how long ago each one ran, and how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from collecting.health import is_complete
from collecting.jobs import Job
from index.base import Run

# A timer never goes off to the second, and a daily one must not miss every other day.
_EARLY: Final = 0.1
_EARLY_MOST: Final = timedelta(minutes=30)
# What failed or was broken off is tried again sooner, but a site that is down not every minute.
RETRY: Final = timedelta(hours=1)


def due(jobs: Iterable[Job], last_runs: Mapping[str, Run], now: datetime) -> list[Job]:
    """Return the jobs that should run now, in their order.

    Args:
        jobs: of the project.
        last_runs: the latest run of each series that has one.
        now: with a time zone.
    """
    return [job for job in jobs if _is_due(job, last_runs.get(job.series), now)]


def _is_due(job: Job, last: Run | None, now: datetime) -> bool:
    if last is None:
        return True
    if last.outcome == "running":
        return False
    wait = job.every if is_complete(last) else min(job.every, RETRY)
    return now - last.started_at >= wait - min(wait * _EARLY, _EARLY_MOST)
