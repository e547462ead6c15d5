"""Which site a saved page is from, and what reads it.

A page is known by its own address, else by the name that it gives its site, else by markup
or JSON that no other site has. Its reviews are then looked for in this order, and the first
that gives any is taken:

1. `first`: data that says more than schema.org does (ids, answers, likes);
2. schema.org;
3. `last`: the markup, for pages without either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from crawlers.items import ParseContext
from crawlers.parsers.saved import (
    amazon,
    banki_ru,
    booking,
    irecommend,
    otzovik,
    ozon,
    trustpilot,
    yandex_maps,
    yandex_market,
)
from crawlers.parsers.saved.page import SavedPage, objects_with
from crawlers.parsers.saved.structured import read_structured
from crawlers.text import element_text
from mention import Mention, Reject

Item = Mention | Reject
Reader = Callable[[SavedPage, ParseContext], Iterator[Item]]

_ROBOT_CHECK: Final = re.compile(
    r"вы не робот|запросы отправляли вы|защит[аы] от (?:ро)?ботов|just a moment|"
    r"verify you are (?:a )?human|not a robot|robot check",
    re.IGNORECASE,
)
_ROBOT_FORM: Final = "//input[@name = 'captcha_url'] | //form[contains(@action, 'captcha')]"


@dataclass(frozen=True, slots=True)
class Site:
    """A site whose saved pages are read.

    Attributes:
        address: pattern that the addresses of its pages begin with, after `https://`.
        names: what its pages call it, in lower case.
        markup: XPath of what only its pages have, or None.
        key: name that only objects of its JSON have, or None.
        first, last: see the module.
    """

    address: str
    names: tuple[str, ...]
    markup: str | None = None
    key: str | None = None
    first: Reader | None = None
    last: Reader | None = None


SITES: Final[dict[str, Site]] = {
    "otzovik": Site(
        r"(?:\w+\.)?otzovik\.com/",
        ("отзовик", "otzovik"),
        "//a[contains(@class, 'review-read-link')] | //*[contains(@class, 'review-plus')]",
        first=otzovik.read,
    ),
    "irecommend": Site(
        r"(?:\w+\.)?irecommend\.ru/",
        ("irecommend", "irecommend.ru", "айрекомменд"),
        "//*[contains(@class, 'fivestarWidgetStatic')]",
        last=irecommend.read,
    ),
    "banki_ru": Site(
        r"(?:\w+\.)?banki\.ru/",
        ("банки.ру", "banki.ru"),
        "//*[@data-test = 'responses-header']",
        first=banki_ru.read_marked,
        last=banki_ru.read_markup,
    ),
    "yandex_maps": Site(
        r"(?:maps\.)?yandex\.[a-z.]+/(?:web-)?maps|maps\.yandex\.",
        ("яндекс карты", "яндекс.карты", "yandex maps"),
        "//*[contains(@class, 'business-review-view')]"
        " | //script[contains(@class, 'state-view')][contains(., 'reviewId')]",
        key="reviewId",
        first=yandex_maps.read,
    ),
    "yandex_market": Site(
        r"(?:m\.)?market\.yandex\.",
        ("яндекс маркет", "яндекс.маркет", "yandex market"),
        "//noframes[@data-apiary = 'patch']",
        key="reviewV2",
        first=yandex_market.read,
    ),
    "trustpilot": Site(
        r"(?:[\w-]+\.)?trustpilot\.com/",
        ("trustpilot",),
        "//script[@id = '__NEXT_DATA__'][contains(., '\"businessUnit\"')]",
        key="pageProps",
        first=trustpilot.read,
    ),
    "amazon": Site(
        r"(?:[\w-]+\.)?amazon\.(?:com?\.)?[a-z]{2,3}/",
        ("amazon",),
        "//*[@data-hook = 'review']",
        last=amazon.read,
    ),
    "booking": Site(
        r"(?:[\w-]+\.)?booking\.com/",
        ("booking.com",),
        "//*[@data-testid = 'review-card']",
        key="reviewListFrontend",
        first=booking.read_data,
        last=booking.read_markup,
    ),
    "ozon": Site(
        r"(?:\w+\.)?ozon\.[a-z]{2,3}/",
        ("ozon", "ozon.ru"),
        "//*[starts-with(@id, 'state-webListReviews')]",
        key="widgetStates",
        first=ozon.read,
    ),
}


def choose(page: SavedPage) -> str | None:
    """Return the name of the site that a page is from, or None when it is none of `SITES`."""
    if page.url is not None:
        for name, site in SITES.items():
            if re.match(rf"https?://(?:{site.address})", page.url, re.IGNORECASE):
                return name
    for name, site in SITES.items():
        if page.site_name.lower() in site.names:
            return name
    for name, site in SITES.items():
        if page.data is not None:
            known = site.key is not None and any(objects_with(page.data, site.key))
        else:
            known = site.markup is not None and bool(page.selector.xpath(site.markup))
        if known:
            return name
    return None


def read_page(page: SavedPage, context: ParseContext, site: str | None = None) -> Iterator[Item]:
    """Yield the reviews of a saved page, or one reject that says why there are none.

    Args:
        page: the page.
        context: source, labels, authors.
        site: a key of `SITES`; by default the page itself tells.
    """
    name = site or choose(page)
    known = SITES.get(name) if name else None
    readers = (known and known.first, read_structured, known and known.last)
    rejects: list[Item] = []
    for reader in readers:
        items = list(reader(page, context)) if reader else []
        if any(isinstance(item, Mention) for item in items):
            yield from _once(items)
            return
        rejects += items
    yield from rejects or [context.reject(_why_nothing(page, name), where=page.where)]


def _once(items: list[Item]) -> Iterator[Item]:
    """Leave out what a page says again, such as the best reviews beside all of them."""
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Reject):
            yield item
        elif item.id not in seen:
            seen.add(item.id)
            yield item


def _why_nothing(page: SavedPage, site: str | None) -> str:
    if page.tree is not None and (
        page.selector.xpath(_ROBOT_FORM) or _ROBOT_CHECK.search(element_text(page.tree))
    ):
        return (
            "the page asks whether you are a robot; open it in a browser, wait for the reviews, "
            "and save it again"
        )
    if site is not None:
        return f"there are no reviews on this page of {site}; save the page that lists them"
    return (
        "the page marks up no schema.org reviews and is of no site that is known; "
        f"if it is, say which with --site: {', '.join(SITES)}"
    )
