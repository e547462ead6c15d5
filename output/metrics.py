"""What `molva metrics` and `molva unanswered` print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from output.exporting import Export
from output.rows import Column, signed

if TYPE_CHECKING:
    from datetime import timedelta

    from answers.metrics import MetricRow, Unit
    from answers.unanswered import Unanswered
    from output.footer import Footer

# Longest piece of a text in the table; other formats have all of it.
EXCERPT: Final = 160
_HOUR: Final = 60  # minutes
_DAY: Final = 24 * _HOUR
# Longer waits are shown in days, as 36 hours are still hours to a person.
_HOURS_UP_TO: Final = 2 * _DAY

# As `answers.metrics.MetricRow.as_row` names them.
METRIC_COLUMNS: Final = (
    Column("metric", "metric"),
    Column("group", "group"),
    Column("start", "from", kind="date"),
    *(Column(key, key, kind="number") for key in ("value", "value_low", "value_high")),
    Column("unit", "unit"),
    *(Column(key, key, kind="integer") for key in ("n", "of")),
    Column("reason", "reason"),
)


def print_metrics(
    rows: Iterable[MetricRow], export: Export, split: str | None, footer: Footer
) -> None:
    """Print metrics; a table shows each number with its interval, data have columns for it."""
    columns: Sequence[Column] = METRIC_COLUMNS
    cells = (row.as_row() for row in rows)
    if export.format == "table":
        cells = (row.as_row() | _cells(row) for row in rows)
        columns = (
            Column("metric", "metric"),
            Column("group", split or ""),
            Column("start", "from"),
            Column("value", "value", right=True),
            Column("interval", "95 % interval"),
            Column("basis", "of", right=True),
        )
    if split is None:
        columns = [column for column in columns if column.key != "group"]
    if not export.write(cells, columns, footer):
        click.echo(
            "nothing to measure: no source has replies and no mention a survey score", err=True
        )


def _cells(row: MetricRow) -> dict[str, str]:
    estimate = row.estimate
    basis = f"{row.n:,}" if row.n == row.of else f"{row.n:,} of {row.of:,}"
    if estimate.value is None:
        return {"value": row.reason or "", "interval": "", "basis": basis}
    show = _SHOWN[row.unit]
    bounds = ["…" if bound is None else show(bound) for bound in (estimate.low, estimate.high)]
    return {"value": show(estimate.value), "interval": " to ".join(bounds), "basis": basis}


def duration(minutes: float) -> str:
    """Return minutes as a person says them: `45 min`, `2 h 05 min`, `3.5 days`."""
    if minutes < _HOUR:
        return f"{minutes:.0f} min"
    if minutes < _HOURS_UP_TO:
        hours, rest = divmod(round(minutes), _HOUR)
        return f"{hours} h {rest:02} min"
    return f"{minutes / _DAY:.1f} days"


_SHOWN: Final[dict[Unit, Callable[[float], str]]] = {
    "share": lambda value: f"{value:.0%}",
    "minutes": duration,
    "points": lambda value: f"{value:+.0f}",
    "steps": lambda value: f"{value:.2f}",
}


def print_unanswered(found: Unanswered, output_format: str) -> None:
    """Print complaints without a reply, then how many there are of each age."""
    from output.answers import HIT_COLUMNS, hit_record
    from output.rows import print_rows

    if output_format == "table":
        rows: Iterable[dict[str, Any]] = (
            {
                "age": _age(found.age(hit)),
                "id": hit.mention.id,
                "brand": hit.mention.brand,
                "stars": hit.mention.stars,
                "score": hit.tagging.score if hit.tagging else None,
                "text": (hit.mention.text or hit.mention.title or "")[:EXCERPT],
            }
            for hit in found.hits
        )
        columns = (
            Column("age", "age", right=True),
            Column("id", "id"),
            Column("brand", "brand"),
            Column("stars", "stars", right=True),
            Column("score", "score", right=True, show=signed),
            Column("text", "text"),
        )
        print_rows(rows, output_format, columns)
    else:
        rows = (hit_record(hit) | {"age_minutes": _minutes(found.age(hit))} for hit in found.hits)
        print_rows(rows, output_format, (*HIT_COLUMNS, Column("age_minutes", "age_minutes")))
    ages = ", ".join(f"{name}: {number:,}" for name, number in found.by_age.items())
    line = f"{len(found.hits)} of {found.total} ({ages})" if found.total else "nothing unanswered"
    if found.next is not None:
        line += f"; the next page: --after {found.next}"
    click.echo(line, err=True)


def print_ages(found: Unanswered, output_format: str) -> None:
    """Print how many complaints without a reply there are of each age."""
    from output.rows import print_rows

    columns = (Column("age", "age"), Column("mentions", "mentions", right=True))
    rows = ({"age": name, "mentions": number} for name, number in found.by_age.items())
    print_rows(rows, output_format, columns)


def _minutes(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds() // 60)


def _age(age: timedelta | None) -> str:
    minutes = _minutes(age)
    return "unknown" if minutes is None else duration(minutes)
