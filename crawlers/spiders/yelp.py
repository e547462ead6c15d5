"""Excerpts of the reviews of a business on Yelp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import YelpParameters
from crawlers.parsers.yelp import complaint, parse_page

HOST: Final = "https://api.yelp.com"
PAGE_SIZE: Final = 50


class YelpSpider(MentionSpider):
    """Reads the excerpts that the key's plan gives, newest first."""

    name = "yelp"
    obeys_robots = False  # an interface for programs
    shows_all = False
    arguments: YelpParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        yield self._page(self.listing(f"{arguments.business_id}/{arguments.locale or ''}"))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        return Complaint(said, "check business_id, the key, and whether its plan has reviews")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append(
                f"Yelp gives no reviews of {self.arguments.business_id}; "
                "check business_id and locale"
            )
        # Most plans give three excerpts, whatever is asked for: only a full page has another.
        return self._page(listing) if listing.page_size >= PAGE_SIZE else None

    def _page(self, listing: Listing) -> Request:
        arguments = self.arguments
        query = {"limit": PAGE_SIZE, "sort_by": "newest"}
        offset = {"offset": listing.pages * PAGE_SIZE} if listing.pages else {}
        locale = {"locale": arguments.locale} if arguments.locale else {}
        return self.page_request(
            f"{HOST}/v3/businesses/{quote(arguments.business_id, safe='%')}/reviews"
            f"?{urlencode(query | offset | locale)}",
            listing,
            keys=Keys(headers={"Authorization": f"Bearer {self.secret('api_key')}"}),
        )
