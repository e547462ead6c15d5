"""What `molva relabel` prints: two taggings of the same mentions, beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from output.estimates import plain_columns
from output.exporting import Export
from output.rows import Column, share, signed

if TYPE_CHECKING:
    from answers.relabel import Measure
    from output.footer import Footer

COLUMNS: Final = (
    *plain_columns("text", "topic"),
    *plain_columns("date", "start"),
    *plain_columns(
        "integer",
        "mentions_before",
        "mentions_after",
        "count_before",
        "count_after",
        "relabelled",
        "only_after",
    ),
    *plain_columns(
        "number",
        "value_before",
        "value_after",
        "labels_alone",
        "change",
        "change_from_mentions",
        "change_from_labels",
    ),
)
_HEADINGS: Final = {
    "value_before": "earlier",
    "value_after": "later",
    "labels_alone": "labels alone",
    "change": "change",
    "change_from_mentions": "from mentions",
    "change_from_labels": "from labels",
}


def print_relabelling(
    rows: Sequence[Mapping[str, Any]], export: Export, measure: Measure, footer: Footer
) -> None:
    """Print a line a topic and period; a table shows shares as percentages."""
    if export.format != "table":
        export.write(rows, COLUMNS, footer)
        return
    is_share = measure != "net_sentiment"
    columns = [
        Column("topic", "topic"),
        Column("start", "from"),
        Column("counts", "count", right=True),
        Column("relabelled", "relabelled", right=True),
        *(
            Column(
                key,
                heading,
                right=True,
                show=share if is_share and key.startswith("value") else _points(is_share=is_share),
            )
            for key, heading in _HEADINGS.items()
        ),
    ]
    shown = [
        dict(row) | {"counts": f"{row['count_before']} → {row['count_after']}"} for row in rows
    ]
    if not export.write(shown, columns, footer):
        click.echo("nothing that the query finds has labels of the later tagger", err=True)


def _points(*, is_share: bool) -> Any:
    """Return how a difference is shown: of shares in percentage points."""
    if not is_share:
        return signed
    return lambda value: "–" if value is None else f"{100 * value:+.1f} pp"
