"""`molva metrics`: how a company answers and what surveys say; `molva unanswered`: what waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from answers.metric_names import MEANINGS
from commands import answer_options
from commands.counting import minimum_option, period_option, split_option
from output import format_option, printable
from output.exporting import Export, export_options
from output.footers import coverages_of, footer_of

if TYPE_CHECKING:
    from answers.trends import Coverages
    from cluster import Place
    from index.base import MentionIndex, Period, Split


@click.command()
@click.argument("query", default="")
@click.option(
    "names",
    "--metric",
    multiple=True,
    type=click.Choice(list(MEANINGS)),
    help="Only this one; give it once for each.  [default: all]",
)
@period_option
@split_option()
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=7,
    show_default=True,
    help="The reply rate counts what Molva has seen so many days after it was published.",
)
@minimum_option
@export_options()
@answer_options
def metrics(
    query: str,
    names: tuple[str, ...],
    period: Period,
    split: Split | None,
    days: int,
    minimum: int,
    export: Export,
    place: Place,
) -> None:
    """Show service metrics over time: reply rate, response times, NPS, CSAT, CES, and more.

    QUERY narrows what is counted, as in 'molva search'. docs/metrics.md defines each metric.
    """
    from answers.counted import Asked
    from answers.metrics import metric_rows
    from answers.spans import bucket
    from output.metrics import print_metrics

    asked = Asked(query, period, split, days, minimum)
    with place.open() as mentions:
        whole = mentions.trends(query, period=period, topics=())
        coverages: Coverages | None = {}
        span = "no day has a mention"
        if whole:
            first, last = whole[0].start, bucket(whole[-1].start, period).last
            coverages = coverages_of(place, period, split, first, last, query=query)
            span = f"{first} to {last}, by {period}"
        chosen = list(dict.fromkeys(names)) or list(MEANINGS)
        rows = list(metric_rows(mentions, asked, chosen, coverages))
        footer = footer_of(
            place,
            mentions,
            query,
            period=span,
            coverages=coverages,
            notes=[
                "intervals are of 95 %; docs/metrics.md has the formulas",
                *_left_out(mentions, query),
            ],
        )
        print_metrics(rows, export, split, footer)


def _left_out(mentions: MentionIndex, query: str) -> list[str]:
    """Return, where there are any, the sources whose replies cannot be seen, in one sentence."""
    from answers.counted import without_replies

    sources = without_replies(mentions, query)
    if not sources:
        return []
    names = ", ".join(f"{source} ({number:,})" for source, number in sources.items())
    return [f"replies are not counted at sources of which none was ever read, by mentions: {names}"]


@click.command()
@click.argument("query", default="")
@click.option("--count", is_flag=True, help="Only how many there are of each age.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--after", help="Where the page before ended; it is printed there.")
@format_option()
@answer_options
def unanswered(
    query: str, count: bool, limit: int, after: str | None, output_format: str, place: Place
) -> None:
    """List negative mentions without a reply, the newest first, and count them by age.

    Only at sources of which a reply was ever read; the others are named below the answer.

    QUERY narrows them, as in 'molva search': 'date:<2026-03' for the older ones.
    """
    from answers.unanswered import unanswered as find
    from output.metrics import print_ages, print_unanswered

    with place.open() as mentions:
        found = find(mentions, query, datetime.now(UTC), limit=limit, after=after)
        left_out = _left_out(mentions, query)
    if count:
        print_ages(found, output_format)
    else:
        print_unanswered(found, output_format)
    for sentence in left_out:
        click.echo(printable(f"note: {sentence}"), err=True)
