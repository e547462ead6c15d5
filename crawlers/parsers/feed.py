"""RSS, Atom and JSON feeds.

RSS and Atom go through feedparser, which saves what it can of broken XML. JSON
Feed (https://www.jsonfeed.org/version/1.1/) is plain JSON.
"""

from __future__ import annotations

import calendar
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from crawlers.addresses import hostname, site
from crawlers.items import ParseContext, digest, http_url
from crawlers.text import plain_text
from mention import Mention, Reject, clean_text

# Ids that are unique in the world; others only count within their feed.
_GLOBAL: Final = re.compile(
    r"(?:https?|tag|urn|nntp|doi):\S|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE
)
_JSON_FEED: Final = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*\{")
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([\w.-]+)")
_OPENING: Final = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_CLOSING: Final = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")


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
        import feedparser

        # Without a Content-Location feedparser leaves relative links, and above all ids,
        # as they are written. A stream, because it takes a string for an address or a file.
        headers = {"content-type": content_type or "application/xml"}
        try:
            parsed = feedparser.parse(io.BytesIO(_mend_utf8(body)), response_headers=headers)
        except Exception as error:  # feedparser lets some errors of its parsers through
            return FeedPage([self._damaged(body, f"{type(error).__name__}: {error}")])
        entries = list(parsed.get("entries") or [])
        if not parsed.get("version") and not entries:
            return FeedPage(is_feed=False)
        feed = parsed.get("feed") or {}
        self._language = _text(feed.get("language"))
        self._shared = _repeated(_text(one.get("id")) for one in entries)
        page = FeedPage(next_url=self._next_link(feed.get("links") or []))
        damage = _damage(parsed, body, len(entries))
        if damage and len(_OPENING.findall(body)) > len(_CLOSING.findall(body)):
            entries = entries[:-1]  # it breaks off somewhere in the middle
        page.items += [self._entry(entry) for entry in entries]
        if damage:
            page.items.append(self._damaged(body, damage))
        return page

    def _damaged(self, body: bytes, reason: str) -> Reject:
        start = [match.start() for match in _OPENING.finditer(body)]
        raw = body[start[-1] if start else 0 :][:1000].decode("utf-8", "replace")
        reason = f"the feed is broken, what comes after is lost: {reason}"
        return self._context.reject(reason, where=self._url, raw=raw)

    def _entry(self, entry: Mapping[str, Any]) -> Mention | Reject:
        # A plain dict: feedparser's own answers `updated` with `published`.
        entry = dict(entry)
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
        text = body.decode("utf-8-sig", "replace")
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError) as error:
            reason = f"the feed is not whole JSON: {str(error)[:100]}"
            return FeedPage([self._context.reject(reason, where=self._url, raw=text)])
        entries = data.get("items") if isinstance(data, dict) else None
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


def _mend_utf8(body: bytes) -> bytes:
    """Return UTF-8 with a few broken letters as valid UTF-8.

    One letter cut in half at the end of a broken download would otherwise make
    feedparser read everything in another encoding.
    """
    declared = _ENCODING.search(body[:200])
    if declared is not None and declared[1].lower() not in {b"utf-8", b"utf8"}:
        return body
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        text = body.decode("utf-8", "replace")
        few = declared is not None and text.count("\ufffd") * 100 < len(text)
        if few or error.reason == "unexpected end of data":
            return text.encode("utf-8")
    return body


def _damage(parsed: Mapping[str, Any], body: bytes, read: int) -> str | None:
    """Return what is broken when entries were lost or cut.

    A wrong Content-Type or encoding was set right; an entity that XML does not know
    (`&nbsp;`) costs nothing, because feedparser then reads the feed leniently.
    """
    from xml.sax import SAXException

    error = parsed.get("bozo_exception")
    if not parsed.get("bozo") or not isinstance(error, SAXException):
        return None
    opened, closed = len(_OPENING.findall(body)), len(_CLOSING.findall(body))
    return str(error) if opened > read or opened > closed else None


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
    value = entry.get("id")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _repeated(values: Iterable[str | None]) -> set[str | None]:
    return {value for value, count in Counter(values).items() if count > 1}
