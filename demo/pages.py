"""The look-alike pages: an App Store feed, two shops and two forum feeds, made of `texts.jsonl`.

Each text appears once, in the place that its line names. The pages have the shapes
of the real ones: `label` objects and numbered pages as the App Store serves them,
schema.org reviews in JSON-LD or microdata, RSS 2.0 with `content:encoded`, Atom.
Three of the texts are hostile, so that escaping shows.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

TEXTS: Final = Path(__file__).with_name("texts.jsonl")
TEXT_FIELDS: Final = ("brand", "source", "author", "stars", "title", "text", "lang")
COUNTRY: Final = "ru"
APP_STORE_PAGE, SHOP_PAGE = 50, 25  # reviews on a page
APP_STORE_PAGES: Final = 10
# Names that can never be anybody's (RFC 2606); a crawl sends the requests here by `base_url`.
APPS, SHOP, FORUM = "https://apps.example", "https://shop.example", "https://forum.example"
PACIFIC: Final = timezone(timedelta(hours=-7))  # daylight time, as in the App Store's feed
MOSCOW: Final = timezone(timedelta(hours=3))
CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
ET.register_namespace("content", CONTENT)
ET.register_namespace("dc", DUBLIN_CORE)


@dataclass(frozen=True)
class Brand:
    """An invented company; `best` is the highest rating in its shop, `atom` its forum's format."""

    name: str
    slug: str
    app_id: str
    best: int
    atom: bool


BRANDS: Final = (
    Brand("Парус", "parus", "100000000001", best=5, atom=False),
    Brand("Маяк", "mayak", "100000000002", best=10, atom=True),
)


@dataclass(frozen=True)
class Text:
    """One line of `texts.jsonl`; `number` is its place there, which its ids are made of."""

    number: int
    brand: str
    source: str
    published_at: datetime
    author: str | None
    stars: int | None
    title: str | None
    text: str
    lang: str

    @property
    def markup(self) -> str:
        """The text as HTML."""
        return html.escape(self.text).replace("\n", "<br>")


@cache
def load_texts() -> tuple[Text, ...]:
    """Return all texts, oldest first."""
    texts = []
    with TEXTS.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=10001):
            one = json.loads(line)
            values = {name: one[name] for name in TEXT_FIELDS}
            published_at = datetime.fromisoformat(one["published_at"])
            texts.append(Text(number=number, published_at=published_at, **values))
    return tuple(texts)


def newest_first(brand: Brand, source: str) -> list[Text]:
    """Return the texts of one brand in one place."""
    return [
        one for one in reversed(load_texts()) if (one.brand, one.source) == (brand.name, source)
    ]


@dataclass(frozen=True)
class Page:
    """An answer; one with a date of last change can be asked for conditionally."""

    content_type: str
    body: str
    status: int = 200
    modified: datetime | None = None

    @cached_property
    def etag(self) -> str:
        """The entity tag, in quotes."""
        return f'"{hashlib.sha256(self.body.encode()).hexdigest()[:20]}"'

    def is_unchanged(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Whether 304 answers a conditional request (RFC 9110, 13.2.2)."""
        if self.modified is None:
            return False
        if if_none_match is not None:
            tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
            return bool(tags & {self.etag, "*"})
        try:
            return parsedate_to_datetime(if_modified_since or "") >= self.modified
        except (ValueError, TypeError):
            return False


def app_store_page(brand: Brand | None, number: int) -> Page:
    """Return one page of the customer review feed; past the end it has no `entry`."""
    if number > APP_STORE_PAGES:
        return Page("text/plain", "CustomerReviews RSS page depth is limited to 10")
    texts = newest_first(brand, "app_store") if brand else []
    entries = [_app_store_entry(one) for one in _slice(texts, number, APP_STORE_PAGE)]
    feed: dict[str, Any] = {
        "author": {"name": {"label": "Look-alike Store"}, "uri": {"label": APPS}},
        "updated": {"label": load_texts()[-1].published_at.astimezone(PACIFIC).isoformat()},
        "title": {"label": "Customer Reviews"},
    }
    if entries:
        # The real feed writes a single review without a list around it.
        feed["entry"] = entries if len(entries) > 1 else entries[0]
    return Page("application/json", json.dumps({"feed": feed}, ensure_ascii=False))


def _app_store_entry(one: Text) -> dict[str, Any]:
    labels = {
        "updated": one.published_at.astimezone(PACIFIC).isoformat(),
        "im:rating": str(one.stars),
        "im:version": f"4.{one.published_at.month}.0",
        "id": str(10**10 + one.number),
        "title": one.title,
        "im:voteSum": "0",
        "im:voteCount": "0",
    }
    return {
        "author": {
            "uri": {"label": f"{APPS}/{COUNTRY}/reviews/id{one.number}"},
            "name": {"label": one.author},
            "label": "",
        },
        **{name: {"label": label} for name, label in labels.items()},
        "content": {"label": one.text, "attributes": {"type": "text"}},
        "link": {
            "attributes": {"rel": "related", "href": f"{APPS}/{COUNTRY}/review?id={one.number}"}
        },
    }


def shop_page(brand: Brand, number: int) -> Page | None:
    """Return one page of a shop's reviews: microdata on every third page, else JSON-LD."""
    texts = newest_first(brand, "schema_org")
    shown = _slice(texts, number, SHOP_PAGE)
    if not shown:
        return None
    address = f"/shop/{brand.slug}/reviews"
    microdata = number % 3 == 0
    items = "\n".join(_review_html(one, address, brand, microdata) for one in shown)
    if microdata:
        store = f'<meta itemprop="name" content="{brand.name}">\n{items}'
        items = f'<div itemscope itemtype="https://schema.org/OnlineStore">\n{store}\n</div>'
    else:
        items += f'\n<script type="application/ld+json">{_json_ld(brand, address, shown)}</script>'
    more = len(texts) > number * SHOP_PAGE
    link = f'<a rel="next" href="{address}?page={number + 1}">Дальше</a>' if more else ""
    return _html_page(f"{brand.name}: отзывы, страница {number}", items + link)


def _review_html(one: Text, address: str, brand: Brand, microdata: bool) -> str:
    def prop(name: str) -> str:
        return f' itemprop="{name}"' if microdata else ""

    scope = ' itemprop="review" itemscope itemtype="https://schema.org/Review"' * microdata
    who = html.escape(one.author or "")
    when = one.published_at.astimezone(MOSCOW)
    rating = f"{_rating(one, brand)} из {brand.best}"
    parts = []
    if microdata:
        parts = [
            f'<link itemprop="url" href="{address}#review-{one.number}">',
            f'<meta itemprop="inLanguage" content="{one.lang}">',
        ]
        rating = (
            '<span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
            f'<b itemprop="ratingValue">{_rating(one, brand)}</b> из <b itemprop="bestRating">'
            f'{brand.best}</b><meta itemprop="worstRating" content="1"></span>'
        )
    parts += [f"<h2{prop('name')}>{html.escape(one.title)}</h2>"] if one.title else []
    parts += [f"<p{prop('reviewBody')}>{one.markup}</p>", rating]
    parts += [f"<i{prop('author')}>{who}</i>"] if who else []
    parts += [f'<time{prop("datePublished")} datetime="{when.isoformat()}">{when:%d.%m.%Y}</time>']
    return f'<article id="review-{one.number}"{scope}>{" ".join(parts)}</article>'


def _json_ld(brand: Brand, address: str, texts: Sequence[Text]) -> str:
    reviews = [
        {
            "@type": "Review",
            "url": f"{address}#review-{one.number}",
            "inLanguage": one.lang,
            "datePublished": one.published_at.astimezone(MOSCOW).isoformat(),
            "reviewBody": one.text,
            "reviewRating": {
                "@type": "Rating",
                "ratingValue": _rating(one, brand),
                "bestRating": brand.best,
                "worstRating": 1,
            },
        }
        | ({"name": one.title} if one.title else {})
        | ({"author": {"@type": "Person", "name": one.author}} if one.author else {})
        for one in texts
    ]
    store = {"@context": "https://schema.org", "@type": "OnlineStore", "name": brand.name}
    # A "</script>" in a review must not end the script.
    return json.dumps(store | {"review": reviews}, ensure_ascii=False).replace("<", "\\u003c")


def _rating(one: Text, brand: Brand) -> int:
    return (one.stars or 1) * brand.best // 5


def forum_feed(brand: Brand) -> Page:
    """Return a forum's feed of posts, as Atom or as RSS 2.0; posts have no titles."""
    posts = newest_first(brand, "rss")
    address = f"{FORUM}/forum/{brand.slug}"
    root = _atom(brand, address, posts) if brand.atom else _rss(brand, address, posts)
    kind = "atom" if brand.atom else "rss"
    body = '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")
    return Page(f"application/{kind}+xml", body, modified=posts[0].published_at)


def _rss(brand: Brand, address: str, posts: Sequence[Text]) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", f"Форум покупателей: {brand.name}")
    _add(channel, "link", address)
    _add(channel, "description", "Новые сообщения")
    for one in posts:
        item = ET.SubElement(channel, "item")
        _add(item, "guid", f"{address}/post/{one.number}", isPermaLink="true")
        _add(item, "link", f"{address}/post/{one.number}")
        _add(item, "pubDate", format_datetime(one.published_at.astimezone(MOSCOW)))
        _add(item, f"{{{DUBLIN_CORE}}}creator", one.author or "Гость")
        _add(item, f"{{{CONTENT}}}encoded", f"<p>{one.markup}</p>")
    return root


def _atom(brand: Brand, address: str, posts: Sequence[Text]) -> ET.Element:
    root = ET.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(root, "id", address)
    _add(root, "title", f"Форум покупателей: {brand.name}")
    _add(root, "updated", posts[0].published_at.isoformat())
    for one in posts:
        entry = ET.SubElement(root, "entry")
        _add(entry, "id", f"{address}/post/{one.number}")
        _add(entry, "title", "")
        _add(entry, "link", "", rel="alternate", href=f"{address}/post/{one.number}")
        _add(entry, "published", one.published_at.isoformat())
        _add(entry, "updated", one.published_at.isoformat())
        _add(ET.SubElement(entry, "author"), "name", one.author or "Гость")
        _add(entry, "content", f"<p>{one.markup}</p>", type="html")
    return root


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text or None


def front_page() -> Page:
    """Return links to everything, for a person who opens the site in a browser."""
    links = [
        f'<li>{brand.name}: <a href="{path}">{path}</a></li>'
        for brand in BRANDS
        for path in (
            f"/{COUNTRY}/rss/customerreviews/page=1/id={brand.app_id}/sortby=mostrecent/json",
            f"/shop/{brand.slug}/reviews",
            f"/forum/{brand.slug}/feed.xml",
        )
    ]
    return _html_page("Look-alike pages of two invented brands", f"<ul>{''.join(links)}</ul>")


def _html_page(title: str, body: str) -> Page:
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    return Page(
        "text/html",
        f'<!doctype html>\n<html lang="ru"><head>{head}</head>\n'
        f"<body><h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n",
    )


def _slice(texts: Sequence[Text], number: int, size: int) -> Sequence[Text]:
    return texts[(number - 1) * size : number * size] if number > 0 else []
