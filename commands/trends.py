"""`molva trends`: topics over time, or in two periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from commands import Place, answer_options
from commands.counting import minimum_option, period_option, split_option
from commands.footers import coverages_of, footer_of
from output.exporting import CHARTS, SHEETS, Export, export_options
from output.rows import FORMATS

if TYPE_CHECKING:
    from answers.trends import Coverages
    from index.base import MentionIndex, Period, Split, TrendPoint

_NOTES: Final = ("intervals are of 95 %; docs/trends.md has the formulas",)


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
    chosen = place.project.tagger.check_topics(topics)
    with place.open() as mentions:
        asked = _Asked(place, mentions, query, period, split, minimum)
        if compare is not None:
            every = place.project.tagger.topic_codes()
            asked.print_changes(export, compare, () if overall else chosen or every)
        else:
            asked.print_trend(export, () if overall else chosen or None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is counted, and how; the attributes are the options of the command."""

    place: Place
    mentions: MentionIndex
    query: str
    period: Period
    split: Split | None
    minimum: int

    def print_trend(self, export: Export, topics: Sequence[str] | None) -> None:
        """Print every bucket of each topic."""
        from answers.coverage import extend
        from answers.spans import bucket
        from answers.trends import trend_rows
        from output.trends import print_trends

        points = self.mentions.trends(
            self.query, period=self.period, topics=topics, split=self.split
        )
        coverages: Coverages | None = {}
        days = "no day has a mention"
        if points:
            first = min(point.start for point in points)
            coverages = coverages_of(self.place, self.period, self.split, first, query=self.query)
            points = points if coverages is None else extend(points, coverages)
            last = bucket(max(point.start for point in points), self.period).last
            days = f"{first} to {last}, by {self.period}"
        rows = list(trend_rows(points, coverages, minimum=self.minimum))
        footer = footer_of(
            self.place,
            self.mentions,
            self.query,
            period=days,
            coverages=coverages,
            topics=_topics(points),
            notes=_NOTES,
        )
        if export.is_chart:
            from output.charts import trend_chart

            export.write_picture(trend_chart(rows, export.format, self.split, footer))
        else:
            print_trends(rows, export, self.split, footer)

    def print_changes(self, export: Export, compare: str, topics: Sequence[str]) -> None:
        """Print what has changed from one period to the other."""
        from answers.changes import changes
        from answers.spans import PREVIOUS, last_two, read_spans
        from output.trends import print_changes

        if compare == PREVIOUS:
            today = datetime.now(ZoneInfo(self.place.project.time_zone)).date()
            counted = self.mentions.trends(self.query, period=self.period, topics=())
            spans = last_two(counted, self.period, today)
        else:
            spans = read_spans(compare)
        before, after = (
            self.mentions.trends(
                span.narrow(self.query), period="day", topics=topics, split=self.split
            )
            for span in spans
        )
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        coverages = coverages_of(self.place, "day", self.split, first, last, query=self.query)
        if coverages is not None:
            coverages = {
                key: one
                for key, one in coverages.items()
                if any(span.first <= one.start <= span.last for span in spans)
            }
        rows = list(changes(before, after, spans, coverages, minimum=self.minimum))
        footer = footer_of(
            self.place,
            self.mentions,
            self.query,
            period=f"{spans[1]} against {spans[0]}; only days that were collected count",
            coverages=coverages,
            topics=_topics([row.after.row.point for row in rows]),
            notes=(
                *_NOTES,
                "of 20 numbers that have not changed, about one looks changed by chance",
            ),
        )
        print_changes(rows, export, self.split, footer)


def _topics(points: Sequence[TrendPoint]) -> list[str]:
    """Return the topics of an answer in their order."""
    return [topic for topic in dict.fromkeys(point.topic for point in points) if topic is not None]
