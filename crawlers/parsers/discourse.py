"""Posts of forums that run on Discourse (https://docs.discourse.org).

Posts come as `{"latest_posts": […]}` (`/posts.json`, the newest of the forum), as
`{"post_stream": {"posts": […], "stream": [ids]}, "title"}` (`/t/{topic}.json` with the first
twenty, `/t/{topic}/posts.json` with others) and alone (`/posts/{id}.json`).

* The id is made of the forum's host and the post's number, which is unique in a forum.
* `cooked` is the text as HTML. The title of a topic is that of its first post.
* `updated_at` equals `created_at` until the post is edited.
* Likes are the action with the id 2; a search says `like_count`, and has a piece of the text
  (`blurb`) instead of it.
* `reply_to_post_number` counts in the topic: the parent is known where it is in the same answer. A
  post that answers nobody answers the first one.
* Deleted and hidden posts are left out, and counted. So are notes about what was done to a topic
  (`post_type` 3), what is only for the staff (4), and answers that are a picture without words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
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
from crawlers.ratings import parse_number
from crawlers.text import markdown_text
from mention import Mention, Reject

_LIKE: Final = 2
_NOT_TEXTS: Final = (3, 4)

# Numbers of a topic, and of a post in it.
Place = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error.

    Attributes:
        words: what the forum says.
        wait: seconds after which it may be asked again, or None.
    """

    words: str
    wait: float | None = None


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, host: str, title: str | None = None
) -> Iterator[Mention | Reject]:
    """Yield the posts of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        host: of the forum.
        title: of the topic, where the answer has none.
    """
    try:
        data = read_json(body)
    except UnreadableError:
        data = None
    if "post_number" in as_object(data):
        records: Iterator[dict[str, Any] | Reject] = iter([as_object(data)])
    elif path_of(data, "post_stream") is not None:
        records = read_records(body, url, context, "post_stream", "posts")
    else:
        records = read_records(body, url, context, "latest_posts")
    title = as_text(path_of(data, "title")) or title
    page = list(records)
    ids = {
        _place(post): number
        for post in page
        if isinstance(post, dict) and (number := record_id(post, "id"))
    }
    for post in page:
        if isinstance(post, Reject):
            yield post
        elif not _is_left_out(post, context):
            mention = post_mention(post, url, context, host=host, title=title, ids=ids)
            if mention is not None:
                yield mention


def post_numbers(body: bytes) -> list[int]:
    """Return the ids of the newest posts of a forum."""
    try:
        posts = as_list(path_of(read_json(body), "latest_posts"))
    except UnreadableError:
        return []
    return _numbers([path_of(post, "id") for post in posts])


def stream(body: bytes) -> tuple[list[int], list[int]]:
    """Return the ids of all posts of a topic, and of those that the answer has."""
    try:
        posts = path_of(read_json(body), "post_stream")
    except UnreadableError:
        return [], []
    here = [path_of(post, "id") for post in as_list(path_of(posts, "posts"))]
    return _numbers(as_list(path_of(posts, "stream"))), _numbers(here)


def trouble(body: bytes) -> Trouble | None:
    """Return what an answer says went wrong, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    said = [as_text(one) for one in as_list(data.get("errors"))]
    said += [
        as_text(data.get("error")),
        as_text(data.get("message")) if data.get("failed") else None,
        as_text(path_of(data, "grouped_search_result", "error")),
    ]
    words = "; ".join(one.strip() for one in said if one and one.strip())
    if not words and not data.get("errors"):
        return None
    wait = parse_number(path_of(data, "extras", "wait_seconds"))
    return Trouble(words or "no reason is given", wait if wait and wait > 0 else None)


def _numbers(values: list[Any]) -> list[int]:
    return [one for one in values if isinstance(one, int) and not isinstance(one, bool) and one > 0]


def _place(post: dict[str, Any]) -> Place:
    return record_id(post, "topic_id"), record_id(post, "post_number")


def _is_left_out(post: dict[str, Any], context: ParseContext) -> bool:
    if post.get("deleted_at") or post.get("user_deleted") is True or post.get("hidden") is True:
        context.problems["posts_deleted"] += 1
        return True
    if post.get("post_type") in _NOT_TEXTS:
        context.problems["posts_without_text"] += 1
        return True
    return False


def post_mention(
    post: dict[str, Any],
    url: str,
    context: ParseContext,
    *,
    host: str,
    title: str | None,
    ids: Mapping[Place, str],
) -> Mention | Reject | None:
    """Return the mention of one post, None where it has nothing to read.

    Args:
        post: as the forum has it.
        url: of the page, for rejects.
        context: source, labels, authors.
        host: of the forum.
        title: of the topic, where the post does not have it.
        ids: numbers of topic, and of the post in it -> number of the post.
    """
    number, (topic, place) = record_id(post, "id"), _place(post)
    if number is None:
        return context.reject("a post has no id", where=url, raw=post)
    is_first, text = place == "1", _text(post)
    if not text and not is_first and isinstance(post.get("cooked"), str):
        context.problems["posts_without_text"] += 1
        return None
    title = as_text(post.get("topic_title")) or title
    parent = None
    if topic and not is_first:
        parent = ids.get((topic, record_id(post, "reply_to_post_number") or "1"))
    created, updated = (context.date(post.get(name)) for name in ("created_at", "updated_at"))
    slug = as_text(post.get("topic_slug")) or "-"
    username = as_text(post.get("username"))
    return context.mention(
        f"{host}/{number}",
        where=url,
        raw=post,
        kind="post" if is_first else "comment",
        url=_address(host, slug, topic, place) or f"https://{host}/p/{number}",
        title=html.unescape(title) if title and is_first else None,
        text=text,
        lang=as_text(post.get("locale")),
        published_at=created,
        updated_at=None if updated == created else updated,
        likes=_likes(post),
        parent_id=context.mention_id(f"{host}/{parent}") if parent else None,
        **context.authors.fields(host, username, as_text(post.get("name")) or username),
    )


def _address(host: str, slug: str, topic: str | None, place: str | None) -> str | None:
    if topic is None or place is None or not re.fullmatch(r"[\w%.-]+", f"{slug}{topic}{place}"):
        return None
    return f"https://{host}/t/{slug}/{topic}/{place}"


def _text(post: dict[str, Any]) -> str:
    if isinstance(post.get("cooked"), str):
        return html_text(f"<div>{post['cooked']}</div>")
    if isinstance(post.get("raw"), str):
        return markdown_text(post["raw"])
    return html_text(post.get("blurb"))


def _likes(post: dict[str, Any]) -> int | None:
    if "like_count" in post:
        return parse_count(post["like_count"])
    if not isinstance(post.get("actions_summary"), list):
        return None
    # Actions that nobody took are not in the list.
    counts = [
        one.get("count")
        for one in map(as_object, post["actions_summary"])
        if one.get("id") == _LIKE
    ]
    return parse_count(counts[0] if counts else 0)
