"""What `molva drivers` prints: the opinions that move the stars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from output.estimates import estimate_columns, estimate_in, plain_columns, show_signed
from output.exporting import Export
from output.rows import Column, printable, share

if TYPE_CHECKING:
    from answers.drivers import Drivers
    from output.footer import Footer


def _chance(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


COLUMNS: Final = (
    *plain_columns("text", "group", "topic", "polarity"),
    *plain_columns("integer", "mentions", "rated"),
    *plain_columns("share", "share"),
    *estimate_columns("number", "effect"),
    *estimate_columns("number", "impact"),
    *plain_columns("share", "chance"),
    *plain_columns("number", "inflation"),
    *plain_columns("text", "reason"),
)
_TABLE: Final = (
    Column("topic", "topic"),
    Column("polarity", "opinion"),
    Column("mentions", "mentions", right=True),
    Column("share", "of rated", right=True, show=share),
    Column("effect", "stars", right=True),
    Column("impact", "× how often", right=True),
    Column("chance", "chance", right=True, show=_chance),
    Column("inflation", "inflation", right=True, show=lambda value: f"{value:.1f}"),
)


def print_drivers(
    found: Sequence[Drivers], export: Export, split: str | None, footer: Footer
) -> None:
    """Print a line an opinion; in data also those left out, with the reason and no figures."""
    rows = [row for one in found for row in _rows(one)]
    if export.format != "table":
        export.write(rows, COLUMNS, footer)
        return
    shown = [_cells(row) for row in rows if row["reason"] is None]
    columns = (Column("group", split), *_TABLE) if split else _TABLE
    if not export.write(shown, columns, footer):
        click.echo("not enough data: too few mentions with stars speak of a topic", err=True)


def lines(found: Sequence[Drivers]) -> Iterator[str]:
    """Yield what is to be said of each regression, for the footer."""
    for one in found:
        name = "" if one.group is None else f"{one.group or '(none)'}: "
        if not one.drivers:
            yield f"{name}not enough data, {one.rated:,} rated mentions"
            continue
        controls = f", beside {', '.join(one.controls)}" if one.controls else ""
        yield (
            f"{name}{one.rated:,} rated mentions, {one.average_stars:.2f} stars on the average; "
            f"the topics{controls} explain {one.explained:.0%} of their variance"
        )
        if one.left_out:
            dropped = (
                f"{rare.topic} {rare.polarity} ({rare.mentions}: {rare.reason})"
                for rare in one.left_out
            )
            yield printable(f"{name}left out: {', '.join(dropped)}")


def _rows(found: Drivers) -> Iterator[dict[str, Any]]:
    for one in found.drivers:
        yield {
            "group": found.group,
            "topic": one.topic,
            "polarity": one.polarity,
            "mentions": one.mentions,
            "rated": found.rated,
            "share": round(one.share, 4),
            **one.effect.as_row("effect"),
            **one.impact.as_row("impact"),
            "chance": round(one.chance, 4),
            "inflation": round(one.inflation, 2),
            "reason": None,
        }
    for rare in found.left_out:
        yield dict.fromkeys(column.key for column in COLUMNS) | {
            "group": found.group,
            "topic": rare.topic,
            "polarity": rare.polarity,
            "mentions": rare.mentions,
            "rated": found.rated,
            "reason": rare.reason,
        }


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    return row | {key: show_signed(estimate_in(row, key)) for key in ("effect", "impact")}
