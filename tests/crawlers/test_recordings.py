"""Recorded answers of the real platforms, where they are at hand: nothing in them is lost.

They hold texts of real people, so they lie outside the repository. What is expected
is read from them here, with the standard library only.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.importers import import_file
from crawlers.items import ParseContext
from crawlers.parsers import app_store, feed, schema_org
from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.app_store_feed import path
from tests.crawlers.loopback import Answer, Loopback

FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures"

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the recordings are kept outside the repository"
)


def files(folder: str, *patterns: str) -> list[Path]:
    return sorted(one for pattern in patterns for one in (FIXTURES / folder).glob(pattern))


def names(path: Path) -> str:
    return path.name[-40:]


def context(source: str) -> ParseContext:
    return ParseContext(source, {}, AuthorPolicy(b"salt"))


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def squeezed(text: str | None) -> str:
    """A text without markup and white space: the least that must survive."""
    shown = re.sub(r"(?s)<script.*?</script>", "", html.unescape(html.unescape(text or "")))
    return re.sub(r"\s|<[^>]*>", "", shown)


# --- App Store ---------------------------------------------------------------------

APP_STORE = files("app_store_rss", "MishaVyb*.json")


def recorded_reviews(path: Path) -> dict[str, tuple[Any, ...]]:
    entries = json.loads(path.read_bytes())["feed"].get("entry", [])
    return {
        "app_store:" + one["id"]["label"]: (
            float(one["im:rating"]["label"]),
            one["title"]["label"].strip(),
            one["content"]["label"].strip(),
            datetime.fromisoformat(one["updated"]["label"]).astimezone(UTC),
            one["im:version"]["label"],
            int(one["im:voteSum"]["label"]),
        )
        for one in entries
        if "im:rating" in one
    }


def as_recorded(one: Mention) -> tuple[Any, ...]:
    return (one.rating, one.title, one.text, one.published_at, one.version, one.likes)


@pytest.mark.parametrize("recording", APP_STORE, ids=names)
def test_app_store(recording: Path) -> None:
    items = list(
        app_store.parse_page(
            recording.read_bytes(), "https://itunes.apple.com/", context("app_store"), country="us"
        )
    )
    expected = recorded_reviews(recording)
    assert len(items) == len(expected)
    assert {one.id: as_recorded(one) for one in items if isinstance(one, Mention)} == expected


def test_app_store_crawl() -> None:
    recording = APP_STORE[-1]
    routes = {path(1, "640437525", "us"): Answer(recording.read_bytes())}
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run("app_store", app_id="640437525", base_url=server.url)
    assert {one.id: as_recorded(one) for one in crawled.mentions} == recorded_reviews(recording)


# --- schema.org ------------------------------------------------------------------------

WEB_PAGES = files("schema_org", "*html")


def review_nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        types = value.get("@type")
        if {"Review", "UserReview"} & set(types if isinstance(types, list) else [types]):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from review_nodes(one)


def recorded_page_reviews(path: Path) -> set[tuple[Any, ...]]:
    """Distinct (text, rating, time, author) of a page's reviews."""
    scripts = re.findall(
        r"<script[^>]*ld\+json[^>]*>(.*?)</script>", path.read_text("utf-8"), re.DOTALL
    )
    return {
        (
            squeezed(one.get("reviewBody")),
            float(one["reviewRating"]["ratingValue"]),
            utc(datetime.fromisoformat(one["datePublished"])),
            squeezed(one["author"]["name"]),
        )
        for script in scripts
        for one in review_nodes(json.loads(script, strict=False))
    }


def page_review(one: Mention) -> tuple[Any, ...]:
    return (squeezed(one.text), one.rating, one.published_at, squeezed(one.author_name))


@pytest.mark.parametrize("recording", WEB_PAGES, ids=names)
def test_schema_org(recording: Path) -> None:
    at = ParseContext("schema_org", {}, AuthorPolicy(b"salt", store_names=True))
    items = list(schema_org.parse_page(recording.read_bytes(), "https://x.example/p", at))
    found = [one for one in items if isinstance(one, Mention)]
    expected = recorded_page_reviews(recording)
    assert len(items) == len(found) == len(expected)
    assert {page_review(one) for one in found} == expected
    assert len({one.id for one in found}) == len(expected)


def test_schema_org_crawl() -> None:
    routes = {f"/{n}": Answer(one.read_bytes()) for n, one in enumerate(WEB_PAGES)}
    with Loopback(dict(routes)) as server:
        urls = ",".join(f"https://recorded.example{name}" for name in routes)
        crawled = crawl_process.run("schema_org", url=urls, base_url=server.url)
    assert len(crawled.stored) == sum(len(recorded_page_reviews(one)) for one in WEB_PAGES)
    assert crawled.rejects == []


# --- feeds ------------------------------------------------------------------------------

FEEDS = files("rss_atom", "*.xml", "*.atom", "*.rss")
ATOM = "{http://www.w3.org/2005/Atom}"


def recorded_entries(path: Path) -> list[tuple[str, datetime | None, str]]:
    """(title, time, the end of the id) of each entry; no time where its zone is impossible."""
    root = ElementTree.fromstring(path.read_bytes())
    entries: list[tuple[str, datetime | None, str]] = []
    for one in root.iter("item"):
        written = (one.findtext("pubDate") or "").replace("EST", "-0500")
        guid = one.findtext("guid") or one.findtext("link") or ""
        possible = not re.search(r"[+-](?:[2-9]\d)\d\d$", written)
        moment = utc(parsedate_to_datetime(written)) if possible else None
        entries.append((squeezed(one.findtext("title")), moment, guid.strip()))
    for one in root.iter(ATOM + "entry"):
        moment = utc(datetime.fromisoformat(str(one.findtext(ATOM + "updated"))))
        guid = str(one.findtext(ATOM + "id"))
        entries.append((squeezed(one.findtext(ATOM + "title")), moment, guid))
    return entries


@pytest.mark.parametrize("recording", FEEDS, ids=names)
def test_feeds(recording: Path) -> None:
    page = feed.read_feed(recording.read_bytes(), "https://x.example/feed", context("rss"))
    expected = recorded_entries(recording)
    found = [one for one in page.items if isinstance(one, Mention)]
    assert len(page.items) == len(found) == len(expected)
    for one, (title, moment, guid) in zip(found, expected, strict=True):
        assert squeezed(one.title) == title
        assert moment is None or one.published_at == moment
        assert one.id.endswith(guid)
    assert len({one.id for one in found}) == len(expected)


def test_feed_texts() -> None:
    """The body is the entry's own: not a picture's caption, not cut, no markup."""
    for recording in FEEDS:
        root = ElementTree.fromstring(recording.read_bytes())
        bodies = [
            one.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
            or one.findtext("description")
            or one.findtext("{http://www.itunes.com/dtds/podcast-1.0.dtd}summary")
            for one in root.iter("item")
        ] or [one.findtext(ATOM + "content") for one in root.iter(ATOM + "entry")]
        items = feed.read_feed(recording.read_bytes(), "https://x.example/f", context("rss")).items
        for one, body in zip(items, bodies, strict=True):
            assert isinstance(one, Mention)
            assert squeezed(one.text) == squeezed(body)


def test_feeds_crawl() -> None:
    routes = {f"/{n}": Answer(one.read_bytes()) for n, one in enumerate(FEEDS)}
    with Loopback(dict(routes)) as server:
        urls = ",".join(f"https://recorded.example{name}" for name in routes)
        crawled = crawl_process.run("rss", url=urls, base_url=server.url)
    assert len(crawled.stored) == sum(len(recorded_entries(one)) for one in FEEDS)
    assert crawled.rejects == []


# --- e-mail -------------------------------------------------------------------------------

MAIL = files("email_mbox", "*.mbox", "*.eml")


@pytest.mark.parametrize("recording", MAIL, ids=names)
def test_mail(recording: Path) -> None:
    content = recording.read_bytes()
    parts = re.split(rb"(?m)^From .*\d{4}$", content)
    parts = [part.lstrip(b"\n") for part in parts if part.strip()]
    items = list(import_file(recording, author_salt="salt"))
    assert len(items) == len(parts)
    for item, part in zip(items, parts, strict=True):
        assert isinstance(item, Mention)
        message = message_from_bytes(part)
        if message_id := (message["Message-ID"] or "").strip("<> "):
            assert item.id == "import:" + message_id
        bodies = [one for one in message.walk() if one.get_content_type() == "text/plain"]
        payload = bodies[0].get_payload(decode=True)
        assert isinstance(payload, bytes)
        words = Counter(re.findall(r"[a-zA-Z]{4,}", payload.decode("latin-1")))
        assert words == Counter(re.findall(r"[a-zA-Z]{4,}", item.text))
