"""What several commands share: options, how they end with an error, the progress that they show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from output.rows import printable

Command = TypeVar("Command", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=True, path_type=Path)


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


def config_option(command: Command) -> Command:
    """The option `--config`: which project file."""
    return click.option("--config", type=_FILE, help="The project file.  [default: molva.toml]")(
        command
    )


def project_options(command: Command) -> Command:
    """The options that say which project: `--store` and `--config`."""
    return click.option(
        "--store",
        type=_FILE,
        help="The store, one SQLite file.  [default: MOLVA_STORE, the project file's, "
        "molva.sqlite]",
    )(config_option(command))


def sentiment_options(command: Command) -> Command:
    """The options that name another model for the overall sentiment, and what its labels mean."""
    command = click.option(
        "--sentiment-labels",
        metavar="LABEL=SENTIMENT,…",
        help="What that model's labels mean, such as LABEL_0=negative,LABEL_1=positive.",
    )(command)
    return click.option(
        "--sentiment-model",
        metavar="PATH_OR_ID",
        help="A folder or hub id of a Hugging Face classifier that gives the overall sentiment "
        "instead of the tagger.",
    )(command)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
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


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """Return `NAME=VALUE` arguments as a dictionary; `option` names them in an error."""
    found = {}
    for value in values:
        name, separator, content = value.partition("=")
        if not separator or not name.strip():
            raise click.UsageError(f"'{option} {value}' needs the form name=value")
        found[name.strip()] = content
    return found
