"""Five reviews of a place, from Google's Places API."""

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
from crawlers.parameters import GooglePlacesParameters
from crawlers.parsers.google_places import complaint, parse_page

NEW: Final = "https://places.googleapis.com/v1/places"
FIELDS: Final = "id,displayName,rating,userRatingCount,googleMapsUri,reviews"
LEGACY: Final = "https://maps.googleapis.com/maps/api/place/details/json"
# What the new interface answers to a project that has only the legacy one switched on.
NOT_SWITCHED_ON: Final = frozenset((403, 404))


class GooglePlacesSpider(MentionSpider):
    """Asks Places API (New), and the legacy Place Details where that one is not switched on."""

    name = "google_places"
    obeys_robots = False  # an interface for programs
    newest_first = False  # the five that Google finds relevant
    shows_all = False
    arguments: GooglePlacesParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusal: str | None = None  # what the new interface said

    @override
    def first_requests(self) -> Iterator[Request]:
        place = self.arguments.place_id
        yield self.page_request(
            f"{NEW}/{place}",
            self.listing(place),
            headers={"X-Goog-FieldMask": FIELDS},
            keys=Keys(headers={"X-Goog-Api-Key": self.secret("api_key")}),
        )

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        if response.url.startswith(NEW) and response.status in NOT_SWITCHED_ON:
            self._refusal = f"{response.status} {complaint(response.body) or ''}".strip()
            yield self._legacy_page(listing)
        else:
            yield from super().parse(response, listing)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if self._refusal is not None and (said or response.status >= 400):
            said = f"{said or 'no reason'}, after Places API (New) said {self._refusal}"
        if said is None:
            return None
        return Complaint(said, "check place_id, the key, and which Places API it may use")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        place = self.arguments.place_id
        yield from parse_page(response.body, response.url, self.context, place=place)

    @override
    def next_page(self, response: Response, listing: Listing) -> None:
        if not listing.page_size:
            self.run.notes.append(f"Google gives no reviews of the place {self.arguments.place_id}")

    def _legacy_page(self, listing: Listing) -> Request:
        query = urlencode(
            {
                "place_id": self.arguments.place_id,
                "fields": "name,place_id,url,reviews",
                "reviews_sort": "newest",
                "reviews_no_translations": "true",
            }
        )
        keys = Keys(query={"key": self.secret("api_key")})
        return self.page_request(f"{LEGACY}?{query}", listing, keys=keys)
