"""Markup to plain text: tags and entities go, paragraphs stay."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Only names that HTML knows, so that "цена <500" and "I <3 it" stay what they are.
_TAG: Final = re.compile(
    r"</?(?:a|abbr|article|aside|b|big|blockquote|body|br|center|cite|code|dd|del|div|dl|dt|em|"
    r"figure|figcaption|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|ins|li|link|main|"
    r"mark|meta|nav|noscript|object|ol|p|picture|pre|q|s|script|section|small|source|span|strike|"
    r"strong|style|sub|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video|audio)"
    r"(?:\s[^<>]*)?/?>|<!--|<!doctype\s",
    re.IGNORECASE,
)
_HIDDEN: Final = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe"))
_PARAGRAPH: Final = frozenset(
    ("p", "blockquote", "ul", "ol", "dl", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6")
)
_LINE: Final = frozenset(
    ("div", "li", "tr", "dt", "dd", "hr", "article", "section", "header", "footer", "main")
)
_SPACES: Final = re.compile(r"[ \t\xa0]+")
_WHITE: Final = re.compile(r"\s+")
_LINE_END: Final = re.compile(r" *\n *")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
# Lemmy's spoilers: `::: spoiler What it is about`, the hidden lines, `:::`.
_CONTAINER: Final = re.compile(r"^:::[ \t]*(?:spoiler\b)?[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
# Twice-escaped text (`&amp;lt;p&amp;gt;`) is common; more than that is not text.
_ROUNDS: Final = 3


def plain_text(markup: str) -> str:
    """Return `markup` without tags and entities; block elements become line breaks.

    A text without either stays as it is, and one with inline tags only keeps its own
    line breaks. Scripts, styles and comments vanish. Markup that was escaped once
    more than it should be, as in many JSON-LD blocks, is unescaped first.
    """
    original = text = markup.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(_ROUNDS):
        if _TAG.search(text):
            return _tidy(_strip_tags(text))
        unescaped = html.unescape(text)
        if unescaped == text:
            break
        text = unescaped
    return text.strip() if text == original else _tidy(text)


def markdown_text(source: str) -> str:
    """Return Markdown (CommonMark, tables, strikethrough, `::: spoiler`) as plain text.

    Links keep their words only. HTML inside is markup too.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    text = plain_text(parser.render(_CONTAINER.sub(r"\n\1\n\n", source)))
    return text or plain_text(source)  # nested beyond what the parser follows


def with_points(text: str, pros: Iterable[str], cons: Iterable[str]) -> str:
    """Return `text`, then a line for each point that is not empty: + for good, − for bad ones.

    It is how every source writes what a platform keeps in fields of its own.
    """
    points = [f"+ {one}" for one in pros if one] + [f"− {one}" for one in cons if one]
    return "\n".join([text, *points]).strip()


def element_text(element: HtmlElement) -> str:
    """Return what a browser would show of an element, with its paragraphs."""
    return _tidy(_tree_text(element))


def _tidy(text: str) -> str:
    text = _LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _strip_tags(markup: str) -> str:
    from lxml import etree
    from lxml import html as lxml_html

    try:
        parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, recover=True)
        body = markup.replace("\x00", "").encode("utf-8", "replace")
        tree = lxml_html.fromstring(b"<div>" + body + b"</div>", parser=parser)
        text = _tree_text(tree)
    except (etree.LxmlError, ValueError, AssertionError):
        text = ""
    if text.strip():
        return text
    # Nested beyond what the parser follows: drop what looks like a tag.
    return html.unescape(_TAG.sub(" ", re.sub(r"(?s)<!--.*?(?:-->|$)", "", markup)))


def _tree_text(tree: HtmlElement) -> str:
    from lxml import etree

    tags = {one.tag for one in tree.iter() if one is not tree}
    # Without blocks, the line breaks of the source are the author's own.
    layout = not tags.isdisjoint(_PARAGRAPH | _LINE | {"br"})
    out = _Output()
    hidden = preformatted = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        opens = event == "start"
        if opens or event == "end":
            step = 1 if opens else -1
            hidden += step * (tag in _HIDDEN)
            preformatted += step * (tag == "pre")
            out.separate(tag, opens)
        text = element.text if opens else element.tail
        if text and not hidden and (opens or element is not tree):
            out.add(text if preformatted or not layout else _WHITE.sub(" ", text))
    return "".join(out.pieces)


class _Output:
    """Text with the line breaks that a browser would show between blocks."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._breaks = 0  # line breaks owed before the next text

    def separate(self, tag: str, opens: bool) -> None:
        if tag in _PARAGRAPH:
            self._breaks = max(self._breaks, 2)
        elif tag in _LINE:
            self._breaks = max(self._breaks, 1)
        elif tag == "br":
            self._breaks += opens
        elif tag in {"td", "th"}:
            self.add(" ")

    def add(self, text: str) -> None:
        if self._breaks and text.isspace():
            return
        self.pieces.append("\n" * self._breaks + text)
        self._breaks = 0
