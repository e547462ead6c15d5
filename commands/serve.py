"""`molva serve`: the page for people who would rather look than type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import answer_options

if TYPE_CHECKING:
    from cluster import Place


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="0 for any that is free.",
)
@click.option("--read-only", is_flag=True, help="Nobody may correct labels or enter cases.")
@click.option(
    "hosts",
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="A name by which browsers may call the page, such as that of a proxy before it.",
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve https with this certificate, PEM; with --key.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The private key of --certificate, PEM.",
)
@answer_options
def serve(
    host: str,
    port: int,
    read_only: bool,
    hosts: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    place: Place,
) -> None:
    """Serve a page with search, trends and comparisons, and the JSON interface behind it.

    Only this machine can reach it. Beyond it, with --host or --allow-host, everyone has to sign
    in with MOLVA_SERVE_READ_TOKEN or MOLVA_SERVE_WRITE_TOKEN. docs/page.md says how.
    """
    from dashboard.serving import listen, serve_until_ended, settings_of

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together; give both")
    settings = settings_of(place, host, hosts, is_read_only=read_only)
    with place.open() as mentions:
        mentions.search("", limit=0)  # what cannot answer is found out before a browser is opened
    with listen(host, port) as socket:
        scheme = "http" if certificate is None else "https"
        name = f"[{host}]" if ":" in host else host
        line = f"Molva's page: {scheme}://{name}:{socket.getsockname()[1]}/  (end with Ctrl+C)"
        serve_until_ended(
            settings, socket, lambda: click.echo(line), certificate=certificate, key=key
        )
