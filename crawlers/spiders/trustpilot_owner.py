"""Reviews of one's own business, from the Trustpilot Business API."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import Then
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parameters import TrustpilotOwnerParameters
from crawlers.parsers.trustpilot_owner import complaint, parse_page
from crawlers.signing_in import SigningInSpider

HOST: Final = "https://api.trustpilot.com"
TOKEN_PATH: Final = "/v1/oauth/oauth-business-users-for-applications/accesstoken"  # noqa: S105 - a path
PAGE_SIZE: Final = 100


class TrustpilotOwnerSpider(SigningInSpider):
    """Reads the newest reviews: the public list with a key, the private one with its secret too."""

    name = "trustpilot_owner"
    obeys_robots = False  # an interface for programs
    arguments: TrustpilotOwnerParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        listing = self.listing(self.arguments.business_unit_id)
        if self._is_private():
            yield self.sign_in(listing, lambda: [self._page(listing)])
        else:
            self.keys = Keys(headers={"apikey": self.secret("api_key")})
            yield self._page(listing)

    @override
    def token_request(self, then: Then, listing: Listing) -> Request:
        pair = f"{self.secret('api_key')}:{self.secret('api_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        protect(basic)
        username, password = self.optional_secret("username"), self.optional_secret("password")
        form = {"grant_type": "client_credentials"}
        if username and password:
            form = {"grant_type": "password", "username": username, "password": password}
        return self.lookup_request(
            HOST + TOKEN_PATH,
            then,
            listing,
            form=form,
            keys=Keys(headers={"Authorization": f"Basic {basic}"}),
        )

    @override
    def is_expired(self, response: Response) -> bool:
        return self._is_private() and super().is_expired(response)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        return None if said is None else Complaint(said, "check business_unit_id and the keys")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.page_size:
            return self._page(listing)
        if listing.pages == 1:
            self.run.notes.append(
                f"the business {self.arguments.business_unit_id} has no reviews; "
                "check business_unit_id"
            )
        return None

    def _is_private(self) -> bool:
        return self.optional_secret("api_secret") is not None

    def _page(self, listing: Listing) -> Request:
        query = {
            "page": str(listing.pages + 1),
            "perPage": str(PAGE_SIZE),
            "orderBy": "createdat.desc",
        }
        since = self.arguments.since
        if since is not None and self._is_private():  # the public list cannot be cut so
            query["startDateTime"] = since.strftime("%Y-%m-%dT%H:%M:%S")
        unit = self.arguments.business_unit_id
        access = "/private" if self._is_private() else ""
        return self.page_request(
            f"{HOST}/v1{access}/business-units/{unit}/reviews?{urlencode(query)}",
            listing,
            keys=self.keys,
        )
