"""Pages per second of the App Store spider beside a bare Scrapy spider on the same server.

Both read the same pages of fifty reviews from a server on this machine, one request
at a time and without any delay: what is measured is Molva's own work per page. The
bare spider decodes the JSON and yields each entry as it is; Molva's checks, cleans
and hashes every review and hands it over in batches. Processor time is steadier than
wall time where something else runs. In life a crawl waits for the network and for
AutoThrottle, a second a page at least.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

REVIEWS = 50
PAGES = 10  # the feed has no more


def _page(number: int) -> bytes:
    entries = [
        {
            "id": {"label": str(number * REVIEWS + one)},
            "author": {
                "uri": {"label": f"https://itunes.apple.com/lt/reviews/id{one}"},
                "name": {"label": f"Автор {one}"},
            },
            "updated": {"label": f"2026-03-01T10:00:{one:02d}-07:00"},
            "im:rating": {"label": str(1 + one % 5)},
            "im:version": {"label": "4.2.0"},
            "title": {"label": "Долго"},
            "content": {"label": "Курьер опоздал на час и не извинился. " * 5},
            "im:voteSum": {"label": "3"},
        }
        for one in range(REVIEWS)
    ]
    return json.dumps({"feed": {"entry": entries}}, ensure_ascii=False).encode()


class _Server(ThreadingHTTPServer):
    """Every app has ten pages of new reviews."""

    daemon_threads = True

    def __init__(self) -> None:
        pages = {number: _page(number) for number in range(1, PAGES + 1)}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would wait for each other

            def do_GET(self) -> None:
                number = int(self.path.partition("page=")[2].partition("/")[0])
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(pages[number])))
                self.end_headers()
                self.wfile.write(pages[number])

            def log_message(self, *_arguments: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)


def _crawl_molva(url: str, result: Any) -> None:
    from crawlers.base import MentionSpider
    from crawlers.run import crawl

    MentionSpider.start = _timed_start(MentionSpider.start)  # type: ignore[method-assign]  # a clock
    items: list[Any] = []
    summary = crawl("app_store", {"app_id": "1", "country": "lt", "base_url": url}, items.extend)
    result.send((summary.pages, len(items), *_seconds()))


def _crawl_bare(url: str, result: Any) -> None:
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    items: list[Any] = []

    class Collect:
        def process_item(self, item: Any) -> Any:
            items.append(item)
            return item

    class Bare(Spider):
        name = "bare"

        async def start(self) -> Any:
            _begin.append(_clocks())
            yield self.ask(1)

        def ask(self, number: int) -> Request:
            path = f"/lt/rss/customerreviews/page={number}/id=1/sortby=mostrecent/json"
            return Request(url + path, callback=self.parse, cb_kwargs={"number": number})

        def parse(self, response: Any, number: int) -> Any:
            yield from json.loads(response.body)["feed"]["entry"]
            if number < PAGES:
                yield self.ask(number + 1)

    process = AsyncCrawlerProcess(
        {
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "CONCURRENT_REQUESTS": 1,
            "ITEM_PIPELINES": {Collect: 1},
        }
    )
    process.crawl(Bare)
    process.start()
    result.send((PAGES, len(items), *_seconds()))


_begin: list[tuple[float, float]] = []


def _clocks() -> tuple[float, float]:
    """Return wall and processor time of this process, in seconds."""
    return time.perf_counter(), time.process_time()


def _seconds() -> tuple[float, float]:
    """Return both since the spider began."""
    wall, processor = _clocks()
    return wall - _begin[0][0], processor - _begin[0][1]


def _timed_start(start: Any) -> Any:
    """Begin to count when the spider does, as the bare one: importing Scrapy is no crawling."""

    async def timed(self: Any) -> Any:
        _begin.append(_clocks())
        async for request in start(self):
            yield request

    return timed


def _measure(target: Any, url: str) -> tuple[float, float]:
    """Return pages per second of wall and processor time, of one crawl in its own process."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(url, sender))
    process.start()
    pages, items, wall, processor = receiver.recv()
    process.join()
    if (pages, items) != (PAGES, PAGES * REVIEWS):
        raise click.ClickException(f"{target.__name__} read {pages} pages and {items} items")
    return pages / wall, pages / processor


@click.command()
@click.option("--runs", default=5, show_default=True, help="Counted crawls of each spider.")
def main(runs: int) -> None:
    """Print medians of pages per second, and the ratios."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    targets = {"bare Scrapy": _crawl_bare, "molva app_store": _crawl_molva}
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
    for turn in range(runs + 1):
        for name, target in targets.items():  # in turns: a slow minute hits both
            rate = _measure(target, url)
            if turn:  # the first turn fills the file cache
                rates[name].append(rate)
    server.shutdown()
    medians = {
        name: [statistics.median(column) for column in zip(*values, strict=True)]
        for name, values in rates.items()
    }
    bare = medians["bare Scrapy"]
    click.echo(
        f"{'50 reviews a page':18}{'pages/s':>10}{'× bare':>9}{'pages/CPU s':>14}{'× bare':>9}"
    )
    for name, (wall, processor) in medians.items():
        click.echo(
            f"{name:18}{wall:>10.1f}{wall / bare[0]:>9.2f}{processor:>14.1f}"
            f"{processor / bare[1]:>9.2f}"
        )


if __name__ == "__main__":
    main()
