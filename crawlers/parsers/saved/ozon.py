"""Ozon: the state of the widget `webListReviews`.

In a page it is the attribute `data-state` of `#state-webListReviews-…`; in the answers that the
page fetches it is a value of `widgetStates`, a JSON text inside the JSON. It has `reviews[]` and
the `products` by id. What is deleted or rejected is left out and counted as `hidden`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from crawlers.addresses import keep_parameters
from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.saved.page import SavedPage, objects_with
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
_STATE: Final = "//*[starts-with(@id, 'state-webListReviews')]/@data-state"
_WIDGET: Final = "webListReviews"
# The parameter of a review's address that names the review; the others are for advertising.
_REVIEW: Final = "ruuid"


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of the page's widgets, in order."""
    try:
        states = [widget for state in page.states(_STATE) for widget in _widgets(state)]
    except UnreadableError as error:
        yield context.reject(str(error), where=page.where)
        return
    for state in states:
        products = as_object(path_of(state, "products"))
        for review in as_list(path_of(state, "reviews")):
            if not isinstance(review, dict):
                yield context.reject("a review is not an object", where=page.where, raw=review)
            elif review.get("isDeleted") is True or review.get("isRejected") is True:
                context.problems["hidden"] += 1
            else:
                yield _review(review, page, context, products)


def _widgets(state: object) -> Iterator[object]:
    found = list(objects_with(state, "widgetStates"))
    if not found:
        yield state
    for one in found:
        for name, value in as_object(one["widgetStates"]).items():
            if name.startswith(_WIDGET):
                yield read_json(value) if isinstance(value, str) else value


def _review(
    review: dict[str, Any], page: SavedPage, context: ParseContext, products: dict[str, Any]
) -> Mention | Reject:
    native_id = record_id(review, "uuid")
    if native_id is None:
        return context.reject("a review has no id", where=page.where, raw=review)
    content, author = as_object(review.get("content")), as_object(review.get("author"))
    names = [as_text(author.get(name)) for name in ("firstName", "lastName")]
    name = " ".join(part for part in names if part) or None
    anonymous = review.get("isAnonymous") is True
    pro, contra, comment = (
        html_text(content.get(field)) for field in ("positive", "negative", "comment")
    )
    item = record_id(review, "itemId") or ""
    own = http_url(path_of(review, "sharing", "url"))
    return context.mention(
        f"ozon/{native_id}",
        where=page.where,
        raw=review,
        kind="review",
        url=keep_parameters(own, _REVIEW) if own else page.url,
        text=with_points(comment, [pro], [contra]),
        lang=as_text(review.get("Lang")),
        rating=context.rating(content.get("score"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(review.get("publishedAt")),
        updated_at=context.date(review.get("updatedAt")),
        product=as_text(path_of(products, item, "name")),
        likes=parse_count(path_of(review, "usefulness", "useful")),
        **({} if anonymous else context.authors.fields("ozon", as_text(author.get("guid")), name)),
    )
