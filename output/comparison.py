"""What `molva compare` prints: groups, their topics, and what only one of them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from answers.remarks import Remark
from output.estimates import (
    TOO_FEW,
    estimate_columns,
    estimate_in,
    plain_columns,
    show_points,
    show_share,
    show_signed,
)
from output.exporting import Export
from output.rows import Column

if TYPE_CHECKING:
    from answers.distinct import DistinctTerm, Reading
    from answers.estimates import Estimate
    from answers.sides import Comparison
    from output.footer import Footer

PARTS: Final = ("groups", "topics", "distinct")
NOTHING_DISTINCT: Final = "nothing is said of one and not of the others beyond chance"

_POLARITIES: Final = plain_columns("integer", "positive", "neutral", "negative", "mixed")
# As `answers.sides.Comparison.group_rows` names them.
GROUP_COLUMNS: Final = (
    *plain_columns("text", "group", "against"),
    *plain_columns("integer", "mentions"),
    *estimate_columns("share", "share_of_voice"),
    *plain_columns("integer", "tagged"),
    *_POLARITIES,
    *estimate_columns("share", "share_negative"),
    *estimate_columns("share", "share_negative_difference"),
    *estimate_columns("number", "net_sentiment"),
    *estimate_columns("number", "net_sentiment_difference"),
    *plain_columns("integer", "rated"),
    *estimate_columns("number", "average_stars"),
    *estimate_columns("number", "average_stars_difference"),
)
# As `answers.sides.Comparison.topic_rows` names them.
TOPIC_COLUMNS: Final = (
    *plain_columns("text", "topic", "group", "against"),
    *plain_columns("integer", "count"),
    *_POLARITIES,
    *estimate_columns("share", "share"),
    *estimate_columns("share", "share_difference"),
    *estimate_columns("share", "share_negative"),
    *estimate_columns("share", "share_negative_difference"),
)
# As `answers.distinct.DistinctTerm.as_row` names them.
DISTINCT_COLUMNS: Final = (
    *plain_columns("text", "group", "against", "tone", "kind", "term"),
    *plain_columns("integer", "mentions", "mentions_against"),
    *plain_columns("number", "log_odds", "z"),
    *plain_columns("share", "chance"),
    *plain_columns("text", "example", "example_id"),
)
_Show = Callable[["Estimate"], str]


def parts_of(part: str | None, export: Export) -> tuple[str, ...]:
    """Return what is printed: the part asked for, else all tables, of which a file holds one."""
    if part is not None:
        return (part,)
    return PARTS if export.format == "table" and export.path is None else PARTS[:1]


def print_comparison(
    comparison: Comparison,
    distinct: Iterable[DistinctTerm],
    export: Export,
    parts: Sequence[str],
    footer: Footer,
) -> None:
    """Print parts of a comparison.

    Args:
        comparison: the groups.
        distinct: what one has and another has not.
        export: where it goes.
        parts: of `PARTS`, from `parts_of`.
        footer: what stands under it.
    """
    for one in parts:
        # Under the last table, and nowhere else.
        below = footer if one == parts[-1] else None
        if one != parts[0]:
            click.echo()
        if one == "groups":
            _print_groups(comparison, export, below)
        elif one == "topics":
            _print_topics(comparison, export, below)
        else:
            _print_distinct(distinct, export, below)


def comparison_notes(comparison: Comparison, reading: Reading | None) -> list[Remark]:
    """Return what the numbers are shares of, and what was left out."""
    mentions = comparison.mentions
    notes = [
        Remark("compared_with", mentions=mentions, against=comparison.base)
        if comparison.base
        else Remark("compared_with_others", mentions=mentions)
    ]
    if comparison.left_out:
        notes.append(Remark("groups_left_out", count=comparison.left_out))
    if reading is None:
        return notes
    texts = sum(reading.texts.values())
    notes.append(
        Remark("distinct_words_in", texts=texts, lang=reading.lang)
        if reading.lang
        else Remark("distinct_words", texts=texts)
    )
    cut = tuple(name for name, number in reading.texts.items() if number == reading.limit)
    if cut and reading.limit:
        notes.append(Remark("texts_cut", texts=reading.limit, groups=cut))
    return notes


def _print_groups(comparison: Comparison, export: Export, footer: Footer | None) -> None:
    rows = comparison.group_rows()
    if export.format != "table":
        export.write(rows, GROUP_COLUMNS, footer)
        return
    against = comparison.base or "the rest"
    shown: dict[str, _Show] = {
        "share_of_voice": show_share,
        "share_negative": show_share,
        "share_negative_difference": show_points,
        "net_sentiment": show_signed,
        "net_sentiment_difference": show_signed,
        "average_stars": _stars,
        "average_stars_difference": show_signed,
    }
    columns = [
        Column("group", comparison.by),
        Column("mentions", "mentions", right=True),
        *(
            Column(key, heading, right=True)
            for key, heading in (
                ("share_of_voice", "share of voice"),
                ("share_negative", "negative"),
                ("share_negative_difference", f"− {against}"),
                ("net_sentiment", "net"),
                ("net_sentiment_difference", f"− {against}"),
                ("average_stars", "stars"),
                ("average_stars_difference", f"− {against}"),
            )
        ),
    ]
    export.write(_cells(rows, shown), columns, footer)


def _print_topics(comparison: Comparison, export: Export, footer: Footer | None) -> None:
    rows = comparison.topic_rows()
    if export.format != "table":
        export.write(rows, TOPIC_COLUMNS, footer)
        return
    against = comparison.base or "the rest"
    shown: dict[str, _Show] = {
        "share": show_share,
        "share_difference": show_points,
        "share_negative": show_share,
        "share_negative_difference": show_points,
    }
    columns = [
        Column("topic", "topic"),
        Column("group", comparison.by),
        Column("count", "count", right=True),
        Column("share", "share", right=True),
        Column("share_difference", f"− {against}", right=True),
        Column("share_negative", "negative", right=True),
        Column("share_negative_difference", f"− {against}", right=True),
    ]
    export.write(_cells(rows, shown), columns, footer)


def _cells(rows: Iterable[Mapping[str, Any]], shown: Mapping[str, _Show]) -> Iterator[Any]:
    """Yield rows of a table; what the base differs from itself is left empty."""
    for row in rows:
        cells = dict(row)
        for key, show in shown.items():
            is_base = row["against"] is None and key.endswith("_difference")
            cells[key] = "" if is_base else show(estimate_in(row, key))
        yield cells


def _stars(estimate: Estimate) -> str:
    if estimate.value is None:
        return TOO_FEW
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def _print_distinct(
    distinct: Iterable[DistinctTerm], export: Export, footer: Footer | None
) -> None:
    columns = DISTINCT_COLUMNS
    if export.format == "table":
        columns = (
            Column("group", "what is said"),
            Column("tone", "as"),
            Column("kind", ""),
            Column("term", "of"),
            Column("mentions", "mentions", right=True),
            Column("mentions_against", "elsewhere", right=True),
            Column("z", "z", right=True, show=lambda value: f"{value:.1f}"),
            Column("example", "for example"),
        )
    if not export.write((one.as_row() for one in distinct), columns, footer):
        click.echo(NOTHING_DISTINCT, err=True)
