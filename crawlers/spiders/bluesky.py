"""Posts of Bluesky: by words, with an app password, and by author, for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import Then
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import BlueskyParameters
from crawlers.parsers.bluesky import next_cursor, parse_page
from crawlers.parsers.error_words import error_words
from crawlers.signing_in import SigningInSpider

# The public server answers what an author posted, and refuses searches.
PUBLIC: Final = "https://public.api.bsky.app"
SESSION: Final = "/xrpc/com.atproto.server.createSession"
SEARCH: Final = "/xrpc/app.bsky.feed.searchPosts"
FEED: Final = "/xrpc/app.bsky.feed.getAuthorFeed"
PAGE_SIZE: Final = 100


class BlueskySpider(SigningInSpider):
    """Reads what a search finds and what an author posted, newest first."""

    name = "bluesky"
    obeys_robots = False  # an interface for programs
    token_field = "accessJwt"  # noqa: S105 - the name of a field
    arguments: BlueskyParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        if arguments.author:
            actor = {"actor": arguments.author, "filter": "posts_with_replies"}
            yield self._page(PUBLIC + FEED, actor, self.listing(f"author/{arguments.author}"))
        if arguments.query:
            words = {"q": arguments.query, "sort": "latest"}
            if arguments.since:
                words["since"] = f"{arguments.since:%Y-%m-%dT%H:%M:%SZ}"
            listing = self.listing(f"search/{arguments.query}")
            url = f"https://{arguments.instance}{SEARCH}"
            yield self.sign_in(listing, lambda: [self._page(url, words, listing)])

    @override
    def token_request(self, then: Then, listing: Listing) -> Request:
        account = {
            "identifier": self.secret("identifier"),
            "password": self.secret("app_password"),
        }
        url = f"https://{self.arguments.instance}{SESSION}"
        return self.lookup_request(url, then, listing, json=account)

    @override
    def is_expired(self, response: Response) -> bool:
        return b'"ExpiredToken"' in response.body and error_words(response.body) is not None

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = error_words(response.body)
        return None if said is None else Complaint(said, "check the arguments and the keys")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        records = _records(response.url)
        yield from parse_page(response.body, response.url, self.context, records=records)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append("Bluesky has no such posts; check the arguments")
        cursor = next_cursor(response.body, _records(response.url))
        if cursor is None:
            return None
        url = add_or_replace_parameter(response.url, "cursor", cursor)
        return None if url == response.url else self._ask(url, listing)

    def _page(self, url: str, query: Mapping[str, str], listing: Listing) -> Request:
        return self._ask(f"{url}?{urlencode({**query, 'limit': PAGE_SIZE})}", listing)

    def _ask(self, url: str, listing: Listing) -> Request:
        is_public = url.startswith(PUBLIC)
        return self.page_request(url, listing, keys=None if is_public else self.keys)


def _records(url: str) -> str:
    """Return the name of the list that the answer of an address has."""
    return "feed" if urlsplit(url).path == FEED else "posts"
