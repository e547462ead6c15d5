"""What one source costs its machine: processor time and memory of whole `molva collect` processes.

The server is on this machine and asks for no patience, so that what is left is the work:
starting Python and Scrapy, opening the store, reading pages of fifty entries. The difference
between a source of one page and one of eleven is the cost of ten pages; the rest is the cost
of a process. `docs/scaling.md` counts with both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import click

from collecting.health import FIELDS
from index import open_store

ENTRIES: Final = 50
MORE_PAGES: Final = 10
RUNS: Final = 2000

_ENTRY: Final = """<item><guid>tag:{page}:{number}</guid><title>Долго</title><pubDate>Mon, 01 Jun
 2026 10:00:{number:02d} +0300</pubDate><description>{text}</description></item>"""
_TEXT: Final = "Курьер опоздал на час и не извинился. " * 5


class _Server(ThreadingHTTPServer):
    """Every path is a feed of fifty entries of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would wait for each other

            def do_GET(self) -> None:
                entries = (
                    _ENTRY.format(page=self.path, number=number, text=_TEXT)
                    for number in range(ENTRIES)
                )
                feed = f'<rss version="2.0"><channel>{"".join(entries)}</channel></rss>'
                body = feed.encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)


def _collect(server: _Server, pages: int, store: Path) -> tuple[float, float]:
    """Return processor seconds and peak memory in MB of one process."""
    url = f"http://127.0.0.1:{server.server_port}"
    feeds = ",".join(f"{url}/{page}" for page in range(pages))
    command = [sys.executable, "-m", "cli", "collect", "rss", "-a", f"url={feeds}"]
    process = subprocess.Popen([*command, "--store", str(store)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"the crawl of {pages} pages failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _bytes_a_run(folder: Path) -> float:
    """Return what the record of a run adds to a store."""
    counts = dict.fromkeys("items new changed refreshed same pages requests status_200".split(), 50)
    path = folder / "runs.sqlite"
    arguments: dict[str, object] = {"app_id": "1234567890", "country": "lt", "brand": "Парус"}
    with open_store(path) as store:
        store.compact()
        before = path.stat().st_size
        for number in range(RUNS):
            run = store.start_run("app_store", arguments, f"app_store:{number % 100:016x}")
            store.finish_run(run, "finished", counts, empty_fields=dict.fromkeys(FIELDS, 3))
        store.compact()
    return (path.stat().st_size - before) / RUNS


@click.command()
@click.option("--runs", default=5, show_default=True, help="Counted processes of each kind.")
def main(runs: int) -> None:
    """Print medians: of a process, of a page of new mentions, of a page that is known."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seconds: dict[str, list[float]] = {"one": [], "new": [], "known": []}
    memory = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(runs + 1):
            one, many = Path(folder) / f"one-{turn}.sqlite", Path(folder) / f"many-{turn}.sqlite"
            kinds = (
                ("one", 1, one),
                ("new", 1 + MORE_PAGES, many),
                ("known", 1 + MORE_PAGES, many),
            )
            for kind, pages, store in kinds:  # in turns: a slow minute hits all
                spent, peak = _collect(server, pages, store)
                if turn:  # the first turn fills the file cache
                    seconds[kind].append(spent)
                    memory.append(peak)
        record = _bytes_a_run(Path(folder))
    server.shutdown()
    median = {kind: statistics.median(values) for kind, values in seconds.items()}
    click.echo(f"processor seconds of a source of one page: {median['one']:.2f}")
    for kind, words in (("new", "of new mentions"), ("known", "that is known")):
        page = (median[kind] - median["one"]) / MORE_PAGES
        click.echo(f"· of each further page of {ENTRIES} entries {words}: {page:.3f}")
    click.echo(f"peak memory: {max(memory):.0f} MB")
    click.echo(f"record of a run in the store: {record:.0f} bytes")


if __name__ == "__main__":
    main()
