"""Yandex Maps: the state of the page, its markup, or the answer of `fetchReviews`.

The state (`script.state-view`) and the answers have objects with a `reviewId`: rating, time of
the last edit, the company's comment, reactions. The state has the first fifty; what was loaded
while the user scrolled is in the markup only (`.business-review-view`), without id. A
review that both have is taken from the state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from parsel import Selector

from crawlers.items import ParseContext, digest, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.review_identity import squeeze
from crawlers.parsers.saved.page import SavedPage, attribute, objects_with, shown
from crawlers.parsers.values import (
    UnreadableError,
    as_object,
    as_text,
    html_text,
    path_of,
)
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_STATE: Final = "//script[contains(@class, 'state-view')]"
_PROFILE: Final = re.compile(r"/user/([^/?#]+)")
_STARS: Final = re.compile(r"\d.*", re.DOTALL)


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of the state, then those that only the markup has."""
    seen: list[tuple[str, str]] = []
    try:
        for state in page.states(_STATE):
            for review in objects_with(state, "reviewId"):
                author = as_text(path_of(review, "author", "name")) or ""
                seen.append((squeeze(author), squeeze(html_text(review.get("text")))))
                yield _from_state(review, page, context)
    except UnreadableError as error:
        yield context.reject(str(error), where=page.where)
    for card in page.selector.css(".business-review-view"):
        item = _from_markup(card, page, context, seen)
        if item is not None:
            yield item


def _from_state(review: dict[str, Any], page: SavedPage, context: ParseContext) -> Mention | Reject:
    native_id = record_id(review, "reviewId")
    if native_id is None:
        return context.reject("a review has no id", where=page.where, raw=review)
    author, answer = as_object(review.get("author")), as_object(review.get("businessComment"))
    created, updated = review.get("createdTime"), review.get("updatedTime")
    name = as_text(author.get("name"))
    return context.mention(
        f"yandex_maps/{native_id}",
        where=page.where,
        raw=review,
        kind="review",
        url=page.url,
        text=html_text(review.get("text")),
        lang=as_text(review.get("textLanguage")),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(created or updated),
        updated_at=context.date(updated) if created else None,
        likes=parse_count(path_of(review, "reactions", "likes")),
        reply_text=html_text(answer.get("text")) or None,
        reply_at=context.date(answer.get("updatedTime")),
        **context.authors.fields(
            "yandex", as_text(author.get("publicId")) or _account(author.get("profileUrl")), name
        ),
    )


def _from_markup(
    card: Selector, page: SavedPage, context: ParseContext, seen: list[tuple[str, str]]
) -> Mention | Reject | None:
    name = shown(card, "[itemprop=author] [itemprop=name], [itemprop=name]")
    text = shown(
        card, "[itemprop=reviewBody], .business-review-view__body-text, .business-review-view__body"
    )
    # A long text that was not unfolded is the beginning of the whole one.
    author, body = squeeze(name), squeeze(text)
    if any(one == author and whole.startswith(body) for one, whole in seen):
        return None
    date = attribute(card, "meta[itemprop=datePublished]", "content")
    # «Оценка 4 Из 5»
    stars = _STARS.search(attribute(card, ".business-rating-badge-view__stars", "aria-label") or "")
    rating = attribute(card, "meta[itemprop=ratingValue]", "content") or (stars and stars[0])
    return context.mention(
        f"yandex_maps/{digest(page.url, author, date, body)}",
        where=page.where,
        raw=text,
        kind="review",
        url=page.url,
        text=text,
        rating=context.rating(rating, LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date),
        reply_text=shown(card, ".business-review-comment-content__bubble") or None,
        **context.authors.fields(
            "yandex", _account(attribute(card, "a[href*='/user/']", "href")), name
        ),
    )


def _account(address: object) -> str | None:
    """Return what names the author in the address of a profile."""
    match = _PROFILE.search(as_text(address) or "")
    return match[1] if match else None
