"""Reviews of a branch on 2GIS, from its reviews interface.

`https://public-api.reviews.2gis.com/3.0/branches/{branch}/reviews` gives at most 50 reviews a
page as `{"meta": …, "reviews": […]}`. `meta.next_link` is the address of the next page, null
at the end; it carries the key. Answers without it are continued with `offset_date`, the date
of the last review. A rating of null or 0 is "not rated"; dates are in the branch's own zone. Errors
come as `meta.error` with a `type` such as `apiKeyIsBlocked`, with any HTTP status.

A review that 2GIS hides (`is_hidden`) is left out and counted as `hidden`. Reviews that it
takes over from Flamp or Booking are numbered apart: their ids begin with the provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from crawlers.ratings import parse_number
from mention import Mention, Reject

HOST: Final = "https://public-api.reviews.2gis.com"
PAGE_SIZE: Final = 50
LOWEST, HIGHEST = 1.0, 5.0
_OWN: Final = "2gis"


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, branch: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        branch: number of the branch, for reviews that do not name theirs.
    """
    for record in read_records(body, url, context, "reviews"):
        if isinstance(record, Reject):
            yield record
        elif record.get("is_hidden") is True:
            context.problems["hidden"] += 1
        else:
            yield _review(record, url, context, branch)


def _review(
    review: dict[str, Any], url: str, context: ParseContext, branch: str
) -> Mention | Reject:
    native_id = record_id(review, "id")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    provider = as_text(review.get("provider")) or _OWN
    place = as_text(path_of(review, "object", "id")) or branch
    user, answer = as_object(review.get("user")), as_object(review.get("official_answer"))
    return context.mention(
        native_id if provider == _OWN else f"{provider}-{native_id}",
        where=url,
        raw=review,
        kind="review",
        url=f"https://2gis.ru/firm/{place}/tab/reviews" if place.isdigit() else None,
        text=html_text(review.get("text")),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(review.get("date_created")),
        updated_at=context.date(review.get("date_edited")),
        likes=parse_count(review.get("likes_count")),
        reply_text=html_text(answer.get("text")) or None,
        reply_at=context.date(answer.get("date_created")),
        **context.authors.fields(
            "2gis",
            as_text(user.get("public_id")) or as_text(user.get("id")),
            as_text(user.get("name")),
        ),
    )


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    try:
        meta = as_object(path_of(read_json(body), "meta"))
    except UnreadableError:
        return None
    error = as_object(meta.get("error"))
    words = [as_text(error.get(name)) for name in ("type", "message")]
    said = ": ".join(word for word in words if word)
    code = parse_number(meta.get("code"))
    return said or (f"code {code:g}" if code is not None and code >= 400 else None)


def next_page(body: str | bytes, url: str) -> str | None:
    """Return the address of the page after this one, without a key, or None at the end.

    Args:
        body: the page.
        url: its address.
    """
    try:
        data = read_json(body)
    except UnreadableError:
        return None
    meta, reviews = as_object(path_of(data, "meta")), as_list(path_of(data, "reviews"))
    if not reviews:
        return None
    link, last = meta.get("next_link"), path_of(reviews, -1, "date_created")
    try:
        here = urlsplit(url)
        there = urlsplit(link) if isinstance(link, str) else None
    except ValueError:
        return None
    if there is not None:
        query = [pair for pair in parse_qsl(there.query) if pair[0] != "key"]
        # Whatever host the link names, only this one is asked.
        return f"{HOST}{there.path or '/'}?{urlencode(query)}"
    if "next_link" in meta or len(reviews) < PAGE_SIZE or not isinstance(last, str):
        return None
    query = [pair for pair in parse_qsl(here.query) if pair[0] != "offset_date"]
    return f"{HOST}{here.path}?{urlencode([*query, ('offset_date', last)])}"
