"""GDELT: an answer with made-up values, and the lists of what its API knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings

PATH = "/api/v2/doc/doc"
CODES = {"Netherlands": "NL", "India": "IN"}
# Parts of what GDELT calls countries have no code, or are none: seas, islands without people.
MOST_WITHOUT_CODE = 40


def crawl(body: bytes | str) -> tuple[Crawled, dict[str, list[str]]]:
    with Loopback({PATH: Answer(body, content_type="application/json")}) as server:
        crawled = crawl_process.run("gdelt", base_url=server.url, query="flood")
        return crawled, parse_qs(urlsplit(server.paths[0]).query)


@pytest.mark.parametrize("recording", recordings("gdelt", "*gdelt.json"))
def test_articles(recording: Path) -> None:
    articles: list[dict[str, Any]] = json.loads(recording.read_text("utf-8"))["articles"]
    crawled, _ = crawl(recording.read_bytes())
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert (len(crawled.mentions), len(crawled.rejects)) == (2, 1)
    assert [one.reason for one in crawled.rejects] == ["an article has no address"]
    for one, article in zip(crawled.mentions, articles, strict=False):
        seen = datetime.strptime(article["seendate"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert one.id == "gdelt:" + article["url"].removeprefix("https://")
        assert (one.kind, one.url, one.title) == ("article", article["url"], article["title"])
        assert (one.text, one.published_at, one.lang) == ("", seen, "en")
        assert one.country == CODES[article["sourcecountry"]]


@pytest.mark.parametrize("recording", recordings("gdelt", "*LOOKUP-*.json"))
def test_names_of_languages_and_countries_are_known(recording: Path) -> None:
    names = {one["name"] for one in json.loads(recording.read_text("utf-8")) if one}
    field = "language" if "LANGUAGES" in recording.name else "sourcecountry"
    articles = [
        {"url": f"https://e.example/{number}", "title": name, field: name}
        for number, name in enumerate(sorted(names))
    ]
    crawled, _ = crawl(json.dumps({"articles": articles[:249]}))
    found = {one.title: one.lang or one.country for one in crawled.mentions}
    assert len(found) == min(len(names), 249)
    without = [name for name, code in found.items() if code is None]
    assert len(without) <= (0 if field == "language" else MOST_WITHOUT_CODE), without
    codes = [code for code in found.values() if code]
    assert (
        len(codes) - len(set(codes)) <= 2
    )  # Gaza Strip and West Bank; Bahamas with and without The


@pytest.mark.parametrize("recording", recordings("gdelt", "*lookup-*.json"))
def test_what_is_asked_for_is_what_the_api_knows(recording: Path) -> None:
    known = {one["code"].lower() for one in json.loads(recording.read_text("utf-8")) if one}
    _, asked = crawl("{}")
    name = recording.stem.rpartition("-")[2]
    assert asked[name][0] in known
