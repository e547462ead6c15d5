"""The structured data of a web page: JSON-LD, microdata and RDFa, as plain trees.

Each source on the page gives one `Block`: a list of nodes, which are dictionaries
with `@type`, `@id` and properties without a vocabulary prefix. A block that is
broken gives an error and never hides the others.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fromstring
from w3lib.encoding import html_to_unicode

from crawlers.text import element_text

Node = dict[str, Any]

MAX_DEPTH: Final = 48  # of nesting; deeper data is cut off
_PREFIX: Final = re.compile(r"^(?:https?://(?:www\.)?schema\.org/(?:#)?|schema:)", re.IGNORECASE)
_HTML_COMMENT: Final = re.compile(r"<!--|-->")
_CDATA: Final = re.compile(r"(?://|/\*)?\s*(?:<!\[CDATA\[|\]\]>)\s*(?:\*/)?")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u2028\u2029]")
_LD_JSON: Final = etree.XPath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]")
_SEPARATORS: Final = " \t\r\n;,"


@dataclass(slots=True)
class Block:
    """What one script, or all microdata or RDFa of a page, says.

    Attributes:
        syntax: `json-ld`, `microdata` or `rdfa`.
        nodes: the outermost nodes.
        error: why the rest could not be read.
        raw: the text of the script.
    """

    syntax: str
    nodes: list[Any] = field(default_factory=list)
    error: str | None = None
    raw: str = ""


def decode_page(body: str | bytes, content_type: str | None = None) -> str:
    """Return a page as text: by its BOM, its Content-Type, its own declaration, else by guess.

    A declaration that the bytes contradict is not believed.
    """
    if isinstance(body, str):
        return body
    _, text = html_to_unicode(content_type, body, auto_detect_fun=_guess_encoding)
    if "\ufffd" in text:
        guess = _guess_encoding(body)
        if guess is not None:
            text = body.decode(guess, "replace")
    return text


def _guess_encoding(body: bytes) -> str | None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(
            body[:200_000], cp_isolation=["cp1251", "cp1252", "cp1257", "koi8_r", "utf_16"]
        ).best()
        return best.encoding if best else "cp1252"
    return "utf-8"


def parse_tree(text: str) -> HtmlElement | None:
    """Return the page's tree, or None when there is nothing in it."""
    body = text.replace("\x00", "").encode("utf-8", "replace")
    try:
        return fromstring(body, parser=HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def read_blocks(tree: HtmlElement, url: str) -> Iterator[Block]:
    """Yield the blocks of a page: JSON-LD scripts in order, then microdata, then RDFa."""
    for script in _LD_JSON(tree):
        text = "".join(script.itertext())
        if text.strip():
            yield parse_json_ld(text)
    # extruct takes most of a second to import, which few pages need.
    if tree.xpath("boolean(//*[@itemscope])"):
        yield _read_microdata(tree, url)
    if tree.xpath("boolean(//*[@typeof][contains(@typeof, 'Review')])"):
        yield _read_rdfa(tree, url)


# --- JSON-LD -----------------------------------------------------------------------


def parse_json_ld(text: str) -> Block:
    """Read one script, with the repairs that broken ones on the web need.

    Tried in turn: as it is (control characters in strings are let pass); without
    comments, CDATA marks and trailing commas; with HTML entities resolved.
    """
    nodes, error = _decode(text)
    for repair in (_tidy, _unescape):
        if error is None:
            break
        repaired, error_now = _decode(repair(text))
        if error_now is None or len(repaired) > len(nodes):
            nodes, error = repaired, error_now
    return Block("json-ld", [_plain(node, MAX_DEPTH) for node in nodes], error, text)


def _decode(text: str) -> tuple[list[Any], str | None]:
    """Read one value after the other; return them and what stopped the reading."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    text = text.strip("\ufeff" + _SEPARATORS)
    position = 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except RecursionError:
            return values, "it is too deeply nested"
        except ValueError as error:
            return values, str(error)
        values.append(value)
        while position < len(text) and text[position] in _SEPARATORS:
            position += 1
    return values, None


def _tidy(text: str) -> str:
    import jstyleson  # type: ignore[import-untyped]  # it ships no types

    text = _CONTROL.sub(" ", _CDATA.sub(" ", _HTML_COMMENT.sub(" ", text)))
    try:
        # Drops /* */ comments and trailing commas.
        return str(jstyleson.dispose(text))
    except IndexError:
        return text


def _unescape(text: str) -> str:
    return _tidy(html.unescape(text))


# --- microdata and RDFa -----------------------------------------------------------


def _read_microdata(tree: HtmlElement, url: str) -> Block:
    def extract() -> list[Any]:
        from extruct.w3cmicrodata import MicrodataExtractor

        class Extractor(MicrodataExtractor):  # type: ignore[misc]  # mypy skips extruct
            # extruct's own puts a space at every tag: "<b>ко</b>фе" would be two words.
            def _extract_textContent(self, node: HtmlElement) -> str:  # noqa: N802 - its name
                return element_text(node)

        for element in tree.iter("time", "data", "meter"):
            # Without the attribute the text is the value (HTML, 5.2.4); extruct gives "".
            attribute = "datetime" if element.tag == "time" else "value"
            if element.get("itemprop") and element.get(attribute) is None:
                element.set(attribute, "".join(element.itertext()).strip())
        items = Extractor().extract_items(tree, base_url=url)
        return [_from_microdata(item, MAX_DEPTH) for item in items]

    return _guarded("microdata", extract)


def _from_microdata(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return [_from_microdata(one, depth - 1) for one in value] if depth > 0 else None
    if not isinstance(value, dict):
        return value
    if depth <= 0:
        return None
    node = {
        name: _from_microdata(one, depth - 1) for name, one in value.get("properties", {}).items()
    }
    if "value" in value and not node:
        return value["value"]
    return _plain(node, depth) | {"@type": _types(value.get("type")), "@id": value.get("id")}


def _read_rdfa(tree: HtmlElement, url: str) -> Block:
    def extract() -> list[Any]:
        import extruct

        markup = etree.tostring(tree, encoding="unicode", method="html")
        found = extruct.extract(markup, base_url=url, syntaxes=["rdfa"], errors="strict")
        return [_plain(node, MAX_DEPTH) for node in found.get("rdfa", [])]

    return _guarded("rdfa", extract)


def _guarded(syntax: str, extract: Callable[[], list[Any]]) -> Block:
    try:
        return Block(syntax, extract())
    except Exception as error:  # hostile markup must not hide the other blocks
        return Block(syntax, error=f"{type(error).__name__}: {error}"[:200])


# --- one form for all ---------------------------------------------------------------


def _plain(value: Any, depth: int) -> Any:
    """Strip vocabulary prefixes and unwrap `@value`; cut what is nested too deep."""
    if depth <= 0:
        return None
    if isinstance(value, list):
        return [_plain(one, depth - 1) for one in value]
    if not isinstance(value, dict):
        return value
    if "@value" in value:
        return value["@value"]
    node: Node = {}
    for name, one in value.items():
        if name == "@type":
            node["@type"] = _types(one)
        elif name == "@context":
            continue
        else:
            node[_PREFIX.sub("", name)] = _plain(one, depth - 1)
    return node


def _types(value: Any) -> list[str]:
    """Return type names without their vocabulary: `http://schema.org/Review` is `Review`."""
    values = value if isinstance(value, list) else [value]
    return [re.split(r"[/#:]", one.rstrip("/"))[-1] for one in values if isinstance(one, str)]
