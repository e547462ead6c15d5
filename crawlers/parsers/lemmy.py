"""Posts and comments of Lemmy: its API version 3 (servers 0.16 to 0.19) and version 4 (1.0).

A view holds the thing itself and what belongs to it: `{"post": {…}, "creator", "community",
"counts"}`, `{"comment": {…}, "post": {…}, "creator", …}`. Version 3 lists views under `posts` and
`comments`; version 4 under `search` or `items`, with `published_at` for `published`, the counts
in the thing itself, and `next_page` for the cursor of the following page.

* Texts are Markdown. Times of old servers have no zone and are UTC.
* The id is made of `ap_id`, the address at home, so that a post seen from two instances is one
  mention. `path` (`0.12.34`) gives the parent by its number on the instance alone: where it is
  not on the same page, its id is made of that number, which is right for that instance's own.
* What its author `deleted` or a moderator `removed` is left out, and counted.
* `language_id` is a row of a table that every server is set up with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.fediverse import global_id
from crawlers.parsers.records import record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    path_of,
    read_json,
)
from crawlers.text import markdown_text
from mention import Mention, Reject

# Row 0 is "undetermined".
_LANGUAGES: Final = (
    "und aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om "
    "or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw "
    "ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
).split()
# Where views are, and which kind they are; None: either, or something else that was searched.
_LISTS: Final = {"posts": "post", "comments": "comment", "search": None, "items": None}
_NOT_TEXTS: Final = ("community", "person", "multi_community")
_NO_DATE: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Page:
    """What its items need to know of a page.

    Attributes:
        url: for rejects.
        context: source, labels, authors.
        host: of the instance.
        ids: number of a comment on the instance -> its id everywhere.
    """

    url: str
    context: ParseContext
    host: str
    ids: dict[str, str]


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, host: str
) -> Iterator[Mention | Reject]:
    """Yield the posts and comments of one page.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        host: of the instance.

    A search gives the newest posts and the newest comments, and of one of the two the page
    reaches further back. That one comes first, so that a row of known mentions at the end of
    the page says that nothing new is below.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        shown = body if isinstance(body, str) else body.decode("utf-8", "replace")
        yield context.reject(str(error), where=url, raw=shown)
        return
    if not any(isinstance(path_of(data, name), list) for name in _LISTS):
        yield context.reject("the page has no posts and no comments", where=url, raw=data)
        return
    views = [(view, kind) for name, kind in _LISTS.items() for view in as_list(path_of(data, name))]
    comments = [as_object(path_of(view, "comment")) for view, _ in views]
    ids = {number: _id(one, "comment", host) for one in comments if (number := _number(one))}
    page = _Page(url, context, host, ids)
    kinds: dict[str, list[Mention | Reject]] = {"post": [], "comment": []}
    for view, known in views:
        kind = known or ("comment" if path_of(view, "comment") is not None else "post")
        item = _item(view, kind, page)
        if item is not None:
            kinds[kind].append(item)
    for items in sorted(kinds.values(), key=_reaches_back_to):
        yield from items


def next_cursor(body: bytes) -> str | None:
    """Return the cursor of the next page where the server pages by one, else None."""
    try:
        return as_text(path_of(read_json(body), "next_page"))
    except UnreadableError:
        return None


def _reaches_back_to(items: list[Mention | Reject]) -> datetime:
    dates = [one.published_at for one in items if isinstance(one, Mention) and one.published_at]
    return min(dates, default=_NO_DATE)


def _number(thing: dict[str, Any]) -> str | None:
    """Return what a post or comment is called on this instance."""
    return record_id(thing, "id")


def _id(thing: dict[str, Any], kind: str, host: str) -> str:
    return global_id(thing.get("ap_id"), f"{host}/{kind}/{_number(thing)}")


def _item(view: Any, kind: str, page: _Page) -> Mention | Reject | None:
    context, url, host = page.context, page.url, page.host
    thing = path_of(view, kind)
    if not isinstance(thing, dict):
        # A search for everything lists communities and people too.
        is_other = path_of(view, "type_") in _NOT_TEXTS
        return None if is_other else context.reject(f"a record is no {kind}", where=url, raw=view)
    if thing.get("deleted") is True or thing.get("removed") is True:
        context.problems["posts_deleted"] += 1
        return None
    if _number(thing) is None:
        return context.reject(f"a {kind} has no id", where=url, raw=view)
    counts = as_object(view.get("counts")) or thing
    text = thing.get("content") if kind == "comment" else thing.get("body")
    return context.mention(
        _id(thing, kind, host),
        where=url,
        raw=view,
        kind=kind,
        url=http_url(thing.get("ap_id")) or f"https://{host}/{kind}/{_number(thing)}",
        title=as_text(thing.get("name")) if kind == "post" else None,
        text=markdown_text(text) if isinstance(text, str) else "",
        lang=_language(thing.get("language_id")),
        published_at=context.date(thing.get("published_at") or thing.get("published")),
        updated_at=context.date(thing.get("updated_at") or thing.get("updated")),
        likes=parse_count(counts.get("upvotes")),
        parent_id=_parent(view, thing, page) if kind == "comment" else None,
        **_author(as_object(view.get("creator")), context, host),
    )


def _parent(view: dict[str, Any], comment: dict[str, Any], page: _Page) -> str | None:
    context, host = page.context, page.host
    path = (as_text(comment.get("path")) or "").split(".")
    if len(path) > 2:  # 0.12.34: comment 34 answers comment 12
        return context.mention_id(page.ids.get(path[-2], f"{host}/comment/{path[-2]}"))
    post = as_object(view.get("post"))
    number = _number(post) or record_id(comment, "post_id")
    if number is None:
        return None
    return context.mention_id(global_id(post.get("ap_id"), f"{host}/post/{number}"))


def _language(number: object) -> str | None:
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < len(_LANGUAGES):
        return _LANGUAGES[number]
    return None


def _author(creator: dict[str, Any], context: ParseContext, host: str) -> dict[str, str | None]:
    name = as_text(creator.get("name"))
    address = http_url(creator.get("actor_id")) or http_url(creator.get("ap_id"))
    key = address or (f"{name}@{host}" if name else None)
    return context.authors.fields("lemmy", key, as_text(creator.get("display_name")) or name)
