"""Reviews of one's own products, from Yandex Market's Partner API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.dates import parse_date
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.gathering import GatheringSpider, Wanted
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import YandexMarketOwnerParameters
from crawlers.parsers.yandex_market_owner import commented, complaint, next_token, parse_page

HOST: Final = "https://api.partner.market.yandex.ru"
COMMENTS: Final = "comments"
PAGE_SIZE: Final = 50  # the most that a page has
# A request may ask for six months at most; it gets the last six where it names none.
WINDOW: Final = timedelta(days=180)
TOO_MANY: Final = 420  # requests this hour
RESET: Final = "X-RateLimit-Resource-Until"
WAIT: Final = 60.0  # seconds, where it is not told


class YandexMarketOwnerSpider(GatheringSpider):
    """Reads the reviews of the last half year, or since a date, with the answers to them."""

    name = "yandex_market_owner"
    obeys_robots = False  # an interface for programs
    newest_first: ClassVar[bool | None] = None  # the order is that of publication, either way
    arguments: YandexMarketOwnerParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        business = self.arguments.business_id
        url = f"{HOST}/v2/businesses/{business}/goods-feedback?limit={PAGE_SIZE}"
        since = self.arguments.since
        times = _window(datetime.now(UTC), since) if since else {}
        yield self._page(url, times, self.listing(business))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        if response.status == TOO_MANY:
            until = parse_date((response.headers.get(RESET) or b"").decode("latin-1"))
            left = (until - datetime.now(UTC)).total_seconds() if until else WAIT
            return Complaint(said or "too many requests", "run it again later", max(1.0, left))
        step = "check business_id and the key, which must be for reviews (communication)"
        return None if said is None else Complaint(said, step)

    @override
    def wanted(self, response: Response) -> list[Wanted]:
        return [Wanted(COMMENTS, one) for one in commented(response.body)]

    @override
    def detail_request(self, wanted: Wanted, listing: Listing, meta: Mapping[str, Any]) -> Request:
        business = self.arguments.business_id
        url = f"{HOST}/v2/businesses/{business}/goods-feedback/comments?limit={PAGE_SIZE}"
        body = {"feedbackId": int(wanted.record_id)}
        return self.page_request(url, listing, json=body, keys=self._keys(), meta=meta)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        comments = self.gathered(response, COMMENTS)
        yield from parse_page(response.body, response.url, self.context, comments=comments)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if response.request is None:
            return None
        times: dict[str, str] = json.loads(response.request.body)
        token = next_token(response.body)
        asked = parse_qs(urlsplit(response.url).query).get("page_token", [None])[0]
        if token is not None and token != asked:
            url = add_or_replace_parameter(response.url, "page_token", token)
            return self._page(url, times, listing)
        since = self.arguments.since
        begin = parse_date(times.get("dateTimeFrom"))
        if since is not None and begin is not None and begin > since:
            url = response.url.partition("&page_token=")[0]
            return self._page(url, _window(begin, since), listing)
        if not self.run.handed_on and not listing.page_size:
            self.run.notes.append("there are no reviews of this time; check business_id and since")
        return None

    def _page(self, url: str, times: Mapping[str, str], listing: Listing) -> Request:
        return self.page_request(url, listing, json=dict(times), keys=self._keys())

    def _keys(self) -> Keys:
        return Keys(headers={"Api-Key": self.secret("api_key")})


def _window(until: datetime, since: datetime) -> dict[str, str]:
    """Return the longest time that a request may ask for, up to `until` and since `since`."""
    begin = max(since, until - WINDOW)
    return {"dateTimeFrom": begin.isoformat(), "dateTimeTo": until.isoformat()}
