"""Reviews of a branch on 2GIS, with the user's own key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import TwoGisParameters
from crawlers.parsers.twogis import HOST, PAGE_SIZE, complaint, next_page, parse_page

QUERY: Final = urlencode(
    {
        "limit": PAGE_SIZE,
        "is_advertiser": "false",
        "fields": "meta.branch_rating,meta.branch_reviews_count,meta.total_count,"
        "reviews.hiding_reason,reviews.is_verified",
        "without_my_first_review": "false",
        "rated": "true",
        # An edited review comes to the front, where the next run meets it.
        "sort_by": "date_edited",
        "locale": "ru_RU",
    }
)


class TwoGisSpider(MentionSpider):
    """Reads all reviews of one branch, lately written or edited ones first."""

    name = "twogis"
    obeys_robots = False  # an interface for programs
    arguments: TwoGisParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._visited: set[str] = set()

    @override
    def first_requests(self) -> Iterator[Request]:
        branch = self.arguments.branch_id
        yield self._page(f"{HOST}/3.0/branches/{branch}/reviews?{QUERY}", self.listing(branch))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        return Complaint(said, "check branch_id and the key; a key over its quota is blocked too")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body, response.url, self.context, branch=self.arguments.branch_id
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append(
                f"there are no reviews of the branch {self.arguments.branch_id}; check branch_id"
            )
        url = next_page(response.body, response.url)
        if url is None or url in self._visited:
            return None
        return self._page(url, listing)

    def _page(self, url: str, listing: Listing) -> Request:
        self._visited.add(url)
        return self.page_request(url, listing, keys=Keys(query={"key": self.secret("api_key")}))
