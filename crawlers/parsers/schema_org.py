"""Reviews that a page marks up with schema.org (https://schema.org/Review).

A review is a node of type Review, UserReview or CriticReview wherever it stands:
in an `@graph`, in a product's or a shop's `review`, in a list. An AggregateRating
is none. The same review in two syntaxes, or written twice, counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crawlers.addresses import site
from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.review_identity import Candidate, distinct, own_address
from crawlers.parsers.structured_data import Block, Node, decode_page, parse_tree, read_blocks
from crawlers.ratings import parse_number, parse_rating
from crawlers.text import plain_text, with_points
from mention import Mention, Reject

REVIEW_TYPES: Final = frozenset(("review", "userreview", "criticreview", "employerreview"))
LOWEST, HIGHEST = 1.0, 5.0  # schema.org's defaults for worstRating and bestRating
_REVIEW_KEYS: Final = frozenset(("review", "reviews"))
_CLUE: Final = re.compile(r"Review(?!Count)", re.IGNORECASE)


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, content_type: str | None = None
) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page, in the page's order.

    Args:
        body: the page.
        url: its address, for links and rejects.
        context: source, labels, authors, counts of problems.
        content_type: the header it came with.
    """
    tree = parse_tree(decode_page(body, content_type))
    if tree is not None:
        yield from read_reviews(list(read_blocks(tree, url)), url, context)


def read_reviews(
    blocks: list[Block], url: str, context: ParseContext
) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page's blocks, then a reject for each broken one."""
    reader = _Reader(url, context, _index(blocks))
    for block in blocks:
        for node in block.nodes:
            reader.walk(node, block, None)
    yield from reader.mentions()
    for block in blocks:
        if block.error is None:
            continue
        context.problems["structured_data_unreadable"] += 1
        if block.syntax != "json-ld" or _CLUE.search(block.raw):
            yield context.reject(
                f"a block of {block.syntax} cannot be read: {block.error}", where=url, raw=block.raw
            )


def _index(blocks: list[Block]) -> dict[str, Node]:
    """Return the nodes of a page by `@id`, so that references can be followed."""
    index: dict[str, Node] = {}
    stack: list[Any] = [node for block in blocks for node in block.nodes]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        elif isinstance(one, dict):
            name = one.get("@id")
            if isinstance(name, str) and len(one) > len(index.get(name, ())):
                index[name] = one
            stack.extend(one.values())
    return index


class _Reader:
    def __init__(self, url: str, context: ParseContext, index: dict[str, Node]) -> None:
        self._url = url
        self._context = context
        self._index = index
        self._subjects: dict[str, Node] = {}  # @id of a review -> the node whose review it is
        self._found: list[Candidate] = []

    # --- finding --------------------------------------------------------------------
    def walk(self, value: Any, block: Block, subject: Node | None) -> None:
        """Visit a value in document order; `subject` is what a review in it is about."""
        if isinstance(value, list):
            for one in value:
                self.walk(one, block, subject)
            return
        if not isinstance(value, dict):
            return
        if _is_review(value, of_something=subject is not None):
            self._found.append(self._candidate(value, block, subject))
        elif subject is not None and isinstance(value.get("@id"), str):
            self._subjects.setdefault(value["@id"], subject)
        for name, one in value.items():
            if isinstance(one, dict | list):
                self.walk(one, block, value if name in _REVIEW_KEYS else None)

    def mentions(self) -> Iterator[Mention | Reject]:
        """Yield each review that was found once."""
        for native_id, one in distinct(self._found):
            late = self._subjects.get(str(one.node.get("@id")))
            if late is not None and not one.values.get("product"):
                one.values |= self._about(late)
            yield self._context.mention(native_id, where=self._url, raw=one.node, **one.values)

    # --- reading ---------------------------------------------------------------------
    def _candidate(self, node: Node, block: Block, subject: Node | None) -> Candidate:
        reviewed = self._node(node.get("itemReviewed")) or subject
        about = self._about(reviewed)
        author, author_key = self._author(node.get("author") or node.get("creator"))
        rating, low, high = self._rating(node)
        values: dict[str, Any] = {
            **about,
            "kind": "review",
            "url": http_url(_first(node.get("url")), self._url) or self._url,
            "title": plain_text(_text(node.get("name")) or _text(node.get("headline")) or ""),
            "text": self._body(node),
            "lang": self._name(node.get("inLanguage")),
            "rating": rating,
            "rating_min": low,
            "rating_max": high,
            "published_at": self._context.date(
                _text(node.get("datePublished")) or _text(node.get("dateCreated"))
            ),
            "updated_at": self._context.date(_text(node.get("dateModified"))),
            "likes": parse_count(_first(node.get("upvoteCount"))),
        }
        values |= self._context.authors.fields(site(self._url), author_key, author)
        others = [self._url]
        if reviewed is not None:
            others += [str(_first(reviewed.get(name))) for name in ("url", "@id")]
        return Candidate(
            node=node,
            block=block,
            values=values,
            scope=site(self._url),
            author=author or "",
            own_id=own_address([node.get("@id"), node.get("url")], self._url, others),
        )

    def _body(self, node: Node) -> str:
        for name in ("reviewBody", "description", "text"):
            body = plain_text(_text(node.get(name)) or "")
            if body:
                break
        pros, cons = (
            [plain_text(note) for note in self._notes(node.get(name))]
            for name in ("positiveNotes", "negativeNotes")
        )
        return with_points(body, pros, cons)

    def _notes(self, value: Any) -> Iterator[str]:
        """Yield the points of an ItemList, a list or a text."""
        if isinstance(value, list):
            for one in value:
                yield from self._notes(one)
        elif isinstance(value, dict):
            yield from self._notes(
                value.get("itemListElement") or value.get("name") or value.get("item")
            )
        elif isinstance(value, str) and value.strip():
            yield value

    def _rating(self, node: Node) -> tuple[float | None, float, float]:
        given = node.get("reviewRating")
        if given in (None, "", []):
            given = node.get("ratingValue", node.get("rating"))
        rated = self._node(given)
        value = _first(rated.get("ratingValue") if rated else given)
        low = parse_number(_first(rated.get("worstRating"))) if rated else None
        high = parse_number(_first(rated.get("bestRating"))) if rated else None
        low, high = LOWEST if low is None else low, HIGHEST if high is None else high
        if low > high:
            low, high = high, low
        if low == high:
            low, high = LOWEST, HIGHEST
        if value in (None, ""):
            return None, low, high
        parsed = parse_rating(value, low, high)
        if parsed is None:
            self._context.problems["rating_unreadable"] += 1
            return None, low, high
        rating, low, high = parsed
        if rating == 0 and low >= 1:  # how many sites write "not rated"
            return None, low, high
        if not low <= rating <= high:
            self._context.problems["rating_out_of_scale"] += 1
            return None, LOWEST, HIGHEST
        return rating, low, high

    def _author(self, value: Any) -> tuple[str | None, str | None]:
        """Return the author's name and what identifies the author."""
        node = self._node(value)
        if node is None:
            name = _text(value)
            return name, name
        name = plain_text(_text(node.get("name")) or "") or None
        identity = _first(node.get("@id")) or _first(node.get("url"))
        return name, http_url(identity) or name

    def _about(self, node: Node | None) -> dict[str, str | None]:
        """Return product, brand, location and country that the reviewed thing names."""
        if node is None:
            return {}
        address = self._node(node.get("address"))
        places = (
            [_text(address.get(name)) for name in ("addressLocality", "streetAddress")]
            if address
            else [_text(node.get("address"))]
        )
        return {
            "product": plain_text(_text(node.get("name")) or "") or None,
            "brand": self._name(node.get("brand")),
            "location": plain_text(", ".join(place for place in places if place)) or None,
            "country": self._name(address.get("addressCountry")) if address else None,
        }

    def _name(self, value: Any) -> str | None:
        node = self._node(value)
        if node is not None:
            value = node.get("alternateName") or node.get("name")
        return _text(value)

    def _node(self, value: Any) -> Node | None:
        """Return the first node of a value, by reference where it is one."""
        value = _first(value)
        if not isinstance(value, dict):
            return None
        name = value.get("@id")
        return self._index.get(name, value) if isinstance(name, str) else value


def _is_review(node: Node, *, of_something: bool) -> bool:
    types = node.get("@type")
    if types:
        return any(one.lower() in REVIEW_TYPES for one in types)
    # Some sites leave the type out where the property says it.
    return of_something and any(name in node for name in ("reviewBody", "reviewRating"))


def _first(value: Any) -> Any:
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def _text(value: Any) -> str | None:
    """Return a text, also of a list of texts or a number; None when there is none."""
    if isinstance(value, list):
        parts = [part for one in value if (part := _text(one))]
        return "\n".join(parts) or None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
