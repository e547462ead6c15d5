"""Reviews of a business, from Yelp's Fusion API: a few excerpts of up to 160 characters.

`https://api.yelp.com/v3/businesses/{id}/reviews` gives `{"reviews": […], "total": …}`. Times
have no zone and are Pacific (the documentation says PST). The retired second version is read
too: its businesses had `reviews[]` with `excerpt` and `time_created` in seconds since 1970.
Errors are `{"error": {"code", "description"}}`. A review's language is not given, and a deleted
review is simply gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawlers.addresses import keep_parameters
from crawlers.dates import parse_date
from crawlers.items import ParseContext, http_url
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
_ZONE: Final = ZoneInfo("America/Los_Angeles")
_WITHOUT_ZONE: Final = "%Y-%m-%d %H:%M:%S"
# The parameter of a review's address that names the review; the others name the key's owner.
_REVIEW: Final = "hrid"


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    for record in read_records(body, url, context, "reviews"):
        yield record if isinstance(record, Reject) else _review(record, url, context)


def _review(review: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    native_id = record_id(review, "id")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    user, answer = as_object(review.get("user")), as_object(review.get("public_response"))
    text, own = review.get("text"), http_url(review.get("url"))
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=own and keep_parameters(own, _REVIEW),
        text=html_text(text if isinstance(text, str) else review.get("excerpt")),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=_time(review.get("time_created"), context),
        reply_text=html_text(answer.get("text")) or None,
        reply_at=_time(answer.get("time_created"), context),
        **context.authors.fields("yelp", as_text(user.get("id")), as_text(user.get("name"))),
    )


def _time(value: object, context: ParseContext) -> datetime | None:
    if isinstance(value, str):
        try:
            return parse_date(datetime.strptime(value, _WITHOUT_ZONE).replace(tzinfo=_ZONE))
        except (ValueError, OverflowError):
            pass  # it has a zone
    return context.date(value)


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    try:
        error = as_object(path_of(read_json(body), "error"))
    except UnreadableError:
        return None
    words = [as_text(error.get(name)) for name in ("code", "id", "description", "text")]
    return ": ".join(word for word in words if word) or None
