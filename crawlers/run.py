"""Runs one spider in this process and hands what it brings to a sink."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawlers.authors import AuthorPolicy
from crawlers.delivery import Delivery, Sink
from crawlers.items import ParseContext
from crawlers.listing import Known, State
from crawlers.parameters import LABELS, read_arguments
from crawlers.registry import find


@dataclass(slots=True)
class CrawlSummary:
    """How a crawl went.

    Attributes:
        spider: its name.
        outcome: `finished`, `stopped` (by `max_items` or a person) or `failed`.
            A crawl of several lists of which one could not be read has failed:
            what the others brought is stored all the same.
        message: one sentence when it did not finish, or when there was nothing.
        stop_reason: why no more was read, by list, such as `end`, `known`, `since`.
        requests: requests sent, with retries and robots.txt.
        pages: answers that were read.
        items: mentions handed to the sink.
        rejects: rejects handed to the sink.
        statuses: HTTP status -> answers, robots.txt not counted.
        problems: what was read only in part, such as `date_unreadable`.
    """

    spider: str
    outcome: str = "finished"
    message: str | None = None
    stop_reason: str = ""
    requests: int = 0
    pages: int = 0
    items: int = 0
    rejects: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """`pages`, `requests`, `status_…` and problems, for the store's record of the run.

        Mentions and rejects are left to the sink, which knows what became of them.
        """
        return {
            "pages": self.pages,
            "requests": self.requests,
            **{f"status_{status}": count for status, count in sorted(self.statuses.items())},
            **self.problems,
        }


def check(spider_name: str, arguments: Mapping[str, object]) -> None:
    """Refuse what `crawl` would refuse, without loading a spider.

    Raises:
        ArgumentError: there is no such spider or argument, or a value is wrong.
    """
    read_arguments(spider_name, find(spider_name).parameters, arguments)


def crawl(
    spider_name: str,
    arguments: Mapping[str, object],
    sink: Sink,
    known: Known | None = None,
    *,
    state: State | None = None,
    author_salt: str | bytes | None = None,
    store_author_names: bool = False,
    contact: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> CrawlSummary:
    """Run one spider to its end and return how it went.

    A process can do this once, because a Twisted reactor does not start again:
    start a process for each crawl.

    Args:
        spider_name: a key of `crawlers.registry.SPIDERS`.
        arguments: as a person types them; checked before anything is requested.
        sink: called with lists of at most 100 `Mention`s and `Reject`s, at least
            every second while there are any, and at the end. When it returns, they
            are taken as stored. What it raises ends the crawl and is raised here.
        known: returns the content hash of those of the given ids that are stored;
            the spider then stops at a row of unchanged ones.
        state: a mapping kept from run to run (values are JSON): what was covered,
            ETags. Values are assigned whole, never changed in place.
        author_salt: secret for the hashes of authors, else `MOLVA_AUTHOR_SALT`.
        store_author_names: keep display names too.
        contact: address or e-mail for the user agent.
        settings: Scrapy settings that win over Molva's, such as `LOG_ENABLED`.

    Raises:
        ArgumentError: there is no such spider or argument, or a value is wrong.
        RuntimeError: this process has run a crawl before.
    """
    entry = find(spider_name)
    typed = read_arguments(spider_name, entry.parameters, arguments)

    # Scrapy takes half a second to import, which a wrong argument need not wait for.
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.reactor import is_reactor_installed

    from crawlers.base import CrawlRun
    from crawlers.settings import build_settings

    if is_reactor_installed():
        raise RuntimeError("a process can crawl once; start another process for the next crawl")
    spider_class = entry.load()
    labels = {name: str(value) for name in LABELS if (value := getattr(typed, name, None))}
    run = CrawlRun(
        delivery=Delivery(sink),
        context=ParseContext(spider_name, labels, AuthorPolicy.of(author_salt, store_author_names)),
        state={} if state is None else state,
        known=known,
    )
    process = AsyncCrawlerProcess(
        {
            **build_settings(typed, contact=contact, obeys_robots=spider_class.obeys_robots),
            **(settings or {}),
        }
    )
    crawler = process.create_crawler(spider_class)
    process.crawl(crawler, arguments=typed, run=run)
    process.start()
    if run.delivery.error is not None:
        raise run.delivery.error
    try:
        stats = crawler.stats.get_stats()
    except RuntimeError:  # the crawl broke off before it began
        stats = {}
    return _summarise(spider_name, run, stats, typed.max_items)


def _summarise(
    name: str, run: Any, stats: Mapping[str, Any], max_items: int | None
) -> CrawlSummary:
    prefix = "downloader/response_status_count/"
    robots = "robotstxt/response_status_count/"
    statuses = Counter(
        {int(key.removeprefix(prefix)): n for key, n in stats.items() if key.startswith(prefix)}
    )
    statuses -= Counter(  # that a site has no robots.txt is no page that is missing
        {int(key.removeprefix(robots)): n for key, n in stats.items() if key.startswith(robots)}
    )
    summary = CrawlSummary(
        name,
        requests=int(stats.get("downloader/request_count", 0)),
        pages=run.pages,
        items=run.delivery.mentions,
        rejects=run.delivery.rejects,
        statuses=dict(statuses),
        problems=dict(run.context.problems),
    )
    reasons = Counter(listing.stop for listing in run.listings)
    summary.stop_reason = ", ".join(str(reason) for reason in sorted(reasons, key=str))
    broken_off = stats.get("finish_reason", "finished") == "finished" and (
        "interrupted" in reasons or not run.listings
    )
    if stats.get("spider_exceptions/count") or broken_off:
        run.failures.append(
            "the spider met something that it does not understand; "
            "please report it with the address and LOG_ENABLED=true"
        )
    if stats.get("finish_reason") == "shutdown":
        summary.outcome, summary.message = "stopped", "interrupted; run it again to continue"
    elif run.failures:
        summary.outcome = "failed"
        more = len(run.failures) - 1
        summary.message = run.failures[0] + (f" (and {more} more like it)" if more else "")
    elif "max_items" in reasons:
        summary.outcome = "stopped"
        summary.message = f"max_items={max_items} was reached; give a higher number to go on"
    elif run.notes:
        summary.message = run.notes[0]
    return summary
