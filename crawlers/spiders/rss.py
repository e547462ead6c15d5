"""Entries of RSS, Atom and JSON feeds; asks a server only for what changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.listing import Listing
from crawlers.parameters import RssParameters
from crawlers.parsers.feed import read_feed

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.8, */*;q=0.5"
)


class RssSpider(MentionSpider):
    """Reads each feed, and its older pages where it links to them."""

    name = "rss"
    obeys_robots = False  # feeds are published for programs to read
    shows_all = False  # a feed has the newest entries
    arguments: RssParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._next: dict[str, str | None] = {}  # key of a list -> its following page
        self._visited: dict[str, set[str]] = {}

    @override
    def first_requests(self) -> Iterator[Request]:
        for url in dict.fromkeys(self.arguments.url):
            listing = self.listing(url, max_pages=self.arguments.max_pages)
            self._visited[url] = {url}
            yield self.page_request(url, listing, headers={"Accept": ACCEPT})

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        header = response.headers.get("Content-Type")
        page = read_feed(
            response.body,
            response.url,
            self.context,
            content_type=header.decode("latin-1") if header else None,
            feed_url=listing.key,
        )
        self._next[listing.key] = page.next_url
        if not page.is_feed:
            self.fail(
                listing,
                f"{response.url} is not a feed; look in the page's source for "
                '<link rel="alternate" type="application/rss+xml">',
            )
            return
        if not listing.pages:
            self._note_move(response, listing)
        yield from page.items

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        following = self._next.get(listing.key)
        visited = self._visited[listing.key]
        if following is None or following in visited or not listing.page_size:
            return None
        visited.add(following)
        return self.page_request(following, listing, headers={"Accept": ACCEPT})

    def _note_move(self, response: Response, listing: Listing) -> None:
        reasons = response.meta.get("redirect_reasons") or []
        if reasons and all(reason in {301, 308} for reason in reasons):
            self.run.notes.append(
                f"{listing.key} has moved for good to {response.url}; "
                "change the address in your sources"
            )
