"""What `molva trends` prints: a trend, or two periods compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from output.estimates import TOO_FEW, estimate_columns, plain_columns, show_share, show_signed
from output.exporting import Export
from output.rows import Column, Kind, share, signed

if TYPE_CHECKING:
    from answers.changes import Change
    from answers.trends import TrendRow
    from output.footer import Footer

UNKNOWN: Final = "unknown"
_COMPARED: Final[tuple[tuple[str, Kind], ...]] = (
    ("share", "share"),
    ("share_negative", "share"),
    ("net_sentiment", "number"),
)


# As `answers.trends.TrendRow.as_row` names them.
TREND_COLUMNS: Final = (
    *plain_columns("text", "topic", "group"),
    *plain_columns("date", "start"),
    *plain_columns("integer", "count"),
    *plain_columns("number", "count_low", "count_high"),
    *plain_columns("integer", "positive", "neutral", "negative", "mixed", "mentions"),
    *estimate_columns("share", "share"),
    *estimate_columns("share", "share_negative"),
    *estimate_columns("number", "net_sentiment"),
    *plain_columns("number", "average_stars"),
    *plain_columns("integer", "rated", "untagged", "pending"),
    *plain_columns("text", "coverage", "reason"),
    *plain_columns("integer", "runs_due", "runs_done", "pages", "rejects"),
    *plain_columns("share", "untagged_share"),
)
# As `answers.changes.Change.as_row` names them.
CHANGE_COLUMNS: Final = (
    *plain_columns("text", "topic", "group"),
    *plain_columns("integer", "before_days", "after_days", "before_count", "after_count"),
    *estimate_columns("number", "rate_ratio"),
    *plain_columns("text", "count_change"),
    *(
        column
        for name, kind in _COMPARED
        for column in (
            *plain_columns(kind, f"before_{name}", f"after_{name}"),
            *estimate_columns(kind, f"{name}_difference"),
            *plain_columns("text", f"{name}_change"),
        )
    ),
    *plain_columns("number", "before_average_stars", "after_average_stars"),
)


def trend_columns(split: str | None) -> Sequence[Column]:
    """Return the columns of a trend as data; without a split there are no groups."""
    return [column for column in TREND_COLUMNS if split or column.key != "group"]


def print_trends(
    rows: Iterable[TrendRow], export: Export, split: str | None, footer: Footer
) -> None:
    """Print a trend; a table shows each number with its interval, data have a column for each."""
    columns = trend_columns(split)
    if export.format == "table":
        shown: Iterator[dict[str, Any]] = (_trend_cells(row) for row in rows)
        columns = [
            Column("topic", "topic"),
            *([Column("group", split)] if split else []),
            Column("start", "from"),
            *(
                Column(key, heading, right=True)
                for key, heading in (
                    ("count", "count"),
                    ("positive", "+"),
                    ("neutral", "0"),
                    ("negative", "−"),
                    ("mixed", "±"),
                    ("mentions", "mentions"),
                    ("share", "share"),
                    ("share_negative", "negative"),
                    ("net_sentiment", "net"),
                    ("average_stars", "stars"),
                )
            ),
        ]
    else:
        shown = (row.as_row() for row in rows)
    if not export.write(shown, columns, footer):
        click.echo(
            "nothing to count: the query finds nothing that is tagged; 'molva tag' tags what waits",
            err=True,
        )


def _trend_cells(row: TrendRow) -> dict[str, Any]:
    """Return a row of the table, all cells as text."""
    cells: dict[str, Any] = row.as_row()
    if row.is_unknown:
        names = ("count", "share", "share_negative", "net_sentiment", "average_stars")
        return cells | dict.fromkeys(names, UNKNOWN)
    is_partly = row.coverage is not None and not row.coverage.known
    count = f"{row.point.count} ({row.count.low:.0f}–{row.count.high:.0f})"
    stars = row.average_stars
    return cells | {
        "count": f"at least {row.point.count}" if is_partly else count,
        "share": "" if row.point.topic is None else show_share(row.share),
        "share_negative": show_share(row.share_negative),
        "net_sentiment": show_signed(row.net_sentiment),
        "average_stars": TOO_FEW if stars is None else f"{stars:.2f} of {row.point.rated}",
    }


def print_changes(
    changes: Iterable[Change], export: Export, split: str | None, footer: Footer
) -> None:
    """Print two periods compared; a table says in words what has changed by more than chance."""
    columns: Sequence[Column] = CHANGE_COLUMNS
    if split is None:
        columns = [column for column in columns if column.key != "group"]
    if export.format == "table":
        shown: Iterator[dict[str, Any]] = (_change_cells(change) for change in changes)
        columns = [
            Column("topic", "topic"),
            *([Column("group", split)] if split else []),
            Column("counts", "count", right=True),
            Column("ratio", "a day", right=True),
            Column("count_change", "changed"),
            *(
                column
                for name, heading in (("share", "share"), ("share_negative", "negative"))
                for column in (
                    Column(name, heading, right=True),
                    Column(f"{name}_change", "changed"),
                )
            ),
            Column("net_sentiment", "net", right=True),
            Column("net_sentiment_change", "changed"),
        ]
    else:
        shown = (change.as_row() for change in changes)
    if not export.write(shown, columns, footer):
        click.echo("nothing to compare: nobody spoke of it in either period", err=True)


def _change_cells(change: Change) -> dict[str, Any]:
    cells = change.as_row()
    before, after = (
        UNKNOWN if cells[key] is None else cells[key] for key in ("before_count", "after_count")
    )
    cells["counts"] = f"{before} → {after}"
    value, low, high = (cells[f"rate_ratio{end}"] for end in ("", "_low", "_high"))
    cells["ratio"] = ""
    if low is not None:
        times = "from none" if value is None else f"× {value:.2f}"
        upper = "∞" if high is None else f"{high:.2f}"
        cells["ratio"] = f"{times} ({low:.2f}–{upper})"
    for name, _ in _COMPARED:
        show = signed if name == "net_sentiment" else share
        cells[name] = f"{show(cells[f'before_{name}'])} → {show(cells[f'after_{name}'])}"
    return cells
