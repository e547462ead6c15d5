"""Articles that GDELT lists: no pages, but everything up to a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

PATH = "/api/v2/doc/doc"
NEWEST = datetime(2026, 3, 28, 20, 15, tzinfo=UTC)
PLACES = (("Russian", "ru", "Russia"), ("Lithuanian", "lt", "Lithuania"), ("Dari", None, "Oceans"))
PORT, NO_PLACE, MARKUP = 1, 3, 5


def _at(number: int) -> datetime:
    # GDELT works in quarters of an hour, which have several articles each.
    return NEWEST - timedelta(minutes=15 * (number // 4))


def article(number: int) -> dict[str, Any]:
    turn, (language, _, country) = number % 14, PLACES[number % 3]
    port = ":443" if turn == PORT else ""
    made: dict[str, Any] = {
        "url": f"https://Novosti.example{port}/Parus/{number}?a=1",
        "url_mobile": "",
        "title": f"« Парус » ждёт {number} минут : очереди",
        "seendate": f"{_at(number):%Y%m%dT%H%M%SZ}",
        "socialimage": "",
        "domain": "novosti.example",
        "language": language,
        "sourcecountry": country,
    }
    if turn == NO_PLACE:
        made |= {"language": "", "sourcecountry": None}
    if turn == MARKUP:
        made["title"] = f"« Парус »  ждёт <b>{number}</b> минут : &quot; очереди &quot;"
    return made


def platform(numbers: Sequence[int]) -> Routes:
    def answer(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        assert (query["mode"], query["format"]) == (["artlist"], ["json"])
        assert (query["query"], query["sort"]) == (['"парус" sourcelang:russian'], ["datedesc"])
        end = query.get("enddatetime", ["20990101000000"])[0]
        found = [number for number in numbers if f"{_at(number):%Y%m%d%H%M%S}" <= end]
        articles = [article(number) for number in found[: int(query["maxrecords"][0])]]
        body = json.dumps({"articles": articles} if articles else {}, ensure_ascii=False)
        return Answer(body, content_type="application/json; charset=utf-8")

    return {PATH: answer}


def expected(number: int) -> dict[str, Any] | None:
    turn, (_, language, country) = number % 14, PLACES[number % 3]
    codes = {"Russia": "RU", "Lithuania": "LT"}
    title = f"« Парус » ждёт {number} минут : очереди"
    return {
        "id": f"novosti.example/Parus/{number}?a=1",
        "kind": "article",
        "url": f"https://novosti.example/Parus/{number}?a=1",
        "title": title.replace("очереди", '" очереди "') if turn == MARKUP else title,
        "text": "",
        "lang": None if turn == NO_PLACE else language,
        "country": None if turn == NO_PLACE else codes.get(country),
        "published_at": _at(number),
        "author_name": None,
    }


SOURCE = Source(
    spider="gdelt",
    arguments={"query": '"парус" sourcelang:russian'},
    platform=platform,
    expected=expected,
    evidence="look-alike",
    features=frozenset(("language", "markup")),
    several_pages=900,
    errors=(
        (Answer("Your query was too short or too long.\n"), "too short or too long"),
        (Answer("<html><body>Server busy</body></html>"), "Server busy"),
    ),
)
