"""Reviews of a product on Wildberries, as its web store gets them. Nothing is documented.

`https://card.wb.ru/cards/v4/detail?nm={article}` has the product under `products` (older: under
`data.products`); its `root` is the group (imtId) whose variants share their reviews.
`https://feedbacks1.wb.ru/feedbacks/v1/{root}` gives those reviews in one answer, at most a
thousand or so, the newest first; `feedbacks` is null where another server has them.

* A review may have stars alone. What is good and what is bad stand apart from the text.
* `updatedDate` changes with every change, also with an answer of the seller.
* Who adds to a review writes another one (`parentFeedbackId`), and the first one no longer counts
  in the shop's rating. Both are kept; the later one has the first as its parent.
* A deleted review is in no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
from crawlers.text import with_points
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Card:
    """A product.

    Attributes:
        root: number of the group that it belongs to.
        name, brand: of the product.
        reviews: how many the store counts, or None.
    """

    root: str
    name: str | None = None
    brand: str | None = None
    reviews: int | None = None


def read_card(body: str | bytes) -> Card | None:
    """Return the product of a card, or None when there is none."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    product = as_object(path_of(data, "products", 0) or path_of(data, "data", "products", 0))
    root = record_id(product, "root")
    if root is None or not root.isdecimal():
        return None
    name, brand = as_text(product.get("name")), as_text(product.get("brand"))
    return Card(root, name, brand, parse_count(product.get("feedbacks")))


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, card: Card
) -> Iterator[Mention | Reject]:
    """Yield the reviews of a group, in the order of the answer.

    Args:
        body: what the server sent.
        url: of the answer, for rejects.
        context: source, labels, authors.
        card: of the product that was asked for.
    """
    if is_elsewhere(body):
        return
    for record in read_records(body, url, context, "feedbacks"):
        if isinstance(record, Reject):
            yield record
            continue
        user = as_object(record.get("wbUserDetails"))
        author = record_id(record, "globalUserId") or record_id(record, "wbUserId")
        name = as_text(user.get("name"))
        yield read_feedback(
            record,
            url,
            context,
            nm_id=as_text(record.get("nmId")),
            product=card.name,
            brand=card.brand,
            country=as_text(user.get("country")),
            likes=parse_count(path_of(record, "votes", "pluses")),
            **context.authors.fields("wildberries", author if author != "0" else None, name),
        )


def is_elsewhere(body: str | bytes) -> bool:
    """Whether an answer is whole and says that this server has no reviews of the group."""
    try:
        data = read_json(body)
    except UnreadableError:
        return False
    return isinstance(data, dict) and data.get("feedbacks", ()) is None


def read_feedback(
    record: dict[str, Any], url: str, context: ParseContext, *, nm_id: str | None, **values: Any
) -> Mention | Reject:
    """Return a review, whose own fields are the same in the store and for sellers.

    Args:
        record: the review.
        url: of the answer, for rejects.
        context: source, labels, authors.
        nm_id: number of the product.
        **values: the other fields of the mention.
    """
    native_id = record_id(record, "id")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=record)
    text = html_text(record.get("text"))
    parent = record_id(record, "parentFeedbackId")
    return context.mention(
        native_id,
        where=url,
        raw=record,
        kind="review",
        url=product_address(nm_id),
        text=with_points(text, [html_text(record.get("pros"))], [html_text(record.get("cons"))]),
        rating=context.rating(record.get("productValuation"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(record.get("createdDate")),
        updated_at=context.date(record.get("updatedDate")),
        parent_id=context.mention_id(parent) if parent else None,
        **read_answer(record, context),
        **values,
    )


def read_answer(record: dict[str, Any], context: ParseContext) -> dict[str, Any]:
    """Return `reply_text` and `reply_at` of a review or question."""
    answer = as_object(record.get("answer"))
    text = html_text(answer.get("text")) or None
    return {
        "reply_text": text,
        "reply_at": context.date(answer.get("createDate")) if text else None,
    }


def product_address(nm_id: str | None) -> str | None:
    """Return the address of a product's reviews."""
    known = nm_id is not None and nm_id.isdecimal()
    return f"https://www.wildberries.ru/catalog/{nm_id}/feedbacks" if known else None
