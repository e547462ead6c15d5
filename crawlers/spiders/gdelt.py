"""News articles that GDELT has seen, of all languages and countries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import GdeltParameters
from crawlers.parsers.gdelt import complaint, parse_page, seen_times

API: Final = "https://api.gdeltproject.org/api/v2/doc/doc"
PAGE_SIZE: Final = 250  # the most that one answer holds; there are no pages
TIME: Final = "%Y%m%d%H%M%S"
PAUSE: Final = 5.5  # GDELT wants five seconds between two requests
TOO_FAST: Final = "limit requests"


class GdeltSpider(MentionSpider):
    """Reads articles, newest first; after a full answer it asks for what was seen before."""

    name = "gdelt"
    obeys_robots = False  # an interface for programs
    shows_all = False  # what is older than some months is not given
    arguments: GdeltParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        yield self._until(None, self.listing(self.arguments.query))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        if TOO_FAST in said:
            return Complaint(said, "run it again later", PAUSE)
        return Complaint(said, "check the query, or run it again later")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append("GDELT has no such articles of the last three months")
        times = seen_times(response.body)
        if listing.page_size < PAGE_SIZE or not times:
            return None
        # Others of the same time may not have been in the answer; of more than it holds, the
        # same ones would come again.
        end = min(times) if min(times) < max(times) else min(times) - timedelta(seconds=1)
        if self.settings.getfloat("DOWNLOAD_DELAY"):  # not where a replay server is asked
            self.wait(response, PAUSE)
        return self._until(end, listing)

    def _until(self, end: datetime | None, listing: Listing) -> Request:
        since = self.arguments.since
        query = {
            "query": self.arguments.query,
            "mode": "artlist",
            "format": "json",
            "maxrecords": str(PAGE_SIZE),
            "sort": "datedesc",
        }
        if since:
            query["startdatetime"] = since.strftime(TIME)
        if end:
            query["enddatetime"] = end.strftime(TIME)
        return self.page_request(f"{API}?{urlencode(query)}", listing)
