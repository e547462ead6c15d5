"""Customer reviews of one's own app, from the App Store Connect API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.addresses import replace_base
from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parameters import AppStoreOwnerParameters
from crawlers.parsers.app_store_owner import complaint, next_address, parse_page
from crawlers.tokens import APPLE_LIFETIME, PrivateKeyError, apple_token, is_private_key

HOST: Final = "https://api.appstoreconnect.apple.com"
PAGE_SIZE: Final = 200


class AppStoreOwnerSpider(MentionSpider):
    """Reads the reviews of all countries with the answers to them, newest first."""

    name = "app_store_owner"
    obeys_robots = False  # an interface for programs
    arguments: AppStoreOwnerParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._token, self._renew_at = "", 0.0
        self._addresses: set[str] = set()

    @override
    def first_requests(self) -> Iterator[Request]:
        app_id = self.arguments.app_id
        listing = self.listing(app_id)
        url = (
            f"{HOST}/v1/apps/{app_id}/customerReviews"
            f"?sort=-createdDate&limit={PAGE_SIZE}&include=response"
        )
        try:
            yield self._page(url, listing)
        except PrivateKeyError as error:
            self.fail(
                listing,
                f"the key cannot be used: {error}; give key_id and the content of the .p8 file "
                "that App Store Connect gave you",
            )

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if said is None:
            return None
        return Complaint(said, "check app_id, the key, key_id, issuer_id and the key's role")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        app_id = self.arguments.app_id
        yield from parse_page(response.body, response.url, self.context, app_id=app_id)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if not listing.page_size:
            if listing.pages == 1:
                self.run.notes.append(f"the app {self.arguments.app_id} has no reviews")
            return None
        following = next_address(response.body)
        if following is None:
            return None
        # Wherever the link leads: the token is for this host only.
        url = replace_base(following, HOST)
        if url in self._addresses or urlsplit(url).path != urlsplit(response.url).path:
            return None
        self._addresses.add(url)
        return self._page(url, listing)

    def _page(self, url: str, listing: Listing) -> Request:
        return self.page_request(
            url, listing, keys=Keys(headers={"Authorization": f"Bearer {self._current_token()}"})
        )

    def _current_token(self) -> str:
        """Return a token that is good for a while: it lives shorter than a long crawl."""
        if time.monotonic() >= self._renew_at:
            key = self.secret("private_key")
            if is_private_key(key):
                self._token = apple_token(
                    key, self.optional_secret("key_id"), self.optional_secret("issuer_id")
                )
                protect(self._token)
            else:  # a token that the user signed
                self._token = key
            self._renew_at = time.monotonic() + APPLE_LIFETIME.total_seconds() / 2
        return self._token
