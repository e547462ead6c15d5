"""The command line: parses, calls, prints. `molva --help` lists the commands.

Only click is imported here at the top, so that `molva --help` starts at once;
each command imports what it needs. Exit codes: 0 done; 1 it could not be done;
2 the command or the query is wrong; 3 done, but a part of it failed and was
reported (bad lines, one source of several).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from output import format_option, printable

if TYPE_CHECKING:
    from project import Project

EXIT_PARTLY: Final = 3
Command = TypeVar("Command", bound=Callable[..., Any])


def project_options(command: Command) -> Command:
    """The options that say which project: `--store` and `--config`."""
    file = click.Path(dir_okay=True, path_type=Path)
    command = click.option("--config", type=file, help="The project file.  [default: molva.toml]")(
        command
    )
    return click.option(
        "--store",
        type=file,
        help="The store, one SQLite file.  [default: MOLVA_STORE, the project file's, "
        "molva.sqlite]",
    )(command)


def _project(store: Path | None, config: Path | None) -> Project:
    import project

    return project.load(config, store)


class Commands(click.Group):
    """A group whose commands end with one sentence where a person can put something right."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `UserError` becomes click's error with its exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            from mention import UserError

            if not isinstance(error, UserError):
                raise
            wrong_command = error.exit_code == click.UsageError.exit_code
            kind = click.UsageError if wrong_command else click.ClickException
            raise kind(printable(str(error))) from error


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


@cli.command()
@format_option()
def sources(output_format: str) -> None:
    """List the spiders, what they may be used for, and their arguments."""
    from crawlers.registry import describe
    from output import Column, print_rows

    columns = (
        Column("spider", "spider"),
        Column("law", "class"),
        Column("arguments", "arguments", show=", ".join),
        Column("description", "what it gathers"),
    )
    print_rows(describe(), output_format, columns)


@cli.command()
@click.argument("spider")
@click.option(
    "arguments",
    "-a",
    "--argument",
    multiple=True,
    metavar="NAME=VALUE",
    help="An argument of the spider; give it once for each. 'molva sources' lists them.",
)
@format_option("table", "json")
@project_options
def collect(
    spider: str,
    arguments: tuple[str, ...],
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Run one SPIDER and store what is new or changed."""
    import pipeline

    summary = pipeline.collect(_project(store, config), spider, _pairs(arguments, "-a"))
    _print_summary(summary, output_format)


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
    rating_min: float | None,
    rating_max: float | None,
    labels: tuple[str, ...],
    store: Path | None,
    config: Path | None,
) -> None:
    """Read reviews from CSV, JSON Lines, mbox or saved HTML FILES."""
    import pipeline

    options: dict[str, Any] = {"labels": _pairs(labels, "--set")}
    if rating_min is not None:
        options["rating_min"] = rating_min
    if rating_max is not None:
        options["rating_max"] = rating_max
    with _progress("importing") as advance:
        summary = pipeline.import_files(
            _project(store, config),
            files,
            file_format=file_format,
            source=source,
            mapping=_pairs(mapping, "--map"),
            options=options,
            progress=advance,
        )
    _print_summary(summary, "table")
    if summary.counts["rejects"]:
        click.echo("Rejected rows are kept with the reason: molva doctor", err=True)


@cli.command()
@click.argument("file", required=False, type=click.File("rb"))
@click.option("--model", help="A shipped model's name or a model folder.  [default: default]")
@project_options
def tag(file: Any, model: str | None, store: Path | None, config: Path | None) -> None:
    """Tag what is untagged in the store, or the JSON Lines of FILE ('-' for standard input).

    \b
    FILE has one object a line: {"id": …, "title"?: …, "text": …, "lang"?: …}
    """
    import pipeline

    project = _project(store, config)
    if file is not None:
        _tag_lines(file, model or project.model)
        return
    with pipeline.open_store(project, create=False) as mentions:
        counts = _tag_pending(mentions, model or project.model)
    untagged = {name: n for name, n in counts.items() if name != "tagged"}
    click.echo(f"{counts['tagged']} tagged" + "".join(f", {n} {k}" for k, n in untagged.items()))


def _tag_lines(file: Iterable[bytes], model: str) -> None:
    import pipeline
    from nlp.tagger import Tagger
    from output import to_json

    bad = 0
    for record in pipeline.tag_lines(file, Tagger.load(model)):
        if isinstance(record, pipeline.BadLine):
            bad += 1
            click.echo(f"line {record.number} {record.reason}", err=True)
        else:
            click.echo(to_json(record))
    if bad:
        click.echo(f"{bad} lines could not be read; the others are tagged", err=True)
        sys.exit(EXIT_PARTLY)


def _tag_pending(mentions: Any, model: str) -> Any:
    import pipeline
    from nlp.tagger import Tagger

    tagger = Tagger.load(model)
    with _progress("tagging", mentions.stats().pending) as advance:
        return pipeline.tag_pending(mentions, tagger, advance)


@cli.command()
@project_options
def run(store: Path | None, config: Path | None) -> None:
    """Collect every source of the project file, then tag what is new."""
    import pipeline

    project = _project(store, config)
    if not project.sources:
        raise click.ClickException(
            "the project file names no sources; 'molva init' writes one with examples"
        )
    failed = [spider for spider, code in pipeline.collect_all(project) if code]
    with pipeline.open_store(project) as mentions:
        counts = _tag_pending(mentions, project.model)
    click.echo(f"{counts['tagged']} tagged")
    if failed:
        click.echo(f"failed: {', '.join(failed)}; 'molva doctor' says why", err=True)
        sys.exit(EXIT_PARTLY)


@cli.command()
@click.argument("query", default="")
@click.option(
    "--order",
    type=click.Choice(["newest", "best"]),
    default="newest",
    show_default=True,
    help="Newest first, or best match first.",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--after", help="Where the page before ended; it is printed there.")
@click.option("--explain", is_flag=True, help="Show how the query is understood; search nothing.")
@format_option()
@project_options
def search(
    query: str,
    order: str,
    limit: int,
    after: str | None,
    explain: bool,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Find mentions by words, "phrases", AND OR NOT, and fields such as topic:speed:negative.

    docs/query.md has the whole language.
    """
    import pipeline
    from output import answers, to_json

    with pipeline.read_store(_project(store, config)) as mentions:
        if explain:
            click.echo(to_json(mentions.explain_query(query), indent=2))
            return
        result = mentions.search(query, order=order, limit=limit, after=after)  # type: ignore[arg-type]  # click checked the choice
    answers.print_search(result, output_format)


@cli.command()
@click.argument("query", default="")
@click.option("--topic", "topics", multiple=True, help="Only this topic; give it once for each.")
@click.option("--overall", is_flag=True, help="Count whole mentions, not topics.")
@click.option(
    "--by",
    "period",
    type=click.Choice(["day", "week", "month"]),
    default="month",
    show_default=True,
    help="Length of a bucket; weeks begin on Monday.",
)
@click.option("--split", type=click.Choice(["source", "brand"]), help="A line for each of these.")
@format_option()
@project_options
def trends(
    query: str,
    topics: tuple[str, ...],
    overall: bool,
    period: str,
    split: str | None,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Count topics over time: how many, what share is negative, net sentiment.

    QUERY narrows what is counted, as in 'molva search'. docs/trends.md has the formulas.
    """
    import pipeline
    from nlp.taxonomy import check_topics
    from output import answers

    chosen = () if overall else check_topics(topics) or None
    with pipeline.read_store(_project(store, config)) as mentions:
        points = mentions.trends(query, period=period, topics=chosen, split=split)  # type: ignore[arg-type]  # click checked the choices
    answers.print_trends(points, output_format, split)


@cli.command()
@click.argument("query", default="")
@format_option("jsonl", "json", "csv", default="jsonl")
@project_options
def export(query: str, output_format: str, store: Path | None, config: Path | None) -> None:
    """Write every field and the current tagging of what QUERY finds (all without a query)."""
    import pipeline
    from output import answers

    with pipeline.read_store(_project(store, config)) as mentions:
        answers.print_export(mentions.scan(query), output_format)


@cli.command()
@click.argument("mention_id", metavar="ID")
@format_option("table", "json")
@project_options
def explain(mention_id: str, output_format: str, store: Path | None, config: Path | None) -> None:
    """Show each label of one mention with the sentence it rests on."""
    import pipeline
    from output import answers

    with pipeline.read_store(_project(store, config)) as mentions:
        hit = mentions.get(mention_id)
        versions = mentions.history(mention_id)
    if hit is None:
        raise click.ClickException(
            f"there is no mention {mention_id}; 'molva search --format json' prints ids"
        )
    answers.print_explanation(hit, versions, output_format)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--model", default="default", show_default=True, help="A model's name or folder.")
@format_option("table", "json")
def evaluate(file: Path, model: str, output_format: str) -> None:
    """Measure the tagger on a labelled FILE (JSON Lines; docs/model.md has the format)."""
    from nlp.evaluation import evaluate_file
    from output import answers

    answers.print_evaluation(evaluate_file(file, model), output_format)


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
@click.argument("ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@project_options
def forget(ids: tuple[str, ...], yes: bool, store: Path | None, config: Path | None) -> None:
    """Erase mentions by ID: text, history, tagging, index."""
    import pipeline

    with pipeline.open_store(_project(store, config), create=False) as mentions:
        if not yes:
            click.confirm(f"Erase {len(ids)} mentions for good?", abort=True)
        erased = mentions.delete(ids)
        mentions.compact()
    click.echo(f"{erased} erased, {len(ids) - erased} were not there")


@cli.command()
@format_option("table", "json")
@project_options
def doctor(output_format: str, store: Path | None, config: Path | None) -> None:
    """Check the store, the model and the last runs; show rejects with their reasons."""
    import doctor as examination
    from output import answers

    report = examination.examine(_project(store, config))
    answers.print_diagnosis(report, output_format)
    if report.problems:
        sys.exit(1)


def _pairs(values: Iterable[str], option: str) -> dict[str, str]:
    pairs = {}
    for value in values:
        name, separator, content = value.partition("=")
        if not separator or not name.strip():
            raise click.UsageError(f"'{option} {value}' needs the form name=value")
        pairs[name.strip()] = content
    return pairs


def _print_summary(summary: Any, output_format: str) -> None:
    from output import to_json

    if output_format == "json":
        record: Mapping[str, Any] = {
            "source": summary.source,
            "outcome": summary.outcome,
            "message": summary.message,
            **summary.counts,
        }
        click.echo(to_json(record))
    else:
        click.echo(printable(summary.line()))
    if summary.outcome == "failed":
        sys.exit(1)


@contextmanager
def _progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar with rate and time left on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


if __name__ == "__main__":
    cli(prog_name="molva")
