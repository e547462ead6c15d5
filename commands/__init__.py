"""Commands that do not stand in `cli.py` itself, and what they share with it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from output.options import project_options

if TYPE_CHECKING:
    from pipeline import IntakeSummary
    from project import Project

EXIT_PARTLY: Final = 3
Command = TypeVar("Command", bound=Callable[..., Any])


def load_project(store: Path | None, config: Path | None) -> Project:
    """Return the project of the working folder, or of what the options name."""
    import project

    return project.load(config, store)


def end_with(summary: IntakeSummary) -> None:
    """End with the exit code of a crawl or an import that failed or gave an alarm."""
    if summary.outcome == "failed":
        sys.exit(1)
    if summary.alarms:
        sys.exit(EXIT_PARTLY)


def insecure_http_option(command: Command) -> Command:
    """The option that allows a cluster without TLS on another machine."""
    return click.option(
        "--insecure-http",
        is_flag=True,
        help="Speak plain http to a cluster on another machine, readable on the way.",
    )(command)


def answer_options(command: Command) -> Callable[..., Any]:
    """The options of a command that answers from the store or the cluster, as one `Place`."""

    @wraps(command)
    def with_place(
        *args: Any,
        store: Path | None,
        config: Path | None,
        cluster: bool | None,
        insecure_http: bool,
        **values: Any,
    ) -> Any:
        from cluster import Place

        project = load_project(store, config)
        asks_cluster = project.asks_cluster if cluster is None else cluster
        return command(*args, place=Place(project, asks_cluster, insecure_http), **values)

    option = click.option(
        "--cluster/--no-cluster",
        default=None,
        help="Ask the cluster, or the store.  [default: answers_from of the project file]",
    )
    return project_options(option(insecure_http_option(with_place)))
