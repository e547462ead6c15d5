"""What `molva coverage` prints: a line for each period and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from output.rows import Column, share

if TYPE_CHECKING:
    from answers.coverage import Coverage
    from output.exporting import Export


def print_coverage(rows: Sequence[Coverage], export: Export, split: str | None) -> None:
    """Print the coverage of every bucket and group."""
    columns = [
        Column("start", "from", kind="date"),
        Column("state", "known"),
        Column("runs_due", "due", right=True, kind="integer"),
        Column("runs_done", "done", right=True, kind="integer"),
        Column("runs_failed", "failed", right=True, kind="integer"),
        Column("pages", "pages", right=True, kind="integer"),
        Column("rejects", "rejects", right=True, kind="integer"),
        Column("untagged", "untagged", right=True, show=share, kind="share"),
        Column("pending", "pending", right=True, show=share, kind="share"),
        Column("reason", "why not"),
    ]
    if split is not None:
        columns.insert(0, Column("group", split))
    if export.format != "table":
        columns.append(Column("missing", "missing", kind="texts"))
    count = export.write((_row(one) for one in rows), columns)
    if not count:
        click.echo("nothing to show", err=True)


def _row(one: Coverage) -> dict[str, Any]:
    return asdict(one) | {"missing": list(one.missing), "known": one.known}
