"""Posts and comments of VK: `newsfeed.search`, `wall.get`, `wall.search`, `wall.getComments`.

Every answer is `{"response": …}` or, also with status 200, `{"error": {"error_code",
"error_msg"}}`; a method called inside another may fail alone (`execute_errors`). Lists are
`{"count", "items": […], "profiles": […], "groups": […]}`; versions of the API before 5.0 gave
`[count, item, …]`, with `to_id`, `cid` and `uid` for `owner_id`, `id` and `from_id`.

* The number of a post or comment counts on its wall: the id is `{owner}_{number}`. Owners and
  authors below zero are communities. Posts and comments of a wall are numbered together.
* Comments have the first ten answers to them in `thread.items`; more are asked for. A search
  gives comments too, as posts with `post_type` "reply".
* `[club12|Парус]` is a link with the words Парус.
* A repost (`copy_history`) with no words of its own stands for the post that it repeats.
* `edited` is the time of the last edit. What `is_deleted` or `deleted` is left out and counted, but
  the answers to a deleted comment are read. Posts of pictures alone are counted.

https://dev.vk.com/reference, and the schema at https://github.com/VKCOM/vk-api-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from crawlers.items import ParseContext, parse_count
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
from crawlers.ratings import parse_number
from mention import Mention, Reject

SITE: Final = "https://vk.com"
COMMENTS: Final = "wall.getComments"
_NUMBER: Final = re.compile(r"-?[1-9]\d{0,18}")
# [id1|Имя], [club2:bp-2_33|Название], [https://vk.com/wall-2_33|слова], [#alias|слова|https://…]
_LINK: Final = re.compile(
    r"\[(?:(?:id|club|public|event|app)\d+(?::[\w-]+)?|https?://[^|\]\s]+|#alias)"
    r"\|([^|\]]+)(?:\|[^\]]*)?\]"
)


@dataclass(frozen=True, slots=True)
class ListPage:
    """What decides where a list goes on.

    Attributes:
        items: posts or comments of the page, also those that are no mentions.
        count: of the whole list, or of this level of comments; None where it is not told.
        total: of a search, also beyond what it gives.
        next_from: where the next page of a search begins.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    count: int | None = None
    total: int | None = None
    next_from: str | None = None

    @property
    def oldest(self) -> int | None:
        """The smallest date, in seconds since 1970."""
        dates = [one["date"] for one in self.items if type(one.get("date")) is int]
        return min(dates, default=None)

    @property
    def discussed(self) -> list[tuple[str, str]]:
        """Owner and number of the posts that have comments."""
        found = []
        for one in self.items:
            owner, number = _number(one, "owner_id", "to_id"), _number(one, "id")
            if owner and number and parse_count(path_of(one, "comments", "count")):
                found.append((owner, number))
        return found

    @property
    def unread_threads(self) -> list[tuple[str, int]]:
        """Number of each comment with more answers than are shown, and how many are shown."""
        found = []
        for one in self.items:
            number, shown = _number(one, "id"), len(as_list(path_of(one, "thread", "items")))
            if number and (parse_count(path_of(one, "thread", "count")) or 0) > shown:
                found.append((number, shown))
        return found


def list_page(body: str | bytes) -> ListPage:
    """Return what a page says about its list; of an unreadable one, nothing."""
    try:
        response = path_of(read_json(body), "response")
    except UnreadableError:
        return ListPage()
    items = [one for one in _items(response) or () if isinstance(one, dict)]
    if not isinstance(response, dict):
        return ListPage(items, parse_count(path_of(response, 0)))
    level = response.get("current_level_count", response.get("count"))
    total = parse_count(response.get("total_count"))
    return ListPage(items, parse_count(level), total, as_text(response.get("next_from")) or None)


def error_of(body: str | bytes) -> tuple[int | None, str] | None:
    """Return code and words of an error, or None."""
    try:
        data = as_object(read_json(body))
    except UnreadableError:
        return None
    error = data.get("error") or path_of(data, "execute_errors", 0)
    if not error:
        return None
    if not isinstance(error, dict):
        return None, as_text(data.get("error_description")) or as_text(error) or "an error"
    number = parse_number(error.get("error_code"))
    code = int(number) if number is not None else None
    told = f"error {code}" if code is not None else "an error"
    words = as_text(error.get("error_msg"))
    return code, f"{words} ({told})" if words else told


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the posts or comments of one answer, in its order, answers after what they answer.

    Args:
        body: what the server sent.
        url: that was asked: it tells posts from comments, and has the wall's owner and the
            post where the records do not.
        context: source, labels, authors.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        shown = body if isinstance(body, str) else body.decode("utf-8", "replace")
        yield context.reject(str(error), where=url, raw=shown)
        return
    response = path_of(data, "response")
    items = _items(response)
    if items is None:
        yield context.reject("the answer has no list of posts or comments", where=url, raw=data)
        return
    parts = urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    page = _Page(url, context, asked, _names(response), parts.path.endswith(COMMENTS))
    for item in items:
        if not isinstance(item, dict):
            yield context.reject("a record is not an object", where=url, raw=item)
            continue
        yield from page.read(item)
        for answer in as_list(path_of(item, "thread", "items")):
            if isinstance(answer, dict):
                yield from page.read(answer)
            else:
                yield context.reject("a record is not an object", where=url, raw=answer)


@dataclass(frozen=True, slots=True)
class _Page:
    """What its records need to know of a page.

    Attributes:
        url, context: as for `parse_page`.
        asked: the query of `url`.
        names: number of an author -> name.
        has_comments: whether the records are comments.
    """

    url: str
    context: ParseContext
    asked: dict[str, str]
    names: dict[str, str]
    has_comments: bool

    def read(self, record: dict[str, Any]) -> Iterator[Mention | Reject]:
        """Yield what a post or comment becomes, if anything."""
        if record.get("is_deleted") is True or record.get("deleted") is True:
            self.context.problems["posts_deleted"] += 1
            return
        copied = path_of(record, "copy_history", 0)
        if not record.get("text") and isinstance(copied, dict):
            record = copied
        text = record.get("text")
        if text in (None, ""):
            self.context.problems["posts_without_text"] += 1
            return
        number, owner = _number(record, "id", "cid"), _number(record, "owner_id", "to_id")
        owner = owner or _given(self.asked.get("owner_id"))
        if number is None or owner is None:
            yield self.context.reject("a record has no id", where=self.url, raw=record)
        elif not isinstance(text, str):
            reason = "the text of a record is not a text"
            yield self.context.reject(reason, where=self.url, raw=record)
        else:
            yield self._mention(record, owner, number, text)

    def _mention(
        self, record: dict[str, Any], owner: str, number: str, text: str
    ) -> Mention | Reject:
        is_comment = self.has_comments or record.get("post_type") == "reply"
        post = _number(record, "post_id") or _given(self.asked.get("post_id"))
        parent = None
        if is_comment:
            stack = as_list(record.get("parents_stack"))
            above = {"above": stack[-1] if stack else None}
            parent = _number(record, "reply_to_comment", "reply_to_cid") or _number(above, "above")
            parent = parent or post
        address = f"{SITE}/wall{owner}_{number}"
        if is_comment and post:
            address = f"{SITE}/wall{owner}_{post}?reply={number}"
        author = _number(record, "signer_id") or _number(record, "from_id", "uid")
        return self.context.mention(
            f"{owner}_{number}",
            where=self.url,
            raw=record,
            kind="comment" if is_comment else "post",
            url=address,
            text=_LINK.sub(r"\1", html_text(text)),
            published_at=self.context.date(record.get("date")),
            updated_at=self.context.date(record.get("edited") or None),
            likes=parse_count(path_of(record, "likes", "count")),
            parent_id=self.context.mention_id(f"{owner}_{parent}") if parent else None,
            **self.context.authors.fields("vk", author, self.names.get(author or "")),
        )


def _items(response: object) -> list[Any] | None:
    """Return the records of an answer, None where it has no list."""
    if isinstance(response, list):
        return response[1:] if response and not isinstance(response[0], dict) else response
    items = path_of(response, "items")
    return items if isinstance(items, list) else None


def _names(response: object) -> dict[str, str]:
    """Return the names of people and, below zero, communities."""
    names = {}
    for one in map(as_object, as_list(path_of(response, "profiles"))):
        parts = [as_text(one.get(part)) for part in ("first_name", "last_name")]
        if number := _number(one, "id", "uid"):
            names[number] = " ".join(part for part in parts if part)
    for one in map(as_object, as_list(path_of(response, "groups"))):
        if (number := _number(one, "id", "gid")) and (name := as_text(one.get("name"))):
            names[f"-{number.removeprefix('-')}"] = html_text(name)
    return names


def _number(record: dict[str, Any], *names: str) -> str | None:
    """Return the first value under `names` that is a number other than zero."""
    return next((one for name in names if (one := _given(record_id(record, name)))), None)


def _given(value: str | None) -> str | None:
    return value if value and _NUMBER.fullmatch(value) else None
