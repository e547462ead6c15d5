"""Posts and comments of Lemmy, from any instance: by words, by community, or both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import LemmyParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.lemmy import next_cursor, parse_page

PAGE_SIZE: Final = 50  # the most that an instance gives
V3, V4 = "/api/v3", "/api/v4"
SEARCH, POSTS, COMMENTS = "/search", "/post/list", "/comment/list"


class LemmySpider(MentionSpider):
    """Reads what a search finds, or a community's posts and comments, newest first."""

    name = "lemmy"
    obeys_robots = False  # an interface for programs
    arguments: LemmyParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        for path in (SEARCH,) if arguments.query else (POSTS, COMMENTS):
            what = f"{arguments.query or ''}!{arguments.community or ''}"
            yield self._first(V3, path, self.listing(f"{arguments.instance}{path}/{what}"))

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        parts = urlsplit(response.url)
        unknown = response.status == 404 and error_words(response.body) is None
        if unknown and not listing.pages and parts.path.startswith(V3):
            # A server of version 1.0 may have the newer interface only.
            yield self._first(V4, parts.path.removeprefix(V3), listing)
            return
        yield from super().parse(response, listing)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = error_words(response.body)
        return None if said is None else Complaint(said, "check instance and community")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body, response.url, self.context, host=self.arguments.instance
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if not listing.page_size:
            if listing.pages == 1 and not urlsplit(response.url).path.endswith(COMMENTS):
                self.run.notes.append(
                    f"{self.arguments.instance} has no such posts or comments; an instance knows "
                    "only the communities that its members follow, so try another"
                )
            return None
        cursor = next_cursor(response.body)
        if cursor is not None:
            url = add_or_replace_parameter(response.url, "page_cursor", cursor)
            return None if url == response.url else self.page_request(url, listing)
        if urlsplit(response.url).path.startswith(V4):
            return None
        number = str(listing.pages + 1)
        return self.page_request(add_or_replace_parameter(response.url, "page", number), listing)

    def _first(self, version: str, path: str, listing: Listing) -> Request:
        arguments, is_search = self.arguments, path == SEARCH
        query = {"sort": "New", "type_": "All"}
        if is_search:
            query["listing_type"] = "All"
        if version == V4:
            query = {name: value.lower() for name, value in query.items()}
        if arguments.query:
            query["search_term" if version == V4 else "q"] = arguments.query
        if arguments.community:
            is_new = version == V4 and not is_search
            query["community_name_or_id" if is_new else "community_name"] = arguments.community
        query["limit"] = str(PAGE_SIZE)
        return self.page_request(
            f"https://{arguments.instance}{version}{path}?{urlencode(query)}", listing
        )
