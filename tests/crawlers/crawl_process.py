"""Runs a real crawl in a process of its own, as every user of `crawl` must.

The processes are forked from one that has Scrapy imported, so that a crawl takes a
tenth of a second instead of one and a half.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from crawlers.registry import SPIDERS
from crawlers.run import CrawlSummary, crawl
from mention import Mention, Reject

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "crawlers.run",
        "crawlers.settings",
        *(entry.path.partition(":")[0] for entry in SPIDERS.values()),
        "extruct",
        "feedparser",
        "scrapy.crawler",
        "scrapy.extensions.corestats",
        "scrapy.core.downloader.handlers.http11",
        "twisted.web.client",
    ]
)


@dataclass
class Crawled:
    """What a crawl brought; `error` is what `crawl` raised."""

    summary: CrawlSummary | None = None
    error: BaseException | None = None
    batches: list[list[Mention | Reject]] = field(default_factory=list)
    batch_times: list[float] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def items(self) -> list[Mention | Reject]:
        return [item for batch in self.batches for item in batch]

    @property
    def mentions(self) -> list[Mention]:
        return [item for item in self.items if isinstance(item, Mention)]

    @property
    def rejects(self) -> list[Reject]:
        return [item for item in self.items if isinstance(item, Reject)]

    @property
    def stored(self) -> dict[str, str]:
        """What a store would answer to `known`."""
        return {one.id: str(one.content_hash) for one in self.mentions}


class _FullDiskError(Exception):
    """The sink's error in a test."""


def _child(
    pipe: Connection,
    spider: str,
    arguments: Mapping[str, object],
    stored: Mapping[str, str] | None,
    options: dict[str, Any],
) -> None:
    crawled = Crawled(state=options.pop("state", {}))
    # The process was forked from one that knows nothing of the test's environment.
    os.environ.update(options.pop("environment", {}))
    if module := options.pop("import_first", None):
        importlib.import_module(module)
    fail_after = options.pop("fail_after", None)
    interrupt_after = options.pop("interrupt_after", None)

    def sink(batch: list[Mention | Reject]) -> None:
        if fail_after is not None and len(crawled.batches) >= fail_after:
            raise _FullDiskError("the disk is full")
        crawled.batches.append(batch)
        crawled.batch_times.append(time.monotonic())
        if interrupt_after is not None and len(crawled.batches) == interrupt_after:
            os.kill(os.getpid(), signal.SIGINT)

    def known(ids: Sequence[str]) -> dict[str, str]:
        assert stored is not None
        return {one: stored[one] for one in ids if one in stored}

    try:
        crawled.summary = crawl(
            spider,
            arguments,
            sink,
            None if stored is None else known,
            state=crawled.state,
            **({"author_salt": "a test's salt"} | options),
        )
    except Exception as error:
        crawled.error = error
    pipe.send(crawled)


def run(
    spider: str,
    *,
    stored: Mapping[str, str] | None = None,
    options: dict[str, Any] | None = None,
    **arguments: object,
) -> Crawled:
    """Crawl and return what came; `options` go to `crawl`, the rest are the spider's arguments."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(
        target=_child, args=(sender, spider, arguments, stored, options or {})
    )
    process.start()
    sender.close()
    try:
        assert receiver.poll(180), "the crawl did not end within three minutes"
        crawled: Crawled = receiver.recv()
    finally:
        process.join(5)
        if process.is_alive():
            process.kill()
    return crawled
