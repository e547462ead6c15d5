"""`molva trends`: topics over time, or in two periods."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from commands import answer_options
from commands.counting import minimum_option, period_option, split_option
from output.exporting import CHARTS, SHEETS, Export, export_options
from output.rows import FORMATS

if TYPE_CHECKING:
    from cluster import Place
    from index.base import Period, Split


@click.command()
@click.argument("query", default="")
@click.option("--topic", "topics", multiple=True, help="Only this topic; give it once for each.")
@click.option("--overall", is_flag=True, help="Count whole mentions, not topics.")
@period_option
@split_option()
@minimum_option
@click.option(
    "--compare",
    metavar="PERIODS",
    help="Two periods beside each other: 'previous' for the last whole bucket and the one before "
    "it, or two of your own, such as 2026-01..2026-03,2026-04..2026-06.",
)
@export_options(*FORMATS, *SHEETS, *CHARTS)
@answer_options
def trends(
    query: str,
    topics: tuple[str, ...],
    overall: bool,
    period: Period,
    split: Split | None,
    minimum: int,
    compare: str | None,
    export: Export,
    place: Place,
) -> None:
    """Count topics over time: how many, what share is negative, net sentiment, average stars.

    QUERY narrows what is counted, as in 'molva search'. docs/trends.md has the formulas.
    """
    if compare is not None and export.is_chart:
        raise click.UsageError(
            f"--compare makes a table, not a picture; name another format than {export.format}"
        )
    from answers.spans import PREVIOUS, last_two, read_spans
    from output.trending import Asked
    from output.trends import print_changes, print_trends

    chosen = place.project.tagger.check_topics(topics)
    with place.open() as mentions:
        asked = Asked(place, mentions, query, period, split, minimum)
        if compare is not None:
            every = place.project.tagger.topic_codes()
            if compare == PREVIOUS:
                today = datetime.now(ZoneInfo(place.project.time_zone)).date()
                spans = last_two(mentions.trends(query, period=period, topics=()), period, today)
            else:
                spans = read_spans(compare)
            changed = asked.changes(spans, () if overall else chosen or every)
            print_changes(changed.rows, export, split, asked.footer(changed))
            return
        trend = asked.trend(() if overall else chosen or None)
        footer = asked.footer(trend)
    if export.is_chart:
        from output.charts import trend_chart

        export.write_picture(trend_chart(trend.rows, export.format, split, footer))
    else:
        print_trends(trend.rows, export, split, footer)
