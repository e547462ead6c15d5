"""Reviews of an app on Google Play, as the web store hands them to a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import GooglePlayParameters
from crawlers.parsers.google_play import (
    CALLS,
    call_body,
    complaint,
    is_empty,
    next_token,
    parse_page,
)

HOST: Final = "https://play.google.com"
PAGE_SIZE: Final = 150
CALL, OTHER_CALL = CALLS
APP_PAGE: Final = "app page"  # embeds twenty reviews
# How Google answers a call that it does not know any more.
UNKNOWN_CALL: Final = 400
# Without this cookie of the first answer, later pages come and go at random.
COOKIE: Final = "NID"


@dataclass(slots=True)
class _Reading:
    """How the list of one language is read: in which way, and why not by the first call."""

    lang: str
    way: str = CALL
    refusal: str | None = None


class GooglePlaySpider(MentionSpider):
    """Reads the newest reviews in each language, page by page, by the call that answers.

    A call that is refused is made in the other form. Google answers with nothing for an app
    that does not exist, for one without reviews, and to whoever it does not want to answer;
    the app's own page then tells one from another.
    """

    name = "google_play"
    arguments: GooglePlayParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readings: dict[str, _Reading] = {}  # by the key of the list
        self._tokens: set[str] = set()
        # Joined to requests when they are sent; the first answer fills it.
        self._sent_headers: dict[str, str] = {}

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        for lang in dict.fromkeys(arguments.lang):
            listing = self.listing(f"{arguments.app_id}/{lang}/{arguments.country or ''}")
            self._readings[listing.key] = _Reading(lang)
            yield self._page(listing)

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        self._keep_cookie(response)
        reading = self._readings[listing.key]
        way = None if listing.pages or reading.way != CALL else _other_way(response)
        if way is None:
            yield from super().parse(response, listing)
            return
        reading.refusal = complaint(response.body)
        if reading.refusal is None and response.status != 200:
            reading.refusal = f"status {response.status}"
        reading.way = way
        yield self._page(listing)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = complaint(response.body)
        return None if said is None else Complaint(said, "check app_id, or run it again later")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body,
            response.url,
            self.context,
            app_id=self.arguments.app_id,
            lang=self._readings[listing.key].lang,
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if not listing.page_size or self._readings[listing.key].way == APP_PAGE:
            self._explain_end(listing)
            return None
        token = next_token(response.body)
        if token is None or token in self._tokens:
            return None
        self._tokens.add(token)
        return self._page(listing, token)

    def _explain_end(self, listing: Listing) -> None:
        """Say why a list ends with an empty page or with the app's own page."""
        app_id, reading = self.arguments.app_id, self._readings[listing.key]
        if listing.page_size:
            self.fail(
                listing,
                f"Google Play gives no list of the reviews of {app_id} "
                f"({reading.refusal or 'and does not say why'}); those on the app's page are "
                "stored; run it again later",
            )
        elif reading.refusal:
            self.fail(
                listing, f"Google Play says: {reading.refusal}; check app_id, or run it again later"
            )
        elif listing.pages == 1:
            self.run.notes.append(
                f"Google Play gives no reviews of {app_id} in '{reading.lang}'; "
                "check app_id and lang"
            )

    def _keep_cookie(self, response: Response) -> None:
        for header in response.headers.getlist("Set-Cookie"):
            try:
                cookies = SimpleCookie(header.decode("latin-1"))
            except CookieError:
                continue
            if COOKIE in cookies:
                self._sent_headers["Cookie"] = f"{COOKIE}={cookies[COOKIE].coded_value}"

    def _page(self, listing: Listing, token: str | None = None) -> Request:
        arguments, reading = self.arguments, self._readings[listing.key]
        country = {"gl": arguments.country.upper()} if arguments.country else {}
        place = {"hl": reading.lang} | country
        keys = Keys(headers=self._sent_headers)
        if reading.way == APP_PAGE:
            query = urlencode({"id": arguments.app_id} | place)
            url = f"{HOST}/store/apps/details?{query}"
            return self.page_request(url, listing, keys=keys)
        form = {"f.req": call_body(reading.way, arguments.app_id, PAGE_SIZE, token)}
        url = f"{HOST}/_/PlayStoreUi/data/batchexecute?{urlencode(place)}"
        return self.page_request(url, listing, form=form, keys=keys)


def _other_way(response: Response) -> str | None:
    """Return what to try after the first answer to a call, or None where it can be read."""
    if response.status == 404:
        return APP_PAGE
    if response.status == UNKNOWN_CALL:
        return OTHER_CALL
    if response.status != 200:
        return None
    if complaint(response.body) is not None:
        return OTHER_CALL
    return APP_PAGE if is_empty(response.body) else None
