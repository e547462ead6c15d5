"""Reviews of one's own products, from Ozon's API for sellers.

`POST /v1/review/list` gives `{"reviews": […], "has_next", "last_id"}`, and so does
`/v2/review/list`, which replaces it. A review has `id`, `sku`, `text`, `rating`,
`published_at` and counts; no author and no language. `/v1/review/comment/list` gives the comments
on one review, `/v1/review/info` its likes. Errors are `{"code", "message"}`.

* The comments of the shop (`is_owner`) or the brand (`is_official`) are the answer; others are
  mentions of their own.
* The product is known by its `sku` alone. A deleted review is in no answer, and an edited one
  comes with its new words and no second time.

https://docs.ozon.ru/api/seller/#tag/ReviewAPI
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.comments import Comment, read_comments
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
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
# What an answer has that is no error.
_ANSWERS: Final = ("reviews", "comments", "id")


def parse_page(
    body: str | bytes,
    url: str,
    context: ParseContext,
    *,
    comments: Mapping[str, bytes],
    infos: Mapping[str, bytes],
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, in its order, each with the comments on it.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        comments: id of a review -> answer with its comments.
        infos: id of a review -> answer with its likes.
    """
    for record in read_records(body, url, context, "reviews"):
        if isinstance(record, Reject):
            yield record
            continue
        native_id = record_id(record, "id")
        if native_id is None:
            yield context.reject("a review has no id", where=url, raw=record)
            continue
        said = read_comments(
            comments.get(native_id), url, context, "comments", is_answer=_is_answer
        )
        yield from said.rejects
        yield context.mention(
            native_id,
            where=url,
            raw=record,
            kind="review",
            text=html_text(record.get("text")),
            rating=context.rating(record.get("rating"), LOWEST, HIGHEST),
            rating_min=LOWEST,
            rating_max=HIGHEST,
            published_at=context.date(record.get("published_at")),
            likes=parse_count(path_of(_read(infos.get(native_id, b"")), "likes_amount")),
            reply_text=said.reply,
            reply_at=context.date(said.answers[0].get("published_at")) if said.reply else None,
            **_product(record),
        )
        for comment in said.others:
            parent = said.above(comment, "parent_comment_id") or native_id
            yield _comment(comment, parent, url, context, _product(record))


def reviews_of(body: str | bytes) -> list[tuple[str, bool]]:
    """Return the id of each review of a page, and whether there are comments on it."""
    return [
        (native_id, bool(parse_count(one.get("comments_amount"))))
        for one in map(as_object, as_list(path_of(_read(body), "reviews")))
        if (native_id := record_id(one, "id")) is not None
    ]


def next_id(body: str | bytes) -> str | None:
    """Return the `last_id` that asks for the page after this one, or None at the end."""
    data = _read(body)
    is_last = path_of(data, "has_next") is False or not as_list(path_of(data, "reviews"))
    return None if is_last else as_text(path_of(data, "last_id")) or None


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    data = as_object(_read(body))
    if any(name in data for name in _ANSWERS):
        return None
    return as_text(data.get("message")) or as_text(path_of(data, "error", "message"))


def _read(body: str | bytes) -> object:
    try:
        return read_json(body) if body else None
    except UnreadableError:
        return None


def _is_answer(comment: Comment) -> bool:
    return comment.get("is_owner") is True or comment.get("is_official") is True


def _product(review: dict[str, Any]) -> dict[str, str | None]:
    """Return product and address."""
    sku = record_id(review, "sku")
    known = sku is not None and sku.isdecimal()
    return {
        "product": sku,
        "url": f"https://www.ozon.ru/product/{sku}/reviews/" if known else None,
    }


def _comment(
    comment: Comment,
    parent: str,
    url: str,
    context: ParseContext,
    product: dict[str, str | None],
) -> Mention | Reject:
    native_id = record_id(comment, "id")
    if native_id is None:
        return context.reject("a comment has no id", where=url, raw=comment)
    return context.mention(
        native_id,
        where=url,
        raw=comment,
        kind="comment",
        text=html_text(comment.get("text")),
        published_at=context.date(comment.get("published_at")),
        parent_id=context.mention_id(parent),
        **product,
    )
