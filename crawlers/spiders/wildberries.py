"""Reviews of a product on Wildberries, as its web store gets them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.listing import Listing
from crawlers.parameters import WildberriesParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.wildberries import Card, is_elsewhere, parse_page, read_card

CARD: Final = "https://card.wb.ru/cards/v4/detail?appType=1&curr=rub&dest=-1257786&nm={}"
# Groups are spread over two servers, and one does not know what the other has.
REVIEWS: Final = tuple(
    f"https://feedbacks{server}.wb.ru/feedbacks/{version}/"
    for version in ("v1", "v2")
    for server in (1, 2)
)
# In the meta of a request for reviews: the product's card.
OF: Final = "molva_wildberries_card"


class WildberriesSpider(MentionSpider):
    """Reads the reviews of a product and its variants, which come in one answer."""

    name = "wildberries"
    newest_first: ClassVar[bool | None] = None  # it looks so, but nobody promises it
    shows_all = False  # a thousand or so
    arguments: WildberriesParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        if arguments.imt_id:
            yield self._reviews(Card(arguments.imt_id))
        else:
            yield self.lookup_request(CARD.format(arguments.nm_id), self._found)

    @override
    def complaint(self, response: Response) -> str | None:
        return error_words(response.body)

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        other = self._elsewhere(response, listing) if response.status == 404 else None
        if other is not None:
            yield other
        else:
            yield from super().parse(response, listing)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context, card=response.meta[OF])

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.page_size:
            return None
        card: Card = response.meta[OF]
        if is_elsewhere(response.body) and card.reviews != 0:
            other = self._elsewhere(response, listing)
            if other is not None:
                return other
            if card.reviews:
                self.fail(
                    listing,
                    f"Wildberries counts {card.reviews} reviews and gives none; run it again later",
                )
                return None
        self.run.notes.append("the product has no reviews; check nm_id")
        return None

    def _found(self, response: Response) -> Iterator[Request]:
        card = read_card(response.body)
        if card is None:
            self.fail(
                None,
                f"Wildberries knows no product {self.arguments.nm_id}; check nm_id, or give imt_id",
            )
        else:
            yield self._reviews(card)

    def _reviews(self, card: Card) -> Request:
        return self.page_request(REVIEWS[0] + card.root, self.listing(card.root), meta={OF: card})

    def _elsewhere(self, response: Response, listing: Listing) -> Request | None:
        """Return the same request to the place after this one, or None after the last."""
        card: Card = response.meta[OF]
        places = [base + card.root for base in REVIEWS]
        following = places.index(response.url) + 1 if response.url in places else len(places)
        if following >= len(places):
            return None
        return self.page_request(places[following], listing, meta={OF: card})
