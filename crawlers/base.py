"""The base of every spider: typed arguments, lists read page by page, one place for errors.

A new spider names its parameters and says three things: where a list begins, what
is on a page, and where the next page is. `docs/sources.md` has a worked example.

Where the platform needs more:

* a key: `self.secret("token")`, sent with `page_request(…, keys=Keys(query={…}))`, so
  that it is in no address that is logged or stored;
* something that is no page first, such as a token or the id of a place: `lookup_request`;
* errors sent as HTTP 200: `complaint` finds them in the body;
* a field that asks for a pause: `wait`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import Any, ClassVar, Final, cast
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.crawl_run import CrawlRun
from crawlers.delivery import Item
from crawlers.explanations import Complaint, explain_failure, explain_response
from crawlers.keys import optional_secret, secret
from crawlers.listing import Budget, Listing
from crawlers.middlewares import MAX_WAIT
from crawlers.page_requests import again, build_request, conditions, validators
from crawlers.parameters import Parameters
from crawlers.patience import HostBusyError
from crawlers.resuming import INSTEAD, fingerprint, point_of, resumed

# How often an empty page is asked for again, where a spider doubts it.
EMPTY_RETRIES: Final = 3
# A page with nothing but rejects is passed over; so many in a row are an outage.
UNREADABLE_PAGES: Final = 3
# How often a request is sent again whose answer says, with a good status, to come later.
COMPLAINT_RETRIES: Final = 4

# Reads an answer that is no page and gives the requests that follow from it.
Then = Callable[[Response], Iterable[Request]]


class MentionSpider(Spider):
    """A spider whose pages give mentions.

    A subclass sets `name` and implements `first_requests`, `parse_page` and, when
    there is more than one page, `next_page`.
    """

    # Feeds and documented interfaces are meant for programs; pages are not.
    obeys_robots: ClassVar[bool] = True
    # None: not known, the dates on the pages decide. False: never stop early.
    newest_first: ClassVar[bool | None] = True
    # Whether the end of a list is the end of all that was published, and not only of the
    # newest ones or of a selection. `docs/coverage.md` says what depends on it.
    shows_all: ClassVar[bool] = True
    # Whether a page without anything on it is asked for again before it is believed.
    doubts_empty_pages: ClassVar[bool] = False
    # Whether a list can be read from any page on. Not so where `next_page` needs what the
    # spider remembers of earlier pages, such as a queue of topics.
    resumable: ClassVar[bool] = True

    def __init__(self, arguments: Any, run: CrawlRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments: Any = arguments
        self.run = run
        self.context = run.context
        self._budget = Budget(arguments.max_items)
        self._fingerprint = fingerprint(arguments)

    # --- what a spider implements --------------------------------------------------
    def first_requests(self) -> Iterable[Request]:
        """Yield the first page of each list, made with `page_request`."""
        raise NotImplementedError

    def parse_page(self, response: Response, listing: Listing) -> Iterable[Item]:
        """Yield the mentions and rejects of one page, in its order."""
        raise NotImplementedError

    def next_page(self, response: Response, listing: Listing) -> Request | None:
        """Return the request for the page after this one, or None at the end."""

    def complaint(self, response: Response) -> Complaint | str | None:
        """Return what the platform says went wrong, for answers of any status; None if nothing.

        It is asked before `parse_page` and must not raise, whatever the body is.
        """

    # --- what it can use ---------------------------------------------------------
    def listing(self, key: str, max_pages: int | None = None, *, whole: bool = False) -> Listing:
        """Begin a list.

        Args:
            key: names it in the state and stays the same from run to run.
            max_pages: pages to take at most.
            whole: it has no order, such as the answers below a post: it is read to its end
                every time, and the state keeps nothing of it.
        """
        arguments: Parameters = self.arguments
        listing = Listing(
            key,
            state={} if whole else self.run.state,
            known=self.run.known,
            since=arguments.since,
            max_items=arguments.max_items,
            max_pages=max_pages,
            budget=self._budget,
            newest_first=False if whole else self.newest_first,
            shows_all=whole or self.shows_all,
        )
        self.run.listings.append(listing)
        return listing

    def secret(self, name: str) -> str:
        """Return a key of this spider from the environment.

        Raises:
            MissingKeyError, ArgumentError: as `crawlers.keys.secret`.
        """
        return secret(self.name, name, self.run.given_keys.get(name))

    def optional_secret(self, name: str) -> str | None:
        """Return a key of this spider, or None when it is not set."""
        return optional_secret(self.name, name, self.run.given_keys.get(name))

    def page_request(self, url: str, listing: Listing, **options: Any) -> Request:
        """Return the request for a page of `listing`, by the platform's own address.

        Args:
            url: without keys.
            listing: the list that the page belongs to.
            **options: `keys`, a `Keys`; `json`, a value, or `form`, a mapping, to be sent
                as the body (the method is then POST); and what `scrapy.Request` takes:
                `method`, `body`, `headers`, `meta`.
        """
        if not listing.pages and self.newest_first and listing.covered_before:
            # The first page has not changed: there is nothing new.
            asked = conditions(url, listing.memory.get("validators"))
            options["headers"] = {**asked, **(options.get("headers") or {})}
        return self._request(url, self.parse, {"listing": listing}, **options)

    def lookup_request(
        self, url: str, then: Then, listing: Listing | None = None, **options: Any
    ) -> Request:
        """Return a request whose answer is no page, such as a token or the id of a place.

        Args:
            url: without keys.
            then: reads the answer and gives the requests that follow; where it cannot,
                it calls `fail` and gives none. Errors never get to it.
            listing: the list that cannot be read when this fails, if it has begun.
            **options: as those of `page_request`.
        """
        return self._request(url, self.parse_lookup, {"then": then, "listing": listing}, **options)

    def wait(self, response: Response, seconds: float) -> None:
        """Ask the host of `response` for nothing during the next seconds, as it wishes."""
        if seconds > self.settings.getfloat(MAX_WAIT):
            self.run.patience.leave_alone(response.url, HostBusyError)
        else:
            self.run.patience.hold(response.url, seconds)

    def hand_on(self, items: Iterable[Item]) -> None:
        """Hand over what was read of a page.

        Not through Scrapy's item pipelines: they took a third of a crawl's processor time.
        """
        for item in items:
            self.run.handed_on += 1
            self.run.delivery.add(item)

    def fail(self, listing: Listing | None, sentence: str) -> None:
        """Give up a list, or what a lookup was for, and say why; what came before is kept."""
        if listing is not None:
            listing.stop = "failed"
        self.run.failures.append(sentence)

    # --- what Scrapy calls -------------------------------------------------------
    async def start(self) -> AsyncIterator[Request]:
        """Yield the first requests."""
        for request in self.first_requests():
            yield request

    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        """Read one page: hand on what is there, then ask for the next one."""
        self._check_delivery()
        if response.status == 304:
            self.run.pages += 1
            listing.stop = "not_modified"
            return
        trouble = self._trouble(response)
        if isinstance(trouble, Request):
            yield trouble
            return
        if trouble is not None:
            if response.status in {404, 410} and listing.pages:
                listing.stop = "end"  # the page after the last one
            else:
                self.fail(listing, trouble)
            return
        items = self._items(response, listing)
        if self.doubts_empty_pages and not items:
            retry = again(response, "empty_tries", EMPTY_RETRIES)
            if retry is not None:
                yield retry
                return
        self.hand_on(listing.take(items))
        self._check_delivery()
        if listing.stop == "max_items":
            raise CloseSpider("max_items")
        if listing.missed:
            yield from filter(None, [_instead(response.request)])
            return
        if listing.stop is None and listing.unreadable < UNREADABLE_PAGES:
            request = self._following(response, listing)
            if request is not None:
                yield request
                return
        outage = listing.unreadable >= UNREADABLE_PAGES
        nothing_sound = listing.unreadable and not listing.counts["mentions"]
        if listing.stop != "failed" and (outage or nothing_sound):
            host = urlsplit(response.url).netloc
            self.fail(
                listing, f"{host} answers with pages that cannot be read; 'molva doctor' has them"
            )
        listing.stop = listing.stop or "end"

    def parse_lookup(
        self, response: Response, then: Then, listing: Listing | None
    ) -> Iterator[Request]:
        """Read an answer that is no page, and ask for what follows from it."""
        trouble = self._trouble(response)
        if isinstance(trouble, Request):
            yield trouble
            return
        if trouble is not None:
            self.fail(listing, trouble)
            return
        requests = list(then(response))
        yield from requests
        if not requests and listing is not None and listing.stop is None:
            listing.stop = "end"

    def on_failure(self, failure: Failure) -> Iterator[Request]:
        """A request brought no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        instead = _instead(request)
        if instead is not None:
            yield instead
            return
        listing: Listing | None = request.cb_kwargs["listing"]
        self.fail(listing, explain_failure(failure.value, request))

    def closed(self, reason: str) -> None:
        """Hand over the rest, and remember what was covered."""
        self.run.delivery.flush()
        for listing in self.run.listings:
            if reason == "sink_failed" or self.run.delivery.error is not None:
                listing.stop = "failed"
            listing.close("interrupted")

    def _check_delivery(self) -> None:
        if self.run.delivery.error is not None:
            raise CloseSpider("sink_failed")

    def _items(self, response: Response, listing: Listing) -> list[Item]:
        self.run.pages += 1
        items = list(self.parse_page(response, listing))
        if not listing.pages and listing.stop is None:
            listing.remember(validators=validators(response))
        return items

    def _following(self, response: Response, listing: Listing) -> Request | None:
        """Return the request of the next page, or of the point where the run before broke off."""
        request, current = self.next_page(response, listing), response.request
        if request is None or current is None or not self.resumable:
            return request
        read = listing.pages
        left_off = listing.jump(self._fingerprint)
        if left_off is not None:
            return resumed(current, left_off, instead=(request, listing, read))
        if read > 1:
            point = point_of(current, read - 1, self._fingerprint)
            if point is not None:
                stored = self.run.handed_on
                self.run.delivery.when_stored(stored, partial(listing.checkpoint, point))
        return request

    def _trouble(self, response: Response) -> Request | str | None:
        """Return what to ask instead, or what is wrong with an answer, or None when it is sound."""
        said = self.complaint(response)
        complaint = Complaint(said) if isinstance(said, str) else said
        if complaint is not None and complaint.wait is not None:
            later = again(response, "complaint_tries", COMPLAINT_RETRIES)
            if later is not None:
                self.wait(response, complaint.wait)
                return later
        sentence = explain_response(response, complaint)
        return None if sentence is None else _instead(response.request) or sentence

    def _request(
        self, url: str, callback: Callable[..., Any], values: dict[str, Any], **options: Any
    ) -> Request:
        return build_request(url, callback, self.on_failure, values, **options)


def _instead(request: Request | None) -> Request | None:
    """Return what to ask when `request`, which goes on where a run broke off, has failed."""
    if request is None or INSTEAD not in request.meta:
        return None
    instead, listing, pages = request.meta[INSTEAD]
    listing.pages = pages
    return cast("Request", instead)
