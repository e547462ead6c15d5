"""What `molva collect` and `molva sources` print: jobs, how they went, spiders and their state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from output.rows import Column, print_rows, printable

if TYPE_CHECKING:
    from collecting.jobs import Job
    from collecting.processes import Result
    from index.base import Run

# Longest piece of an argument list that a table shows; the other formats have all of it.
_LABEL: Final = 80
_COUNTS: Final = ("new", "changed", "same", "rejects")

SOURCE_COLUMNS: Final = (
    Column("spider", "spider"),
    Column("law", "class"),
    Column("arguments", "arguments", show=", ".join),
    Column("last_run", "last run", show=lambda run: _state(run) if run else "–"),
    Column("description", "what it gathers"),
)


def _state(run: Mapping[str, Any]) -> str:
    words = f"{run['started']:%Y-%m-%d %H:%M} {run['outcome']}"
    if run["in_trouble"]:
        words += f"; {run['in_trouble']} of {run['series']} need a look"
    return words


def _short(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"


_JOB_COLUMNS: Final = (
    Column("spider", "spider"),
    Column("label", "arguments", show=_short),
)


def print_sources(
    rows: Iterable[Mapping[str, Any]], last_runs: Sequence[Run], output_format: str
) -> None:
    """Print the spiders (`crawlers.registry.describe`) with the state of their last run."""
    by_spider: dict[str, list[Run]] = {}
    for run in last_runs:  # newest first
        by_spider.setdefault(run.source, []).append(run)
    print_rows(
        (dict(row) | {"last_run": _last_run(by_spider.get(row["spider"], []))} for row in rows),
        output_format,
        SOURCE_COLUMNS,
    )


def _last_run(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Return the newest run of a spider, and how many of its series are in trouble."""
    if not runs:
        return None
    newest = runs[0]
    return {
        "started": newest.started_at,
        "outcome": newest.outcome,
        "message": newest.message,
        "alarms": newest.alarms,
        "counts": newest.counts,
        "series": len(runs),
        "in_trouble": sum(run.is_in_trouble for run in runs),
    }


def print_jobs(jobs: Sequence[Job], output_format: str) -> None:
    """Print what would be collected."""
    rows = (
        {
            "spider": job.spider,
            "label": job.label,
            "arguments": job.shown,
            "every_hours": job.every.total_seconds() / 3600,
            "series": job.series,
        }
        for job in jobs
    )
    hours = Column("every_hours", "every, hours", right=True, show=lambda value: f"{value:g}")
    print_rows(rows, output_format, (*_JOB_COLUMNS, hours))


def print_results(results: Sequence[Result], output_format: str) -> None:
    """Print what each job did, then one line for all of them, and each alarm as a sentence."""
    columns = (
        *_JOB_COLUMNS,
        Column("outcome", "outcome"),
        *(Column(name, name, right=True) for name in _COUNTS),
        Column("pages", "pages", right=True),
        Column("seconds", "seconds", right=True),
        Column("note", "note"),
    )
    print_rows((_row(result) for result in results), output_format, columns)
    for result in results:
        for warning in result.warnings:
            click.echo(printable(warning), err=True)
        for alarm in result.alarms:
            click.echo(printable(f"! {result.job.spider} {result.job.label} {alarm}"), err=True)
    click.echo(", ".join(_totals(results)), err=True)


def _row(result: Result) -> dict[str, Any]:
    return {
        "spider": result.job.spider,
        "label": result.job.label,
        "arguments": result.job.shown,
        "outcome": result.outcome,
        **{name: result.counts.get(name, 0) for name in _COUNTS},
        "pages": pages_read(result.counts),
        "counts": dict(result.counts),
        "seconds": round(result.seconds, 1),
        "message": result.message,
        "alarms": list(result.alarms),
        "note": _note(result.outcome, result.message, result.alarms),
    }


def _note(outcome: str, message: str | None, alarms: Sequence[str]) -> str:
    """Return the one sentence that a table has room for."""
    if alarms and outcome == "finished":
        return alarms[0]  # says more than "found nothing"
    return message or ""


def print_runs(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print runs (`collecting.state.run_row`) as a table: what they read and what was missing."""
    shown = (
        dict(row)
        | {
            "label": row["arguments"],
            "pages": "" if row["pages"] is None else pages_read(row),
            "note": _note(row["outcome"], row["message"], row["alarms"]),
        }
        for row in rows
    )
    print_rows(shown, "table", _RUN_COLUMNS)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} × {name}" for name, number in counts.items())


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in shares.items())


_RUN_COLUMNS: Final = (
    Column("started", "started"),
    Column("source", "source"),
    Column("label", "arguments", show=_short),
    Column("outcome", "outcome"),
    Column("pages", "pages", right=True),
    Column("items", "items", right=True),
    Column("new", "new", right=True),
    Column("reject_reasons", "rejects", show=_listed),
    Column("statuses", "statuses", show=_listed),
    Column("empty", "empty fields", show=_shares),
    Column("note", "note"),
)


def pages_read(counts: Mapping[str, int]) -> str:
    """Return how many pages were read and, where some are missing, of how many."""
    done = counts.get("pages", 0)
    expected = counts.get("pages_expected", done)
    return str(done) if done == expected else f"{done} of {expected}"


def _totals(results: Sequence[Result]) -> Iterator[str]:
    outcomes = Counter(result.outcome for result in results)
    yield f"{len(results)} {'source' if len(results) == 1 else 'sources'}"
    for outcome in ("finished", "stopped", "failed"):
        if outcomes[outcome]:
            yield f"{outcomes[outcome]} {outcome}"
    if alarmed := sum(bool(result.alarms) for result in results):
        yield f"{alarmed} with an alarm"
    yield f"{sum(result.counts.get('new', 0) for result in results)} new mentions"
