"""Reviews and questions of one's own products, from Wildberries' API for sellers.

`/api/v1/feedbacks`, `/api/v1/feedbacks/archive` and `/api/v1/questions` answer with
`{"data": {"feedbacks" or "questions": […]}, "error": false, "errorText": ""}`; errors come as
`errorText`, also with status 200, or as `title` and `detail`. A review is as in the store
(`crawlers.parsers.wildberries`), with the customer's first name and `productDetails`. A
question has a text and an answer, no author and no rating.

https://dev.wildberries.ru/openapi/user-communication
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext
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
from crawlers.parsers.wildberries import product_address, read_answer, read_feedback
from mention import Mention, Reject

FEEDBACKS, QUESTIONS = "feedbacks", "questions"
_ERROR_WORDS: Final = ("errorText", "detail", "title", "message")


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, records: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews or questions of one page, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        records: `FEEDBACKS` or `QUESTIONS`.
    """
    for record in read_records(body, url, context, "data", records):
        if isinstance(record, Reject):
            yield record
            continue
        details = as_object(record.get("productDetails"))
        nm_id = as_text(details.get("nmId"))
        values = {
            "product": as_text(details.get("productName")),
            "brand": as_text(details.get("brandName")),
        }
        if records == QUESTIONS:
            yield _question(record, url, context, product_address(nm_id), values)
        else:
            author = context.authors.fields("wildberries", None, as_text(record.get("userName")))
            yield read_feedback(record, url, context, nm_id=nm_id, **values, **author)


def count_and_oldest(body: str | bytes, records: str) -> tuple[int, Any]:
    """Return how many records a page has, and the date of the last one as it is written."""
    try:
        found = as_list(path_of(read_json(body), "data", records))
    except UnreadableError:
        return 0, None
    return len(found), path_of(found, -1, "createdDate")


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    if isinstance(data.get("data"), dict) and data.get("error") is not True:
        return None
    words = [as_text(data.get(name)) for name in _ERROR_WORDS]
    found = ": ".join(dict.fromkeys(word.strip() for word in words if word and word.strip()))
    return found or ("no reason is given" if data.get("error") is True else None)


def _question(
    record: dict[str, Any],
    url: str,
    context: ParseContext,
    address: str | None,
    values: dict[str, Any],
) -> Mention | Reject:
    native_id = record_id(record, "id")
    if native_id is None:
        return context.reject("a question has no id", where=url, raw=record)
    return context.mention(
        native_id,
        where=url,
        raw=record,
        kind="message",
        url=address,
        text=html_text(record.get("text")),
        published_at=context.date(record.get("createdDate")),
        **read_answer(record, context),
        **values,
    )
