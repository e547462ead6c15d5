"""Reviews of one's own business, from the Trustpilot Business API.

`/v1/business-units/{id}/reviews` (public) and `/v1/private/business-units/{id}/reviews` (with the
customer's e-mail and order, which are not read) both give `{"reviews": […]}`: `id`, `stars`,
`title`, `text`, `language`, `createdAt`, `updatedAt`, `consumer`, `companyReply`, `location` (a
branch), `numberOfLikes`. Times are UTC, some without saying so. A review that Trustpilot has taken
off its pages after a report (`reportData.reviewVisibility` is `hidden`) is left out and counted as
`hidden`; a deleted one is in no answer. Errors come as `message`, as `fault.faultstring` of the
gateway, or as OAuth's `error`.

https://developers.trustpilot.com/business-units-api
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from crawlers.ratings import parse_number
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_COUNTRY: Final = re.compile(r"(?:^|,\s*)([A-Z]{2})$")  # "Kaunas, LT"
_HIDDEN: Final = "hidden"


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, newest first.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    for record in read_records(body, url, context, "reviews"):
        if isinstance(record, Reject):
            yield record
        elif path_of(record, "reportData", "reviewVisibility") == _HIDDEN:
            context.problems["hidden"] += 1
        else:
            yield _review(record, url, context)


def _review(review: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    native_id = record_id(review, "id")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    title, text = review.get("title"), review.get("text")
    if not isinstance(title, str | None) or not isinstance(text, str | None):
        return context.reject("the text of a review is not a text", where=url, raw=review)
    consumer, answer = as_object(review.get("consumer")), as_object(review.get("companyReply"))
    created, updated = context.date(review.get("createdAt")), context.date(review.get("updatedAt"))
    reply = html_text(answer.get("text")) or None
    home = _COUNTRY.search(as_text(consumer.get("displayLocation")) or "")
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=f"https://www.trustpilot.com/reviews/{native_id}",
        title=html_text(title),
        text=html_text(text),
        lang=as_text(review.get("language")),
        rating=parse_number(review.get("stars")) or None,  # 0 is no rating
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=created,
        updated_at=None if updated == created else updated,
        location=as_text(path_of(review, "location", "name")),
        country=home[1] if home else None,
        likes=parse_count(review.get("numberOfLikes")),
        reply_text=reply,
        reply_at=context.date(answer.get("createdAt")) if reply else None,
        **context.authors.fields(
            "trustpilot", as_text(consumer.get("id")), as_text(consumer.get("displayName"))
        ),
    )


def complaint(body: str | bytes) -> str | None:
    """Return what an answer without reviews says went wrong, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    if "reviews" in data:
        return None
    words = (
        path_of(data, "fault", "faultstring"),
        data.get("message"),
        data.get("error_description"),
        data.get("error"),
        data.get("reason"),
    )
    return next((word for value in words if (word := as_text(value))), None)
