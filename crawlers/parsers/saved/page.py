"""A saved page, and how to look into it: its markup, and the JSON that its scripts carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any, Final

from lxml.html import HtmlElement
from parsel import Selector

from crawlers.dates import parse_date
from crawlers.items import http_url
from crawlers.parsers.structured_data import decode_page, parse_tree
from crawlers.parsers.values import UnreadableError, read_json
from crawlers.text import element_text

# What browsers put at the head of a page that they save.
_SAVED_FROM: Final = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_HEAD: Final = 4096
# How a browser begins a page that it saves with its pictures in one file.
_ONE_FILE: Final = re.compile(rb"^Content-Type:\s*multipart/related", re.MULTILINE | re.IGNORECASE)
_MOST_WORDS: Final = 24  # around a date


@dataclass(frozen=True, slots=True)
class SavedPage:
    """What a file holds: a web page, or the JSON that the page fetched.

    Attributes:
        where: the file, for rejects.
        url: the page's own address, when it tells.
        tree: of a web page.
        data: of an answer in JSON.
        site_name: what the page calls its site (`og:site_name`), or "".
    """

    where: str
    url: str | None = None
    tree: HtmlElement | None = None
    data: object = None
    site_name: str = ""

    @property
    def selector(self) -> Selector:
        """For CSS and XPath; of a page without markup it finds nothing."""
        return Selector(text="") if self.tree is None else Selector(root=self.tree, type="html")

    def states(self, xpath: str) -> Iterator[object]:
        """Yield the page's JSON: the answer itself, else what each node of `xpath` holds.

        Args:
            xpath: selects elements with JSON as their text, or attributes.

        Raises:
            UnreadableError: the JSON of a node cannot be read.
        """
        if self.data is not None:
            yield self.data
            return
        for node in self.selector.xpath(xpath):
            root = node.root
            text = root if isinstance(root, str) else "".join(root.itertext())
            if text.strip():
                yield read_json(text)


def open_page(body: bytes, where: str) -> SavedPage | None:
    """Return a saved page, or None when `body` is neither a web page nor JSON.

    Args:
        body: of the file.
        where: its name.
    """
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"{", b"[")):
        try:
            return SavedPage(where, data=read_json(body))
        except UnreadableError:
            return None
    address = None
    if _ONE_FILE.search(head):
        body, address = _unpacked(body)
    tree = parse_tree(decode_page(body)) if b"<" in body else None
    if tree is None:
        return None
    saved = _SAVED_FROM.search(body[:_HEAD])
    url = (
        http_url(address)
        or http_url(saved[1].decode("ascii", "replace") if saved else None)
        or http_url(tree.xpath("string(//link[@rel='canonical']/@href)"))
        or http_url(tree.xpath("string(//meta[@property='og:url']/@content)"))
    )
    name = tree.xpath("string(//meta[@property='og:site_name']/@content)")
    return SavedPage(where, url, tree, site_name=str(name).strip())


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """Return the page inside an MHTML file (RFC 2557), and its address."""
    message = message_from_bytes(body)
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(content, bytes):
            address = message["Snapshot-Content-Location"] or part["Content-Location"]
            return content, str(address) if address else None
    return b"", None


def objects_with(value: object, key: str) -> Iterator[dict[str, Any]]:
    """Yield the objects that have `key`, wherever they stand, in the order of the document.

    What lies inside such an object is not looked at.
    """
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if key in one:
                yield one
                continue
            stack.extend(reversed(one.values()))
        elif isinstance(one, list):
            stack.extend(reversed(one))


def shown(scope: Selector, css: str) -> str:
    """Return what a browser shows of the first element that `css` selects and that has text."""
    for one in scope.css(css):
        text = element_text(one.root)
        if text:
            return text
    return ""


def attribute(scope: Selector, css: str, name: str) -> str | None:
    """Return an attribute of the first element that `css` selects and that has it."""
    for one in scope.css(css):
        value: str = one.root.get(name, "")
        if value.strip():
            return value.strip()
    return None


def date_in(text: str) -> str | None:
    """Return the date that a sentence ends with ("Reviewed on 3 March 2026"), or all of it."""
    words = text.split()[-_MOST_WORDS:]
    for start in range(len(words)):
        part = " ".join(words[start:])
        if parse_date(part) is not None:
            return part
    return text or None
