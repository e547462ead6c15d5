"""The commands that gather from platforms: `molva sources` and `molva collect`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands import EXIT_PARTLY, Command, end_with, load_project
from output import format_option, printable
from output.options import pairs, progress, project_options

if TYPE_CHECKING:
    from collecting.jobs import Job
    from collecting.processes import Result
    from index.base import Run
    from project import Project


@dataclass(frozen=True, slots=True)
class Plan:
    """Which sources of a project are collected, and how many at once.

    Attributes:
        shard: such as `2/8`; None: all.
        only_due: only those whose time has come.
        at_once: how many processes.
    """

    shard: str | None
    only_due: bool
    at_once: int

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves sources out."""
        return self.shard is not None or self.only_due

    def jobs(self, project: Project, *, tolerated: bool = False) -> list[Job]:
        """Return what is to be collected; `tolerated` allows what the project does not.

        Raises:
            ClickException: the project names no sources at all.
            ShardError: there is no such shard.
        """
        from collecting.jobs import jobs_of
        from collecting.schedule import due
        from collecting.sharding import Shard

        if not project.sources:
            raise click.ClickException(
                "the project file names no sources; 'molva init' writes one with examples"
            )
        jobs = jobs_of(project)
        if self.shard is not None:
            jobs = Shard.parse(self.shard).of(jobs)
        if self.only_due:
            jobs = due(jobs, _last_by_series(project), datetime.now(UTC))
        return [replace(job, tolerated=True) for job in jobs] if tolerated else jobs

    def collect(self, project: Project, *, tolerated: bool = False) -> list[Result]:
        """Collect and return how each source went, in their order; raises what `jobs` raises."""
        from collecting.processes import run_jobs

        jobs = self.jobs(project, tolerated=tolerated)
        with progress("collecting", len(jobs)) as advance:
            return run_jobs(project, jobs, at_once=self.at_once, done=lambda _result: advance(1))


def plan_options(command: Command) -> Callable[..., Any]:
    """The options of a command that collects a project, as one `Plan`."""

    @wraps(command)
    def with_plan(*args: Any, shard: str | None, due: bool, at_once: int, **values: Any) -> Any:
        return command(*args, plan=Plan(shard, due, at_once), **values)

    for option in (
        click.option(
            "--at-once",
            type=click.IntRange(1, 64),
            default=4,
            show_default=True,
            help="How many sources at a time, each in a process of its own.",
        ),
        click.option("--due", is_flag=True, help="Only sources whose 'every' says it is time."),
        click.option(
            "--shard",
            metavar="NUMBER/MACHINES",
            help="Only this machine's share of the sources, such as 2/8.",
        ),
    ):
        with_plan = option(with_plan)
    return with_plan


def _last_by_series(project: Project) -> dict[str, Run]:
    """Return the latest run of each series in the project's store, if there is one."""
    import pipeline

    if not project.store.exists():
        return {}
    with pipeline.open_store(project, create=False) as store:
        return {run.series: run for run in store.last_runs() if run.series is not None}


def _last_runs(project: Project) -> list[Run]:
    """Return the latest runs, none where the store cannot be read: spiders are listed anyway."""
    import pipeline
    from index.base import StoreError

    if not project.store.exists():
        return []
    try:
        with pipeline.read_store(project) as store:
            return store.last_runs()
    except StoreError as error:
        click.echo(printable(f"the last runs are not known: {error}"), err=True)
        return []


@click.command()
@format_option()
@project_options
def sources(output_format: str, store: Path | None, config: Path | None) -> None:
    """List the spiders, their class in law, their arguments and how their last run went."""
    from crawlers.registry import describe
    from output.collecting import print_sources

    print_sources(describe(), _last_runs(load_project(store, config)), output_format)


@click.command()
@click.argument("spider", required=False)
@click.option(
    "arguments",
    "-a",
    "--argument",
    multiple=True,
    metavar="NAME=VALUE",
    help="An argument of the spider; give it once for each. 'molva sources' lists them.",
)
@click.option(
    "--tolerated",
    is_flag=True,
    help="Allow a source whose platform's terms may forbid it; read them first.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep answers in this folder and read them from there, while a parser is written.",
)
@plan_options
@click.option("--dry-run", is_flag=True, help="Show what would be collected; collect nothing.")
@format_option("table", "json")
@project_options
def collect(
    spider: str | None,
    arguments: tuple[str, ...],
    tolerated: bool,
    cache: Path | None,
    plan: Plan,
    dry_run: bool,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Run one SPIDER, or all sources of the project file, and store what is new or changed."""
    project = load_project(store, config)
    given = pairs(arguments, "-a")
    if spider is None:
        if given or cache:
            option = "-a is an argument" if given else "--cache is for one run"
            raise click.UsageError(f"{option} of a spider; name the SPIDER before it")
        _collect_project(project, plan, output_format, tolerated=tolerated, dry_run=dry_run)
        return
    if plan.is_narrowed or dry_run:
        raise click.UsageError(
            "--shard, --due and --dry-run are for the sources of the project file; "
            "leave the SPIDER out"
        )
    import pipeline
    from output import answers

    summary = pipeline.collect(
        project,
        spider,
        given,
        tolerated=tolerated,
        warn=lambda sentence: click.echo(printable(sentence), err=True),
        cache=cache,
    )
    answers.print_summary(summary, output_format)
    end_with(summary)


def _collect_project(
    project: Project, plan: Plan, output_format: str, *, tolerated: bool, dry_run: bool
) -> None:
    from output.collecting import print_jobs, print_results

    if dry_run:
        print_jobs(plan.jobs(project, tolerated=tolerated), output_format)
        return
    results = plan.collect(project, tolerated=tolerated)
    print_results(results, output_format)
    if any(result.needs_a_look for result in results):
        sys.exit(EXIT_PARTLY)
