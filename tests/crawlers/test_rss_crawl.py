"""The feed spider on a real server: only what changed is asked for and stored."""

from __future__ import annotations

from pathlib import Path

from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Asked, Loopback

PAGES = Path(__file__).parent / "pages"
SITE = "https://news.example.org"


def rss(numbers: range, older: str | None = None) -> str:
    link = f'<atom:link rel="next" href="{older}"/>' if older else ""
    items = "".join(
        f"<item><title>Новость {n}</title><guid>{SITE}/{n}</guid>"
        f"<description>Текст {n}</description>"
        f"<pubDate>{1 + n % 28:02d} Mar 2026 10:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>x</title>'
        f"{link}{items}</channel></rss>"
    )


def feed(body: str | bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body, content_type="application/rss+xml", headers=named)


def test_unchanged_feed_is_not_sent_again() -> None:
    def conditional(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("If-None-Match") == '"v1"':
            return Answer(status=304)
        return feed(rss(range(3)), ETag='"v1"', Last_Modified="Sun, 01 Mar 2026 10:00:00 GMT")

    arguments = {"url": f"{SITE}/feed"}
    with Loopback({"/feed": conditional}) as server:
        first = crawl_process.run("rss", base_url=server.url, **arguments)
        assert len(first.mentions) == 3
        second = crawl_process.run(
            "rss",
            base_url=server.url,
            stored=first.stored,
            options={"state": first.state},
            **arguments,
        )
        assert second.summary is not None
        assert (second.summary.stop_reason, second.items) == ("not_modified", [])
        assert second.summary.statuses == {304: 1}
        assert server.asked[-1].headers["If-Modified-Since"] == "Sun, 01 Mar 2026 10:00:00 GMT"
        # A run whose items were not stored must not remember the ETag.
        lost = crawl_process.run("rss", base_url=server.url, options={"fail_after": 0}, **arguments)
        assert "disk is full" in str(lost.error)
        again = crawl_process.run(
            "rss", base_url=server.url, options={"state": lost.state}, **arguments
        )
        assert len(again.mentions) == 3


def test_many_feeds_some_of_them_gone_moved_or_broken() -> None:
    routes = {
        "/rss": feed((PAGES / "feed.rss").read_bytes()),
        "/atom": Answer((PAGES / "feed.atom").read_bytes(), content_type="application/atom+xml"),
        "/feed.atom": Answer("", 404),
        "/json": Answer((PAGES / "feed.json").read_bytes(), content_type="application/feed+json"),
        "/cp1251": feed(
            '<?xml version="1.0" encoding="windows-1251"?><rss version="2.0"><channel><item>'
            "<guid>1</guid><title>Очередь</title></item></channel></rss>".encode("cp1251")
        ),
        "/moved": Answer("", 301, {"Location": SITE + "/new"}),
        "/new": feed(rss(range(100, 102))),
        "/gone": Answer("", 410),
        "/page": Answer("<html><body>Not a feed</body></html>"),
    }
    names = ("rss", "atom", "json", "cp1251", "moved", "gone", "page")
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "rss",
            url=",".join(f"{SITE}/{name}" for name in names),
            base_url=server.url,
            brand="Маяк",
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "1 more" in str(crawled.summary.message)
    assert crawled.summary.statuses[410] == 1
    titles = {one.title for one in crawled.mentions}
    assert {"Kavos aparatas", "Pristatymas", "Очередь", "Новость 100", "Двойник"} <= titles
    assert {one.brand for one in crawled.mentions} == {"Маяк"}
    assert len(crawled.mentions) == 7 + 2 + 3 + 1 + 2
    assert len(crawled.rejects) == 1 + 2


def test_older_pages_are_followed_until_they_are_known() -> None:
    routes = {
        "/feed": feed(rss(range(40), "/feed?paged=2")),
        "/feed?paged=2": feed(rss(range(40, 60), "/feed?paged=3")),
        "/feed?paged=3": feed(rss(range(60, 70), "/feed")),  # leads back to the beginning
    }
    arguments = {"url": f"{SITE}/feed"}
    with Loopback(dict(routes)) as server:
        first = crawl_process.run("rss", base_url=server.url, **arguments)
        assert len(first.mentions) == 70
        assert server.paths == ["/feed", "/feed?paged=2", "/feed?paged=3"]
        server.forget()
        second = crawl_process.run(
            "rss",
            base_url=server.url,
            stored=first.stored,
            options={"state": first.state},
            **arguments,
        )
        assert second.summary is not None
        assert (second.summary.stop_reason, server.paths) == ("known", ["/feed"])
        limited = crawl_process.run("rss", base_url=server.url, max_pages="2", **arguments)
        assert len(limited.mentions) == 60
