"""`molva correct` and `molva corrections`: what people say of labels, and what holds of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands import EXIT_PARTLY, Command, load_project
from output import format_option, printable
from output.options import pairs, project_options

if TYPE_CHECKING:
    from index.base import Hit
    from index.sqlite import SqliteStore
    from mention import Correction
    from project import Project


def author_option(command: Command) -> Command:
    """The option that says who speaks: `--author`."""
    return click.option(
        "--author",
        envvar="MOLVA_AUTHOR",
        default=_login,
        help="Who says so.  [default: MOLVA_AUTHOR, else the name of the login]",
    )(command)


def _login() -> str | None:
    from project.login import login_name

    return login_name()


@click.command()
@click.argument("mention_id", metavar="[ID]", required=False)
@click.option(
    "topics",
    "--topic",
    multiple=True,
    metavar="TOPIC=POLARITY",
    help="positive, neutral, negative, mixed, or none: not spoken of; give it once for each.",
)
@click.option("--sentiment", help="The overall sentiment: positive, neutral, negative or mixed.")
@click.option(
    "--sentence",
    type=int,
    help="The topics are those of this sentence, as 'molva explain' numbers them.",
)
@click.option("--note", help="Why, for colleagues.")
@author_option
@click.option("--undo", is_flag=True, help="Take back the latest correction that holds.")
@click.option(
    "--file",
    type=click.File("rb"),
    help="JSON Lines with a correction each ('-' for standard input), in place of ID.",
)
@project_options
def correct(
    mention_id: str | None,
    topics: tuple[str, ...],
    sentiment: str | None,
    sentence: int | None,
    note: str | None,
    author: str | None,
    undo: bool,
    file: Any,
    store: Path | None,
    config: Path | None,
) -> None:
    """Put right what the tagger says of a mention; it holds for every tagger from now on.

    \b
    molva correct shop:17 --topic speed=negative --topic price=none --sentiment negative
    molva correct shop:17 --undo
    molva correct --file corrections.jsonl

    docs/corrections.md has the rules and the format of the file.
    """
    values = {
        "sentiment": sentiment,
        "topics": pairs(topics, "--topic"),
        "sentence": sentence,
        "note": note,
    }
    said = any(value for name, value in values.items() if name != "note")
    if (mention_id is None) == (file is None):
        raise click.UsageError("name one mention, or a file with --file")
    if (file is not None or undo) and (said or (file is not None and (undo or note))):
        raise click.UsageError("--undo and --file take no labels; leave these out")
    project = load_project(store, config)
    if file is not None:
        _correct_lines(project, file, author)
    elif undo:
        _undo(project, str(mention_id), author, note)
    else:
        _correct_one(project, str(mention_id), values, author)


def _correct_one(
    project: Project, mention_id: str, values: dict[str, Any], author: str | None
) -> None:
    import pipeline
    from answers.corrections import correction
    from output.ledger import says

    with pipeline.open_store(project, create=False) as store:
        hit = _hit(store, mention_id)
        new = correction(hit, values, project.tagger.check_topics, author=author)
        is_new = store.ledger().correct(new) is not None
    line = f"{mention_id}: {says(new)}"
    if not is_new:
        line += "; that was said before"
    elif hit.tagging is None:
        line += "; it holds as soon as the mention is tagged"
    click.echo(printable(line))


def _undo(project: Project, mention_id: str, author: str | None, note: str | None) -> None:
    import pipeline
    from output.ledger import says

    with pipeline.open_store(project, create=False) as store:
        undone = store.ledger().undo(mention_id, author=author, note=note)
    if undone is None:
        raise click.ClickException(
            f"no correction of {mention_id} holds; 'molva explain' shows all there were"
        )
    click.echo(printable(f"{mention_id}: taken back: {says(undone)}"))


def _hit(store: SqliteStore, mention_id: str) -> Hit:
    from index.base import StoreError

    hit = store.get(mention_id)
    if hit is None:
        raise StoreError(
            f"there is no mention {mention_id}; 'molva search --format json' prints ids"
        )
    return hit


def _correct_lines(project: Project, lines: Iterable[bytes], author: str | None) -> None:
    import pipeline

    bad: list[pipeline.BadLine] = []
    with pipeline.open_store(project, create=False) as store:
        taken = store.ledger().correct_all(_read(project, store, lines, author, bad))
    for line in bad:
        click.echo(printable(f"line {line.number} {line.reason}"), err=True)
    click.echo(f"{taken.stored} corrections stored, {taken.same} said before")
    if bad:
        click.echo(f"lines that could not be used: {len(bad)}", err=True)
        sys.exit(EXIT_PARTLY)


def _read(
    project: Project,
    store: SqliteStore,
    lines: Iterable[bytes],
    author: str | None,
    bad: list[Any],
) -> Iterator[Correction]:
    """Yield the corrections of a file; what cannot be used is added to `bad`."""
    import pipeline
    from answers.corrections import correction
    from mention import UserError

    for number, record in pipeline.read_objects(lines):
        if isinstance(record, pipeline.BadLine):
            bad.append(record)
            continue
        mention_id = record.get("id")
        if not isinstance(mention_id, str):
            bad.append(pipeline.BadLine(number, 'has no "id" that is a string'))
            continue
        try:
            hit = _hit(store, mention_id)
            yield correction(hit, record, project.tagger.check_topics, author=author)
        except UserError as error:
            bad.append(pipeline.BadLine(number, f"({mention_id}): {error}"))


@click.command()
@click.argument("query", default="")
@click.option(
    "--labels",
    is_flag=True,
    help="Write labelled texts, always as JSON Lines, for 'molva evaluate' and for training.",
)
@format_option()
@project_options
def corrections(
    query: str, labels: bool, output_format: str, store: Path | None, config: Path | None
) -> None:
    """List the corrections that hold, of mentions that QUERY finds, or write them as labels."""
    import pipeline
    from index.query import HasFilter, narrowed
    from output.ledger import print_corrections

    with pipeline.read_store(load_project(store, config)) as mentions:
        hits = mentions.scan(narrowed(query, HasFilter("correction")))
        if labels:
            _print_labels(mentions, hits)
        elif not print_corrections(_rows(mentions, hits), output_format):
            click.echo("no correction holds; 'molva correct ID' makes one", err=True)


def _rows(store: SqliteStore, hits: Iterable[Hit]) -> Iterator[dict[str, Any]]:
    from output.ledger import correction_rows

    for hit in hits:
        told = store.ledger().told(hit.mention.id)
        yield from (row for row in correction_rows(told, hit.mention) if row["in_force"])


def _print_labels(store: SqliteStore, hits: Iterable[Hit]) -> None:
    from answers.corrections import labelled
    from output import to_json

    for hit in hits:
        told = store.ledger().told(hit.mention.id)
        holding = [one for number, one in told.corrections if number in told.in_force]
        # A correction may have been taken back since the hit was read.
        if holding and hit.tagging is not None:
            click.echo(to_json(labelled(hit, holding)))
