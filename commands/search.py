"""The commands that give mentions: `molva search`, a page of them, and `molva export`, all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import answer_options
from output.exporting import SHEETS, Export, export_options
from output.footers import whole_footer
from output.rows import FORMATS

if TYPE_CHECKING:
    from cluster import Place
    from index.base import Order


@click.command()
@click.argument("query", default="")
@click.option(
    "--order",
    type=click.Choice(["newest", "best"]),
    default="newest",
    show_default=True,
    help="Newest first, or best match first.",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--after", help="Where the page before ended; it is printed there.")
@click.option("--explain", is_flag=True, help="Show how the query is understood; search nothing.")
@export_options(*FORMATS, *SHEETS)
@answer_options
def search(
    query: str,
    order: Order,
    limit: int,
    after: str | None,
    explain: bool,
    export: Export,
    place: Place,
) -> None:
    """Find mentions by words, "phrases", AND OR NOT, and fields such as topic:speed:negative.

    docs/query.md has the whole language.
    """
    from output import answers, to_json

    with place.open() as mentions:
        if explain:
            click.echo(to_json(mentions.explain_query(query), indent=2))
            return
        result = mentions.search(query, order=order, limit=limit, after=after)
        # Under a page on the screen it would only be in the way.
        topics = place.project.tagger.topic_codes()
        footer = whole_footer(place, mentions, query, topics=topics) if export.is_file else None
    answers.print_search(result, export, footer)


@click.command()
@click.argument("query", default="")
@export_options("jsonl", "json", "csv", *SHEETS, default="jsonl")
@answer_options
def export(query: str, export: Export, place: Place) -> None:
    """Write every field and the current tagging of what QUERY finds (all without a query)."""
    from output import answers

    with place.open() as mentions:
        footer = whole_footer(place, mentions, query, topics=place.project.tagger.topic_codes())
        answers.print_export(mentions.scan(query), export, footer)
