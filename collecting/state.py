"""How the sources of a project are: what their last runs say, for `molva doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from answers.remarks import ALARMS, Remark, read, read_ending
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


def examine_sources(
    jobs: Sequence[Job], last_runs: Sequence[Run]
) -> tuple[list[Remark], list[Remark]]:
    """Return facts and problems, a sentence each.

    Args:
        jobs: of the project.
        last_runs: the latest run of each series, newest first. Of series that the project
            does not name, such as a run by hand, only the newest of each spider counts:
            arguments that were wrong once are no trouble any more.
    """
    series = {job.series: job for job in jobs}
    problems: list[Remark] = []
    seen: set[str] = set()
    for run in last_runs:
        counts = run.series in series or run.source not in seen
        seen.add(run.source)
        if counts:
            problems += _problems(run)
    if (more := len(problems) - SHOWN_PROBLEMS) > 0:
        problems[SHOWN_PROBLEMS:] = [Remark("more_problems", count=more)]
    return list(_facts(series, last_runs)), problems


def _problems(run: Run) -> Iterator[Remark]:
    label = label_of(run.arguments)
    name = f"{run.source} ({label})" if label else run.source
    if run.outcome in {"failed", "interrupted"}:
        said = run.message or Remark("ended_from_outside")
        message = read_ending(said) or said
        yield Remark(f"last_run_{run.outcome}", source=name, message=message)
    for alarm in run.alarms:
        yield Remark("source_alarm", source=name, alarm=read(alarm, ALARMS) or alarm)


def _facts(jobs: Mapping[str, Job], last_runs: Sequence[Run]) -> Iterator[Remark]:
    if not jobs:
        return
    last = {run.series: run for run in last_runs if run.series in jobs}
    yield Remark("sources", count=len(jobs), ran=len(last))
    now = datetime.now(UTC)
    forgotten = [
        run
        for name, run in last.items()
        if name is not None and now - run.started_at > FORGOTTEN * jobs[name].every
    ]
    if forgotten:
        oldest = min(forgotten, key=lambda run: run.started_at)
        yield Remark(
            "sources_forgotten",
            count=len(forgotten),
            times=FORGOTTEN,
            day=oldest.started_at.date(),
            source=oldest.source,
            arguments=label_of(oldest.arguments),
        )
