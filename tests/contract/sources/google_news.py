"""The RSS of a search on Google News: one page, in no certain order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

PATH = "/rss/search"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
NO_OUTLET, DASHES = 1, 3


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=97 * (number * 5 % 14) + number)


def _link(number: int) -> str:
    return f"https://news.google.com/rss/articles/CBMiParus{number}?oc=5"


def _headline(number: int) -> str:
    tail = " - kas toliau" if number % 14 == DASHES else ""
    return f"„Burė“ vėluoja {number} min. & brangsta{tail}"


def item(number: int) -> str:
    outlet = f"Žinios {number % 4}"
    title = _headline(number) if number % 14 == NO_OUTLET else f"{_headline(number)} - {outlet}"
    repeated = f'<a href="{_link(number)}">{escape(_headline(number))}</a>&nbsp;&nbsp;{outlet}'
    source = f'<source url="https://zinios{number % 4}.example">{outlet}</source>'
    return f"""<item>
      <title>{escape(title)}</title>
      <link>{_link(number)}</link>
      <guid isPermaLink="false">CBMiParus{number}</guid>
      <pubDate>{format_datetime(_at(number), usegmt=True)}</pubDate>
      <description>{escape(repeated)}</description>
      {"" if number % 14 == NO_OUTLET else source}
    </item>"""


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        words, *place = [query[name][0] for name in ("q", "hl", "gl", "ceid")]
        assert words.partition(" after:")[0] == "burė"
        assert place == ["lt", "LT", "LT:lt"]
        body = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">
  <channel>
    <generator>NFE/5.0</generator>
    <title>"burė" - Google News</title>
    <link>https://news.google.com/search?q=bur%C4%97&amp;hl=lt&amp;gl=LT&amp;ceid=LT:lt</link>
    <language>lt</language>
    {"".join(item(number) for number in numbers)}
  </channel>
</rss>"""
        return Answer(body, content_type="application/xml; charset=utf-8")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    return {
        "id": f"CBMiParus{number}",
        "kind": "article",
        "url": _link(number),
        "title": _headline(number),
        "text": "",
        "lang": "lt",
        "country": "LT",
        "published_at": _at(number),
        "author_name": None if number % 14 == NO_OUTLET else f"Žinios {number % 4}",
    }


SOURCE = Source(
    spider="google_news",
    arguments={"query": "burė", "lang": "lt", "country": "lt"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "language", "markup")),
    several_pages=None,
    errors=((Answer("<html><body>Before you continue</body></html>"), "instead of a feed"),),
)
