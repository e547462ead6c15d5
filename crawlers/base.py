"""The base of every spider: typed arguments, lists read page by page, one place for errors.

A new spider names its parameters and says three things: where a list begins, what
is on a page, and where the next page is. `docs/sources.md` has a worked example.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.delivery import Delivery, Item
from crawlers.explanations import explain_failure, explain_response
from crawlers.items import ParseContext
from crawlers.listing import Budget, Known, Listing, State
from crawlers.parameters import Parameters
from crawlers.patience import Patience

# How often an empty page is asked for again, where a spider doubts it.
EMPTY_RETRIES: Final = 3
# A page with nothing but rejects is passed over; so many in a row are an outage.
UNREADABLE_PAGES: Final = 3


@dataclass(slots=True)
class CrawlRun:
    """What a spider shares with whoever started it.

    Attributes:
        delivery: where items go.
        context: what parsers need: labels, authors, counts of problems.
        state: remembered from run to run by the caller.
        known: content hashes of what is stored already.
        listings: the lists that were begun.
        failures: one sentence for each list that could not be read to its end.
        notes: one sentence each about what a person may want to know.
        pages: answers that were read.
        patience: which hosts are waited for.
    """

    delivery: Delivery
    context: ParseContext
    state: State
    known: Known | None = None
    listings: list[Listing] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: int = 0
    patience: Patience = field(default_factory=Patience)


class MentionSpider(Spider):
    """A spider whose pages give mentions.

    A subclass sets `name` and implements `first_requests`, `parse_page` and, when
    there is more than one page, `next_page`.
    """

    # Feeds and documented interfaces are meant for programs; pages are not.
    obeys_robots: ClassVar[bool] = True
    # None: not known, the dates on the pages decide. False: never stop early.
    newest_first: ClassVar[bool | None] = True
    # Whether a page without anything on it is asked for again before it is believed.
    doubts_empty_pages: ClassVar[bool] = False

    def __init__(self, arguments: Any, run: CrawlRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments: Any = arguments
        self.run = run
        self.context = run.context
        self._budget = Budget(arguments.max_items)

    # --- what a spider implements --------------------------------------------------
    def first_requests(self) -> Iterable[Request]:
        """Yield the first page of each list, made with `page_request`."""
        raise NotImplementedError

    def parse_page(self, response: Response, listing: Listing) -> Iterable[Item]:
        """Yield the mentions and rejects of one page, in its order."""
        raise NotImplementedError

    def next_page(self, response: Response, listing: Listing) -> Request | None:
        """Return the request for the page after this one, or None at the end."""

    # --- what it can use ---------------------------------------------------------
    def listing(self, key: str, max_pages: int | None = None) -> Listing:
        """Begin a list; `key` names it in the state and stays the same from run to run."""
        arguments: Parameters = self.arguments
        listing = Listing(
            key,
            state=self.run.state,
            known=self.run.known,
            since=arguments.since,
            max_items=arguments.max_items,
            max_pages=max_pages,
            budget=self._budget,
            newest_first=self.newest_first,
        )
        self.run.listings.append(listing)
        return listing

    def page_request(self, url: str, listing: Listing, **options: Any) -> Request:
        """Return the request for a page of `listing`, by the platform's own address."""
        # No duplicate filter: it would silently drop a redirect that leads back, and
        # every list guards itself against going round in circles.
        return Request(
            url,
            callback=self.parse,
            errback=self.on_failure,
            cb_kwargs={"listing": listing},
            dont_filter=True,
            **options,
        )

    def fail(self, listing: Listing, sentence: str) -> None:
        """Give up a list and say why; what came before is kept."""
        listing.stop = "failed"
        self.run.failures.append(sentence)

    # --- what Scrapy calls -------------------------------------------------------
    async def start(self) -> AsyncIterator[Request]:
        """Yield the first requests."""
        for request in self.first_requests():
            yield request

    def parse(self, response: Response, listing: Listing) -> Iterator[Item | Request]:
        """Read one page: hand on what is there, then ask for the next one."""
        self._check_delivery()
        if response.status == 304:
            self.run.pages += 1
            listing.stop = "not_modified"
            return
        sentence = explain_response(response)
        if sentence is not None:
            if response.status in {404, 410} and listing.pages:
                listing.stop = "end"  # the page after the last one
            else:
                self.fail(listing, sentence)
            return
        self.run.pages += 1
        items = list(self.parse_page(response, listing))
        tries = int(response.meta.get("empty_tries", 0))
        if self.doubts_empty_pages and not items and tries < EMPTY_RETRIES:
            yield self.page_request(response.url, listing, meta={"empty_tries": tries + 1})
            return
        yield from listing.take(items)
        self._check_delivery()
        if listing.stop == "max_items":
            raise CloseSpider("max_items")
        if listing.unreadable >= UNREADABLE_PAGES:
            host = urlsplit(response.url).netloc
            self.fail(
                listing, f"{host} answers with pages that cannot be read; 'molva doctor' has them"
            )
        if listing.stop is None:
            request = self.next_page(response, listing)
            if request is not None:
                yield request
            elif listing.stop is None:  # next_page may have failed the list
                listing.stop = "end"

    def on_failure(self, failure: Failure) -> None:
        """A request brought no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        listing: Listing = request.cb_kwargs["listing"]
        self.fail(listing, explain_failure(failure.value, request))

    def closed(self, reason: str) -> None:
        """Everything is handed over: remember what was covered."""
        for listing in self.run.listings:
            if reason == "sink_failed" or self.run.delivery.error is not None:
                listing.stop = "failed"
            listing.close("interrupted")

    def _check_delivery(self) -> None:
        if self.run.delivery.error is not None:
            raise CloseSpider("sink_failed")
