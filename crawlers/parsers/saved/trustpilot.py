"""Trustpilot: the state of the page, `script#__NEXT_DATA__`.

`props.pageProps` (`pageProps` in an answer of `/_next/data/`) has `reviews[]`, twenty a page, and
the `businessUnit`. Language, likes, the company's reply and both dates are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.saved.page import SavedPage, objects_with
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    html_text,
    path_of,
)
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_STATE: Final = "//script[@id = '__NEXT_DATA__']"


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page, in its order."""
    try:
        states = list(page.states(_STATE))
    except UnreadableError as error:
        yield context.reject(str(error), where=page.where)
        return
    for state in states:
        for found in objects_with(state, "pageProps"):
            props = as_object(found["pageProps"])
            company = as_text(path_of(props, "businessUnit", "displayName"))
            for review in as_list(props.get("reviews")):
                if isinstance(review, dict):
                    yield _review(review, page, context, company)
                else:
                    yield context.reject("a review is not an object", where=page.where, raw=review)


def _review(
    review: dict[str, Any], page: SavedPage, context: ParseContext, company: str | None
) -> Mention | Reject:
    native_id = record_id(review, "id")
    if native_id is None:
        return context.reject("a review has no id", where=page.where, raw=review)
    dates, consumer = as_object(review.get("dates")), as_object(review.get("consumer"))
    reply = as_object(review.get("reply"))
    return context.mention(
        f"trustpilot/{native_id}",
        where=page.where,
        raw=review,
        kind="review",
        url=f"https://www.trustpilot.com/reviews/{native_id}" if native_id.isalnum() else page.url,
        title=html_text(review.get("title")) or None,
        text=html_text(review.get("text")),
        lang=as_text(review.get("language")),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(dates.get("publishedDate")),
        updated_at=context.date(dates.get("updatedDate")),
        brand=company,
        location=as_text(path_of(review, "location", "name")),
        likes=parse_count(review.get("likes")),
        reply_text=html_text(reply.get("message")) or None,
        reply_at=context.date(reply.get("publishedDate")),
        **context.authors.fields(
            "trustpilot", as_text(consumer.get("id")), as_text(consumer.get("displayName"))
        ),
    )
