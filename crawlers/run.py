"""Runs one spider in this process and hands what it brings to a sink."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from crawlers.addresses import is_loopback
from crawlers.authors import AuthorPolicy
from crawlers.delivery import Delivery, Sink
from crawlers.errors import ArgumentError, NotAllowedError
from crawlers.items import ParseContext
from crawlers.keys import HidingFilter, optional_secret, secret
from crawlers.listing import EARLIEST, Known, Listing, Reach, State
from crawlers.parameters import LABELS, Parameters, read_arguments
from crawlers.registry import find
from crawlers.spider_entry import SpiderEntry, variable

# Stands for a key that a replay server does not look at.
REPLAY_KEY: Final = "replay"


@dataclass(slots=True)
class CrawlSummary:
    """How a crawl went.

    Attributes:
        spider: its name.
        outcome: `finished`, `stopped` (by `max_items` or a person) or `failed`.
            A crawl of several lists of which one could not be read has failed:
            what the others brought is stored all the same.
        message: one sentence when it did not finish, or when there was nothing.
        stops: why no more was read (`end`, `known`, `since` …, see `Listing.stop`) -> lists.
        requests: requests sent, with retries and robots.txt.
        pages: answers that were read.
        pages_expected: those, and the one that is missing of each list not read to its end.
        items: mentions handed to the sink.
        rejects: rejects handed to the sink.
        statuses: HTTP status -> answers, robots.txt not counted.
        problems: what was read only in part, such as `date_unreadable`.
        reach: how far back it read every list; None when there are gaps in one.
    """

    spider: str
    outcome: str = "finished"
    message: str | None = None
    stops: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    pages: int = 0
    pages_expected: int = 0
    items: int = 0
    rejects: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    reach: Reach | None = None

    @property
    def stop_reason(self) -> str:
        """Why no more was read: the names of `stops`, with commas between them."""
        return ", ".join(sorted(self.stops))

    @property
    def counts(self) -> dict[str, int]:
        """`pages…`, `requests`, `status_…`, `stop_…` and problems, for the store's record.

        Mentions and rejects are left to the sink, which knows what became of them.
        """
        return {
            "pages": self.pages,
            "pages_expected": self.pages_expected,
            "requests": self.requests,
            **{f"status_{status}": count for status, count in sorted(self.statuses.items())},
            **{f"stop_{reason}": count for reason, count in sorted(self.stops.items())},
            **self.problems,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a crawl was asked for, found to be in order.

    Attributes:
        entry: the spider's place in the registry.
        arguments: typed.
        public: as they were given, but without keys: fit to be stored and shown.
        keys: by name; they win over the environment's.
        warning: a sentence that the user should see before the crawl, or None.
    """

    entry: SpiderEntry
    arguments: Parameters
    public: dict[str, object]
    keys: dict[str, str]
    warning: str | None = None


def check(spider_name: str, arguments: Mapping[str, object], *, tolerated: bool = False) -> Checked:
    """Refuse what `crawl` would refuse, without loading a spider.

    Where everything is asked of this machine, such as a replay server, no terms are touched
    and no key is known: none is needed, and any may be given as an argument.

    Raises:
        ArgumentError: there is no such spider or argument, or a value is wrong.
        MissingKeyError: a key is not set.
        NotAllowedError: the spider is TOLERATED and was not allowed.
    """
    entry = find(spider_name)
    names = {one.name for one in entry.secrets}
    public = {name: value for name, value in arguments.items() if name not in names}
    typed = read_arguments(spider_name, entry.parameters, public)
    keys: dict[str, str] = {}
    if typed.base_url is not None and is_loopback(typed.base_url):
        given = {name: str(value) for name, value in arguments.items() if name in names and value}
        for one in entry.secrets:
            known = optional_secret(spider_name, one.name, given.get(one.name))
            if known is not None or one.is_needed(typed):
                keys[one.name] = known or REPLAY_KEY
        return Checked(entry, typed, public, keys)
    for name in names & arguments.keys():
        raise ArgumentError(
            f"'{name}' is a key and no argument, because arguments are stored and shown; "
            f"set {variable(spider_name, name)}"
        )
    if entry.law == "TOLERATED" and not tolerated:
        raise NotAllowedError(
            f"{spider_name} reads what the platform does not offer to programs; read its terms "
            f"({entry.terms}), then allow it with 'tolerated = true' in the project file or "
            "with --tolerated"
        )
    for one in entry.secrets:
        if one.is_needed(typed):
            secret(spider_name, one.name)
    return Checked(entry, typed, public, keys, _warning(spider_name, entry))


def _warning(spider_name: str, entry: SpiderEntry) -> str | None:
    if entry.law != "TOLERATED":
        return None
    return f"{spider_name} is slow on purpose; the platform's terms may forbid it: {entry.terms}"


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
    tolerated: bool = False,
    cache: Path | None = None,
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
        tolerated: allow a spider whose platform's terms may forbid it.
        cache: folder to keep answers in and to read them from, while a parser is written.
        settings: Scrapy settings that win over Molva's, such as `LOG_ENABLED`.

    Raises:
        ArgumentError, MissingKeyError, NotAllowedError: as `check`.
        RuntimeError: this process has run a crawl before.
    """
    checked = check(spider_name, arguments, tolerated=tolerated)
    entry, typed = checked.entry, checked.arguments

    # Scrapy takes half a second to import, which a wrong argument need not wait for.
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.reactor import is_reactor_installed

    from crawlers.crawl_run import CrawlRun
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
        given_keys=checked.keys,
    )
    process = AsyncCrawlerProcess(
        {
            **build_settings(
                typed,
                contact=contact,
                obeys_robots=spider_class.obeys_robots,
                tolerated=entry.law == "TOLERATED",
                cache=cache,
            ),
            **(settings or {}),
        }
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(HidingFilter())
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
        reach=_reach(run.listings),
    )
    reasons = Counter(listing.stop for listing in run.listings)
    summary.stops = {str(reason): count for reason, count in reasons.items()}
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
    elif not summary.items and reasons.keys() <= {"end"}:
        summary.message = f"{name} found nothing; check the arguments"
    summary.pages_expected = summary.pages
    if summary.outcome != "finished" and "max_items" not in reasons:
        summary.pages_expected += max(1, reasons["failed"] + reasons["interrupted"])
    return summary


def _reach(listings: Sequence[Listing]) -> Reach | None:
    """Return how far back all lists were read: as far as the one that goes back least."""
    reaches = [listing.reach for listing in listings]
    whole = [reach for reach in reaches if reach is not None]
    if len(whole) < len(reaches):
        return None
    return Reach(
        max((reach.back_to for reach in whole), default=EARLIEST),
        any(reach.as_before for reach in whole),
    )
