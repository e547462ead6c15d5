"""Yandex Market: schema.org has the dates, the patches of the page's state have the rest.

`<noframes data-apiary="patch">` holds JSON with `collections.reviewV2`, reviews by id: what is
good (`pro`), what is bad (`contra`), the `comment`, votes; its date has no year. The page's
JSON-LD joins the three texts into one and has the date. The two are brought together by the
text. A review that only one of them has is taken from that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.review_identity import squeeze
from crawlers.parsers.saved.page import SavedPage, objects_with
from crawlers.parsers.saved.structured import blocks_of, read_structured
from crawlers.parsers.values import UnreadableError, as_object, as_text, html_text, path_of
from crawlers.text import with_points
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_STATE: Final = "//noframes[@data-apiary = 'patch']"


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page that has patches, in the order of its JSON-LD."""
    patches: dict[str, dict[str, Any]] = {}
    rejects: list[Reject] = []
    try:
        for state in page.states(_STATE):
            for found in objects_with(state, "reviewV2"):
                for review in as_object(found["reviewV2"]).values():
                    native_id = record_id(as_object(review), "id")
                    if native_id is None:
                        rejects.append(
                            context.reject("a review has no id", where=page.where, raw=review)
                        )
                    else:
                        patches.setdefault(native_id, review)
    except UnreadableError as error:
        rejects.append(context.reject(str(error), where=page.where))
    if patches:
        blocks = blocks_of(page)
        # The page may not know its address, but the product does.
        nodes = (node for block in blocks for node in block.nodes if isinstance(node, dict))
        addresses = (http_url(node.get("url")) for node in nodes if "review" in node)
        page = replace(page, url=page.url or next(addresses, None))
        dated = list(read_structured(page, context, blocks))
        yield from _joined(patches, dated, page, context)
    yield from rejects


def _joined(
    patches: dict[str, dict[str, Any]],
    dated: list[Mention | Reject],
    page: SavedPage,
    context: ParseContext,
) -> Iterator[Mention | Reject]:
    by_text: dict[str, list[str]] = {}
    for native_id, review in patches.items():
        by_text.setdefault(squeeze("".join(_texts(review))), []).append(native_id)
    left = dict(patches)
    for item in dated:
        same = by_text.get(squeeze(item.text)) if isinstance(item, Mention) else None
        if same and isinstance(item, Mention):
            native_id = same.pop(0)
            yield _review(native_id, left.pop(native_id), page, context, item)
        else:
            yield item
    for native_id, review in left.items():
        yield _review(native_id, review, page, context, None)


def _texts(review: dict[str, Any]) -> list[str]:
    """Return what is good, what is bad, and the comment, as JSON-LD puts them together."""
    return [html_text(review.get(name)) for name in ("pro", "contra", "comment")]


def _review(
    native_id: str,
    review: dict[str, Any],
    page: SavedPage,
    context: ParseContext,
    dated: Mention | None,
) -> Mention | Reject:
    pro, contra, comment = _texts(review)
    name = as_text(path_of(review, "author", "nickname"))
    written = as_text(path_of(review, "descriptor", 0, "content"))
    known = {"product": dated.product, "brand": dated.brand} if dated else {}
    return context.mention(
        f"yandex_market/{native_id}",
        where=page.where,
        raw=review,
        kind="review",
        url=(dated.url if dated else None) or page.url,
        text=with_points(comment, [pro], [contra]),
        rating=context.rating(review.get("rating"), LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=dated.published_at if dated else context.date(written),
        likes=parse_count(path_of(review, "votes", "votesAgree")),
        **known,
        **context.authors.fields("yandex", as_text(path_of(review, "author", "publicId")), name),
    )
