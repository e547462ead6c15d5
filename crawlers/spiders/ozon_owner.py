"""Reviews of one's own products, from Ozon's API for sellers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.gathering import GatheringSpider, Wanted
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import OzonOwnerParameters
from crawlers.parsers.ozon_owner import complaint, next_id, parse_page, reviews_of

HOST: Final = "https://api-seller.ozon.ru"
LIST, NEW_LIST = f"{HOST}/v1/review/list", f"{HOST}/v2/review/list"
COMMENTS, LIKES = "comments", "likes"
DETAILS: Final = {COMMENTS: f"{HOST}/v1/review/comment/list", LIKES: f"{HOST}/v1/review/info"}
PAGE_SIZE: Final = 50  # of at most 100: each review may take a request of its own
MOST_COMMENTS: Final = 100


class OzonOwnerSpider(GatheringSpider):
    """Reads the reviews of all products of a shop, newest first, with the answers to them."""

    name = "ozon_owner"
    obeys_robots = False  # an interface for programs
    arguments: OzonOwnerParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        yield self._page(LIST, "", self.listing("reviews"))

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        if response.url == LIST and response.status in {404, 410} and not listing.pages:
            yield self._page(NEW_LIST, "", listing)
        else:
            yield from super().parse(response, listing)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        return Complaint(said, "check the keys, and that the shop's plan has reviews by API")

    @override
    def wanted(self, response: Response) -> list[Wanted]:
        reviews = reviews_of(response.body)
        likes = [Wanted(LIKES, one) for one, _ in reviews] if self.arguments.likes else []
        return [*(Wanted(COMMENTS, one) for one, has_any in reviews if has_any), *likes]

    @override
    def detail_request(self, wanted: Wanted, listing: Listing, meta: Mapping[str, Any]) -> Request:
        body: dict[str, object] = {"review_id": wanted.record_id}
        if wanted.what == COMMENTS:
            body |= {"limit": MOST_COMMENTS, "offset": 0, "sort_dir": "ASC"}
        url = DETAILS[wanted.what]
        return self.page_request(url, listing, json=body, keys=self._keys(), meta=meta)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body,
            response.url,
            self.context,
            comments=self.gathered(response, COMMENTS),
            infos=self.gathered(response, LIKES),
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append("the shop has no reviews yet")
        last = next_id(response.body)
        if last is None or response.request is None:
            return None
        asked = json.loads(response.request.body)["last_id"]
        return None if last == asked else self._page(response.url, last, listing)

    def _page(self, url: str, last_id: str, listing: Listing) -> Request:
        body: dict[str, object] = {"last_id": last_id, "limit": PAGE_SIZE, "sort_dir": "DESC"}
        if url == LIST:
            body["status"] = "ALL"
        elif self.arguments.since:
            body["filters"] = {"published_from": self.arguments.since.isoformat()}
        return self.page_request(url, listing, json=body, keys=self._keys())

    def _keys(self) -> Keys:
        pair = {"Client-Id": self.secret("client_id"), "Api-Key": self.secret("api_key")}
        return Keys(headers=pair)
