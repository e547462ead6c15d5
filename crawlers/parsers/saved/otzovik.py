"""Otzovik: a list of reviews, or one review with its whole text.

Both mark a review with `[itemprop=review]`. A page of one review has what is good
(`.review-plus`), what is bad (`.review-minus`) and the text (`.review-body`); a list has the
beginning of the text (`.review-teaser`). schema.org, which the markup follows in part, would
lose the good and the bad. The number of the review, in its address, makes the id, so that the whole
text is a new version of the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsel import Selector

from crawlers.items import ParseContext, digest, http_url, parse_count
from crawlers.parsers.saved.page import SavedPage, attribute, shown
from crawlers.text import with_points
from mention import Mention, Reject

HOST: Final = "https://otzovik.com"
LOWEST, HIGHEST = 1.0, 5.0
_NUMBER: Final = re.compile(r"review_(\d+)")
_LABEL: Final = re.compile(r"^\s*(?:Достоинства|Недостатки)\s*:\s*", re.IGNORECASE)
_HEADING: Final = re.compile(r"^\s*Отзыв\s*:\s*", re.IGNORECASE)
_LAST_DIGIT: Final = re.compile(r"[1-5](?=\D*$)")


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page, in its order."""
    reviews = list(page.selector.css("[itemprop=review]"))
    if not reviews and page.selector.css(".review-body"):
        reviews = [page.selector]  # how one review's page was in 2019
    for review in reviews:
        yield _review(review, page, context, alone=len(reviews) == 1)


def _review(
    review: Selector, page: SavedPage, context: ParseContext, *, alone: bool
) -> Mention | Reject:
    own = (
        attribute(review, "meta[itemprop=url]", "content")
        or attribute(review, "a.review-read-link", "href")
        or (page.url if alone else None)
    )
    number = _NUMBER.search(own or "")
    pro, contra = (_LABEL.sub("", shown(review, f".review-{name}")) for name in ("plus", "minus"))
    body = shown(review, ".review-body, [itemprop=description], .review-teaser")
    title = _HEADING.sub("", shown(review, "h1, h3, .review-title"))
    author = shown(review, ".user-login [itemprop=name], .user-login span, .user-login")
    date = (
        attribute(review, "meta[itemprop=datePublished]", "content")
        or attribute(review, ".review-postdate abbr", "title")
        or shown(review, ".review-postdate")
    )
    stars = _LAST_DIGIT.search(attribute(review, ".product-rating, .rating", "title") or "")
    rating = (
        attribute(review, "meta[itemprop=ratingValue]", "content")
        or shown(review, ".rating-score span")
        or (stars and stars[0])
    )
    return context.mention(
        f"otzovik/{number[1] if number else digest(page.url, author, date, title)}",
        where=page.where,
        raw=title or body,
        kind="review",
        url=f"{HOST}/review_{number[1]}.html" if number else http_url(own, page.url) or page.url,
        title=title or None,
        text=with_points(body, [pro], [contra]),
        rating=context.rating(rating, LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date or None),
        likes=parse_count(shown(review, ".review-bar .review-yes")),
        **context.authors.fields("otzovik", None, author),
    )
