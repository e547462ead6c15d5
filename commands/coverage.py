"""`molva coverage`: what the collectors did, and of which periods nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from commands import answer_options
from commands.counting import period_option, split_option
from output.exporting import Export, export_options
from output.footers import coverages_of

if TYPE_CHECKING:
    from cluster import Place
    from index.base import Period


@click.command()
@click.argument("query", default="")
@period_option
@split_option("source", "brand")
@click.option("--gaps", is_flag=True, help="Only what is unknown, or known in part.")
@export_options()
@answer_options
def coverage(
    query: str,
    period: Period,
    split: Literal["source", "brand"] | None,
    gaps: bool,
    export: Export,
    place: Place,
) -> None:
    """Show what was collected in each period, and which periods are unknown.

    QUERY narrows it by source:, brand: and date:, as in 'molva search'. docs/coverage.md has the
    rules.
    """
    from mention import UserError
    from output.coverage import print_coverage

    coverages = coverages_of(place, period, split, query=query)
    if coverages is None:
        raise UserError("coverage: not kept in the cluster; run it where the store is")
    print_coverage([one for one in coverages.values() if not (gaps and one.known)], export, split)
