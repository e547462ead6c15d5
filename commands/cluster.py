"""The commands that change what a cluster holds: `molva index` and `molva forget`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import EXIT_PARTLY, insecure_http_option, load_project
from output import format_option, printable
from output.options import progress, project_options

if TYPE_CHECKING:
    from index.elastic.sender import IndexReport
    from project import Project


@click.command()
@click.option("--rebuild", is_flag=True, help="Build a new index from the store, then switch.")
@click.option("--drop-old", is_flag=True, help="Delete the indices that rebuilds left behind.")
@click.option("--retry-refused", is_flag=True, help="Send again what the cluster has refused.")
@click.option("--forget-cluster", is_flag=True, help="Send nothing, and note no more changes.")
@insecure_http_option
@format_option("table", "json")
@project_options
def index(
    rebuild: bool,
    drop_old: bool,
    retry_refused: bool,
    forget_cluster: bool,
    insecure_http: bool,
    output_format: str,
    store: Path | None,
    config: Path | None,
) -> None:
    """Send what the Elasticsearch cluster of the project file does not have yet.

    The first time that is everything. It may be broken off and run again at any time.
    """
    from cluster import index_store

    if forget_cluster:
        if rebuild or drop_old or retry_refused:
            raise click.UsageError("--forget-cluster sends nothing; give it alone")
        _forget_cluster(load_project(store, config))
        return
    report = index_store(
        load_project(store, config),
        rebuild=rebuild,
        drop_old=drop_old,
        retry_refused=retry_refused,
        insecure_http=insecure_http,
        show=progress,
    )
    _print_report(report, output_format)
    if not report.is_complete:
        sys.exit(EXIT_PARTLY)


def _forget_cluster(project: Project) -> None:
    import cluster

    untold = cluster.forget_cluster(project)
    click.echo("changes are noted for no cluster any more; what one holds stays there")
    if untold:
        click.echo(f"{untold} mentions that were erased here may stand there still", err=True)
        sys.exit(EXIT_PARTLY)


def send_after_run(project: Project, *, insecure_http: bool = False) -> bool:
    """Send what a run has brought; return whether nothing is left to do."""
    from cluster import index_store
    from mention import UserError

    try:
        report = index_store(project, insecure_http=insecure_http, show=progress)
    except UserError as error:
        click.echo(printable(f"not sent to the cluster: {error}"), err=True)
        return False
    _print_report(report, "table")
    return report.is_complete


def _print_report(report: IndexReport, output_format: str) -> None:
    if output_format == "json":
        from dataclasses import asdict

        from output import to_json

        click.echo(to_json(asdict(report), indent=2))
    else:
        line = f"{report.index}: {report.sent} sent"
        if report.newer_there:
            line += f", {report.newer_there} there already"
        if report.deleted:
            line += f", {report.deleted} erased"
        click.echo(printable(line))
        if report.dropped:
            click.echo(printable(f"deleted: {', '.join(report.dropped)}"))
    for line in _left(report):
        click.echo(printable(line), err=True)


def _left(report: IndexReport) -> list[str]:
    """Return what is left to do, one sentence each."""
    left = list(report.problems)
    if report.refused:
        left.append(
            f"{report.refused} refused by the cluster; 'molva doctor' says why, "
            "and 'molva index --retry-refused' sends them again"
        )
    if report.waiting:
        left.append(f"{report.waiting} changed meanwhile; run this again")
    if report.old:
        left.append(f"kept: {', '.join(report.old)}; 'molva index --drop-old' deletes them")
    return left


@click.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@insecure_http_option
@project_options
def forget(
    ids: tuple[str, ...], yes: bool, insecure_http: bool, store: Path | None, config: Path | None
) -> None:
    """Erase mentions by ID: text, history, tagging, index, and in the cluster."""
    import cluster
    import pipeline
    from index.base import StoreError

    project = load_project(store, config)
    with pipeline.open_store(project, create=False) as mentions:
        if not yes:
            click.confirm(f"Erase {len(ids)} mentions for good?", abort=True)
        erased = mentions.delete(ids)
        mentions.compact()
        click.echo(f"{erased} erased, {len(ids) - erased} were not there")
        if project.elasticsearch is not None:
            try:
                cluster.erase(project, mentions, ids, insecure_http=insecure_http)
            except StoreError as error:
                click.echo(
                    printable(f"not erased in the cluster yet ('molva index' will): {error}"),
                    err=True,
                )
                sys.exit(EXIT_PARTLY)
