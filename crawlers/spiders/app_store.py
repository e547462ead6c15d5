"""Customer reviews of an app, from the App Store's public feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.listing import Listing
from crawlers.parameters import AppStoreParameters
from crawlers.parsers.app_store import PAGES, parse_page

HOST: Final = "https://itunes.apple.com"


class AppStoreSpider(MentionSpider):
    """Reads pages 1 to 10 of one app in one country, newest first."""

    name = "app_store"
    obeys_robots = False  # a feed for programs
    # The feed is empty at random, and past its last page.
    doubts_empty_pages = True
    arguments: AppStoreParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        listing = self.listing(f"{arguments.country}/{arguments.app_id}", max_pages=PAGES)
        yield self._page(1, listing)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body, response.url, self.context, country=self.arguments.country
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        # Pages are counted: the feed's own `next` link is of another form and leads nowhere.
        if listing.page_size:
            return self._page(listing.pages + 1, listing)
        if listing.pages == 1:
            self.run.notes.append(
                f"there are no reviews of {self.arguments.app_id} in the "
                f"{self.arguments.country.upper()} store; check app_id and country"
            )
        return None

    def _page(self, number: int, listing: Listing) -> Request:
        arguments = self.arguments
        return self.page_request(
            f"{HOST}/{arguments.country}/rss/customerreviews/page={number}"
            f"/id={arguments.app_id}/sortby=mostrecent/json",
            listing,
        )
