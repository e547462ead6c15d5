"""The base of spiders that exchange their keys for a token before they read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider, Then
from crawlers.download import KEYS
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parsers.error_words import error_words
from crawlers.parsers.values import UnreadableError, path_of, read_json

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
# In a request's meta: it was sent with a second token, since the first one had expired.
_RENEWED: Final = "molva_renewed_token"


class SigningInSpider(MentionSpider):
    """A spider whose requests for pages carry a token.

    A subclass implements `token_request`, names the field of its answer in `token_field`,
    begins with `sign_in`, and sends `keys` with its pages. A token that expires during a long
    crawl is replaced.

    Attributes:
        keys: the token, as it is sent; None before `sign_in`.
    """

    token_field: ClassVar[str] = "access_token"  # noqa: S105 - the name of a field
    keys: Keys | None = None

    def token_request(self, then: Then, listing: Listing) -> Request:
        """Return the request for a token, made with `lookup_request`."""
        raise NotImplementedError

    def is_expired(self, response: Response) -> bool:
        """Whether an answer says that the token is no longer good."""
        return response.status == 401

    def sign_in(self, listing: Listing, pages: Callable[[], Iterable[Request]]) -> Request:
        """Return a request for a token, after which the requests of `pages` are made."""
        return self.token_request(partial(self._signed_in, listing, pages), listing)

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        request = response.request
        sent = request is not None and KEYS in request.meta and _RENEWED not in request.meta
        if request is not None and sent and self.is_expired(response):
            yield self.sign_in(listing, lambda: [self._with_new_token(request)])
            return
        yield from super().parse(response, listing)

    @override
    def parse_lookup(
        self, response: Response, then: Then, listing: Listing | None
    ) -> Iterator[Request]:
        # Where nobody signs in, as on a replay server without that recording, the pages say
        # for themselves whether they are for everybody.
        if response.status == 404 and error_words(response.body) is None:
            yield from then(response)
            return
        yield from super().parse_lookup(response, then, listing)

    def _signed_in(
        self, listing: Listing, pages: Callable[[], Iterable[Request]], response: Response
    ) -> Iterator[Request]:
        if response.status != 404:
            token = _token_in(response, self.token_field)
            if token is None:
                host = urlsplit(response.url).netloc
                self.fail(listing, f"{host} gives no token; check the keys")
                return
            protect(token)
            self.keys = Keys(headers={"Authorization": f"Bearer {token}"})
        yield from pages()

    def _with_new_token(self, request: Request) -> Request:
        meta: dict[str, Any] = {**request.meta, KEYS: self.keys, _RENEWED: True}
        return request.replace(meta=meta)


def _token_in(response: Response, field: str) -> str | None:
    try:
        token = path_of(read_json(response.body), field)
    except UnreadableError:
        return None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None
