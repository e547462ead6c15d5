"""The newest five reviews of a location on Tripadvisor, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import TripAdvisorParameters
from crawlers.parsers.tripadvisor import complaint, parse_page

HOST: Final = "https://api.content.tripadvisor.com"


class TripAdvisorSpider(MentionSpider):
    """Asks once: the interface has no pages."""

    name = "tripadvisor"
    obeys_robots = False  # an interface for programs
    shows_all = False  # the newest five
    arguments: TripAdvisorParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        location, language = self.arguments.location_id, self.arguments.language
        yield self.page_request(
            f"{HOST}/api/v1/location/{location}/reviews?{urlencode({'language': language})}",
            self.listing(f"{location}/{language}"),
            keys=Keys(query={"key": self.secret("api_key")}),
        )

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        return Complaint(said, "check location_id, the key, and the addresses that may use it")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> None:
        if not listing.page_size:
            self.run.notes.append(
                f"Tripadvisor gives no reviews of {self.arguments.location_id} in "
                f"'{self.arguments.language}'; check location_id and language"
            )
