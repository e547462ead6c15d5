"""`molva case` and `molva cases`: the log of complaints."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from commands import answer_options, load_project
from commands.correct import author_option
from output import format_option
from output.options import project_options

if TYPE_CHECKING:
    from cluster import Place

# As `index.cases.STATUSES` has them; that module takes too long to load for `molva --help`.
STATUSES: Final = ("open", "waiting", "done", "rejected")


@click.command()
@click.argument("mention_id", metavar="ID")
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    help="What it becomes.  [default: open, where there is no case yet]",
)
@click.option("--owner", help="Who takes care of it from now on; '' for nobody.")
@click.option("--note", help="What was done or agreed.")
@author_option
@click.option("--log", is_flag=True, help="Show the log, and enter nothing.")
@format_option("table", "json")
@project_options
def case(
    mention_id: str,
    status: str | None,
    owner: str | None,
    note: str | None,
    author: str | None,
    log: bool,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Open a case about a mention, hand it over, write into its log, close it.

    \b
    molva case shop:17 --owner anna --note 'asked the warehouse'
    molva case shop:17 --status done
    molva case shop:17 --log
    """
    import pipeline
    from index.cases import CaseEvent
    from output.ledger import print_case

    if log and (status or owner is not None or note):
        raise click.UsageError("--log enters nothing; leave --status, --owner and --note out")
    project = load_project(store, config)
    if log:
        with pipeline.read_store(project) as mentions:
            hit, told = mentions.get(mention_id), mentions.ledger().told(mention_id)
        if hit is None:
            raise click.ClickException(
                f"there is no mention {mention_id}; 'molva search --format json' prints ids"
            )
        print_case(mention_id, hit.case, told, output_format)
        return
    with pipeline.open_store(project, create=False) as mentions:
        ledger = mentions.ledger()
        event = CaseEvent.model_validate(
            {
                "mention_id": mention_id,
                "author": author,
                "status": status,
                "owner": owner,
                "note": note,
            }
        )
        stands = ledger.enter(event)
        print_case(mention_id, stands, ledger.told(mention_id), output_format)


@click.command()
@click.argument("query", default="")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(STATUSES),
    help="Only these; give it once for each.",
)
@click.option("--owner", help="Only those of this person.")
@format_option()
@answer_options
def cases(
    query: str, statuses: tuple[str, ...], owner: str | None, output_format: str, place: Place
) -> None:
    """List cases, the longest open first, of mentions that QUERY finds (all without a query)."""
    from index.query import HasFilter, Node, Or, TextFilter, narrowed
    from output.ledger import print_cases

    wanted: list[Node] = [HasFilter("case")]
    asked = tuple(TextFilter("case", status) for status in dict.fromkeys(statuses))
    if asked:
        wanted = [Or(asked) if len(asked) > 1 else asked[0]]
    if owner is not None:
        wanted.append(TextFilter("owner", owner))
    with place.open() as mentions:
        hits = mentions.scan(narrowed(query, *wanted))
        print_cases(hits, datetime.now(UTC), output_format)
