"""The commands that tag: `molva tag`, and `molva run`, which collects before and sends after."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands import EXIT_PARTLY, insecure_http_option, load_project
from commands.cluster import send_after_run
from commands.collect import Plan, plan_options
from commands.noise import examine
from output.options import progress, project_options, sentiment_options

if TYPE_CHECKING:
    from nlp.tagger import Tagger
    from nlp.tagger_setup import TaggerSetup


@click.command()
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--model", help="A shipped model's name or a model folder.  [default: default]")
@sentiment_options
@project_options
def tag(
    file: Any,
    model: str | None,
    sentiment_model: str | None,
    sentiment_labels: str | None,
    store: Path | None,
    config: Path | None,
) -> None:
    """Tag what is untagged in the store, or the JSON Lines of FILE ('-' for standard input).

    \b
    FILE has one object a line: {"id": …, "title"?: …, "text": …, "lang"?: …}
    """
    import pipeline

    project = load_project(store, config)
    setup = project.tagger.with_options(model, sentiment_model, sentiment_labels)
    if file is not None:
        _tag_lines(file, setup)
        return
    with pipeline.open_store(project, create=False) as mentions:
        counts = _tag_pending(mentions, setup)
    untagged = {name: n for name, n in counts.items() if name != "tagged"}
    click.echo(f"{counts['tagged']} tagged" + "".join(f", {n} {k}" for k, n in untagged.items()))


def _load(setup: TaggerSetup) -> Tagger:
    from nlp.answer_cache import default_path

    for note in setup.untrained():
        click.echo(note, err=True)
    return setup.load(default_path())


def _tag_lines(file: Iterable[bytes], setup: TaggerSetup) -> None:
    import pipeline
    from output import to_json

    bad = 0
    for record in pipeline.tag_lines(file, _load(setup)):
        if isinstance(record, pipeline.BadLine):
            bad += 1
            click.echo(f"line {record.number} {record.reason}", err=True)
        else:
            click.echo(to_json(record))
    if bad:
        click.echo(f"{bad} lines could not be read; the others are tagged", err=True)
        sys.exit(EXIT_PARTLY)


def _tag_pending(mentions: Any, setup: TaggerSetup) -> Any:
    import pipeline

    tagger = _load(setup)
    with progress("tagging", mentions.stats().pending) as advance:
        return pipeline.tag_pending(mentions, tagger, advance)


@click.command()
@plan_options
@sentiment_options
@insecure_http_option
@project_options
def run(
    plan: Plan,
    sentiment_model: str | None,
    sentiment_labels: str | None,
    insecure_http: bool,
    store: Path | None,
    config: Path | None,
) -> None:
    """Collect every source of the project file, tag what is new, find copies, send all of it."""
    import pipeline
    from output.collecting import print_results

    project = load_project(store, config)
    setup = project.tagger.with_options(None, sentiment_model, sentiment_labels)
    results = plan.collect(project)
    print_results(results, "table")
    with pipeline.open_store(project) as mentions:
        counts = _tag_pending(mentions, setup)
        examine(mentions)
    click.echo(f"{counts['tagged']} tagged")
    is_sent = project.elasticsearch is None or send_after_run(project, insecure_http=insecure_http)
    if not is_sent or any(result.needs_a_look for result in results):
        sys.exit(EXIT_PARTLY)
