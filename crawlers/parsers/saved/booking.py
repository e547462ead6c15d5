"""Booking: the answers with its reviews, the state of the page, or the markup of the cards.

The answers of `/dml/graphql`, and the cache of them that the page carries
(`script[data-capla-store-data]`), have objects with `textDetails`: what was liked and disliked,
and its language; a `reviewScore` from 1 to 10, seconds since 1970, the partner's reply. The cards
(`[data-testid=review-card]`) have the same, but no id and no language. The guest's country is
not the hotel's and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from parsel import Selector

from crawlers.items import ParseContext, digest, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.saved.page import SavedPage, date_in, objects_with, shown
from crawlers.parsers.values import UnreadableError, as_object, as_text, html_text, path_of
from crawlers.text import with_points
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 10.0
_STATE: Final = "//script[@data-capla-store-data][contains(., 'textDetails')]"
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")


def read_data(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of an answer or of the page's state, in order."""
    try:
        for state in page.states(_STATE):
            for review in objects_with(state, "textDetails"):
                yield _review(review, page, context)
    except UnreadableError as error:
        yield context.reject(str(error), where=page.where)


def _review(review: dict[str, Any], page: SavedPage, context: ParseContext) -> Mention | Reject:
    native_id = record_id(review, "reviewUrl", "id")
    if native_id is None:
        return context.reject("a review has no id", where=page.where, raw=review)
    texts, guest = as_object(review.get("textDetails")), as_object(review.get("guestDetails"))
    liked, disliked = (html_text(texts.get(name)) for name in ("positiveText", "negativeText"))
    lang = as_text(texts.get("lang")) or ""
    return context.mention(
        f"booking/{native_id}",
        where=page.where,
        raw=review,
        kind="review",
        url=page.url,
        title=html_text(texts.get("title")) or None,
        text=with_points("", [liked], [disliked]),
        # Its own codes, such as "xu" for American English, begin with x.
        lang=None if lang.startswith("x") else lang,
        rating=context.rating(review.get("reviewScore"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(review.get("reviewedDate")),
        likes=parse_count(review.get("helpfulVotesCount")),
        reply_text=html_text(path_of(review, "partnerReply", "reply")) or None,
        **context.authors.fields("booking", None, as_text(guest.get("username"))),
    )


def read_markup(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of the cards of a page, in order."""
    for card in page.selector.css("[data-testid=review-card]"):
        yield _card(card, page, context)


def _card(card: Selector, page: SavedPage, context: ParseContext) -> Mention | Reject:
    title, liked, disliked, written = (
        shown(card, f"[data-testid=review-{name}]")
        for name in ("title", "positive-text", "negative-text", "date")
    )
    # «Scored 8.0» and «8.0» again.
    numbers = _NUMBER.findall(shown(card, "[data-testid=review-score]"))
    author = shown(card, "[data-testid=review-avatar]").partition("\n")[0]
    text = with_points("", [liked], [disliked])
    return context.mention(
        f"booking/{digest(page.url, author, written, title, text)}",
        where=page.where,
        raw=text,
        kind="review",
        url=page.url,
        title=title or None,
        text=text,
        rating=context.rating(numbers[-1] if numbers else None, LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date_in(written)),
        **context.authors.fields("booking", None, author),
    )
