"""Posts of a public Telegram channel, as its preview on the web shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import TelegramParameters
from crawlers.parsers.telegram import SITE, has_no_preview, next_before, parse_page

PREVIEW: Final = "/s/"


class TelegramSpider(MentionSpider):
    """Reads a channel's posts, newest first, until its beginning."""

    name = "telegram"
    arguments: TelegramParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        url = f"{SITE}{PREVIEW}{arguments.channel}"
        if arguments.query:
            url += f"?{urlencode({'q': arguments.query})}"
        yield self.page_request(url, self.listing(url))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        if response.status != 200:
            return None
        led_away = not urlsplit(response.url).path.startswith(PREVIEW)
        if not led_away and not has_no_preview(response.body):
            return None
        return Complaint(
            f"{self.arguments.channel} has no posts that everybody may see",
            "check channel; groups, private channels and those without a preview cannot be read",
        )

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        before = next_before(response.body)
        if before is None:
            if listing.pages == 1 and not listing.page_size:
                self.run.notes.append(
                    f"the channel {self.arguments.channel} shows no such posts; check the arguments"
                )
            return None
        asked = parse_qs(urlsplit(response.url).query).get("before", [""])[0]
        if asked.isdecimal() and before >= int(asked):
            return None  # the list must go down
        url = add_or_replace_parameter(response.url, "before", str(before))
        return self.page_request(url, listing)
