"""Posts and comments of Reddit's API ("things" of the kinds `t3` and `t1`).

A listing is `{"kind": "Listing", "data": {"after", "children": [{"kind", "data"}]}}`. The page of
a post is two listings, the post and the tree of its comments, where `replies` holds a listing
again and `more` stands for comments that are left out; `/api/morechildren` gives those as
`{"json": {"data": {"things": […]}}}`.

* The id is the fullname, such as `t3_98vj9e`, and so is the parent's.
* Texts are read from Reddit's own rendering (`selftext_html`, `body_html`), else from Markdown.
* A post that is a link has a title and no text.
* What the author deleted or a moderator removed reads `[deleted]` or `[removed]`, or has
  `removed_by_category`: it is left out, and counted. A text whose author has left (`[deleted]` as
  the author) stays. `molva forget` removes what was deleted after it was stored.
* A score below zero is no number of likes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.records import record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from crawlers.text import markdown_text
from mention import Mention, Reject

SITE: Final = "https://www.reddit.com"
_POST, _COMMENT, _MORE = "t3", "t1", "more"
# "[ Removed by Reddit in response to a copyright notice. ]"
_GONE: Final = re.compile(r"\[\s*(?:deleted|removed)\b[^\[\]]*\]", re.IGNORECASE)
_NOBODY: Final = "[deleted]"


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the posts and comments of one answer, those of a tree from its top down.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        shown = body if isinstance(body, str) else body.decode("utf-8", "replace")
        yield context.reject(str(error), where=url, raw=shown)
        return
    if _children(data) is None and not isinstance(data, list):
        yield context.reject("the page is no listing", where=url, raw=data)
        return
    for thing in _things(data):
        kind, inside = path_of(thing, "kind"), path_of(thing, "data")
        if not isinstance(kind, str) or not isinstance(inside, dict):
            yield context.reject("a record is no thing of Reddit's", where=url, raw=thing)
        elif kind in {_POST, _COMMENT}:
            if _is_gone(inside, kind):
                context.problems["posts_deleted"] += 1
            else:
                yield _mention(inside, kind, url, context)


def next_after(body: bytes) -> str | None:
    """Return the `after` of the page after this one, or None at the end."""
    try:
        return as_text(path_of(read_json(body), "data", "after"))
    except UnreadableError:
        return None


def discussed(body: bytes) -> list[str]:
    """Return the ids (without `t3_`) of the posts of a listing that have comments."""
    try:
        things = [as_object(one) for one in _things(read_json(body))]
    except UnreadableError:
        return []
    posts = [as_object(one.get("data")) for one in things if one.get("kind") == _POST]
    return [
        one["id"]
        for one in posts
        if isinstance(one.get("id"), str)
        and re.fullmatch("[a-z0-9]+", one["id"])
        and parse_count(one.get("num_comments"))
    ]


def left_out(body: bytes) -> list[str]:
    """Return the ids of the comments that an answer leaves out, as `/api/morechildren` wants them.

    A branch that is too deep has no ids; Reddit shows it on a page of its own, and it stays out.
    """
    try:
        things = [as_object(one) for one in _things(read_json(body))]
    except UnreadableError:
        return []
    more = [path_of(one, "data", "children") for one in things if one.get("kind") == _MORE]
    ids = [one for children in more for one in as_list(children)]
    return [one for one in ids if isinstance(one, str) and re.fullmatch("[a-z0-9]+", one)]


def _children(value: object) -> list[Any] | None:
    """Return what a listing, or an answer of `/api/morechildren`, holds."""
    for path in (("data", "children"), ("json", "data", "things")):
        found = path_of(value, *path)
        if isinstance(found, list):
            return found
    return None


def _things(data: object) -> Iterator[Any]:
    """Yield everything in listings, with the replies after what they answer."""
    waiting = [data]  # not by recursion: a hostile answer may be deeper than Python goes
    while waiting:
        value = waiting.pop()
        inside = value if isinstance(value, list) else _children(value)
        if inside is not None and path_of(value, "kind") != _MORE:
            waiting.extend(reversed(inside))
            continue
        yield value
        replies = path_of(value, "data", "replies")
        if _children(replies) is not None:
            waiting.append(replies)


def _is_gone(inside: dict[str, Any], kind: str) -> bool:
    text = inside.get("body" if kind == _COMMENT else "selftext")
    if isinstance(text, str) and _GONE.fullmatch(text.strip()):
        return True
    return kind == _POST and bool(inside.get("removed_by_category"))


def _mention(
    inside: dict[str, Any], kind: str, url: str, context: ParseContext
) -> Mention | Reject:
    number = record_id(inside, "id")
    name = record_id(inside, "name") or (number and f"{kind}_{number}")
    if not name:
        return context.reject("a thing has no id", where=url, raw=inside)
    is_comment = kind == _COMMENT
    source = "body" if is_comment else "selftext"
    rendered, written = html_text(inside.get(f"{source}_html")), as_text(inside.get(source))
    title = as_text(inside.get("title"))
    parent = record_id(inside, "parent_id", "link_id") if is_comment else None
    return context.mention(
        name,
        where=url,
        raw=inside,
        kind="comment" if is_comment else "post",
        url=_address(inside, kind),
        title=html.unescape(title) if title and not is_comment else None,
        text=rendered or markdown_text(html.unescape(written or "")),
        published_at=context.date(inside.get("created_utc")),
        updated_at=_edited(inside.get("edited"), context),
        likes=parse_count(inside.get("score")),
        parent_id=context.mention_id(parent) if parent else None,
        **_author(inside.get("author"), context),
    )


def _address(inside: dict[str, Any], kind: str) -> str | None:
    permalink = inside.get("permalink")
    if isinstance(permalink, str) and permalink.startswith("/"):
        return http_url(SITE + permalink)
    subreddit, number = as_text(inside.get("subreddit")), record_id(inside, "id")
    if kind == _COMMENT:  # before 2017 comments had none
        post = (record_id(inside, "link_id") or "").removeprefix(f"{_POST}_")
        return http_url(f"{SITE}/r/{subreddit}/comments/{post}/_/{number}/")
    return http_url(f"{SITE}/r/{subreddit}/comments/{number}/")


def _edited(value: object, context: ParseContext) -> datetime | None:
    """Read `edited`: false, a time, or true for edits of the first years."""
    return None if isinstance(value, bool) else context.date(value)


def _author(name: object, context: ParseContext) -> dict[str, str | None]:
    # A name belongs to one account for ever; the account's own id is missing in old answers.
    known = None if name == _NOBODY else as_text(name)
    return context.authors.fields("reddit", known, known)
