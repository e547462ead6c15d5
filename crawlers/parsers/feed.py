"""RSS, Atom and JSON feeds.

RSS and Atom go through `crawlers.parsers.xml_feed`. JSON Feed
(https://www.jsonfeed.org/version/1.1/) is plain JSON.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from crawlers.addresses import hostname, site
from crawlers.items import ParseContext, digest, http_url
from crawlers.parsers.values import UnreadableError, as_object, as_text, read_json
from crawlers.parsers.xml_feed import read_xml_feed
from crawlers.text import plain_text
from mention import Mention, Reject, clean_text

# Ids that are unique in the world; others only count within their feed.
_GLOBAL: Final = re.compile(
    r"(?:https?|tag|urn|nntp|doi):\S|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE
)
_JSON_FEED: Final = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*\{")


@dataclass(slots=True)
class FeedPage:
    """One document of a feed.

    Attributes:
        items: mentions and rejects, in the feed's order.
        next_url: address of the page with older entries (RFC 5005, JSON Feed).
        is_feed: False when the document is something else.
    """

    items: list[Mention | Reject] = field(default_factory=list)
    next_url: str | None = None
    is_feed: bool = True


def parse_page(
    body: bytes, url: str, context: ParseContext, *, content_type: str | None = None
) -> Iterator[Mention | Reject]:
    """Yield the entries of a feed; see `read_feed`."""
    yield from read_feed(body, url, context, content_type=content_type).items


def read_feed(
    body: bytes,
    url: str,
    context: ParseContext,
    *,
    content_type: str | None = None,
    feed_url: str | None = None,
) -> FeedPage:
    """Read one document of a feed.

    Args:
        body: the document.
        url: its address, from which relative links count.
        context: source, labels, authors.
        content_type: the header it came with.
        feed_url: the address that the feed is known by, if not `url`; ids that are
            unique only within the feed count from it.
    """
    reader = _Reader(url, feed_url or url, context)
    return reader.json(body) if _JSON_FEED.match(body) else reader.xml(body, content_type)


class _Reader:
    """Reads the entries of one document; `shared` are ids that several of them carry."""

    def __init__(self, url: str, feed_url: str, context: ParseContext) -> None:
        self._url = url
        self._feed_url = feed_url
        self._context = context
        self._shared: set[str | None] = set()
        self._language: str | None = None

    # --- RSS and Atom ----------------------------------------------------------------
    def xml(self, body: bytes, content_type: str | None) -> FeedPage:
        feed = read_xml_feed(body, content_type)
        if not feed.is_feed:
            return FeedPage(is_feed=False)
        self._language = _text(feed.about.get("language"))
        self._shared = _repeated(_text(one.get("id")) for one in feed.entries)
        page = FeedPage(next_url=self._next_link(feed.about.get("links") or []))
        page.items += [self._entry(entry) for entry in feed.entries]
        if feed.damage:
            page.items.append(self._context.reject(feed.damage, where=self._url, raw=feed.lost))
        return page

    def _entry(self, entry: Mapping[str, Any]) -> Mention | Reject:
        link = http_url(entry.get("link"), self._url)
        title = _plain(entry.get("title"), entry.get("title_detail"))
        text, language = _entry_text(entry)
        published = self._time(entry, "published") or self._time(entry, "created")
        updated = self._time(entry, "updated")
        author = entry.get("author_detail") or {}
        name = _text(author.get("name")) or _text(entry.get("author"))
        key = _text(author.get("email")) or http_url(author.get("href")) or name
        return self._context.mention(
            self._native_id(_text(entry.get("id")), link, title, published or updated),
            where=link or self._url,
            raw={part: entry.get(part) for part in ("id", "link", "title", "published", "summary")},
            kind="article" if title else "post",
            url=link,
            title=title,
            text=text,
            lang=language or self._language,
            published_at=published or updated,
            updated_at=updated if published and updated != published else None,
            **self._context.authors.fields(site(self._feed_url), key, name),
        )

    def _time(self, entry: Mapping[str, Any], name: str) -> datetime | None:
        """Return a time that feedparser understood, or else `parse_date` does."""
        parsed = entry.get(f"{name}_parsed")
        if parsed is None:
            return self._context.date(entry.get(name))
        try:
            return self._context.date(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
        except (ValueError, OverflowError, TypeError, OSError):
            return self._context.date("unreadable")

    # --- JSON Feed ---------------------------------------------------------------------
    def json(self, body: bytes) -> FeedPage:
        try:
            data = as_object(read_json(body))
        except UnreadableError as error:
            raw = body.decode("utf-8", "replace")
            return FeedPage([self._context.reject(str(error), where=self._url, raw=raw)])
        entries = data.get("items")
        if not isinstance(entries, list):
            return FeedPage(is_feed=False)
        self._language = _text(data.get("language"))
        self._shared = _repeated(_json_id(one) for one in entries if isinstance(one, dict))
        page = FeedPage(next_url=self._next_link([{"rel": "next", "href": data.get("next_url")}]))
        for entry in entries:
            if isinstance(entry, dict):
                page.items.append(self._json_entry(entry))
            else:
                reason = "an item is not an object"
                page.items.append(self._context.reject(reason, where=self._url, raw=entry))
        return page

    def _json_entry(self, entry: dict[str, Any]) -> Mention | Reject:
        link = http_url(entry.get("url"), self._url)
        link = link or http_url(entry.get("external_url"), self._url)
        title = _plain(entry.get("title"))
        bodies = (_plain(entry.get(one)) for one in ("content_html", "content_text", "summary"))
        published = self._context.date(entry.get("date_published"))
        authors = entry.get("authors") or [entry.get("author")]
        author = authors[0] if isinstance(authors, list) else None
        author = author if isinstance(author, dict) else {}
        name = _text(author.get("name"))
        return self._context.mention(
            self._native_id(_json_id(entry), link, title, published),
            where=link or self._url,
            raw=entry,
            kind="article" if title else "post",
            url=link,
            title=title,
            text=next((body for body in bodies if body), ""),
            lang=_text(entry.get("language")) or self._language,
            published_at=published,
            updated_at=self._context.date(entry.get("date_modified")),
            **self._context.authors.fields(
                site(self._feed_url), http_url(author.get("url")) or name, name
            ),
        )

    # --- both ---------------------------------------------------------------------------
    def _native_id(
        self, guid: str | None, link: str | None, title: str | None, date: datetime | None
    ) -> str:
        """Return guid, else link, else a hash; with a prefix where it counts only in this feed.

        A guid that several entries carry identifies none of them.
        """
        if guid and (guid not in self._shared or not link):
            own = guid
        elif link:
            own = link
        else:
            own = digest(title, date.isoformat() if date else None)
        if _GLOBAL.match(own):
            return own
        path = self._feed_url.partition("://")[2].partition("/")[2]
        return f"{digest(hostname(self._feed_url), path)[:12]}:{own}"

    def _next_link(self, links: list[Any]) -> str | None:
        for link in links:
            if isinstance(link, Mapping) and link.get("rel") == "next":
                address = http_url(link.get("href"), self._url)
                return address if address and site(address) == site(self._url) else None
        return None


def _entry_text(entry: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the fullest text of an entry and its language.

    `content:encoded` and Atom's `content` go before the summary. feedparser also
    puts `media:description`, a picture's caption, among the contents: as plain text
    beside pictures.
    """
    contents = [one for one in entry.get("content") or [] if _text(one.get("value"))]
    if entry.get("media_content") or entry.get("media_thumbnail"):
        contents = [one for one in contents if one.get("type") != "text/plain"]
    for one in [*contents, entry.get("summary_detail") or {}]:
        text = _plain(one.get("value"), one)
        if text:
            return text, _text(one.get("language"))
    return _plain(entry.get("summary")) or "", None


def _plain(value: object, detail: Mapping[str, Any] | None = None) -> str | None:
    """Return a text without markup; an Atom text of type `text` is what it is."""
    text = _text(value)
    if text is None:
        return None
    literal = detail is not None and detail.get("type") == "text/plain" and "&" not in text
    return clean_text(text) if literal and "<" not in text else plain_text(text) or None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _json_id(entry: dict[str, Any]) -> str | None:
    return _text(as_text(entry.get("id")))


def _repeated(values: Iterable[str | None]) -> set[str | None]:
    return {value for value, count in Counter(values).items() if count > 1}
