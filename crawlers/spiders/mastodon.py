"""Posts of a Mastodon instance: by hashtag, by words, about an account, below a post, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import MastodonParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.mastodon import next_max_id, parse_page

PAGE_SIZE: Final = 40  # the most that an instance gives
SEARCH: Final = "/api/v2/search"
MENTIONS: Final = "/api/v1/notifications"
STATUS: Final = "/api/v1/statuses/"
CONTEXT: Final = "/context"


class MastodonSpider(MentionSpider):
    """Reads timelines, newest first; the public one when nothing else is asked for."""

    name = "mastodon"
    obeys_robots = False  # an interface for programs
    arguments: MastodonParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        for tag in arguments.tag or ():
            yield self._first(f"/api/v1/timelines/tag/{quote(tag)}")
        if arguments.query:
            search = {"q": arguments.query, "type": "statuses", "resolve": "false"}
            yield self._first(SEARCH, search)
        if arguments.mentions:
            yield self._first(MENTIONS, {"types[]": "mention"})
        for post in arguments.post or ():
            # The answers first: an old post may have new ones.
            listing = self.listing(f"{arguments.instance}/{post}", whole=True)
            yield self._ask(f"https://{arguments.instance}{STATUS}{post}{CONTEXT}", listing)
        if not (arguments.tag or arguments.query or arguments.mentions or arguments.post):
            yield self._first("/api/v1/timelines/public")

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = error_words(response.body)
        if said is None:
            return None
        if self.optional_secret("token") is None:
            step = "check the arguments; what only members may see needs MOLVA_MASTODON_TOKEN"
        else:
            step = "check the arguments, and what the token allows"
        return Complaint(said, step)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body, response.url, self.context, host=self.arguments.instance
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        path = urlsplit(response.url).path
        if path.startswith(STATUS):
            is_last = not path.endswith(CONTEXT)
            return None if is_last else self._ask(response.url.removesuffix(CONTEXT), listing)
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append(
                f"{self.arguments.instance} has no such posts; an instance knows only those "
                "that its members see, so try another"
            )
        if path == SEARCH:  # its pages are counted
            name, following = (
                "offset",
                str(listing.pages * PAGE_SIZE) if listing.page_size else None,
            )
        else:
            link = response.headers.get("Link")
            name = "max_id"
            following = next_max_id(response.body, link.decode("latin-1") if link else None)
        if following is None:
            return None
        url = add_or_replace_parameter(response.url, name, following)
        return None if url == response.url else self._ask(url, listing)

    def _first(self, path: str, query: Mapping[str, str] | None = None) -> Request:
        place = f"{self.arguments.instance}{path}"
        if query:
            place += f"?{urlencode(query)}"
        url = add_or_replace_parameter(f"https://{place}", "limit", str(PAGE_SIZE))
        return self._ask(url, self.listing(place))

    def _ask(self, url: str, listing: Listing) -> Request:
        token = self.optional_secret("token")
        keys = Keys(headers={"Authorization": f"Bearer {token}"}) if token else None
        return self.page_request(url, listing, keys=keys)
