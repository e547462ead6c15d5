"""What Discourse lists without texts: posts that a search found, and topics.

`/search.json` has the posts under `posts`, with a piece of each (`blurb`), and the titles of their
topics under `topics`; `grouped_search_result` says whether there is another page. `/latest.json`
has topics, pinned ones first and then by the time of the last post (`bumped_at`), and the address
of the following page in `more_topics_url`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from crawlers.dates import parse_date
from crawlers.items import ParseContext
from crawlers.parsers.discourse import post_mention
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    path_of,
    read_json,
)
from mention import Mention, Reject

_NUMBER: Final = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search says of a post: enough to ask for it, and to stand for it.

    Attributes:
        number: of the post.
        post: as the search has it.
        title: of its topic.
    """

    number: str
    post: dict[str, Any]
    title: str | None

    def mention(self, url: str, context: ParseContext, *, host: str) -> Mention | Reject | None:
        """Return it with the piece of its text; see `post_mention`."""
        return post_mention(self.post, url, context, host=host, title=self.title, ids={})


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic in a list.

    Attributes:
        number: of the topic.
        bumped: when the last post was written.
    """

    number: str
    bumped: datetime | None


def found_posts(body: str | bytes, url: str, context: ParseContext) -> Iterator[Found | Reject]:
    """Yield what a page of a search has found, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: makes the rejects.
    """
    topics = [as_object(topic) for topic in as_list(path_of(_read(body), "topics"))]
    titles = {record_id(topic, "id"): as_text(topic.get("title")) for topic in topics}
    for post in read_records(body, url, context, "posts"):
        if isinstance(post, Reject):
            yield post
            continue
        number = record_id(post, "id")
        if number is None or not _NUMBER.fullmatch(number):
            yield context.reject("a found post has no id", where=url, raw=post)
        else:
            yield Found(number, post, titles.get(record_id(post, "topic_id")))


def has_more_found(body: bytes) -> bool:
    """Whether a search has another page."""
    return path_of(_read(body), "grouped_search_result", "more_full_page_results") is True


def listed_topics(body: bytes) -> list[Topic] | None:
    """Return the topics of a list, None where the answer is no such list."""
    topics = path_of(_read(body), "topic_list", "topics")
    if not isinstance(topics, list):
        return None
    found = [as_object(topic) for topic in topics]
    return [
        Topic(number, parse_date(topic.get("bumped_at")))
        for topic in found
        if (number := record_id(topic, "id")) and _NUMBER.fullmatch(number)
    ]


def more_topics(body: bytes) -> str | None:
    """Return path and query of the next page of a list of topics, or None at the end."""
    address = path_of(_read(body), "topic_list", "more_topics_url")
    if not isinstance(address, str) or not address.startswith("/"):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = parts.path if parts.path.endswith(".json") else f"{parts.path}.json"
    return f"{path}?{parts.query}"


def _read(body: str | bytes) -> object:
    try:
        return read_json(body)
    except UnreadableError:
        return None
