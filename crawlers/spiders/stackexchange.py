"""Questions of a site of Stack Exchange by words or tags, with answers and comments if wanted."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.gz import gunzip
from typing_extensions import override
from w3lib.url import add_or_replace_parameters

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.middlewares import MAX_WAIT
from crawlers.parameters import StackExchangeParameters
from crawlers.parsers.stackexchange import parse_page, trouble, wrapper
from crawlers.spider_entry import variable

API: Final = "https://api.stackexchange.com/2.3"
SEARCH: Final = "/search/advanced"
ANSWERS: Final = "/answers"
PAGE_SIZE: Final = 100  # the most that a page holds, and that can be asked for by their ids
# The last page that is given without a key; what is older is another list, up to a time.
MOST_PAGES: Final = 25
GZIP: Final = b"\x1f\x8b"


class StackExchangeSpider(MentionSpider):
    """Reads questions, newest first, and below each page of them what was said about those."""

    name = "stackexchange"
    obeys_robots = False  # an interface for programs
    arguments: StackExchangeParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        query = {"q": arguments.query or "", "tagged": ";".join(arguments.tagged or ())}
        if arguments.since:
            query["fromdate"] = str(int(arguments.since.timestamp()))
        asked = {name: value for name, value in query.items() if value}
        what = "/".join(query[name] for name in ("q", "tagged"))
        yield self._first(SEARCH, self.listing(f"{arguments.site}/{what}"), asked)

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        response = _unpacked(response, self.settings.getint("DOWNLOAD_MAXSIZE"))
        said, this = trouble(response.body), wrapper(response.body)
        wait = said.wait if said else this.backoff
        if wait:
            self.wait(response, wait)
        yield from super().parse(response, listing)
        path = urlsplit(response.url).path
        if path.endswith(SEARCH) and self.arguments.answers:
            yield from self._below(this.posts, "/questions/{}" + ANSWERS)
        if path.endswith((SEARCH, ANSWERS)) and self.arguments.comments:
            yield from self._below(this.posts, "/posts/{}/comments")

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = trouble(response.body)
        if said is None:
            return None
        step = "check the arguments and the key"
        if said.throttled:
            step = "run it again later"
            if self.optional_secret("api_key") is None:
                step += f", or set {variable(self.name, 'api_key')} for a larger quota"
        too_long = said.wait is not None and said.wait > self.settings.getfloat(MAX_WAIT)
        return Complaint(said.words, step, None if too_long else said.wait)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context, site=self.arguments.site)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        this = wrapper(response.body)
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append(f"{self.arguments.site} has no such questions")
        if not this.has_more or not listing.page_size:
            return None
        if this.quota_left == 0:
            self.fail(
                listing,
                "the quota of Stack Exchange is used up; run it again tomorrow, or set "
                f"{variable(self.name, 'api_key')}; what came before is stored",
            )
            return None
        page = int(parse_qs(urlsplit(response.url).query).get("page", ["1"])[0])
        following = {"page": str(page + 1)}
        if page >= MOST_PAGES and this.oldest is not None:
            # Others of the same second may not have been on the page.
            following = {"page": "1", "todate": str(this.oldest + 1)}
        return self._ask(add_or_replace_parameters(response.url, following), listing)

    def _below(self, posts: list[str], path: str) -> Iterator[Request]:
        if posts:
            below = path.format(";".join(posts))
            yield self._first(below, self.listing(self.arguments.site + below, whole=True), {})

    def _first(self, path: str, listing: Listing, query: dict[str, str]) -> Request:
        query = {
            "site": self.arguments.site,
            **query,
            "order": "desc",
            "sort": "creation",
            "pagesize": str(PAGE_SIZE),
            "page": "1",
            "filter": "withbody",
        }
        return self._ask(f"{API}{path}?{urlencode(query)}", listing)

    def _ask(self, url: str, listing: Listing) -> Request:
        key = self.optional_secret("api_key")
        return self.page_request(url, listing, keys=Keys(query={"key": key}) if key else None)


def _unpacked(response: Response, most: int) -> Response:
    """Return an answer that is packed but, by some proxy, not said to be so, as it is read."""
    if not response.body.startswith(GZIP):
        return response
    try:
        return response.replace(body=gunzip(response.body, max_size=most))
    except (OSError, EOFError, ValueError, struct.error, zlib.error):
        return response  # it is no page, as its reader will say
