"""Player reviews of an app, from Steam's documented interface."""

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
from crawlers.listing import Listing
from crawlers.parameters import SteamParameters
from crawlers.parsers.steam import complaint, next_cursor, parse_page, steam_language

HOST: Final = "https://store.steampowered.com"
PAGE_SIZE: Final = 100
FIRST: Final = "*"


class SteamSpider(MentionSpider):
    """Reads reviews from the one written or edited last to the oldest, cursor by cursor."""

    name = "steam"
    obeys_robots = False  # an interface for programs
    arguments: SteamParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors = {FIRST}

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        key = f"{arguments.app_id}/{arguments.language}/{arguments.purchase_type}"
        yield self._page(FIRST, self.listing(key))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        return None if said is None else Complaint(said, "check app_id, or run it again later")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        app_id = self.arguments.app_id
        yield from parse_page(response.body, response.url, self.context, app_id=app_id)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if not listing.page_size:
            if listing.pages == 1:
                self.run.notes.append(
                    f"Steam has no such reviews of {self.arguments.app_id}; check app_id, "
                    "language and purchase_type"
                )
            return None
        # A short page is not the last one; a cursor that was given before is.
        cursor = next_cursor(response.body)
        if cursor is None or cursor in self._cursors:
            return None
        self._cursors.add(cursor)
        return self._page(cursor, listing)

    def _page(self, cursor: str, listing: Listing) -> Request:
        arguments = self.arguments
        query = {
            "json": "1",
            # By time of the last edit; `all` is a sliding window that never ends.
            "filter": "updated",
            "language": steam_language(arguments.language),
            "purchase_type": arguments.purchase_type,
            "num_per_page": str(PAGE_SIZE),
            # What Steam leaves out as a "review bomb" is what people say, too.
            "filter_offtopic_activity": "0",
            "cursor": cursor,
        }
        return self.page_request(
            f"{HOST}/appreviews/{arguments.app_id}?{urlencode(query)}", listing
        )
