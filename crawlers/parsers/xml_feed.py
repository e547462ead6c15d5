"""RSS and Atom as feedparser reads them, which saves what it can of broken XML."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([\w.-]+)")
_OPENING: Final = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_CLOSING: Final = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")


@dataclass(frozen=True, slots=True)
class XmlFeed:
    """One document of a feed.

    Attributes:
        entries: those that are whole, as feedparser gives them, in the feed's order.
        about: what the feed says of itself.
        damage: a sentence about what was lost, or None.
        lost: the beginning of that.
        is_feed: False when the document is something else.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    about: Mapping[str, Any] = field(default_factory=dict)
    damage: str | None = None
    lost: str = ""
    is_feed: bool = True


def read_xml_feed(body: bytes, content_type: str | None = None) -> XmlFeed:
    """Read a document of RSS or Atom.

    Args:
        body: the document.
        content_type: the header it came with.
    """
    import feedparser

    # Without a Content-Location feedparser leaves relative links, and above all ids,
    # as they are written. A stream, because it takes a string for an address or a file.
    headers = {"content-type": content_type or "application/xml"}
    try:
        parsed = feedparser.parse(io.BytesIO(_mend_utf8(body)), response_headers=headers)
    except Exception as error:  # feedparser lets some errors of its parsers through
        return XmlFeed(damage=_told(f"{type(error).__name__}: {error}"), lost=_end(body))
    # Plain dicts: feedparser's own answer `updated` with `published`.
    entries = [dict(entry) for entry in parsed.get("entries") or []]
    if not parsed.get("version") and not entries:
        return XmlFeed(is_feed=False)
    about, damage = parsed.get("feed") or {}, _damage(parsed, body, len(entries))
    if damage is None:
        return XmlFeed(entries, about)
    if len(_OPENING.findall(body)) > len(_CLOSING.findall(body)):
        entries = entries[:-1]  # it breaks off somewhere in the middle
    return XmlFeed(entries, about, _told(damage), _end(body))


def _told(reason: str) -> str:
    return f"the feed is broken, what comes after is lost: {reason}"


def _end(body: bytes) -> str:
    start = [match.start() for match in _OPENING.finditer(body)]
    return body[start[-1] if start else 0 :][:1000].decode("utf-8", "replace")


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
