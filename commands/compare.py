"""`molva compare`: brands, branches, products, sources or languages side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from commands import answer_options
from commands.counting import minimum_option
from output.comparison import PARTS
from output.exporting import Export, export_options
from output.footers import whole_footer

if TYPE_CHECKING:
    from answers.sides import By
    from cluster import Place

# As `answers.sides` has them, which takes too long to load for a help text.
COMPARABLE: Final[tuple[By, ...]] = ("brand", "location", "product", "source", "lang")


@click.command()
@click.argument("query", default="")
@click.option(
    "--by",
    type=click.Choice(COMPARABLE),
    default="brand",
    show_default=True,
    help="What tells the groups apart.",
)
@click.option(
    "--of",
    "names",
    multiple=True,
    metavar="NAME,…",
    help="The groups to compare.  [default: the eight with the most mentions]",
)
@click.option(
    "--base",
    metavar="NAME",
    help="The group that the others are held against.  [default: each against all the others]",
)
@click.option("--topic", "topics", multiple=True, help="Only this topic; give it once for each.")
@minimum_option
@click.option(
    "--texts",
    type=click.IntRange(0, 100_000),
    default=2000,
    show_default=True,
    help="Of how many texts of each group, the newest, to read words and examples.",
)
@click.option(
    "--show",
    "part",
    type=click.Choice(PARTS),
    help="Only this part of the answer.  [default: all as tables; groups in any other format]",
)
@export_options()
@answer_options
def compare(
    query: str,
    by: By,
    names: tuple[str, ...],
    base: str | None,
    topics: tuple[str, ...],
    minimum: int,
    texts: int,
    part: str | None,
    export: Export,
    place: Place,
) -> None:
    """Hold groups of what QUERY finds against each other: how much, how good, about what.

    Also what people praise, or complain of, in one and not in another. docs/comparison.md
    has the formulas; 'date:' in QUERY chooses the time.
    """
    from answers import compare as comparing
    from answers.distinct import distinct_terms, read
    from output.comparison import comparison_notes, parts_of, print_comparison

    chosen = place.project.tagger.check_topics(topics)
    wanted = [one.strip() for name in names for one in name.split(",") if one.strip()]
    parts = parts_of(part, export)
    with place.open() as mentions:
        comparison = comparing.compare(
            mentions,
            query,
            by=by,
            names=wanted,
            base=base,
            topics=chosen or None,
            minimum=minimum,
        )
        reading = None
        if "distinct" in parts:  # reading takes longer than all the counting
            reading = read(mentions, query, comparison, texts=texts)
        footer = whole_footer(
            place,
            mentions,
            query,
            topics=sorted({topic for side in comparison.sides for topic in side.topics}),
            notes=comparison_notes(comparison, reading),
        )
    terms = [] if reading is None else distinct_terms(comparison, reading)
    print_comparison(comparison, terms, export, parts, footer)
