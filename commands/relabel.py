"""`molva relabel`: what another model changed in the answers, without anyone having written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from commands import answer_options
from commands.counting import minimum_option, period_option
from output.exporting import Export, export_options
from output.footers import whole_footer

if TYPE_CHECKING:
    from answers.relabel import Measure
    from cluster import Place
    from index.base import Period

# As `answers.relabel` has them, which takes too long to load for a help text.
MEASURES: Final[tuple[Measure, ...]] = ("share_negative", "net_sentiment", "share")


@click.command()
@click.argument("query", default="")
@period_option
@click.option("--topic", "topics", multiple=True, help="Only this topic; give it once for each.")
@click.option("--overall", is_flag=True, help="Compare whole mentions, not topics.")
@click.option(
    "--measure",
    type=click.Choice(MEASURES),
    default="share_negative",
    show_default=True,
    help="What is compared; 'share' is how much of the talk a topic is.",
)
@click.option("--before", metavar="NAME", help="The earlier tagger.  [default: the one before]")
@click.option("--after", metavar="NAME", help="The later tagger.  [default: the last to begin]")
@minimum_option
@export_options()
@answer_options
def relabel(
    query: str,
    period: Period,
    topics: tuple[str, ...],
    overall: bool,
    measure: Measure,
    before: str | None,
    after: str | None,
    minimum: int,
    export: Export,
    place: Place,
) -> None:
    """Compare two taggings of the same mentions: what changed with the model, not with people.

    QUERY narrows the mentions, not by their labels. Only the store keeps what an earlier
    tagger said. docs/comparison.md has the formulas.
    """
    import pipeline
    from answers.relabel import relabelling
    from output.relabel import print_relabelling

    if place.asks_cluster:
        raise click.ClickException(
            "the cluster has only the current labels; ask the store with --no-cluster"
        )
    chosen = () if overall else place.project.tagger.check_topics(topics) or None
    with pipeline.read_store(place.project) as store:
        found = relabelling(store, query, period=period, topics=chosen, before=before, after=after)
        rows = found.rows(measure, minimum)
        began = found.after.first_tagged_at
        footer = whole_footer(
            place,
            store,
            query,
            topics=[topic for topic in found.topics if topic],
            notes=(
                f"{measure}: earlier is {found.before.name}, later is {found.after.name}, which "
                f"tagged first on {began:%Y-%m-%d}; both over the mentions that both have read",
                "change: from the earlier tagger's value in the row before to the later one's, "
                "as a report of then and one of now would show it",
                "what people have corrected is not in these figures, nor does it depend on the "
                "tagger",
            ),
        )
    print_relabelling(rows, export, measure, footer)
