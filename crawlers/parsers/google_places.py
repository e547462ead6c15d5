"""Reviews of a place, from Google's Places API: at most five, chosen by Google.

Two forms are read:

* Places API (New), `https://places.googleapis.com/v1/places/{id}`: `reviews[]` with `name`
  (`places/{id}/reviews/{review}`), `originalText` and its translation `text`, `publishTime`;
  the "most relevant" five. Errors are `{"error": {"status", "message"}}`.
* the legacy Place Details, `https://maps.googleapis.com/maps/api/place/details/json`:
  `result.reviews[]` with `author_url`, `text`, `time` (seconds since 1970) and no id; the newest
  five. Errors are a `status` other than OK, with HTTP 200.

The writer's own words are taken, not a translation. A legacy review is identified by a hash of
place and author, since an author has one review of a place. An owner's answer is in neither
form, and a deleted review is in neither answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext, digest, http_url
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
_GOOD: Final = frozenset(("OK", "ZERO_RESULTS"))
_CONTRIBUTOR: Final = re.compile(r"(?:/contrib/|plus\.google\.com/)(\w+)")


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, place: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one answer, in its order.

    Args:
        body: what the server sent, in either form.
        url: of the answer, for rejects.
        context: source, labels, authors.
        place: id of the place.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        yield context.reject(str(error), where=url, raw=text)
        return
    if not isinstance(data, dict):
        yield context.reject("the answer is not an object", where=url, raw=data)
        return
    legacy = "result" in data or "status" in data
    found = as_object(data.get("result")) if legacy else data
    reviews = found.get("reviews")
    if reviews is None:
        return
    if not isinstance(reviews, list):
        yield context.reject("'reviews' is not a list", where=url, raw=data)
        return
    read = _legacy if legacy else _new
    for review in reviews:
        if not isinstance(review, dict):
            yield context.reject("a review is not an object", where=url, raw=review)
            continue
        native_id, values = read(review, place, context)
        if native_id is None:
            yield context.reject("a review has neither id nor author", where=url, raw=review)
            continue
        yield context.mention(
            native_id,
            where=url,
            raw=review,
            kind="review",
            rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
            rating_min=LOWEST,
            rating_max=HIGHEST,
            location=as_text(path_of(found, "displayName", "text")) or as_text(found.get("name")),
            **({"url": http_url(found.get("url") or found.get("googleMapsUri"))} | values),
        )


def _new(
    review: dict[str, Any], place: str, context: ParseContext
) -> tuple[str | None, dict[str, Any]]:
    original = as_object(review.get("originalText"))
    words = original if as_text(original.get("text")) else as_object(review.get("text"))
    name = as_text(review.get("name")) or ""
    author = as_object(review.get("authorAttribution"))
    key = _author_key(author.get("uri"))
    own = http_url(review.get("googleMapsUri"))
    return name.rpartition("/")[2] or _hashed(place, key, review.get("publishTime")), {
        **({"url": own} if own else {}),
        "text": html_text(words.get("text")),
        "lang": as_text(words.get("languageCode")),
        "published_at": context.date(review.get("publishTime")),
        **context.authors.fields("google", key, as_text(author.get("displayName"))),
    }


def _legacy(
    review: dict[str, Any], place: str, context: ParseContext
) -> tuple[str | None, dict[str, Any]]:
    key, name = _author_key(review.get("author_url")), as_text(review.get("author_name"))
    # Without an address "A Google User" is many people.
    native_id = _hashed(place, key) if key else _hashed(place, name, review.get("time"))
    return native_id, {
        "text": html_text(review.get("text")),
        "lang": as_text(review.get("language")),
        "published_at": context.date(review.get("time")),
        **context.authors.fields("google", key, name),
    }


def _author_key(address: object) -> str | None:
    text = as_text(address)
    match = _CONTRIBUTOR.search(text or "")
    return match[1] if match else text


def _hashed(place: str, *parts: object) -> str | None:
    """Return an id for a review that has none; None when nothing tells it from others."""
    return f"{place}-{digest(*parts)}" if all(as_text(part) for part in parts) else None


def complaint(body: str | bytes) -> str | None:
    """Return what an answer of either form says went wrong, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    error = data.get("error")
    if isinstance(error, dict):
        status, message = as_text(error.get("status")), as_text(error.get("message"))
    else:
        status, message = as_text(data.get("status")), as_text(data.get("error_message"))
        if status in _GOOD:
            return None
    return ": ".join(word for word in (status, message) if word) or None
