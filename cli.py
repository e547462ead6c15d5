"""The command line: parses, calls, prints. `molva --help` lists the commands.

Only click is imported here at the top, so that `molva --help` starts at once;
each command imports what it needs. Exit codes: 0 done; 1 it could not be done;
2 the command or the query is wrong; 3 done, but a part of it failed and was
reported (bad lines, one source of several).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands import EXIT_PARTLY, answer_options, end_with, insecure_http_option
from commands import load_project as _project
from commands.alerts import alerts
from commands.case import case, cases
from commands.cluster import forget, index
from commands.collect import collect, sources
from commands.compare import compare
from commands.correct import correct, corrections
from commands.coverage import coverage
from commands.drivers import drivers
from commands.metrics import metrics, unanswered
from commands.noise import noise
from commands.relabel import relabel
from commands.search import export, search
from commands.serve import serve
from commands.tag import run, tag
from commands.trends import trends
from output import format_option, printable
from output.options import (
    Commands,
    config_option,
    pairs,
    progress,
    project_options,
    sentiment_options,
)

if TYPE_CHECKING:
    from cluster import Place


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="molva")
def cli() -> None:
    """Molva gathers reviews and mentions, tags them, and answers questions about them.

    \b
    A first minute:   molva import reviews.csv
                      molva tag
                      molva trends --by week
                      molva search 'очередь AND topic:speed:negative'
    """


for _command in (
    sources,
    collect,
    tag,
    run,
    index,
    forget,
    search,
    alerts,
    trends,
    compare,
    drivers,
    relabel,
    export,
    metrics,
    unanswered,
    correct,
    corrections,
    case,
    cases,
    noise,
    coverage,
    serve,
):
    cli.add_command(_command)


@cli.command()
@click.option("--force", is_flag=True, help="Replace a molva.toml that is there.")
def init(force: bool) -> None:
    """Write a commented project file, molva.toml, into this folder."""
    from project import DEFAULT_FILE, TEMPLATE

    target = Path(DEFAULT_FILE)
    if target.exists() and not force:
        raise click.ClickException(f"{target} is there already; --force replaces it")
    target.write_text(TEMPLATE, encoding="utf-8")
    click.echo(f"Wrote {target}. Put your sources into it, then: molva run")


@cli.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "file_format",
    "--format",
    type=click.Choice(["csv", "jsonl", "mbox", "html"]),
    help="What the files are.  [default: by their ending]",
)
@click.option(
    "mapping",
    "--map",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column holds a field, such as text=Отзыв; give it once for each.",
)
@click.option("--source", default="import", show_default=True, help="Name for where it is from.")
@click.option(
    "--site",
    help="Which site saved pages are from, such as otzovik.  [default: the page tells]",
)
@click.option("--rating-min", type=float, help="Lowest rating of the scale.  [default: 1]")
@click.option("--rating-max", type=float, help="Highest rating of the scale.  [default: 5]")
@click.option(
    "labels",
    "--set",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A value for every row: brand, product, location, country, lang or kind.",
)
@project_options
def import_(
    files: tuple[Path, ...],
    file_format: str | None,
    mapping: tuple[str, ...],
    source: str,
    site: str | None,
    rating_min: float | None,
    rating_max: float | None,
    labels: tuple[str, ...],
    store: Path | None,
    config: Path | None,
) -> None:
    """Read reviews from CSV, JSON Lines, mbox or saved HTML FILES."""
    import pipeline
    from output import answers

    options: dict[str, Any] = {"labels": pairs(labels, "--set"), "site": site}
    if rating_min is not None:
        options["rating_min"] = rating_min
    if rating_max is not None:
        options["rating_max"] = rating_max
    with progress("importing") as advance:
        summary = pipeline.import_files(
            _project(store, config),
            files,
            file_format=file_format,
            source=source,
            mapping=pairs(mapping, "--map"),
            options=options,
            progress=advance,
        )
    answers.print_summary(summary, "table")
    if summary.counts["rejects"]:
        click.echo("Rejected rows are kept with the reason: molva doctor", err=True)
    end_with(summary)


@cli.group()
def topics() -> None:
    """List the topics; train topics of your own from example sentences."""


@topics.command(name="list")
@format_option()
@config_option
def list_topics(output_format: str, config: Path | None) -> None:
    """List built-in and own topics with their names, and whether own ones are trained."""
    from nlp.own_topics import listing
    from output.topics import print_topics

    setup = _project(None, config).tagger
    print_topics(listing(setup.topics, setup.folder), output_format)


@topics.command(name="train")
@click.option("--model", help="A shipped model's name or a model folder.  [default: default]")
@format_option("table", "json")
@config_option
def train_topics(model: str | None, output_format: str, config: Path | None) -> None:
    """Learn all topics of the project file from their examples, and measure how well."""
    from output.topics import print_training

    setup = _project(None, config).tagger.with_options(model)
    print_training(setup.train_topics(), output_format)


@cli.command()
@click.argument("mention_id", metavar="ID")
@click.option("--words", is_flag=True, help="Say too which words carried each label; takes longer.")
@format_option("table", "json")
@answer_options
def explain(mention_id: str, words: bool, output_format: str, place: Place) -> None:
    """Show each label of one mention with the sentence it rests on, and who says so."""
    from output import answers
    from output.words import word_records

    with place.open() as mentions:
        hit = mentions.get(mention_id)
        versions, told = place.history(mention_id), place.told(mention_id)
    if hit is None:
        raise click.ClickException(
            f"there is no mention {mention_id}; 'molva search --format json' prints ids"
        )
    weighed = None
    if words:
        from nlp.attribution import Attributor

        weighed = list(word_records(hit, Attributor(place.project.tagger)))
    answers.print_explanation(hit, versions, told, output_format, weighed)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--model", default="default", show_default=True, help="A model's name or folder.")
@click.option(
    "--stars", is_flag=True, help="Take ratings of 1–5 as labels: 1–2 negative, 4–5 positive."
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file for what was tagged wrongly, surest mistakes first (JSON Lines).",
)
@sentiment_options
@format_option("table", "json")
def evaluate(
    file: Path,
    model: str,
    stars: bool,
    errors: Path | None,
    sentiment_model: str | None,
    sentiment_labels: str | None,
    output_format: str,
) -> None:
    """Measure the tagger on a labelled FILE ('-' for standard input), JSON Lines.

    docs/evaluation.md has the format and says what each figure means.
    """
    from nlp.evaluation import evaluate_file
    from nlp.tagger_setup import TaggerSetup
    from output import answers

    setup = TaggerSetup().with_options(model, sentiment_model, sentiment_labels)
    report = evaluate_file(file, setup, stars=stars, errors=errors)
    answers.print_evaluation(report, output_format)
    for line in report.bad_lines:
        click.echo(printable(f"line {line.number} {line.reason}"), err=True)
    if report.bad_lines:
        click.echo(f"lines that could not be used: {len(report.bad_lines)}", err=True)
        sys.exit(EXIT_PARTLY)


@cli.command()
@click.argument("statement")
@format_option()
@project_options
def sql(statement: str, output_format: str, store: Path | None, config: Path | None) -> None:
    """Run one SQL query on the store, read-only. docs/store.md describes the views."""
    from index import run_sql
    from output import Column, print_rows

    with run_sql(_project(store, config).store, statement) as (names, rows):
        print_rows(
            (dict(zip(names, row, strict=True)) for row in rows),
            output_format,
            [Column(name, name) for name in names],
        )


@cli.command()
@insecure_http_option
@format_option("table", "json")
@project_options
def doctor(
    insecure_http: bool, output_format: str, store: Path | None, config: Path | None
) -> None:
    """Check the store, the model and the last runs; show rejects with their reasons."""
    import doctor as examination
    from output import answers

    report = examination.examine(_project(store, config), insecure_http=insecure_http)
    answers.print_diagnosis(report, output_format)
    if report.problems:
        sys.exit(1)


if __name__ == "__main__":
    cli(prog_name="molva")
