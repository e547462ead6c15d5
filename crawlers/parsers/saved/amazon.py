"""Amazon: the markup of the reviews, `[data-hook=review]`, whose `id` is the review's own.

The date stands at the end of a sentence ("Reviewed in Lithuania on 3 March 2026"), the stars in
words ("4.0 out of 5 stars"). Neither language nor seller's answer is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsel import Selector

from crawlers.addresses import hostname
from crawlers.items import ParseContext, digest, parse_count
from crawlers.parsers.saved.page import SavedPage, attribute, date_in, shown
from crawlers.text import element_text
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_STARS: Final = "[data-hook=review-star-rating], [data-hook=cmps-review-star-rating]"
_VOTES: Final = re.compile(r"^[\d.,\s]+")


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page, in its order."""
    for review in page.selector.css("[data-hook=review]"):
        yield _review(review, page, context)


def _review(review: Selector, page: SavedPage, context: ParseContext) -> Mention | Reject:
    own_id = (review.root.get("id") or "").strip()
    host = hostname(page.url or "")
    text = shown(review, "[data-hook=review-body], [data-hook=reviewText]")
    author = shown(review, ".a-profile-name")
    written = shown(review, "[data-hook=review-date]")
    votes = _VOTES.match(shown(review, "[data-hook=helpful-vote-statement]"))
    return context.mention(
        f"amazon/{own_id or digest(page.url, author, written, text)}",
        where=page.where,
        raw=text,
        kind="review",
        url=f"https://{host}/gp/customer-reviews/{own_id}"
        if host and own_id.isalnum()
        else page.url,
        title=_title(review),
        text=text,
        rating=context.rating(shown(review, _STARS), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date_in(written)),
        product=shown(page.selector, "#productTitle, [data-hook=product-link]") or None,
        likes=parse_count(re.sub(r"\D", "", votes[0])) if votes else None,
        **context.authors.fields("amazon", attribute(review, "a.a-profile", "href"), author),
    )


def _title(review: Selector) -> str | None:
    """Return the heading without the stars, which stand in it too."""
    for heading in review.css("[data-hook=review-title], [data-hook=reviewTitle]"):
        parts = heading.xpath("./span[not(contains(@class, 'a-icon-alt'))]")
        text = element_text((parts[-1:] or [heading])[0].root)
        if text:
            return text
    return None
