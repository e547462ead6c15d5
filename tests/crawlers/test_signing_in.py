"""Bluesky and Reddit beyond what all sources have in common: tokens, feeds, and threads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Response

from crawlers.errors import ArgumentError
from crawlers.keys import MissingKeyError
from crawlers.middlewares import retry_after
from crawlers.run import check
from tests.contract.sources import bluesky, reddit
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route


def answer(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value), status, content_type="application/json")


def crawl(spider: str, routes: dict[str, Route], **arguments: Any) -> tuple[Crawled, list[Asked]]:
    with Loopback(routes) as server:
        crawled = crawl_process.run(spider, base_url=server.url, **arguments)
        asked = list(server.asked)
    if crawled.error is not None:
        raise crawled.error
    assert crawled.summary is not None
    return crawled, asked


def message(crawled: Crawled, outcome: str) -> str:
    assert crawled.summary is not None
    assert crawled.summary.outcome == outcome
    return str(crawled.summary.message)


# --- tokens -----------------------------------------------------------------------------


def test_a_token_that_expires_is_replaced_once() -> None:
    def session(asked: Asked, before: int) -> Answer:
        return answer({"accessJwt": f"token-number-{before}"})

    def page(asked: Asked, before: int) -> Answer:
        if asked.headers["Authorization"] == "Bearer token-number-0" and "cursor" in asked.path:
            return answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        view = bluesky.view(1 if "cursor" in asked.path else 0)
        return answer(
            {"posts": [view]} if "cursor" in asked.path else {"posts": [view], "cursor": "1"}
        )

    routes: dict[str, Route] = {f"POST {bluesky.SESSION}": session, bluesky.SEARCH: page}
    crawled, asked = crawl("bluesky", routes, query="парус")
    assert message(crawled, "finished") == "None"
    assert len(crawled.mentions) == 2
    assert len([one for one in asked if one.method == "POST"]) == 2

    gone = answer({"error": "ExpiredToken", "message": "Token has expired"}, 400)
    crawled, asked = crawl("bluesky", routes | {bluesky.SEARCH: gone}, query="парус")
    assert "Token has expired" in message(crawled, "failed")
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("spider", "place", "refusal", "said"),
    [
        (
            "bluesky",
            bluesky.SESSION,
            {"error": "AuthenticationRequired", "message": "Invalid identifier or password"},
            "Invalid identifier or password",
        ),
        ("reddit", reddit.TOKEN, {"message": "Unauthorized", "error": 401}, "401: Unauthorized"),
    ],
)
def test_wrong_keys_and_missing_tokens_are_told(
    spider: str, place: str, refusal: Mapping[str, object], said: str
) -> None:
    crawled, asked = crawl(spider, {f"POST {place}": answer(refusal, 401)}, query="парус")
    assert said in message(crawled, "failed")
    assert len(asked) == 1
    unusable: tuple[object, ...] = ({}, {"access_token": 5}, [], {"accessJwt": "two words"})
    for nothing in unusable:
        crawled, asked = crawl(spider, {f"POST {place}": answer(nothing)}, query="парус")
        assert "gives no token; check the keys" in message(crawled, "failed")
        assert len(asked) == 1


def test_where_nobody_signs_in_pages_are_read_all_the_same() -> None:
    feed: dict[str, Route] = {bluesky.SEARCH: answer({"posts": [bluesky.view(0)]})}
    crawled, asked = crawl("bluesky", feed, query="парус")
    assert len(crawled.mentions) == 1
    assert "Authorization" not in asked[-1].headers


@pytest.mark.parametrize(
    ("spider", "named"),
    [("bluesky", "MOLVA_BLUESKY_IDENTIFIER"), ("reddit", "MOLVA_REDDIT_CLIENT_ID")],
)
def test_keys_are_needed_before_anything_is_asked(spider: str, named: str) -> None:
    with pytest.raises(MissingKeyError, match=named):
        check(spider, {"query": "парус"})
    with pytest.raises(ArgumentError, match=f"{spider} needs the argument 'query' or"):
        check(spider, {"brand": "Парус"})
    check("bluesky", {"author": "parus.example"})


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("RateLimit-Reset", "seconds since 1970", 300),
        ("X-RateLimit-Reset", "date", 300),
        ("x-ratelimit-reset", "300.5", 300),
        ("X-RateLimit-Reset", "2022-11-08T15:30:00.614821Z", 0),
        ("X-RateLimit-Reset", "soon", None),
        ("Retry-After", "300", 300),
    ],
)
def test_a_quota_says_when_to_come_again(name: str, value: str, seconds: float | None) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    written = {"seconds since 1970": f"{soon.timestamp():.0f}", "date": f"{soon:%FT%T.5Z}"}
    value = written.get(value, value)
    told = Response("https://x.example", status=429, headers={name: value})
    assert retry_after(told) == (seconds if seconds is None else pytest.approx(seconds, abs=60))
    read = Response("https://x.example", headers={"X-RateLimit-Reset": "300"})
    assert retry_after(read) is None


# --- Bluesky ----------------------------------------------------------------------------


def test_an_author_s_posts_need_no_session() -> None:
    feed = [
        {"post": bluesky.view(0)},
        {"post": bluesky.view(1), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}},
        {"post": {"uri": "at://gone"}},
    ]

    def page(asked: Asked, _before: int) -> Answer:
        is_second = "cursor" in asked.path
        return answer({"feed": [] if is_second else feed, "cursor": "b" if is_second else "a"})

    routes: dict[str, Route] = {"/xrpc/app.bsky.feed.getAuthorFeed": page}
    crawled, asked = crawl("bluesky", routes, author="@parus.example")
    assert [one.id for one in crawled.mentions] == [
        f"bluesky:{bluesky.address(number)}" for number in (0, 1)
    ]
    assert [one.reason for one in crawled.rejects] == ["a post has no at:// address"]
    assert [one.method for one in asked] == ["GET", "GET"]
    query = parse_qs(urlsplit(asked[1].path).query)
    assert (query["actor"], query["cursor"]) == (["parus.example"], ["a"])


# --- Reddit -----------------------------------------------------------------------------


def comment(number: str, parent: str, replies: Any = "", **more: Any) -> dict[str, Any]:
    data = {
        "id": number,
        "name": f"t1_{number}",
        "parent_id": parent,
        "link_id": "t3_top",
        "subreddit": "vilnius",
        "author": "Svečias",
        "body": f"Comment **{number}**",
        "created_utc": 1774728931.0,
        "score": 3,
        "replies": replies,
    }
    return {"kind": "t1", "data": data | more}


def more(*ids: str) -> dict[str, Any]:
    return {
        "kind": "more",
        "data": {"count": len(ids), "children": list(ids), "parent_id": "t3_top"},
    }


def listing(*children: object) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "children": list(children)}}


def test_comments_below_the_posts_that_a_search_finds() -> None:
    top = {
        "kind": "t3",
        "data": reddit.post(0) | {"id": "top", "name": "t3_top", "num_comments": 999},
    }
    alone = {"kind": "t3", "data": reddit.post(5)}
    hidden = [f"h{number}" for number in range(150)]
    tree = listing(
        comment("a", "t3_top", listing(comment("b", "t1_a"), more("h0"))),
        comment("gone", "t3_top", body="[removed]"),
        more("_", *hidden),
    )

    def children(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        ids = query["children"][0].split(",")
        assert query["link_id"] == ["t3_top"]
        assert len(ids) <= 100
        # Reddit may name again what it was asked for.
        things = [comment(one, "t1_a") for one in ids] + [more(*ids)]
        return answer({"json": {"errors": [], "data": {"things": things}}})

    routes: dict[str, Route] = {
        f"POST {reddit.TOKEN}": answer({"access_token": "a-token"}),
        "/search": answer(listing(top, alone)),
        "/comments/top": answer([listing(top), tree]),
        "/api/morechildren": children,
    }
    crawled, asked = crawl("reddit", routes, query="парус", comments="true")
    assert message(crawled, "finished") == "None"
    ids = [one.id for one in crawled.mentions]
    assert len(ids) == len(set(ids)) == 2 + 2 + 150
    by_id = {one.id: one for one in crawled.mentions}
    assert by_id["reddit:t1_b"].parent_id == "reddit:t1_a"
    assert by_id["reddit:t1_b"].text == "Comment b"
    assert by_id["reddit:t1_b"].url == "https://www.reddit.com/r/vilnius/comments/top/_/b/"
    assert crawled.summary is not None
    assert crawled.summary.problems == {"posts_deleted": 1}
    assert len([one for one in asked if "morechildren" in one.path]) == 2
    assert list(crawled.state) == ["/search?q=%D0%BF%D0%B0%D1%80%D1%83%D1%81&sort=new"]


def test_a_subreddit_s_posts_and_comments() -> None:
    routes: dict[str, Route] = {
        "/r/vilnius/new": answer(listing({"kind": "t3", "data": reddit.post(0)})),
        "/r/vilnius/comments": answer(listing(comment("a", "t1_b"))),
    }
    crawled, _ = crawl("reddit", routes, subreddit="r/vilnius", comments="true")
    assert {one.kind for one in crawled.mentions} == {"post", "comment"}
    crawled, _ = crawl("reddit", routes, subreddit="https://www.reddit.com/r/vilnius/")
    assert {one.kind for one in crawled.mentions} == {"post"}


def test_a_subreddit_that_is_not_there_or_not_for_everybody() -> None:
    elsewhere = "/subreddits/search"
    routes: dict[str, Route] = {
        "/r/nera/new": Answer("", 302, {"Location": f"https://oauth.reddit.com{elsewhere}?q=nera"}),
        elsewhere: answer(listing({"kind": "t5", "data": {"display_name": "neris"}})),
        "/r/uzdara/new": answer({"reason": "private", "message": "Forbidden", "error": 403}, 403),
    }
    crawled, _ = crawl("reddit", routes, subreddit="nera")
    assert "there is no such subreddit" in message(crawled, "failed")
    crawled, _ = crawl("reddit", routes, subreddit="uzdara")
    assert "403: Forbidden: private" in message(crawled, "failed")
