"""Reviews of a location, from Tripadvisor's Content API: the newest five in one language.

`https://api.content.tripadvisor.com/api/v1/location/{id}/reviews` gives `{"data": […]}`. Errors
are `{"error": {"type", "message"}}` or, from the gateway before it, `{"message"}`. A
deleted review is simply gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the answer, for rejects.
        context: source, labels, authors.
    """
    for record in read_records(body, url, context, "data"):
        yield record if isinstance(record, Reject) else _review(record, url, context)


def _review(review: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    native_id = record_id(review, "id")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    answer = as_object(review.get("owner_response"))
    name = as_text(path_of(review, "user", "username"))
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=http_url(review.get("url")),
        title=html_text(review.get("title")) or None,
        text=html_text(review.get("text")),
        lang=as_text(review.get("lang")),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(review.get("published_date")),
        likes=parse_count(review.get("helpful_votes")),
        reply_text=html_text(answer.get("text")) or None,
        reply_at=context.date(answer.get("published_date")),
        **context.authors.fields("tripadvisor", name, name),
    )


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    error = as_object(data.get("error"))
    words = [as_text(error.get(name)) for name in ("type", "message")]
    gateway = as_text(data.get("message")) or as_text(data.get("Message"))
    return ": ".join(word for word in words if word) or gateway
