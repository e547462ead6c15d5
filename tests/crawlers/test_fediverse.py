"""Mastodon and Lemmy beyond what all sources have in common: every list that can be asked for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.errors import ArgumentError
from crawlers.items import ParseContext
from crawlers.keys import MissingKeyError
from crawlers.parsers import lemmy, mastodon
from crawlers.parsers.fediverse import global_id
from crawlers.run import check
from crawlers.text import markdown_text
from mention import Mention
from tests.contract.sources.mastodon import HOST, record
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route

TOKEN = "a-token-of-the-look-alike"
TIMELINE = "/api/v1/timelines/tag/parus"


def answer(value: object) -> Answer:
    return Answer(json.dumps(value), content_type="application/json")


def in_turn(*answers: Answer) -> Route:
    """Return a route that gives each answer once, whatever the query is, and keeps the last."""
    left = list(answers)
    return lambda _asked, _before: left.pop(0) if len(left) > 1 else left[0]


def query_of(asked: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}


def crawl(spider: str, server: Loopback, instance: str = HOST, **arguments: Any) -> Crawled:
    crawled = crawl_process.run(spider, instance=instance, base_url=server.url, **arguments)
    if crawled.error is not None:
        raise crawled.error
    assert crawled.summary is not None
    return crawled


def message(crawled: Crawled, outcome: str = "finished") -> str:
    assert crawled.summary is not None
    assert crawled.summary.outcome == outcome
    return str(crawled.summary.message)


# --- Mastodon ---------------------------------------------------------------------------


def test_each_hashtag_is_a_list_and_without_one_everything_is_read() -> None:
    other = "/api/v1/timelines/tag/%D0%B2%D0%B5%D1%82%D0%B5%D1%80"
    everything = "/api/v1/timelines/public"
    routes: dict[str, Route] = {
        TIMELINE: in_turn(answer([record(0)]), answer([])),
        other: in_turn(answer([record(0), record(1)]), answer([])),
        everything: in_turn(answer([record(7)]), answer([record(4)]), answer([])),
    }
    with Loopback(routes) as server:
        tagged = crawl("mastodon", server, tag="#parus, ветер")
        public = crawl("mastodon", server, instance="https://Toot.example/about")
    assert len(tagged.stored) == 2
    assert tagged.state.keys() == {HOST + TIMELINE, HOST + other}
    # A proxy has dropped the Link header, and nothing on the first page is public.
    assert [one.kind for one in public.mentions] == ["post"]
    asked = [query_of(path).get("max_id") for path in server.paths if path.startswith(everything)]
    assert asked == [None, record(7)["id"], record(4)["id"]]
    assert public.summary is not None
    assert public.summary.problems == {"posts_not_public": 1}


def test_a_search_and_the_mentions_of_an_account_carry_its_token() -> None:
    def found(asked: Asked, _before: int) -> Answer:
        part = [record(4)] if query_of(asked.path).get("offset") else [record(0), record(1)]
        done = query_of(asked.path).get("offset") == "80"
        return answer({"accounts": [], "statuses": [] if done else part, "hashtags": []})

    direct = record(9) | {"visibility": "direct"}
    told = [
        {"id": "5", "type": "mention", "account": {}, "status": one} for one in (record(5), direct)
    ]
    routes: dict[str, Route] = {
        "/api/v2/search": found,
        "/api/v1/notifications": in_turn(answer(told), answer([])),
    }
    with Loopback(routes) as server:
        crawled = crawl("mastodon", server, query="парус", mentions="true", token=TOKEN)
    assert len(crawled.mentions) == 4
    assert TOKEN not in json.dumps(crawled.state)
    assert {one.headers["Authorization"] for one in server.asked} == {f"Bearer {TOKEN}"}
    assert query_of(server.paths[0])["type"] == "statuses"
    notifications = [query_of(one) for one in server.paths if "notifications" in one]
    assert [one.get("max_id") for one in notifications] == [None, "5"]
    assert notifications[0]["types[]"] == "mention"


@pytest.mark.parametrize("arguments", [{"query": "x"}, {"mentions": "true"}])
def test_what_needs_a_token_is_not_asked_for_without_one(arguments: dict[str, str]) -> None:
    with pytest.raises(MissingKeyError, match="MOLVA_MASTODON_TOKEN"):
        check("mastodon", {"instance": HOST, **arguments})
    check("mastodon", {"instance": HOST, "tag": "parus"})


def test_an_old_post_may_have_new_answers() -> None:
    old, new = record(200), record(0)
    routes: dict[str, Route] = {
        f"/api/v1/statuses/{old['id']}": answer(old),
        f"/api/v1/statuses/{old['id']}/context": answer({"ancestors": [], "descendants": [new]}),
    }
    with Loopback(routes) as server:
        address = f"https://{HOST}/@jurininkas200/{old['id']}"
        crawled = crawl("mastodon", server, post=address, since="2026-03-20")
        assert len(server.asked) == 2
    assert [one.published_at for one in crawled.mentions] == [
        datetime.fromisoformat(new["created_at"])
    ]
    assert crawled.state == {}


def test_an_instance_for_members_says_what_to_do() -> None:
    refusal = '{"error": "This method requires an authenticated user"}'
    with Loopback({TIMELINE: Answer(refusal, 422)}) as server:
        crawled = crawl("mastodon", server, tag="parus")
    assert "authenticated user" in message(crawled, "failed")
    assert "MOLVA_MASTODON_TOKEN" in message(crawled, "failed")


def test_a_name_without_a_display_name() -> None:
    context = ParseContext("mastodon", {}, AuthorPolicy(b"salt", store_names=True))
    status = record(0)
    status["account"] |= {"display_name": "", "acct": "vardas@kitur.example"}
    body = json.dumps([status, record(3)])
    first, second = mastodon.parse_page(body, "https://x.example", context, host=HOST)
    assert isinstance(first, Mention)
    assert isinstance(second, Mention)
    assert first.author_name == "jurininkas0"
    # The same account, seen from its own server.
    status["account"]["acct"] = "vardas"
    (own,) = mastodon.parse_page(json.dumps([status]), "x", context, host="kitur.example")
    assert isinstance(own, Mention)
    assert own.author_id == first.author_id != second.author_id


# --- Lemmy ------------------------------------------------------------------------------


def view(kind: str, number: int, day: int, **more: Any) -> dict[str, Any]:
    published = more.pop("published", f"2026-03-{day:02}T10:00:00Z")
    thing = {"id": number, "published": published, "ap_id": f"https://l.example/{kind}/{number}"}
    texts = {"name": f"post {number}"} if kind == "post" else {"content": f"comment {number}"}
    return {kind: thing | texts | more, "creator": {"name": f"vardas{number}"}}


def test_version_4_is_asked_where_there_is_no_version_3() -> None:
    post, comment = view("post", 1, 20), view("comment", 2, 19, path="0.9.2")
    post["post"]["published_at"] = post["post"].pop("published")
    post["post"] |= {"upvotes": 12, "language_id": 37}
    first = {
        "search": [
            {"type_": "post", **post},
            {"type_": "community", "community": {}},
            {"type_": "comment", **comment},
        ],
        "next_page": "P2",
    }
    second = {"posts": [view("post", 3, 18)], "comments": [], "next_page": "P2"}
    routes: dict[str, Route] = {"/api/v4/search": in_turn(answer(first), answer(second))}
    with Loopback(routes) as server:
        crawled = crawl("lemmy", server, query="парус", community="paslaugos@l.example")
    assert message(crawled) == "None"
    assert {one.id: one.likes for one in crawled.mentions} == {
        "lemmy:l.example/post/1": 12,
        "lemmy:l.example/comment/2": None,
        "lemmy:l.example/post/3": None,
    }
    assert [urlsplit(path).path for path in server.paths] == ["/api/v3/search"] + [
        "/api/v4/search"
    ] * 2
    asked = [query_of(path) for path in server.paths]
    assert asked[0] | {"q": "парус", "type_": "All", "sort": "New"} == asked[0]
    assert asked[1] | {"search_term": "парус", "type_": "all", "sort": "new"} == asked[1]
    assert {one["community_name"] for one in asked} == {"paslaugos@l.example"}
    assert asked[2]["page_cursor"] == "P2"


def test_a_community_has_posts_and_comments() -> None:
    comments = {"comments": [view("comment", 5, 20, path="0.5", post_id=1)]}
    routes: dict[str, Route] = {
        "/api/v3/post/list": in_turn(
            answer({"posts": [view("post", 1, 20)]}), answer({"posts": []})
        ),
        "/api/v3/comment/list": in_turn(answer(comments), answer({"comments": []})),
    }
    with Loopback(routes) as server:
        crawled = crawl("lemmy", server, community="paslaugos")
    parents = {one.id: one.parent_id for one in crawled.mentions}
    # The post itself is not in the comment's record: its address here is the best that is known.
    assert parents == {
        "lemmy:l.example/post/1": None,
        "lemmy:l.example/comment/5": f"lemmy:{HOST}/post/1",
    }
    pages = [(urlsplit(path).path, query_of(path).get("page")) for path in server.paths]
    assert sorted(pages, key=str) == [
        ("/api/v3/comment/list", "2"),
        ("/api/v3/comment/list", None),
        ("/api/v3/post/list", "2"),
        ("/api/v3/post/list", None),
    ]


@pytest.mark.parametrize(("far", "near"), [("post", "comment"), ("comment", "post")])
def test_of_two_kinds_the_one_that_reaches_less_far_back_comes_last(far: str, near: str) -> None:
    body = {
        f"{far}s": [view(far, number, 28 - number) for number in (1, 20)],
        f"{near}s": [view(near, number, 28 - number) for number in (2, 3, 4)],
    }
    items = lemmy.parse_page(json.dumps(body), "x", ParseContext("lemmy"), host="l.example")
    kinds = [one.kind for one in items if isinstance(one, Mention)]
    assert kinds == [far] * 2 + [near] * 3


def test_an_unknown_community_is_told_in_the_words_of_lemmy() -> None:
    said = Answer('{"error": "couldnt_find_community"}', 404, content_type="application/json")
    with Loopback({"/api/v3/search": said}) as server:
        crawled = crawl("lemmy", server, query="парус", community="nera")
        assert len(server.asked) == 1
    assert "couldnt_find_community" in message(crawled, "failed")
    assert "check instance and community" in message(crawled, "failed")
    with pytest.raises(ArgumentError, match="lemmy needs the argument 'query' or 'community'"):
        check("lemmy", {"instance": HOST})


# --- what both use ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://A.example/users/jonas/statuses/17", "a.example/17"),
        ("https://a.example/ap/users/116/statuses/17", "a.example/17"),
        ("https://a.example/objects/0b5e", "a.example/objects/0b5e"),
        ("https://a.example/notes/9x?y=1", "a.example/notes/9x?y=1"),
        ("tag:a.example,2017:objectId=4", "here/7"),
        (None, "here/7"),
        (17, "here/7"),
    ],
)
def test_ids_are_the_same_everywhere_and_name_nobody(address: object, expected: str) -> None:
    assert global_id(address, "here/7") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Ждал **час**, [тут](https://x.example)", "Ждал час, тут"),
        ("one\ntwo\n\nthree\\\nfour", "one two\n\nthree\nfour"),
        ("* a\n* b\n\n~~c~~ `d < e`", "a\nb\n\nc d < e"),
        ("::: spoiler Pabaiga\nvisi mirė\n:::\n\ntoliau", "Pabaiga\n\nvisi mirė\n\ntoliau"),
        ("5 < 6 &amp; <b>7</b> > 8", "5 < 6 & 7 > 8"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"),
        ("- " * 300 + "giliai", "giliai"),
        ("", ""),
    ],
)
def test_markdown(source: str, expected: str) -> None:
    assert (
        markdown_text(source).endswith(expected)
        if "giliai" in source
        else (markdown_text(source) == expected)
    )
