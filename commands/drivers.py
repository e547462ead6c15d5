"""`molva drivers`: which topics move the stars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import answer_options
from output.exporting import Export, export_options
from output.footers import whole_footer

if TYPE_CHECKING:
    from answers.drivers import Basis
    from cluster import Place


@click.command()
@click.argument("query", default="")
@click.option(
    "--split",
    type=click.Choice(["brand"]),
    help="A regression for each brand.  [default: one, with the brand held equal]",
)
@click.option(
    "--minimum",
    type=click.IntRange(min=2),
    default=30,
    show_default=True,
    help="An opinion that fewer rated mentions have is left out.",
)
@export_options()
@answer_options
def drivers(query: str, split: str | None, minimum: int, export: Export, place: Place) -> None:
    """Say by how many stars mentions that praise or blame a topic differ from others.

    QUERY narrows the mentions, as in 'molva search'. docs/drivers.md says what these figures
    mean, and what they do not.
    """
    from answers import drivers as driving
    from output.drivers import lines, print_drivers

    with place.open() as mentions:
        basis, found = driving.drivers(mentions, query, by_brand=bool(split), minimum=minimum)
        footer = whole_footer(
            place,
            mentions,
            query,
            topics=sorted({one.topic for group in found for one in group.drivers}),
            notes=(*_basis(basis), *lines(found), *driving.CAVEATS),
        )
    print_drivers(found, export, split, footer)


def _basis(basis: Basis) -> list[str]:
    """Return what the answer rests on."""
    notes = [
        f"{basis.mentions:,} mentions are found, {basis.rated:,} have stars, and {basis.read:,} "
        "of these a text with a sentiment, which were used; intervals are of 95 % (HC3)"
    ]
    if basis.is_cut:
        notes.append(f"only the newest {basis.read:,} were read; narrow the query for the others")
    share = f" ({basis.conflicts / basis.read:.1%})" if basis.read else ""
    notes.append(
        f"rating and text contradict each other in {basis.conflicts:,} of them{share}: "
        "molva search has:conflict"
    )
    return notes
