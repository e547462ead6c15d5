"""Reviews of one's own app, from the Google Play Developer API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import Then
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parameters import GooglePlayOwnerParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.google_play_owner import next_token, parse_page
from crawlers.parsers.values import UnreadableError, as_object, as_text, read_json
from crawlers.signing_in import SigningInSpider
from crawlers.tokens import PrivateKeyError, google_assertion

HOST: Final = "https://androidpublisher.googleapis.com"
TOKEN: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PAGE_SIZE: Final = 100


class GooglePlayOwnerSpider(SigningInSpider):
    """Exchanges a service account's key for a token, then reads the reviews of a week."""

    name = "google_play_owner"
    obeys_robots = False  # an interface for programs
    arguments: GooglePlayOwnerParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account: dict[str, Any] | None = None
        self._tokens: set[str] = set()

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        listing = self.listing(f"{arguments.app_id}/{arguments.translation_language or ''}")
        key = self.secret("service_account")
        if not key.startswith("{"):  # an access token, such as `gcloud` prints
            self.keys = Keys(headers={"Authorization": f"Bearer {key}"})
            yield self._page(listing)
            return
        try:
            self._account = as_object(read_json(key))
            protect(as_text(self._account.get("private_key")) or "")
            yield self.sign_in(listing, lambda: [self._page(listing)])
        except (UnreadableError, PrivateKeyError) as error:
            self.fail(
                listing,
                f"the key of the service account cannot be used: {error}; download it again as "
                "JSON from the Google Cloud console",
            )

    @override
    def token_request(self, then: Then, listing: Listing) -> Request:
        assertion = google_assertion(self._account or {}, SCOPE, TOKEN)
        form = {"grant_type": GRANT, "assertion": assertion}
        return self.lookup_request(TOKEN, then, listing, form=form)

    @override
    def is_expired(self, response: Response) -> bool:
        return self._account is not None and super().is_expired(response)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = error_words(response.body)
        if said is None:
            return None
        return Complaint(
            said, "check app_id, the key, and that the account may see reviews in the Play Console"
        )

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(
            response.body,
            response.url,
            self.context,
            app_id=self.arguments.app_id,
            translation=self.arguments.translation_language,
        )

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if not listing.page_size and listing.pages == 1:
            self.run.notes.append(
                f"{self.arguments.app_id} has no reviews with a text in the last week"
            )
        token = next_token(response.body)
        if token is None or token in self._tokens:
            return None
        self._tokens.add(token)
        return self._page(listing, token)

    def _page(self, listing: Listing, token: str | None = None) -> Request:
        arguments = self.arguments
        query: dict[str, str] = {"maxResults": str(PAGE_SIZE)}
        if arguments.translation_language is not None:
            query["translationLanguage"] = arguments.translation_language
        if token is not None:
            query["token"] = token
        return self.page_request(
            f"{HOST}/androidpublisher/v3/applications/{arguments.app_id}/reviews"
            f"?{urlencode(query)}",
            listing,
            keys=self.keys,
        )
