"""News articles that a search on Google News finds, from its RSS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.listing import Listing
from crawlers.parameters import GoogleNewsParameters
from crawlers.parsers.google_news import parse_feed
from crawlers.parsers.xml_feed import read_xml_feed

FEED: Final = "https://news.google.com/rss/search"


class GoogleNewsSpider(MentionSpider):
    """Reads the one page that there is, about a hundred articles in no certain order."""

    name = "google_news"
    newest_first: ClassVar[bool | None] = None
    shows_all = False
    arguments: GoogleNewsParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        words, country = arguments.query, arguments.country.upper()
        if arguments.since:
            words += f" after:{arguments.since:%Y-%m-%d}"
        place = {"hl": arguments.lang, "gl": country, "ceid": f"{country}:{arguments.lang}"}
        url = f"{FEED}?{urlencode({'q': words, **place})}"
        yield self.page_request(url, self.listing(url))

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        header = response.headers.get("Content-Type")
        feed = read_xml_feed(response.body, header.decode("latin-1") if header else None)
        if not feed.is_feed:
            self.fail(
                listing,
                "Google News answers with a page instead of a feed, as it does to whom it asks "
                "for consent; run it again later",
            )
        elif not feed.entries and not feed.damage:
            self.run.notes.append("Google News has no such articles; check the arguments")
        yield from parse_feed(feed, response.url, self.context)
