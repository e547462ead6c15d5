"""Reviews and questions of one's own products, from Wildberries' API for sellers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameters

from crawlers.base import MentionSpider
from crawlers.dates import parse_date
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import WildberriesOwnerParameters
from crawlers.parsers.wildberries_owner import (
    FEEDBACKS,
    QUESTIONS,
    complaint,
    count_and_oldest,
    parse_page,
)
from mention import Mention

HOST: Final = "https://feedbacks-api.wildberries.ru"
ARCHIVE: Final = "feedbacks/archive"
PAGE_SIZE: Final = 200  # of at most 5000: a second run seldom needs more than one page
# Most of `skip` and `take` together; what lies deeper is found by an earlier `dateTo`.
DEEPEST: Final = {FEEDBACKS: 199_990, ARCHIVE: 199_990, QUESTIONS: 10_000}


class WildberriesOwnerSpider(MentionSpider):
    """Reads reviews without an answer and those with one, each list newest first."""

    name = "wildberries_owner"
    obeys_robots = False  # an interface for programs
    arguments: WildberriesOwnerParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._given: set[str] = set()

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        lists = [FEEDBACKS, QUESTIONS] if arguments.questions else [FEEDBACKS]
        for kind in lists:
            for answered in ("false", "true"):
                yield self._first(kind, {"isAnswered": answered})
        if arguments.archive:
            yield self._first(ARCHIVE, {})

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        step = "check the token; its category must be Feedbacks and Questions"
        return None if said is None else Complaint(said, step)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        for item in parse_page(
            response.body, response.url, self.context, records=_records(response.url)
        ):
            # A review that is answered meanwhile is on both lists.
            if not isinstance(item, Mention) or item.id not in self._given:
                yield item
            if isinstance(item, Mention):
                self._given.add(item.id)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        count, oldest = count_and_oldest(response.body, _records(response.url))
        if not listing.page_size:
            if not self._given:
                self.run.notes.append("there are no reviews or questions; check the arguments")
            return None
        if count < PAGE_SIZE:
            return None
        query = parse_qs(urlsplit(response.url).query)
        skip = int(query["skip"][0]) + PAGE_SIZE
        changes = {"skip": str(skip)}
        if skip + PAGE_SIZE > DEEPEST[_list(response.url)]:
            until, before = parse_date(oldest), int(query.get("dateTo", ["0"])[0])
            end = int(until.timestamp()) if until else 0
            if not end or (before and end >= before) or _list(response.url) == ARCHIVE:
                return None  # the archive takes no dates
            changes = {"skip": "0", "dateTo": str(end)}
        return self._page(add_or_replace_parameters(response.url, changes), listing)

    def _first(self, kind: str, query: dict[str, str]) -> Request:
        arguments = self.arguments
        query = {**query, "take": str(PAGE_SIZE), "skip": "0", "order": "dateDesc"}
        if arguments.nm_id:
            query["nmId"] = arguments.nm_id
        if arguments.since and kind != ARCHIVE:
            query["dateFrom"] = str(int(arguments.since.timestamp()))
        key = f"{kind}/{query.get('isAnswered', '')}/{arguments.nm_id or ''}"
        return self._page(f"{HOST}/api/v1/{kind}?{urlencode(query)}", self.listing(key))

    def _page(self, url: str, listing: Listing) -> Request:
        keys = Keys(headers={"Authorization": self.secret("token")})
        return self.page_request(url, listing, keys=keys)


def _list(url: str) -> str:
    return urlsplit(url).path.removeprefix("/api/v1/")


def _records(url: str) -> str:
    return QUESTIONS if _list(url) == QUESTIONS else FEEDBACKS
