"""A spider that needs all that `MentionSpider` offers, for the tests of it.

Imported in a crawl's process, it registers itself as `board`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parameters import Parameters
from crawlers.parsers.values import as_list, as_text, path_of, read_json
from crawlers.registry import SPIDERS, Secret, SpiderEntry

API = "https://api.board.example.org"


class BoardSpider(MentionSpider):
    """Gets a token with a form, then asks for pages with JSON."""

    name = "board"
    obeys_robots = False

    def first_requests(self) -> Iterator[Request]:
        listing = self.listing("posts")
        form = {"client_secret": self.secret("client_secret"), "grant": "client"}
        yield self.lookup_request(f"{API}/token", self._signed_in, listing, form=form)

    def _signed_in(self, response: Response) -> Iterator[Request]:
        (listing,) = self.run.listings
        token = as_text(path_of(read_json(response.body), "token"))
        if token is None:
            self.fail(listing, "api.board.example.org gives no token; check the key")
            return
        protect(token)
        keys = Keys({"api_key": self.secret("api_key")}, {"X-Token": token})
        yield self.page_request(f"{API}/posts?v=1", listing, keys=keys, json={"page": 1})

    def complaint(self, response: Response) -> Complaint | str | None:
        data = read_json(response.body)
        said = as_text(path_of(data, "error"))
        wait = path_of(data, "wait")
        return Complaint(said, "ask the board", wait) if said and wait is not None else said

    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        data = read_json(response.body)
        backoff: Any = path_of(data, "backoff")
        if backoff:
            self.wait(response, backoff)
        for number in as_list(path_of(data, "posts")):
            yield self.context.mention(str(number), text="x", url=response.url)

    def next_page(self, response: Response, listing: Listing) -> Request | None:
        request = response.request
        if not listing.page_size or request is None:
            return None
        keys = request.meta["molva_keys"]
        page = {"page": listing.pages + 1}
        return self.page_request(f"{API}/posts?v=1", listing, keys=keys, json=page)


SPIDERS["board"] = SpiderEntry(
    "tests.crawlers.board_spider:BoardSpider",
    Parameters,
    "OPEN",
    "posts",
    secrets=(Secret("client_secret", "ask"), Secret("api_key", "ask")),
)
