"""Posts ("statuses") of Mastodon's API, which Pleroma, Akkoma, GoToSocial and others speak too.

Timelines are lists; `/api/v2/search` has them under `statuses`, `/api/v1/statuses/{id}/context`
under `ancestors` and `descendants`, `/api/v1/notifications` one in each notification, and
`/api/v1/statuses/{id}` is one. The next page begins below `max_id`, which the `Link` header
gives (RFC 8288).

* A boost (`reblog`) stands for the post that it repeats.
* The id is made of `uri`, the post's address at home, so that a post seen from two instances is
  one mention. The parent is known by its number on the instance alone: where it is not on the
  same page, its id is made of that number, which is right for posts of that instance.
* `content` is HTML; a content warning (`spoiler_text`) is the title.
* Posts whose author refuses search engines (`noindex`) are left out, because Molva is one, and
  so are posts that are not public: the account that the token is of may read more than others.
  Both are counted. Deleted posts are simply gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.fediverse import global_id
from crawlers.parsers.records import record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from mention import Mention, Reject

_NOT_PUBLIC: Final = ("private", "direct", "limited", "list")
_NEXT: Final = re.compile(r"<([^<>]*)>\s*;[^,<]*\brel=\"?next\b", re.IGNORECASE)


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, host: str
) -> Iterator[Mention | Reject]:
    """Yield the posts of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        host: of the instance.
    """
    try:
        records = _records(read_json(body))
    except UnreadableError as error:
        yield context.reject(str(error), where=url, raw=as_shown(body))
        return
    if records is None:
        yield context.reject("the page has no posts", where=url, raw=as_shown(body))
        return
    statuses = [_unwrapped(record) for record in records]
    ids = {
        local: global_id(status.get("uri"), f"{host}/{local}")
        for status in statuses
        if isinstance(status, dict) and (local := record_id(status, "id")) is not None
    }
    for status in statuses:
        if not isinstance(status, dict):
            yield context.reject("a post is not an object", where=url, raw=status)
        elif _may_be_kept(status, context):
            yield _mention(status, url, context, host, ids)


def next_max_id(body: bytes, link: str | None) -> str | None:
    """Return the `max_id` of the page after this one, or None at the end.

    Args:
        body: of the page.
        link: its `Link` header. Where a proxy has dropped it, the last post's id does as well.
    """
    try:
        records = _records(read_json(body))
    except UnreadableError:
        return None
    if not records:
        return None
    if link is None:
        return record_id(as_object(records[-1]), "id")
    match = _NEXT.search(link)
    return parse_qs(urlsplit(match[1]).query).get("max_id", [None])[0] if match else None


def as_shown(body: str | bytes) -> str:
    """Return a body as text, for a reject."""
    return body if isinstance(body, str) else body.decode("utf-8", "replace")


def _records(data: object) -> list[Any] | None:
    """Return the posts or notifications of an answer, None where it is of no known form."""
    if isinstance(data, list):
        return data
    if isinstance(path_of(data, "statuses"), list):
        return list(path_of(data, "statuses"))
    context = [path_of(data, name) for name in ("ancestors", "descendants")]
    if any(isinstance(part, list) for part in context):
        return [one for part in context if isinstance(part, list) for one in part]
    return [data] if isinstance(data, dict) and "content" in data else None


def _unwrapped(record: Any) -> Any:
    """Return the post that a notification or a boost is about."""
    if isinstance(path_of(record, "status"), dict):
        record = record["status"]
    return record["reblog"] if isinstance(path_of(record, "reblog"), dict) else record


def _may_be_kept(status: dict[str, Any], context: ParseContext) -> bool:
    if status.get("visibility") in _NOT_PUBLIC:
        context.problems["posts_not_public"] += 1
        return False
    if path_of(status, "account", "noindex") is True:
        context.problems["posts_noindex"] += 1
        return False
    return True


def _mention(
    status: dict[str, Any], url: str, context: ParseContext, host: str, ids: dict[str, str]
) -> Mention | Reject:
    local = record_id(status, "id")
    if local is None:
        return context.reject("a post has no id", where=url, raw=status)
    parent = record_id(status, "in_reply_to_id")
    return context.mention(
        global_id(status.get("uri"), f"{host}/{local}"),
        where=url,
        raw=status,
        kind="comment" if parent else "post",
        url=http_url(status.get("url")) or http_url(status.get("uri")),
        title=as_text(status.get("spoiler_text")),
        text=html_text(status.get("content")),
        lang=as_text(status.get("language")),
        published_at=context.date(status.get("created_at")),
        updated_at=context.date(status.get("edited_at")),
        likes=parse_count(status.get("favourites_count")),
        parent_id=context.mention_id(ids.get(parent, f"{host}/{parent}")) if parent else None,
        **_author(as_object(status.get("account")), context, host),
    )


def _author(account: dict[str, Any], context: ParseContext, host: str) -> dict[str, str | None]:
    handle = as_text(account.get("acct"))
    if handle and "@" not in handle:  # of this instance
        handle = f"{handle}@{host}"
    name = as_text(account.get("display_name")) or as_text(account.get("username"))
    return context.authors.fields("mastodon", handle, name)
