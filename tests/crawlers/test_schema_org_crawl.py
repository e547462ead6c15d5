"""The schema.org spider on a real server: pagers, robots, incremental runs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import html as lxml_html

from crawlers.parsers.pager import next_page, page_number, robots_directives
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback

SHOP = "https://shop.example.org"


def reviews(numbers: Any, *, product: str | None = "Чайник", dated: bool = True) -> str:
    """A script with reviews; the lower the number, the newer."""
    first = date(2026, 6, 1)
    marked = [
        {
            "@type": "Review",
            "author": f"Автор {number}",
            "reviewBody": f"Отзыв номер {number}",
            "reviewRating": {"ratingValue": 1 + number % 5},
        }
        | ({"datePublished": f"{first - timedelta(days=number)}"} if dated else {})
        for number in numbers
    ]
    thing = {"@type": "Product", "review": marked} | ({"name": product} if product else {})
    return f'<script type="application/ld+json">{json.dumps(thing, ensure_ascii=False)}</script>'


def page(body: str, links: str = "", head: str = "") -> Answer:
    return Answer(f"<html><head>{head}</head><body>{body}{links}</body></html>")


def texts(crawled: crawl_process.Crawled) -> list[int]:
    return sorted(int(one.text.split()[-1]) for one in crawled.mentions)


def test_every_kind_of_pager_in_one_crawl() -> None:
    routes = {
        # rel=next in the head, absolute and on the platform's own host
        "/head": page(reviews(range(10)), head=f'<link rel="next" href="{SHOP}/head?page=2">'),
        "/head?page=2": page(reviews(range(10, 20)), head='<link rel="next" href="/head?page=3">'),
        "/head?page=3": page(reviews(range(20, 25)), '<a rel="prev next" href="/head">again</a>'),
        # numbered links without rel; the order of the links must not matter
        "/list/": page(
            reviews(range(30, 40)), '<a href="/list/page/3/">3</a><a href="page/2/">2</a>'
        ),
        "/list/page/2/": page(reviews(range(40, 50)), '<a href="/list/page/3/">3</a>'),
        "/list/page/3/": page(reviews(range(50, 55)), '<a href="/list/">1</a>'),
        # pages that are counted from zero
        "/zero?id=5": page(
            reviews(range(60, 65)), '<a href="?id=5&page=1">2</a><a href="?id=5&page=2">3</a>'
        ),
        "/zero?id=5&page=1": page(reviews(range(65, 70)), '<a href="?page=2&id=5">3</a>'),
        "/zero?page=2&id=5": page(reviews(range(70, 75))),
        # a blog's next article says rel=next too, a pager to another site is not followed
        "/blog/one": page(reviews([80]), '<a rel="next" href="/blog/two">next article</a>'),
        "/blog/two": page(reviews([81], product="Утюг")),
        "/away": page(
            reviews([85]), '<a rel="next" href="https://other.example.net/away?page=2">2</a>'
        ),
        # the next page does not exist; another has the same reviews for ever
        "/short": page(reviews([90]), '<a rel="next" href="/short?page=2">2</a>'),
        "/loop": page(reviews([95]), '<a rel="next" href="/loop?page=2">2</a>'),
        "/loop?page=2": page(reviews([95]), '<a rel="next" href="/loop?page=3">3</a>'),
    }
    starts = ["/head", "/list/", "/zero?id=5", "/blog/one", "/away", "/short", "/loop"]
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "schema_org", url=",".join(SHOP + path for path in starts), base_url=server.url
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished", crawled.summary
    expected = [*range(25), *range(30, 55), *range(60, 75), 80, 85, 90, 95]
    assert texts(crawled) == expected
    asked = set(server.paths)
    assert "/loop?page=3" not in asked
    assert not [path for path in asked if "away?page" in path]
    # What is stored names the site, not the server it was replayed from.
    assert all(str(one.url).startswith(SHOP) for one in crawled.mentions)
    assert "127.0.0.1" not in "".join(one.model_dump_json() for one in crawled.mentions)


def test_robots_are_obeyed() -> None:
    secret = page(reviews(range(40, 50)))
    routes = {
        "/robots.txt": Answer(
            "User-agent: *\nDisallow: /private\n\nUser-agent: molva\nDisallow: /not-for-molva\n"
            "Allow: /\n",
            content_type="text/plain",
        ),
        "/not-for-molva": secret,
        "/noindex": page(reviews([20]), head='<meta name="robots" content="noindex">'),
        "/header": Answer(
            f"<html><body>{reviews([25])}</body></html>", headers={"X-Robots-Tag": "noindex"}
        ),
        "/nofollow": page(
            reviews([1]),
            '<a rel="next" href="/nofollow?page=2">2</a>',
            '<meta name="ROBOTS" content="index, NOFOLLOW">',
        ),
        "/nofollow?page=2": secret,
        "/link": page(reviews([2]), '<a rel="next nofollow" href="/link?page=2">2</a>'),
        "/link?page=2": secret,
        # The second page is not to be stored, but the third may be.
        "/middle": page(reviews([3]), '<a rel="next" href="/middle?page=2">2</a>'),
        "/middle?page=2": page(
            reviews([30]),
            '<a rel="next" href="/middle?page=3">3</a>',
            '<meta name="robots" content="noindex, follow">',
        ),
        "/middle?page=3": page(reviews([4])),
    }
    starts = ["/not-for-molva", "/noindex", "/header", "/nofollow", "/link", "/middle"]
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "schema_org", url=",".join(SHOP + path for path in starts), base_url=server.url
        )
    assert crawled.summary is not None
    assert texts(crawled) == [1, 2, 3, 4]
    assert "/not-for-molva" not in server.paths
    assert server.paths.count("/robots.txt") == 1
    assert crawled.summary.outcome == "failed"
    assert "2 more" in str(crawled.summary.message)
    assert crawled.summary.problems["pages_noindex"] == 3
    name = server.asked[-1].headers["User-Agent"]
    assert name.startswith("Molva/")


def test_second_run_stops_where_dates_say_newest_first() -> None:
    def site(numbers: list[int], dated: bool = True) -> dict[str, Any]:
        pages = {}
        for number in range(1, 9):
            part = numbers[10 * number - 10 : 10 * number]
            link = f'<a rel="next" href="/r?page={number + 1}">→</a>' if number < 8 else ""
            path = "/r" if number == 1 else f"/r?page={number}"
            pages[path] = page(reviews(part, dated=dated), link)
        return pages

    arguments = {"url": SHOP + "/r"}
    with Loopback(site(list(range(1, 81)))) as server:
        first = crawl_process.run("schema_org", base_url=server.url, **arguments)
        assert texts(first) == list(range(1, 81))
        server.forget()
        server.routes = site([0, *range(1, 80)])
        second = crawl_process.run(
            "schema_org",
            base_url=server.url,
            stored=first.stored,
            options={"state": first.state},
            **arguments,
        )
        assert second.summary is not None
        assert second.summary.stop_reason == "known"
        assert [one.text for one in second.mentions if one.id not in first.stored] == [
            "Отзыв номер 0"
        ]
        assert len([path for path in server.paths if path.startswith("/r?")]) == 3
        # Sorted by usefulness: something new may stand anywhere, so all is read.
        server.routes = site([*range(80, 40, -1), *range(40), 99])
        third = crawl_process.run(
            "schema_org",
            base_url=server.url,
            stored=first.stored,
            options={"state": second.state},
            **arguments,
        )
        assert third.summary is not None
        assert third.summary.stop_reason == "end"
        assert third.summary.pages == 8


def test_page_limit_and_address_that_is_no_page() -> None:
    routes = {
        "/r": page(reviews([0]), '<a rel="next" href="/r?page=2">2</a>'),
        "/r?page=2": page(reviews([1]), '<a rel="next" href="/r?page=3">3</a>'),
        "/r?page=3": page(reviews([2])),
        "/none": page("<p>Отзывов нет</p>"),
        "/file.pdf": Answer(b"%PDF-1.4", content_type="application/pdf"),
    }
    with Loopback(dict(routes)) as server:
        urls = f"{server.url}/r, {server.url}/none , {server.url}/file.pdf"
        crawled = crawl_process.run("schema_org", url=urls, max_pages="2", location="Тверь")
    assert crawled.summary is not None
    assert texts(crawled) == [0, 1]
    assert {one.location for one in crawled.mentions} == {"Тверь"}
    assert crawled.summary.outcome == "failed"
    assert "not a web page" in str(crawled.summary.message)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ('<a href="?page=2">2</a>', "?page=2"),
        ('<a href="?PAGEN_1=2">2</a>', "?PAGEN_1=2"),
        ('<a href="reviews-2.html">2</a>', SHOP + "/reviews-2.html"),
        ('<a href="?page=3">3</a>', None),
        ('<a href="?page=2&sort=old">2</a>', None),
        ('<a href="/elsewhere?page=2">2</a>', None),
        ('<a href="javascript:next()" rel="next">2</a>', None),
        ('<a rel="next" href="?offset=10">→</a>', "?offset=10"),
        (
            '<base href="/other/"><a rel="next" href="?p=2">→</a>',
            "https://shop.example.org/other/?p=2",
        ),
    ],
)
def test_next_page(links: str, expected: str | None) -> None:
    url = SHOP + "/reviews"
    tree = lxml_html.fromstring(f"<html><head></head><body>{links}</body></html>")
    found = next_page(tree, url)
    assert found == (url + expected if expected and expected.startswith("?") else expected)


def test_page_number_of_an_address() -> None:
    numbers = {
        "/reviews": None,
        "/reviews?page=7": 7,
        "/reviews/page/3/": 3,
        "/reviews/page-3": 3,
        "/reviews-3.html": 3,
        "/p/123456": None,
        "/reviews?page=all": None,
    }
    assert {path: page_number(SHOP + path).number for path in numbers} == numbers


def test_robots_header_of_another_robot_is_not_ours() -> None:
    assert robots_directives(None, ["googlebot: noindex", "max-snippet: 50"]) == frozenset()
    assert "noindex" in robots_directives(None, ["nofollow, noindex"])
    assert "noindex" in robots_directives(None, ["molva: noindex"])
    assert robots_directives(None, ["none"]) >= {"noindex", "nofollow"}
