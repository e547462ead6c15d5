"""Articles that GDELT's DOC 2.0 API lists (`mode=artlist&format=json`).

`{"articles": [{"url", "title", "seendate", "domain", "language", "sourcecountry"}]}`, or `{}` where
there are none (https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/).

* There is no text, and no date but that of the quarter of an hour in which GDELT saw the article
  (`20260708T101500Z`), which stands for the publication's.
* Articles have no id but their address, which sometimes carries the port `:443`.
* Titles are as GDELT took them apart: with spaces before punctuation.
* Languages and countries are names; those without a code of two letters are left out.
* Errors are plain text with status 200, and so is the request to slow down.
* Titles may hold backslashes that JSON does not know; they are taken as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from iso3166 import countries

from crawlers.dates import parse_date
from crawlers.items import ParseContext, http_url
from crawlers.parsers.records import read_records
from crawlers.parsers.values import UnreadableError, as_list, as_text, html_text, path_of, read_json
from mention import Mention, Reject

# https://gdelt.github.io, the lookup of the languages, and ISO 639-1.
_LANGUAGES: Final = dict(
    pair.split("=")
    for pair in (
        "afrikaans=af albanian=sq arabic=ar armenian=hy azerbaijani=az belarusian=be bengali=bn "
        "bosnian=bs bulgarian=bg catalan=ca chinese=zh croatian=hr czech=cs danish=da dutch=nl "
        "english=en estonian=et finnish=fi french=fr galician=gl georgian=ka german=de greek=el "
        "gujarati=gu hebrew=he hindi=hi hungarian=hu icelandic=is indonesian=id italian=it "
        "japanese=ja kannada=kn kazakh=kk korean=ko latvian=lv lithuanian=lt macedonian=mk "
        "malay=ms malayalam=ml marathi=mr mongolian=mn nepali=ne norwegian=no "
        "norwegiannynorsk=nn persian=fa polish=pl portuguese=pt punjabi=pa romanian=ro "
        "russian=ru serbian=sr sinhalese=si slovak=sk slovenian=sl somali=so spanish=es "
        "swahili=sw swedish=sv tamil=ta telugu=te thai=th tibetan=bo turkish=tr ukrainian=uk "
        "urdu=ur vietnamese=vi"
    ).split()
)
# What ISO 3166 calls otherwise than GDELT.
_COUNTRIES: Final = {
    name.lower(): country.alpha2
    for country in countries
    for name in (country.name, country.apolitical_name)
} | {
    "bahamas, the": "BS",
    "bolivia": "BO",
    "bosnia-herzegovina": "BA",
    "british virgin islands": "VG",
    "brunei": "BN",
    "cape verde": "CV",
    "cote divoire": "CI",
    "czech republic": "CZ",
    "democratic republic of the congo": "CD",
    "east timor": "TL",
    "gaza strip": "PS",
    "iran": "IR",
    "laos": "LA",
    "macau": "MO",
    "macedonia": "MK",
    "micronesia": "FM",
    "moldova": "MD",
    "north korea": "KP",
    "reunion": "RE",
    "russia": "RU",
    "south korea": "KR",
    "swaziland": "SZ",
    "syria": "SY",
    "tanzania": "TZ",
    "turkey": "TR",
    "united kingdom": "GB",
    "united states": "US",
    "vatican city": "VA",
    "venezuela": "VE",
    "west bank": "PS",
}
_BACKSLASH: Final = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|)')


def parse_page(body: str | bytes, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the articles of one answer, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    text = _mended(body)
    for record in () if _is_empty(text) else read_records(text, url, context, "articles"):
        yield record if isinstance(record, Reject) else _article(record, url, context)


def seen_times(body: bytes) -> list[datetime]:
    """Return when the articles of one answer were seen, those that say it."""
    try:
        articles = as_list(path_of(read_json(_mended(body)), "articles"))
    except UnreadableError:
        return []
    times = (parse_date(path_of(article, "seendate")) for article in articles)
    return [time for time in times if time]


def complaint(body: bytes) -> str | None:
    """Return what an answer that is no JSON says, or None."""
    try:
        read_json(body)
    except UnreadableError:
        text = body.decode("utf-8", "replace").strip()
        return None if text.startswith(("{", "[")) else html_text(text) or "nothing"
    return None


def _mended(body: str | bytes) -> str | bytes:
    """Return JSON with the backslashes doubled that it does not know."""
    try:
        read_json(body)
    except UnreadableError:
        try:
            text = body if isinstance(body, str) else body.decode("utf-8")
        except UnicodeDecodeError:
            return body
        return _BACKSLASH.sub(lambda match: match[0] if match[1] else r"\\", text)
    return body


def _is_empty(body: str | bytes) -> bool:
    try:
        return read_json(body) == {}
    except UnreadableError:
        return False


def _article(article: dict[str, Any], url: str, context: ParseContext) -> Mention | Reject:
    address = http_url(article.get("url"))
    if address is None:
        return context.reject("an article has no address", where=url, raw=article)
    host, _, path = address.partition("://")[2].partition("/")
    host = host.lower().removesuffix(":443")
    title = as_text(article.get("title"))
    return context.mention(
        f"{host}/{path}",
        where=url,
        raw=article,
        kind="article",
        url=f"{urlsplit(address).scheme}://{host}/{path}",
        title=" ".join(html_text(title).split()) if title else None,
        text="",
        lang=_LANGUAGES.get((as_text(article.get("language")) or "").strip().lower()),
        country=_COUNTRIES.get((as_text(article.get("sourcecountry")) or "").strip().lower()),
        published_at=context.date(article.get("seendate")),
    )
