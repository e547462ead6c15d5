"""Questions, answers and comments of the sites of Stack Exchange, by its API 2.3.

Every answer is a wrapper `{"items": […], "has_more", "backoff", "quota_remaining"}`, or
`{"error_id", "error_name", "error_message"}` with status 400
(https://api.stackexchange.com/docs/wrapper). `backoff` is seconds in which the same method must not
be asked again.

* A comment has a `comment_id`, an answer an `answer_id`, a question a `question_id`; an answer
  names its question too. Ids are unique on one site: questions and answers share their numbers,
  comments have numbers of their own.
* `body` is HTML and only there when it was asked for (`filter=withbody`); `body_markdown` and
  titles and names have entities; `/search/excerpts` has an `excerpt` instead.
* A text whose author has gone has an owner without `user_id` (`does_not_exist`), or none.
* Times are seconds since 1970. Deleted texts are in no answer. A score below zero is no number of
  likes.
* The texts are under Creative Commons BY-SA: whoever shows one names its author and address.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    html_text,
    read_json,
)
from crawlers.ratings import parse_number
from crawlers.text import markdown_text
from mention import Mention, Reject

# What an item is, by the first of these that it has, and what it stands below.
_IDS: Final = ("comment_id", "answer_id", "question_id")
_PARENTS: Final = {"comment_id": "post_id", "answer_id": "question_id"}
# Sites that have a domain of their own; the others are below stackexchange.com.
_OWN_DOMAIN: Final = re.compile(
    r"(?:.+\.)?(?:stackoverflow|serverfault|superuser|askubuntu|stackapps)"
)
# The localised Stack Overflows; what else a site's language is, its members decide.
_LANGUAGE: Final = re.compile(r"(es|ja|pt|ru)\.(?:meta\.)?stackoverflow")
_AVAILABLE_IN: Final = re.compile(r"available in (\d{1,9}) second")
_THROTTLED, _BROKEN, _UNAVAILABLE = (
    502,
    500,
    503,
)  # error_id, https://api.stackexchange.com/docs/errors
# Seconds after which a throttled or broken method is asked again, where no number is given.
_A_WHILE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What is around the items of an answer.

    Attributes:
        has_more: whether there is another page.
        quota_left: requests that are left today; None where it is not said.
        backoff: seconds to wait, 0 where none.
        posts: ids of the questions or answers on the page.
        oldest: seconds since 1970 of the oldest item.
    """

    has_more: bool
    quota_left: int | None
    backoff: float
    posts: list[str]
    oldest: int | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error.

    Attributes:
        words: its name and message.
        throttled: whether too many requests are the reason.
        wait: seconds after which asking again may help, or None.
    """

    words: str
    throttled: bool = False
    wait: float | None = None


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, site: str
) -> Iterator[Mention | Reject]:
    """Yield the questions, answers or comments of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        site: what the API calls the site, such as `ru.stackoverflow`.
    """
    for record in read_records(body, url, context, "items"):
        yield record if isinstance(record, Reject) else _mention(record, url, context, site)


def wrapper(body: bytes) -> Wrapper:
    """Return what an answer says of itself and of the pages after it."""
    try:
        around = as_object(read_json(body))
    except UnreadableError:
        around = {}
    items = [as_object(item) for item in as_list(around.get("items"))]
    posts = [
        record_id(item, "answer_id", "question_id") for item in items if "comment_id" not in item
    ]
    times = [parse_count(item.get("creation_date")) for item in items]
    return Wrapper(
        has_more=around.get("has_more") is True,
        quota_left=parse_count(around.get("quota_remaining")),
        backoff=max(parse_number(around.get("backoff")) or 0.0, 0.0),
        posts=list(dict.fromkeys(post for post in posts if post and re.fullmatch("[0-9]+", post))),
        oldest=min((time for time in times if time), default=None),
    )


def trouble(body: bytes) -> Trouble | None:
    """Return what an answer says went wrong, or None."""
    try:
        said = as_object(read_json(body))
    except UnreadableError:
        return None
    found = [as_text(said.get(name)) for name in ("error_name", "error_message")]
    number = said.get("error_id")
    if number is None and not any(found):
        return None
    words = ": ".join(one for one in found if one) or "no reason is given"
    seconds = _AVAILABLE_IN.search(words)
    wait = float(seconds[1]) if seconds else None
    if wait is None and number in (_THROTTLED, _BROKEN, _UNAVAILABLE):
        wait = _A_WHILE
    return Trouble(words, number == _THROTTLED, wait)


def host_of(site: str) -> str:
    """Return the host of a site that the API calls so."""
    if _OWN_DOMAIN.fullmatch(site):
        return f"{site}.com"
    return site if site.endswith(".net") else f"{site}.stackexchange.com"


def _mention(item: dict[str, Any], url: str, context: ParseContext, site: str) -> Mention | Reject:
    kind = next((one for one in _IDS if one in item), "question_id")
    number = record_id(item, kind)
    if number is None:
        return context.reject("an item has no id", where=url, raw=item)
    parent = record_id(item, _PARENTS[kind]) if kind in _PARENTS else None
    is_comment, is_answer = kind == "comment_id", kind == "answer_id"
    host = host_of(site)
    title = as_text(item.get("title")) if kind == "question_id" else None
    path = "posts/comments" if is_comment else "a" if is_answer else "q"
    language = _LANGUAGE.fullmatch(site)
    return context.mention(
        f"{site}/comment/{number}" if is_comment else f"{site}/{number}",
        where=url,
        raw=item,
        kind="post" if kind == "question_id" else "comment",
        # The address of a found answer is its question's.
        url=(None if is_answer else http_url(item.get("link")))
        or f"https://{host}/{path}/{number}",
        title=html.unescape(title) if title else None,
        text=_text(item),
        lang=language[1] if language else None,
        published_at=context.date(item.get("creation_date")),
        updated_at=context.date(item.get("last_edit_date")),
        likes=parse_count(item.get("score")),
        parent_id=context.mention_id(f"{site}/{parent}") if parent else None,
        **_author(as_object(item.get("owner")), context, host),
    )


def _text(item: dict[str, Any]) -> str:
    markdown = item.get("body_markdown")
    rendered = item.get("body")
    if not isinstance(rendered, str):
        if isinstance(markdown, str):
            return markdown_text(html.unescape(markdown))
        rendered = as_text(item.get("excerpt")) or ""
    # In an element, so that a comment about "&lt;div&gt;" is not taken for markup.
    return html_text(f"<div>{rendered}</div>") if rendered else ""


def _author(owner: dict[str, Any], context: ParseContext, host: str) -> dict[str, str | None]:
    name = as_text(owner.get("display_name"))
    key = record_id(owner, "user_id")
    return context.authors.fields(host, key, html.unescape(name) if name else None)
