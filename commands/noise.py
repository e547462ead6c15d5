"""`molva noise`: near-duplicates and adverts, and what people say of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import load_project
from commands.correct import author_option
from output import format_option, printable
from output.options import progress, project_options

if TYPE_CHECKING:
    from index.sqlite import SqliteStore
    from project import Project


@click.command()
@click.argument("mention_id", metavar="[ID]", required=False)
@click.option("--keep", is_flag=True, help="It is neither a copy nor an advert.")
@click.option("--flag", type=click.Choice(["advert", "copy"]), help="It is one.")
@click.option("--undo", is_flag=True, help="Take back the latest verdict that holds.")
@click.option("--note", help="Why, for colleagues.")
@author_option
@format_option()
@project_options
def noise(
    mention_id: str | None,
    keep: bool,
    flag: str | None,
    undo: bool,
    note: str | None,
    author: str | None,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Look for copies and adverts among what is new, and list all there are with the reason.

    \b
    molva noise
    molva noise shop:17                          what was said of it
    molva noise shop:17 --keep --note 'two orders'
    molva noise shop:18 --flag advert

    Nothing is deleted: the query 'NOT has:copy' counts each text once. docs/noise.md has the rules.
    """
    import pipeline
    from output.noise import print_noise, print_verdicts

    decided = [keep, flag is not None, undo].count(True)
    if decided > 1:
        raise click.UsageError("--keep, --flag and --undo exclude one another; choose one")
    if mention_id is None and (decided or note):
        raise click.UsageError("name the mention: molva noise ID --keep")
    if note and not decided:
        raise click.UsageError("--note goes with --keep, --flag or --undo")
    project = load_project(store, config)
    if mention_id is None:
        with pipeline.open_store(project, create=False) as mentions:
            examined = examine(mentions)
            listed = print_noise(mentions.noise().found(), output_format)
        click.echo(f"{examined} examined, {listed} copies and adverts", err=True)
    elif not decided:
        with pipeline.read_store(project) as mentions:
            hit, said = mentions.get(mention_id), mentions.noise().verdicts(mention_id)
        if hit is None:
            raise click.ClickException(
                f"there is no mention {mention_id}; 'molva search --format json' prints ids"
            )
        print_verdicts(hit, said, output_format)
    elif undo:
        _undo(project, mention_id, author, note)
    else:
        _say(project, mention_id, flag or "keep", author, note)


def examine(mentions: SqliteStore) -> int:
    """Examine what is new or was edited in a store; return how many mentions that were."""
    from nlp import adverts

    book = mentions.noise()
    book.prepare(adverts.VERSION)
    examined = 0
    with progress("looking for copies", book.waiting()) as advance:
        for number in book.examine(adverts.reasons):
            examined += number
            advance(number)
    return examined


def _say(
    project: Project, mention_id: str, decision: str, author: str | None, note: str | None
) -> None:
    import pipeline
    from index.noise import Verdict

    said = {"mention_id": mention_id, "verdict": decision, "author": author, "note": note}
    with pipeline.open_store(project, create=False) as mentions:
        is_new = mentions.noise().say(Verdict.model_validate(said))
    click.echo(printable(f"{mention_id}: {decision}{'' if is_new else '; that was said before'}"))


def _undo(project: Project, mention_id: str, author: str | None, note: str | None) -> None:
    import pipeline

    with pipeline.open_store(project, create=False) as mentions:
        undone = mentions.noise().undo(mention_id, author=author, note=note)
    if undone is None:
        raise click.ClickException(
            f"no verdict about {mention_id} holds; 'molva noise {mention_id}' shows all there were"
        )
    click.echo(printable(f"{mention_id}: taken back: {undone.verdict}"))
