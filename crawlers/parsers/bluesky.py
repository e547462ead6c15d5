"""Posts of Bluesky (the AT Protocol), from `app.bsky.feed.searchPosts` and `getAuthorFeed`.

The forms are the lexicons `app.bsky.feed.defs#postView` and `#feedViewPost`: a search gives
`{"posts": [postView], "cursor"}`, a feed `{"feed": [{"post": postView, "reply", "reason"}],
"cursor"}`. The id is the post's `at://` address.

* `createdAt` is set by the author's program and may lie in the future; as Bluesky's own sort
  does, the earlier of it and `indexedAt` counts.
* A repost in a feed (`reason`) stands for the post that it repeats.
* The text is plain; links, hashtags and names in it are marked by `facets`, which need no care.
* A post cannot be edited, a deleted one is gone, and one that moderators hide (labels `!hide` and
  `!takedown`) is left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.records import read_records
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    path_of,
    read_json,
)
from mention import Mention, Reject

# https://atproto.com/specs/at-uri-scheme; a DID, the collection, and the record's key.
_POST: Final = re.compile(r"at://(did:[a-z]+:[\w.:%-]+)/[\w.-]+/([\w.:~-]+)", re.ASCII)
# A handle is a host name; one that does not lead back to its account reads `handle.invalid`.
_HANDLE: Final = re.compile(r"(?!handle\.invalid)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_HIDDEN: Final = ("!hide", "!takedown")


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, records: str
) -> Iterator[Mention | Reject]:
    """Yield the posts of one page, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        records: where they are: `posts` of a search, `feed` of a feed.
    """
    for record in read_records(body, url, context, records):
        if isinstance(record, Reject):
            yield record
            continue
        post = as_object(record["post"]) if "post" in record else record
        if _is_hidden(post):
            context.problems["posts_hidden"] += 1
        else:
            yield _mention(post, url, context)


def next_cursor(body: bytes, records: str) -> str | None:
    """Return the cursor of the page after this one, or None at the end."""
    try:
        data = read_json(body)
    except UnreadableError:
        return None
    return as_text(path_of(data, "cursor")) if as_list(path_of(data, records)) else None


def _is_hidden(post: dict[str, Any]) -> bool:
    labels = [as_object(label) for label in as_list(post.get("labels"))]
    return any(one.get("val") in _HIDDEN and one.get("neg") is not True for one in labels)


def _mention(post: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    uri = post.get("uri")
    address = _POST.fullmatch(uri) if isinstance(uri, str) else None
    if address is None:
        return context.reject("a post has no at:// address", where=url, raw=post)
    record, author = as_object(post.get("record")), as_object(post.get("author"))
    text = record.get("text")
    if not isinstance(text, str):
        return context.reject("a post has no text", where=url, raw=post)
    handle = as_text(author.get("handle"))
    profile = handle if handle and _HANDLE.fullmatch(handle) else address[1]
    parent = path_of(record, "reply", "parent", "uri")
    parent = parent if isinstance(parent, str) and _POST.fullmatch(parent) else None
    return context.mention(
        address[0],
        where=url,
        raw=post,
        kind="comment" if parent else "post",
        url=f"https://bsky.app/profile/{profile}/post/{address[2]}",
        text=text,
        lang=as_text(path_of(record, "langs", 0)),
        published_at=_published(record.get("createdAt"), post.get("indexedAt"), context),
        likes=parse_count(post.get("likeCount")),
        parent_id=context.mention_id(parent) if parent else None,
        **context.authors.fields(
            "bluesky", as_text(author.get("did")), as_text(author.get("displayName")) or handle
        ),
    )


def _published(created: object, indexed: object, context: ParseContext) -> datetime | None:
    times = [time for one in (created, indexed) if (time := context.date(one)) is not None]
    return min(times, default=None)
