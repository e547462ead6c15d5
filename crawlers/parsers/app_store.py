"""The App Store's customer review feed, JSON form.

`https://itunes.apple.com/{cc}/rss/customerreviews/page={n}/id={app}/sortby=mostrecent/json`
gives 50 reviews a page, ten pages. Every value is wrapped as `{"label": …}`.
`feed.entry` is a list, an object when there is one review, and absent when there
is none; before 2019 its first element was the app itself. There is no language
and no developer's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext, http_url, parse_count
from crawlers.parsers.values import UnreadableError, as_object, as_text, path_of, read_json
from crawlers.ratings import parse_number
from mention import Mention, Reject

PAGES: Final = 10
LOWEST, HIGHEST = 1.0, 5.0
# The body of page 11 and beyond, served with status 200.
_DEPTH_LIMIT: Final = re.compile(r"CustomerReviews RSS page depth is limited", re.IGNORECASE)
_AUTHOR_ID: Final = re.compile(r"/id(\d+)")


class _WrongTypeError(ValueError):
    """A label is there and is no text."""


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, country: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page of the feed, newest first.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        country: of the store, two letters.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        if not _DEPTH_LIMIT.search(text[:1000]):
            yield context.reject(str(error), where=url, raw=text)
        return
    feed = path_of(data, "feed")
    if not isinstance(feed, dict):
        yield context.reject("the page has no 'feed'", where=url, raw=data)
        return
    entries = feed.get("entry")
    if entries is None:
        return
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict):
            yield context.reject("an entry is not an object", where=url, raw=entry)
        elif not _is_app(entry):
            yield _review(entry, url, context, country)


def _is_app(entry: dict[str, Any]) -> bool:
    return "im:rating" not in entry and ("im:name" in entry or "im:artist" in entry)


def _review(
    entry: dict[str, Any], url: str, context: ParseContext, country: str
) -> Mention | Reject:
    try:
        native_id = _text(entry, "id")
        rating = parse_number(_text(entry, "im:rating"))
        title = _text(entry, "title")
        content = _text(entry, "content")
    except _WrongTypeError as error:
        return context.reject(str(error), where=url, raw=entry)
    if not native_id or not native_id.strip():
        return context.reject("a review has no id", where=url, raw=entry)
    if rating is None:
        return context.reject("a review has no rating that is a number", where=url, raw=entry)
    author = as_object(entry.get("author"))
    name, uri = _label(author.get("name")), _label(author.get("uri"))
    number = _AUTHOR_ID.search(uri or "")
    link = entry.get("link")
    links = link if isinstance(link, list) else [link]
    href = path_of(links, 0, "attributes", "href")
    return context.mention(
        native_id.strip(),
        where=url,
        raw=entry,
        kind="review",
        url=http_url(href),
        title=title,
        text=content or "",
        rating=rating,
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(_label(entry.get("updated"))),
        country=country,
        version=_label(entry.get("im:version")),
        likes=parse_count(_label(entry.get("im:voteSum"))),
        **context.authors.fields("app_store", number[1] if number else uri, name),
    )


def _text(entry: dict[str, Any], name: str) -> str | None:
    """Return the label of a field that matters; it may be absent, but not of another type."""
    if name not in entry:
        return None
    label = _label(entry[name])
    if label is None:
        raise _WrongTypeError(f"the {name.removeprefix('im:')} of a review is not a text")
    return label


def _label(value: object) -> str | None:
    if isinstance(value, list):  # the same text in several types; the plain one comes first
        value = value[0] if value else None
    return as_text(value.get("label") if isinstance(value, dict) else value)
