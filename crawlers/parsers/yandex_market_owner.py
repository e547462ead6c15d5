"""Reviews of one's own products, from Yandex Market's Partner API.

`POST /v2/businesses/{id}/goods-feedback` gives `{"status": "OK", "result": {"feedbacks": […],
"paging": {"nextPageToken"}}}`, `…/goods-feedback/comments` the comments on one review. What is
good and what is bad stand apart from the text. Errors are `{"status": "ERROR", "errors":
[{"code", "message"}]}`.

* Comments whose author is a BUSINESS are the answer, without a time; others are mentions of
  their own. Only published ones count; those that are banned or deleted are counted.
* The author is a name without a number, the product the shop's own `offerId`. A review has no
  address and no time of an edit; a deleted one is in no answer.

https://yandex.ru/dev/market/partner-api/doc/ru/reference/goods-feedback/getGoodsFeedbacks
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
from crawlers.text import with_points
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
PUBLISHED: Final = "PUBLISHED"
SITE: Final = "yandex_market"  # where an author's name is of some use


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, comments: Mapping[str, bytes]
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, in its order, each with the comments on it.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        comments: id of a review -> answer with its comments.
    """
    for record in read_records(body, url, context, "result", "feedbacks"):
        if isinstance(record, Reject):
            yield record
            continue
        native_id = record_id(record, "feedbackId")
        if native_id is None:
            yield context.reject("a review has no id", where=url, raw=record)
            continue
        said = read_comments(
            comments.get(native_id), url, context, "result", "comments", is_answer=_is_answer
        )
        said.answers = _published(said.answers, context)
        said.others = _published(said.others, context)
        yield from said.rejects
        words = as_object(record.get("description"))
        good, bad, text = (
            html_text(words.get(name)) for name in ("advantages", "disadvantages", "comment")
        )
        yield context.mention(
            native_id,
            where=url,
            raw=record,
            kind="review",
            text=with_points(text, [good], [bad]),
            rating=context.rating(path_of(record, "statistics", "rating"), LOWEST, HIGHEST),
            rating_min=LOWEST,
            rating_max=HIGHEST,
            published_at=context.date(record.get("createdAt")),
            product=_product(record),
            reply_text=said.reply,
            **context.authors.fields(SITE, None, as_text(record.get("author"))),
        )
        for one in said.others:
            above = said.above(one, "parentId")
            parent = f"comment-{above}" if above else native_id
            yield _comment(one, parent, url, context, _product(record))


def commented(body: str | bytes) -> list[str]:
    """Return the ids of the reviews of a page on which there are comments."""
    return [
        native_id
        for one in map(as_object, as_list(path_of(_read(body), "result", "feedbacks")))
        if parse_count(path_of(one, "statistics", "commentsCount"))
        and (native_id := record_id(one, "feedbackId")) is not None
        and native_id.isdecimal()
    ]


def next_token(body: str | bytes) -> str | None:
    """Return the token of the page after this one, or None at the end."""
    result = path_of(_read(body), "result")
    if not as_list(path_of(result, "feedbacks")):
        return None
    return as_text(path_of(result, "paging", "nextPageToken")) or None


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    data = as_object(_read(body))
    if data.get("status") != "ERROR" and "errors" not in data:
        return None
    error = as_object(path_of(data, "errors", 0))
    words = [as_text(error.get(name)) for name in ("code", "message")]
    return ": ".join(word for word in words if word) or "no reason is given"


def _read(body: str | bytes) -> object:
    try:
        return read_json(body)
    except UnreadableError:
        return None


def _is_answer(comment: Comment) -> bool:
    return bool(path_of(comment, "author", "type") == "BUSINESS")


def _product(review: dict[str, Any]) -> str | None:
    return as_text(path_of(review, "identifiers", "offerId"))


def _published(comments: list[Comment], context: ParseContext) -> list[Comment]:
    """Return the comments that everybody may see; the others are counted."""
    seen = [one for one in comments if one.get("status", PUBLISHED) == PUBLISHED]
    if len(seen) < len(comments):
        context.problems["comments_not_published"] += len(comments) - len(seen)
    return seen


def _comment(
    comment: Comment, parent: str, url: str, context: ParseContext, product: str | None
) -> Mention | Reject:
    number = record_id(comment, "id")
    if number is None:
        return context.reject("a comment has no id", where=url, raw=comment)
    return context.mention(
        f"comment-{number}",  # numbered apart from reviews
        where=url,
        raw=comment,
        kind="comment",
        text=html_text(comment.get("text")),
        product=product,
        parent_id=context.mention_id(parent),
        **context.authors.fields(SITE, None, as_text(path_of(comment, "author", "name"))),
    )
