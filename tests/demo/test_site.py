"""The site over real HTTP: every page parses, and all pages together hold each text once."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

import extruct
import feedparser
import pytest

from crawlers.text import plain_text
from demo.pages import BRANDS, COUNTRY, Brand, Text, load_texts, newest_first
from demo.site import DemoSite


@dataclass
class Answer:
    status: int
    body: str
    headers: Message


class Client:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self._base_url + path, headers=named)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                return Answer(response.status, response.read().decode(), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), error.headers)

    def app_store(self, brand: Brand, number: int, country: str = COUNTRY) -> Answer:
        path = f"/{country}/rss/customerreviews/page={number}/id={brand.app_id}"
        return self.get(f"{path}/sortby=mostrecent/json")

    def app_store_entries(self, brand: Brand) -> list[dict[str, Any]]:
        pages = [json.loads(self.app_store(brand, number).body) for number in range(1, 11)]
        return [entry for page in pages for entry in page["feed"].get("entry", [])]

    def shop_pages(self, brand: Brand) -> Iterator[Answer]:
        path: str | None = f"/shop/{brand.slug}/reviews"
        while path:
            answer = self.get(path)
            assert answer.status == 200
            yield answer
            following = re.search(r'<a rel="next" href="([^"]+)"', answer.body)
            path = following[1] if following else None

    def shop_reviews(self, brand: Brand) -> Iterator[dict[str, Any]]:
        for answer in self.shop_pages(brand):
            found = extruct.extract(
                answer.body, syntaxes=["json-ld", "microdata"], uniform=True, errors="strict"
            )
            blocks = found["json-ld"] + found["microdata"]
            assert len(blocks) == 1, "a page marks its reviews up once"
            yield from blocks[0]["review"]

    def forum_entries(self, brand: Brand) -> list[Any]:
        feed = feedparser.parse(self.get(f"/forum/{brand.slug}/feed.xml").body)
        assert not feed.bozo
        return list(feed.entries)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with DemoSite() as site:
        assert site.base_url.startswith("http://127.0.0.1:")
        yield Client(site.base_url)


def words(text: str) -> str:
    """A text on one line: HTML writes its line breaks as elements."""
    return " ".join(text.split())


def expected(brand: Brand, source: str) -> list[str]:
    return [words(one.text) for one in newest_first(brand, source)]


def _times(texts: Iterable[Text]) -> list[datetime]:
    return [one.published_at for one in texts]


@pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: brand.slug)
class TestBrand:
    def test_app_store_feed_has_each_review_once_newest_first(
        self, client: Client, brand: Brand
    ) -> None:
        entries = client.app_store_entries(brand)
        texts = newest_first(brand, "app_store")
        assert [entry["content"]["label"] for entry in entries] == [one.text for one in texts]
        assert [entry["im:rating"]["label"] for entry in entries] == [
            str(one.stars) for one in texts
        ]
        updated = [datetime.fromisoformat(entry["updated"]["label"]) for entry in entries]
        assert updated == _times(texts)
        assert {time.utcoffset() for time in updated} == {timedelta(hours=-7)}
        assert all(
            entry["title"]["label"] and entry["author"]["name"]["label"] for entry in entries
        )
        assert len({entry["id"]["label"] for entry in entries}) == len(texts) > 50

    def test_shop_marks_up_each_review_once(self, client: Client, brand: Brand) -> None:
        reviews = list(client.shop_reviews(brand))
        texts = newest_first(brand, "schema_org")
        assert [words(one["reviewBody"]) for one in reviews] == expected(brand, "schema_org")
        assert len({one["url"] for one in reviews}) == len(texts) > 75
        assert [datetime.fromisoformat(one["datePublished"]) for one in reviews] == _times(texts)
        for review, text in zip(reviews, texts, strict=True):
            rating = review["reviewRating"]
            assert int(rating["bestRating"]) == brand.best
            assert int(rating["ratingValue"]) == (text.stars or 0) * brand.best / 5
            assert review.get("name") == text.title

    def test_shop_uses_both_syntaxes(self, client: Client, brand: Brand) -> None:
        bodies = [answer.body for answer in client.shop_pages(brand)]
        assert len(bodies) >= 3
        kinds = Counter("json-ld" if "ld+json" in body else "microdata" for body in bodies)
        assert kinds["json-ld"] > kinds["microdata"] >= 1

    def test_forum_feed_has_each_post_once(self, client: Client, brand: Brand) -> None:
        entries = client.forum_entries(brand)
        bodies = [words(plain_text(entry.content[0].value)) for entry in entries]
        assert bodies == expected(brand, "rss")
        assert len({entry.id for entry in entries}) == len(entries)
        published = [datetime(*entry.published_parsed[:6], tzinfo=UTC) for entry in entries]
        assert published == _times(newest_first(brand, "rss"))

    def test_unchanged_forum_feed_is_304(self, client: Client, brand: Brand) -> None:
        path = f"/forum/{brand.slug}/feed.xml"
        first = client.get(path)
        tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        for again in (
            client.get(path, If_None_Match=tag),
            client.get(path, If_None_Match=f'"other", W/{tag}'),
            client.get(path, If_Modified_Since=modified),
        ):
            assert (again.status, again.body) == (304, "")
        for changed in (
            client.get(path, If_None_Match='"other"', If_Modified_Since=modified),
            client.get(path, If_Modified_Since="Sun, 01 Mar 2026 00:00:00 GMT"),
            client.get(path, If_Modified_Since="yesterday"),
        ):
            assert changed.status == 200
            assert changed.body == first.body


def test_every_text_has_a_page() -> None:
    pages = [
        newest_first(brand, source)
        for brand in BRANDS
        for source in ("app_store", "schema_org", "rss")
    ]
    assert sum(map(len, pages)) == len(load_texts())


def test_app_store_feed_ends_as_the_real_one_does(client: Client) -> None:
    ours = BRANDS[0]
    assert "entry" not in json.loads(client.app_store(ours, 9).body)["feed"]
    assert "entry" not in json.loads(client.app_store(ours, 1, country="lt").body)["feed"]
    beyond = client.app_store(ours, 11)
    assert (beyond.status, beyond.body) == (200, "CustomerReviews RSS page depth is limited to 10")


def test_hostile_texts_stay_text(client: Client) -> None:
    for brand in BRANDS:
        for answer in client.shop_pages(brand):
            assert "<script>alert" not in answer.body
            # What opens a script is the page's own JSON-LD.
            assert answer.body.count("<script") == answer.body.count("</script>") <= 1


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/shop/other/reviews",
        "/shop/parus/reviews?page=99",
        "/shop/parus/reviews?page=x",
    ],
)
def test_unknown_page_is_404(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_robots_and_front_page(client: Client) -> None:
    assert "Allow: /" in client.get("/robots.txt").body
    links = re.findall(r'href="([^"]+)"', client.get("/").body)
    assert len(links) == 6
    assert {client.get(link).status for link in links} == {200}


def test_taken_port_is_an_error(client: Client) -> None:
    with DemoSite() as site, pytest.raises(OSError, match="in use"):
        DemoSite(int(site.base_url.rpartition(":")[2]))
