"""Entries of RSS, Atom and JSON feeds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.items import ParseContext
from crawlers.parsers.feed import FeedPage, parse_page, read_feed
from mention import Mention, Reject

PAGES = Path(__file__).parent / "pages"
URL = "https://news.example.org/feed.xml"


def context() -> ParseContext:
    return ParseContext("rss", {}, AuthorPolicy(b"salt", store_names=True))


def read(body: bytes, url: str = URL, at: ParseContext | None = None) -> FeedPage:
    return read_feed(body, url, at or context())


def mentions(page: FeedPage) -> list[Mention]:
    return [item for item in page.items if isinstance(item, Mention)]


def test_rss() -> None:
    at = context()
    page = read((PAGES / "feed.rss").read_bytes(), at=at)
    first, second, third, fourth, fifth, sixth, seventh = mentions(page)
    (reject,) = (item for item in page.items if isinstance(item, Reject))
    assert first.title == "Маяк & партнёры открыли пункт выдачи"
    assert first.text == "Очередь выросла вдвое.\n\nСотрудники «извинились»."
    assert (first.kind, first.lang, first.author_name) == ("article", "ru", "Анна Лис")
    assert first.published_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert first.updated_at is None
    assert first.url == "https://news.example.org/a/1"
    assert first.id.endswith(":1001")
    # The picture's caption is not the article.
    assert second.text == "Описание статьи"
    assert second.id == "rss:https://news.example.org/a/2"
    assert second.url == "https://news.example.org/a/2"
    assert second.published_at == datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert (third.id, third.published_at) == ("rss:https://news.example.org/a/3", None)
    assert (fourth.kind, fourth.title) == ("post", None)
    assert fourth.text == "Только текст, без заголовка"
    assert fourth.published_at == datetime(2026, 3, 5, tzinfo=UTC)
    assert (fifth.title, fifth.published_at) == ("Дата испорчена", None)
    assert at.problems["date_unreadable"] == 1
    assert [sixth.id, seventh.id] == [
        "rss:https://news.example.org/a/7a",
        "rss:https://news.example.org/a/7b",
    ]
    assert "no text" in reject.reason


def test_atom() -> None:
    page = read((PAGES / "feed.atom").read_bytes(), "https://forumas.example.org/feed.atom")
    first, second = mentions(page)
    assert (first.id, first.lang) == ("rss:tag:forumas.example.org,2026:1", "lt")
    assert first.title == "Kavos aparatas"
    assert first.text == "Sugedo po savaitės.\n\nPakeitė per dvi dienas."
    assert first.url == "https://forumas.example.org/t/1"
    assert first.published_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 3, 6, 10, tzinfo=UTC)
    assert (second.title, second.text) == ("5 < 6 & so on", "Plain summary")
    assert second.published_at == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert page.next_url == "https://forumas.example.org/feed.atom?page=2"


def test_json_feed() -> None:
    at = context()
    page = read((PAGES / "feed.json").read_bytes(), "https://blogas.example.org/feed.json", at)
    first, second, third = mentions(page)
    assert (first.id, first.lang, first.kind) == (
        "rss:https://blogas.example.org/1",
        "lt",
        "article",
    )
    assert first.text == "Siunta atvyko laiku.\n\nAčiū!"
    assert first.published_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 3, 5, 11, tzinfo=UTC)
    assert first.author_name == "Jonas"
    assert (second.kind, second.lang) == ("post", "en")
    assert second.text == "Trumpa žinutė: 3 < 5 & viskas gerai"
    assert second.id.endswith(":17")
    assert third.id == "rss:https://kitur.example.org/x"
    assert len([item for item in page.items if isinstance(item, Reject)]) == 2
    assert page.next_url == "https://blogas.example.org/feed.json?page=2"


def test_id_that_counts_only_in_its_feed_carries_the_feed() -> None:
    body = (
        b"<rss version='2.0'><channel><item><guid>5</guid><title>x</title></item></channel></rss>"
    )
    here, again, there, replayed = (
        mentions(read(body, url))[0].id
        for url in (
            "https://a.example.org/f",
            "http://a.example.org:8080/f",
            "https://b.example.org/f",
            "https://a.example.org/other",
        )
    )
    assert here == again
    assert len({here, there, replayed}) == 3


RSS = (
    "<?xml version='1.0'{}?><rss version='2.0'><channel>"
    "<item><guid>1</guid><title>{}</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("declared", "encoding", "content_type"),
    [
        (" encoding='iso-8859-1'", "iso-8859-1", None),
        (" encoding='windows-1251'", "cp1251", None),
        (" encoding='windows-1251'", "cp1251", "text/xml; charset=windows-1251"),
        (" encoding='utf-16'", "utf-16", None),
        ("", "utf-8", None),
        ("", "utf-8-sig", "application/rss+xml"),
        # Declared windows-1251, sent as UTF-8: the header is right.
        (" encoding='windows-1251'", "utf-8", "application/xml; charset=utf-8"),
        (" encoding='no-such-charset'", "utf-8", None),
    ],
)
def test_encodings(declared: str, encoding: str, content_type: str | None) -> None:
    title = "Zaïn" if "8859" in encoding else "Очередь"
    body = RSS.format(declared, title).encode(encoding)
    items = list(parse_page(body, URL, context(), content_type=content_type))
    assert [one.title for one in items if isinstance(one, Mention)] == [title]


def test_what_broken_xml_still_holds_is_saved() -> None:
    entries = "".join(
        f"<item><guid>{n}</guid><title>Новость {n}</title><description>Текст {n} &nbsp; &amp; "
        "конец</description></item>"
        for n in range(5)
    )
    whole = f"<rss version='2.0'><channel><title>x</title>{entries}</channel></rss>".encode()
    # An entity that XML does not know costs nothing.
    page = read(whole)
    assert [one.title for one in mentions(page)] == [f"Новость {n}" for n in range(5)]
    assert len(page.items) == 5
    # Cut in the middle of the fourth entry: three are whole, and the loss is told.
    cut = read(whole[: whole.index("Текст 3".encode()) + 9])
    assert [one.title for one in mentions(cut)] == [f"Новость {n}" for n in range(3)]
    (reject,) = (item for item in cut.items if isinstance(item, Reject))
    assert "broken" in reject.reason


def test_what_is_no_feed_says_so() -> None:
    for body in (b"<html><body>Hello</body></html>", b'{"a": 1}', b"{}", b"", b"plain"):
        assert not read(body).is_feed
    broken = read(b'{"version": "https://jsonfeed.org/version/1.1", "items": [')
    assert [type(item) for item in broken.items] == [Reject]


def test_body_is_never_taken_for_an_address_or_a_file_name(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(RSS.format("", "тайна"), encoding="utf-8")
    assert mentions(read(str(secret).encode())) == []


def test_next_page_on_another_site_is_not_followed() -> None:
    body = (PAGES / "feed.atom").read_bytes()
    moved = body.replace(b'href="/feed.atom?page=2"', b'href="https://evil.example.net/next"')
    assert read(moved, "https://forumas.example.org/feed.atom").next_url is None
