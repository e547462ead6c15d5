"""Stories, polls and comments of Hacker News, from its search and from its own interface.

* The search (https://hn.algolia.com/api) gives pages `{"hits": […], "page", "nbPages", "nbHits"}`,
  and `/items/{id}` gives a discussion as a tree of `children`.
* Hacker News itself (https://github.com/HackerNews/API) gives one item a request, with the ids of
  its answers in `kids`, and `null` for one that does not exist.

The three name the same things otherwise: `objectID` or `id`, `author` or `by`, `created_at_i` or
`time`, `points` or `score`, `parent_id` or `parent`, `story_text`, `comment_text` or `text`.

* Texts are HTML whose first paragraph has no `<p>`; titles have entities.
* A story that is a link has a title and no text.
* Deleted and killed items are not in the search. In a discussion they have neither author nor text,
  on Hacker News they are marked `deleted` or `dead`: they are left out, and counted. Options of
  polls (`pollopt`) are no texts of their own and are left out.
* No answer says whether an item was edited.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

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
from mention import Mention, Reject

_POLL_OPTION: Final = "pollopt"
_TEXTS: Final = ("comment_text", "story_text", "text")


@dataclass(frozen=True, slots=True)
class Extent:
    """What a page of the search says about itself and the others; None where it does not.

    Attributes:
        hits: records on the page.
        pages: pages that may be asked for.
        found: records that match, on whatever page.
        oldest: seconds since 1970 of the oldest record on the page.
    """

    hits: int
    pages: int | None
    found: int | None
    oldest: int | None


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the records of one page of the search, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    for record in read_records(body, url, context, "hits"):
        if isinstance(record, Reject):
            yield record
        elif not _is_left_out(record, context):
            yield _mention(record, url, context)


def parse_item(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield an item and what stands below it in the same answer, from its top down.

    Args:
        body: what the search or Hacker News sent.
        url: of the answer, for rejects.
        context: source, labels, authors.
    """
    try:
        waiting = [read_json(body)]
    except UnreadableError as error:
        shown = body if isinstance(body, str) else body.decode("utf-8", "replace")
        yield context.reject(str(error), where=url, raw=shown)
        return
    while waiting:  # not by recursion: a hostile answer may be deeper than Python goes
        item = waiting.pop()
        waiting.extend(reversed(as_list(path_of(item, "children"))))
        if item is None:
            context.problems["items_deleted"] += 1
        elif not isinstance(item, dict):
            yield context.reject("an item is not an object", where=url, raw=item)
        elif not _is_left_out(item, context):
            yield _mention(item, url, context)


def extent(body: bytes) -> Extent:
    """Return how far a page of the search, and the search, reaches."""
    try:
        page = as_object(read_json(body))
    except UnreadableError:
        page = {}
    hits = as_list(page.get("hits"))
    times = [parse_count(path_of(hit, "created_at_i")) for hit in hits]
    return Extent(
        hits=len(hits),
        pages=parse_count(page.get("nbPages")),
        found=parse_count(page.get("nbHits")),
        oldest=min((time for time in times if time), default=None),
    )


def answers(body: bytes) -> list[str]:
    """Return the ids of the answers to an item of Hacker News itself."""
    try:
        kids = as_list(path_of(read_json(body), "kids"))
    except UnreadableError:
        return []
    return [str(kid) for kid in kids if isinstance(kid, int) and kid > 0]


def complaint(body: bytes) -> str | None:
    """Return what the search says went wrong (`{"message": …, "status": 400}`), or None."""
    try:
        answer = as_object(read_json(body))
    except UnreadableError:
        return None
    return None if "hits" in answer else as_text(answer.get("message"))


def _is_left_out(item: dict[str, Any], context: ParseContext) -> bool:
    if _POLL_OPTION in (item.get("type"), *as_list(item.get("_tags"))):
        return True
    author = as_text(item.get("author")) or as_text(item.get("by"))
    words = [item.get(name) for name in (*_TEXTS, "title")]
    gone = item.get("deleted") is True or item.get("dead") is True
    # An object of another kind, such as an error, has nothing of this and is a reject.
    if gone or ("author" in item and author is None and not any(words)):
        context.problems["items_deleted"] += 1
        return True
    return False


def _mention(item: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    number = record_id(item, "objectID", "id")
    if number is None:
        return context.reject("an item has no id", where=url, raw=item)
    is_comment = (
        "comment" in (item.get("type"), *as_list(item.get("_tags")))
        or as_text(item.get("comment_text")) is not None
    )
    text = next((item[name] for name in _TEXTS if isinstance(item.get(name), str)), "")
    title = as_text(item.get("title")) or as_text(item.get("story_title"))
    parent = record_id(item, "parent_id", "parent", "story_id") if is_comment else None
    author = as_text(item.get("author")) or as_text(item.get("by"))
    times = (context.date(item.get(name)) for name in ("created_at_i", "created_at", "time"))
    return context.mention(
        number,
        where=url,
        raw=item,
        kind="comment" if is_comment else "post",
        url=f"https://news.ycombinator.com/item?id={number}",
        title=html.unescape(title) if title and not is_comment else None,
        text=html_text(f"<p>{text}") if text else "",
        published_at=next((time for time in times if time), None),
        likes=parse_count(item["points"] if "points" in item else item.get("score")),
        parent_id=context.mention_id(parent) if parent else None,
        **context.authors.fields("hackernews", author, author),
    )
