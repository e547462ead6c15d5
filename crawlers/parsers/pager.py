"""Where a page of reviews goes on, and what its owner asks of robots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urldefrag, urlsplit

from lxml.html import HtmlElement

from crawlers.addresses import site
from crawlers.items import http_url

ROBOT: Final = "molva"
# Parameters that number pages: PAGEN_1 is Bitrix, pg and p are shops and forums.
_PARAMETER: Final = re.compile(
    r"(?:page|p|pg|paged|pagen_\d+|pagenum(?:ber)?|seite)", re.IGNORECASE
)
_PATH: Final = re.compile(
    r"(?P<head>.*?)(?:/(?:page|p|seite)[/=_-]?|[/_-]page[_-]?|[_-]p?)(?P<number>\d{1,4})"
    r"(?P<tail>(?:\.\w{2,5})?/?)$",
    re.IGNORECASE,
)
_LAST_NUMBER: Final = re.compile(r"\d{1,4}(?=\.\w{2,5}$|/?$)")
_ENDING: Final = re.compile(r"(?:index)?\.\w{2,5}$|[/_-]+$")


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Which page an address is: everything but the number, and the number (None: unnumbered)."""

    base: tuple[object, ...]
    number: int | None


def next_page(tree: HtmlElement, url: str) -> str | None:
    """Return the address of the page after this one, or None.

    That is what `rel=next` says, else the pager's link with the following number.
    Only the same site counts, and no link that is marked `nofollow`. See
    `is_same_list` for `rel=next` links to something else.
    """
    here = page_number(url)
    links = list(_links(tree, url))
    nexts = [address for relations, address, _ in links if "next" in relations and address != url]
    for address in nexts:
        if is_same_list(url, address):
            return address
    numbered = [
        (there.number, address, text)
        for relations, address, text in links
        if (there := page_number(address)).number is not None
        and there.base == here.base
        # A link that says rel=prev may carry the number too when pages count down.
        and "prev" not in relations
    ]
    # Drupal and others call the second page page=1.
    counts_from_zero = any(
        text.isdigit() and int(text) == number + 1 for number, _, text in numbered if number
    )
    current = here.number if here.number is not None else (0 if counts_from_zero else 1)
    for number, address, _ in numbered:
        if number == current + 1:
            return address
    return nexts[0] if nexts else None


def page_number(url: str) -> PageNumber:
    """Split the page's number off an address: `?page=2`, `/page/2/`, `reviews-2.html`."""
    parts = urlsplit(url)
    number = None
    query = []
    for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True)):
        if _PARAMETER.fullmatch(name) and value.isascii() and value.isdigit() and len(value) < 6:
            number = int(value)
        else:
            query.append((name, value))
    path = parts.path
    if number is None and (match := _PATH.match(path)):
        number = int(match["number"])
        path = match["head"] + match["tail"]
    return PageNumber((site(url), _ENDING.sub("", path).rstrip("/"), tuple(query)), number)


def is_same_list(url: str, following: str) -> bool:
    """Whether two addresses are plainly pages of one list: same path but for a number.

    Blogs also say `rel=next` of the link to their next article.
    """
    here, there = page_number(url).base, page_number(following).base
    one, two = (_LAST_NUMBER.sub("", str(base[1])).rstrip("/_-") for base in (here, there))
    return here[0] == there[0] and one == two


def _links(tree: HtmlElement, url: str) -> Iterator[tuple[set[str], str, str]]:
    """Yield (relations, absolute address, text) of links that may be followed."""
    base = http_url(tree.xpath("string(//base/@href)"), url) or url
    for element in tree.iter("link", "a"):
        relations = set((element.get("rel") or "").lower().split())
        address = http_url(element.get("href"), base)
        if address is None or "nofollow" in relations or site(address) != site(url):
            continue
        yield relations, urldefrag(address).url, element.text_content().strip()[:20]


def robots_directives(tree: HtmlElement | None, headers: Iterable[str] = ()) -> frozenset[str]:
    """Return what `<meta name=robots>` and `X-Robots-Tag` ask of all robots, and of Molva.

    `none` is returned as `noindex` and `nofollow`.
    """
    found: set[str] = set()
    for element in tree.iter("meta") if tree is not None else ():
        if (element.get("name") or "").strip().lower() in {"robots", ROBOT}:
            found |= _directives(element.get("content") or "")
    for header in headers:
        robot, separator, rest = header.partition(":")
        # "googlebot: noindex" is for another robot; "max-snippet: 50" is not a robot at all.
        named = bool(separator) and robot.strip().lower().replace("-", "").isalpha()
        if not named:
            found |= _directives(header)
        elif robot.strip().lower() == ROBOT:
            found |= _directives(rest)
    return frozenset(found | ({"noindex", "nofollow"} if "none" in found else set()))


def _directives(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")} - {""}
