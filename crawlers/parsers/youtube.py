"""Comments and videos of the YouTube Data API, version 3.

An answer is `{"items": […], "nextPageToken", "pageInfo"}`. Its items are of a `kind`:

* `youtube#commentThread`: a comment (`snippet.topLevelComment`), how many replies it has
  (`totalReplyCount`) and up to five of those (`replies.comments`);
* `youtube#comment`: a comment or, with a `parentId`, a reply;
* `youtube#searchResult` and `youtube#video`: a video, a post with its title and description (of
  which a search gives the beginning, with entities).

`textOriginal` is what was written, `textDisplay` the same as HTML or plain text. `updatedAt` equals
`publishedAt` until the comment is edited. Comments on a video answer the video. Replies do not say
which video they are below; their thread does. Comments that are deleted or held back are in no
answer. A channel's id tells its author apart, not the name, which can be changed.

Errors are `{"error": {"code", "message", "errors": [{"reason"}]}}` with messages in HTML
(https://developers.google.com/youtube/v3/docs/errors).
"""

from __future__ import annotations

import html
import re
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

SITE: Final = "https://www.youtube.com"
_THREAD, _COMMENT = "youtube#commentThread", "youtube#comment"
_ID: Final = re.compile(r"[\w.-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment whose replies are not all in the answer.

    Attributes:
        comment: its id.
        video: id of the video that it is on, if it is on one.
    """

    comment: str
    video: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error.

    Attributes:
        reason: one word, such as `quotaExceeded`; empty where there is none.
        words: the message.
    """

    reason: str
    words: str


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, video: str | None = None
) -> Iterator[Mention | Reject]:
    """Yield the videos, comments and replies of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        video: that the comments are on, where they do not say so.
    """
    for item in read_records(body, url, context, "items"):
        if isinstance(item, Reject):
            yield item
        elif "topLevelComment" in as_object(item.get("snippet")):
            yield from _thread(item, url, context, video)
        elif _video_id(item):
            yield _video(item, url, context)
        elif item.get("kind") in (None, _COMMENT):
            yield _comment(item, url, context, video)
        elif item.get("kind") == _THREAD:
            yield context.reject("a thread has no comment", where=url, raw=item)
        # A search may list channels and playlists too.


def videos(body: bytes) -> list[str]:
    """Return the ids of the videos of one answer."""
    found = [_video_id(as_object(item)) for item in _items(body)]
    return list(dict.fromkeys(one for one in found if one and _ID.fullmatch(one)))


def unread_threads(body: bytes) -> list[Thread]:
    """Return the comments of one answer that have more replies than it holds."""
    threads = []
    for item in _items(body):
        snippet = as_object(path_of(item, "snippet"))
        total = parse_count(snippet.get("totalReplyCount")) or 0
        comment = as_object(snippet.get("topLevelComment"))
        name = record_id(comment, "id")
        if name and _ID.fullmatch(name) and total > len(_replies(item)):
            threads.append(Thread(name, _on_video(comment, snippet)))
    return threads


def next_token(body: bytes) -> str | None:
    """Return what asks for the page after this one, or None at the end."""
    try:
        return as_text(path_of(read_json(body), "nextPageToken")) or None
    except UnreadableError:
        return None


def trouble(body: bytes) -> Trouble | None:
    """Return what an answer says went wrong, or None."""
    try:
        error = path_of(read_json(body), "error")
    except UnreadableError:
        return None
    if error in (None, False, "", {}):
        return None
    message = html_text(as_text(path_of(error, "message")) or as_text(error))
    reason = as_text(path_of(error, "errors", 0, "reason")) or ""
    words = ": ".join(one for one in (reason, message) if one)
    return Trouble(reason, words or "no reason is given")


def _items(body: bytes) -> list[Any]:
    try:
        return as_list(path_of(read_json(body), "items"))
    except UnreadableError:
        return []


def _replies(thread: Any) -> list[Any]:
    return as_list(path_of(thread, "replies", "comments"))


def _on_video(*snippets: dict[str, Any]) -> str | None:
    found = (path_of(one, "snippet", "videoId") or one.get("videoId") for one in snippets)
    return next((one for one in found if isinstance(one, str) and one), None)


def _thread(
    item: dict[str, Any], url: str, context: ParseContext, video: str | None
) -> Iterator[Mention | Reject]:
    snippet = as_object(item.get("snippet"))
    comment = snippet["topLevelComment"]
    if not isinstance(comment, dict):
        yield context.reject("a comment is not an object", where=url, raw=item)
        return
    video = _on_video(comment, snippet) or video
    yield _comment(comment, url, context, video)
    for reply in _replies(item):
        if isinstance(reply, dict):
            yield _comment(reply, url, context, video, thread=record_id(comment, "id"))
        else:
            yield context.reject("a reply is not an object", where=url, raw=reply)


def _comment(
    comment: dict[str, Any],
    url: str,
    context: ParseContext,
    video: str | None,
    thread: str | None = None,
) -> Mention | Reject:
    name, snippet = record_id(comment, "id"), as_object(comment.get("snippet"))
    if name is None:
        return context.reject("a comment has no id", where=url, raw=comment)
    video = _on_video(snippet) or video
    parent = record_id(snippet, "parentId") or thread or video
    written = as_text(snippet.get("textOriginal"))
    published, updated = (context.date(snippet.get(one)) for one in ("publishedAt", "updatedAt"))
    author = record_id(as_object(snippet.get("authorChannelId")), "value")
    return context.mention(
        name,
        where=url,
        raw=comment,
        kind="comment",
        url=_address(name, video, record_id(snippet, "channelId")),
        text=written if written is not None else html_text(snippet.get("textDisplay")),
        published_at=published,
        updated_at=None if updated == published else updated,
        likes=parse_count(snippet.get("likeCount")),
        parent_id=context.mention_id(parent) if parent else None,
        **context.authors.fields(
            "youtube",
            author or record_id(snippet, "authorChannelUrl"),
            as_text(snippet.get("authorDisplayName")),
        ),
    )


def _address(comment: str, video: str | None, channel: str | None) -> str | None:
    parts = [part for part in (comment, video, channel) if part]
    if not all(_ID.fullmatch(part) for part in parts) or len(parts) == 1:
        return None
    if video:
        return f"{SITE}/watch?v={video}&lc={comment}"
    return f"{SITE}/channel/{channel}?lc={comment}"


def _video_id(item: dict[str, Any]) -> str | None:
    name = item.get("id")
    if isinstance(name, dict):
        return record_id(name, "videoId")
    return record_id(item, "id") if item.get("kind") == "youtube#video" else None


def _video(item: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    name, snippet = str(_video_id(item)), as_object(item.get("snippet"))
    title, description = (as_text(snippet.get(one)) for one in ("title", "description"))
    author = record_id(snippet, "channelId")
    return context.mention(
        name,
        where=url,
        raw=item,
        kind="post",
        url=f"{SITE}/watch?v={name}" if _ID.fullmatch(name) else None,
        title=html.unescape(title) if title else None,
        text=html.unescape(description or ""),
        lang=as_text(snippet.get("defaultAudioLanguage")),
        published_at=context.date(snippet.get("publishedAt")),
        likes=parse_count(path_of(item, "statistics", "likeCount")),
        **context.authors.fields("youtube", author, as_text(snippet.get("channelTitle"))),
    )
