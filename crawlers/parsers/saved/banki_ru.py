"""banki.ru: schema.org with times of Moscow, else the markup of the articles.

JSON-LD of the bank has `review[]` with the text in `description`, escaped once more, and dates
such as `2026-03-14 10:20:30` without a zone, which is Moscow's. Older pages have an `article` for
each review, with `data-test` marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from parsel import Selector

from crawlers.items import ParseContext, digest, http_url, parse_count
from crawlers.parsers.saved.page import SavedPage, attribute, shown
from crawlers.parsers.saved.structured import blocks_of, read_structured
from mention import Mention, Reject

HOST: Final = "https://www.banki.ru"
LOWEST, HIGHEST = 1.0, 5.0
_WITHOUT_ZONE: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?")
_WRITTEN: Final = re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d")
_MOSCOW: Final = "+03:00"
_DATES: Final = frozenset(("datePublished", "dateModified", "dateCreated"))
_NUMBER: Final = re.compile(r"/response/(\d+)")


def read_marked(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews that schema.org marks, with their times moved from Moscow."""
    blocks = blocks_of(page)
    for block in blocks:
        _move(block.nodes)
    yield from read_structured(page, context, blocks)


def _move(value: Any) -> None:
    """Add the zone to every date without one, in place."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        elif isinstance(one, dict):
            for name in _DATES & one.keys():
                if isinstance(one[name], str) and _WITHOUT_ZONE.fullmatch(one[name].strip()):
                    one[name] = one[name].strip() + _MOSCOW
            stack.extend(one.values())


def read_markup(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the reviews of the articles of a page, in order."""
    for article in page.selector.css("article"):
        if article.css("[data-test=responses-header], [data-test=responses-message]"):
            yield _article(article, page, context)


def _article(article: Selector, page: SavedPage, context: ParseContext) -> Mention | Reject:
    own = attribute(article, "a[data-test=responses-header]", "href")
    number = _NUMBER.search(own or "")
    title = shown(article, "[data-test=responses-header]")
    text = shown(
        article,
        "[data-test=responses-message], [itemprop=description], .responses__item__message",
    )
    date = attribute(article, "time", "datetime") or shown(article, "time")
    if _WITHOUT_ZONE.fullmatch(date) or _WRITTEN.fullmatch(date):
        date += _MOSCOW
    return context.mention(
        f"banki_ru/{number[1] if number else digest(page.url, date, title, text)}",
        where=page.where,
        raw=text or title,
        kind="review",
        url=http_url(own, page.url or HOST) or page.url,
        title=title or None,
        text=text,
        rating=context.rating(
            shown(article, "[data-test=responses-rating-grade]"), LOWEST, HIGHEST
        ),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date or None),
        likes=parse_count(shown(article, "[data-test=responses-likes-count]")),
        **context.authors.fields("banki.ru", None, shown(article, "[itemprop=author]")),
    )
