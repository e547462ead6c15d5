"""How the sources of a project are: what their last runs say, for `molva doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from collecting.jobs import Job, label_of
from index.base import Run

# A source that has not been read for so many times its `every` has been forgotten.
FORGOTTEN: Final = 3
SHOWN_PROBLEMS: Final = 20


def run_row(run: Run) -> dict[str, Any]:
    """Return a run as one row of plain values: what it read, how, and what was unusual."""
    counts = run.counts
    items = counts.get("items", 0)
    return {
        "started": f"{run.started_at:%Y-%m-%d %H:%M}",
        "source": run.source,
        "arguments": label_of(run.arguments),
        "outcome": run.outcome,
        "pages": counts.get("pages"),
        "pages_expected": counts.get("pages_expected"),
        "items": items,
        "new": counts.get("new", 0),
        "rejects": counts.get("rejects", 0),
        "reject_reasons": run.rejects,
        "statuses": {
            name.removeprefix("status_"): number
            for name, number in counts.items()
            if name.startswith("status_")
        },
        "empty": {
            name: round(number / items, 4)
            for name, number in run.empty_fields.items()
            if items and number
        },
        "counts": counts,
        "message": run.message,
        "alarms": list(run.alarms),
    }


def examine_sources(jobs: Sequence[Job], last_runs: Sequence[Run]) -> tuple[list[str], list[str]]:
    """Return facts and problems, one sentence each.

    Args:
        jobs: of the project.
        last_runs: the latest run of each series, newest first. Of series that the project
            does not name, such as a run by hand, only the newest of each spider counts:
            arguments that were wrong once are no trouble any more.
    """
    series = {job.series: job for job in jobs}
    problems: list[str] = []
    seen: set[str] = set()
    for run in last_runs:
        counts = run.series in series or run.source not in seen
        seen.add(run.source)
        if counts:
            problems += _problems(run)
    if (more := len(problems) - SHOWN_PROBLEMS) > 0:
        problems[SHOWN_PROBLEMS:] = [f"{more} more like these; 'molva sql' on v_runs lists them"]
    return list(_facts(series, last_runs)), problems


def _problems(run: Run) -> Iterator[str]:
    label = label_of(run.arguments)
    name = f"{run.source} ({label})" if label else run.source
    if run.outcome in {"failed", "interrupted"}:
        message = run.message or "it was ended from outside; run it again"
        yield f"the last run of {name} {run.outcome}: {message}"
    for alarm in run.alarms:
        yield f"{name} {alarm}"


def _facts(jobs: Mapping[str, Job], last_runs: Sequence[Run]) -> Iterator[str]:
    if not jobs:
        return
    last = {run.series: run for run in last_runs if run.series in jobs}
    yield f"sources of the project: {len(jobs)}, of which {len(last)} have run on this store"
    now = datetime.now(UTC)
    forgotten = [
        run
        for name, run in last.items()
        if name is not None and now - run.started_at > FORGOTTEN * jobs[name].every
    ]
    if forgotten:
        oldest = min(forgotten, key=lambda run: run.started_at)
        yield (
            f"{len(forgotten)} of them have not run for {FORGOTTEN} times their 'every', "
            f"the oldest since {oldest.started_at:%Y-%m-%d}: {oldest.source} "
            f"({label_of(oldest.arguments)}); 'molva collect --due' runs them"
        )
