"""VK beyond what all sources have in common: searches, comments, errors that pass, old answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.errors import ArgumentError
from crawlers.items import ParseContext
from crawlers.parameters import VkParameters, read_arguments
from crawlers.parsers.vk import parse_page
from mention import Mention
from tests.contract.sources import vk
from tests.contract.sources.crawls import crawl, ended, serve, wanted
from tests.contract.sources.kit import Source
from tests.contract.sources.mutate import mutate
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route


def check_records(source: Source, numbers: range, server: Loopback) -> None:
    crawled = crawl(source, server, store_author_names=True)
    ended(crawled)
    assert crawled.rejects == []
    expected = wanted(source, numbers)
    assert {one.id for one in crawled.mentions} == expected.keys()
    assert len(crawled.mentions) == len(expected)
    for one in crawled.mentions:
        shown = one.model_dump()
        assert {name: shown[name] for name in expected[one.id]} == expected[one.id]


def asked_of(server: Loopback, method: str) -> list[dict[str, str]]:
    return [
        {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        for path in server.paths
        if urlsplit(path).path == method
    ]


def test_search_goes_on_where_the_thousand_ends() -> None:
    numbers = range(700)
    with serve(vk.search(numbers, most=250)) as server:
        # The look-alike gives 250 posts a search where VK gives a thousand.
        def shifted(asked: Asked, _before: int, answer: Answer) -> Answer:
            body = json.loads(answer.body)
            body["response"]["total_count"] += 750
            return Answer(json.dumps(body), content_type=answer.content_type)

        server.change = shifted
        check_records(vk.SEARCH, numbers, server)
        ends = [one.get("end_time") for one in asked_of(server, vk.SEARCH_METHOD)]
    assert len(set(ends)) > 2


def test_search_begins_where_the_user_says() -> None:
    numbers = range(30)
    with serve(vk.search(numbers)) as server:
        crawled = crawl(
            Source(**{**vars(vk.SEARCH), "arguments": {"query": "Парус", "since": "2026-03-27"}}),
            server,
        )
        (asked,) = asked_of(server, vk.SEARCH_METHOD)
    assert asked["start_time"] == "1774569600"
    assert asked["q"] == "Парус"
    assert crawled.mentions
    assert all(one.published_at and one.published_at.year == 2026 for one in crawled.mentions)


def test_comments_are_read_with_the_answers_that_are_not_shown() -> None:
    numbers = range(500)
    with serve(vk.comments(numbers)) as server:
        check_records(vk.COMMENTS, numbers, server)
        asked = asked_of(server, vk.COMMENTS_METHOD)
    assert len([one for one in asked if "comment_id" not in one]) == 2
    assert all(one["preview_length"] == "0" and one["need_likes"] == "1" for one in asked)


@pytest.mark.parametrize("source", [vk.SEARCH, vk.COMMENTS], ids=["search", "comments"])
def test_damaged_answers(source: Source) -> None:
    assert mutate(source, 150)["mentions"]


def discussed(comments: Route) -> dict[str, Route]:
    """A wall whose first two posts have comments."""
    posts = [vk.post(0), vk.post(9)]
    for one in posts:
        one["comments"] = {"count": 3}
    return {vk.WALL: vk.answered([*posts, vk.post(10)]), vk.COMMENTS_METHOD: comments}


def of_the_wall(routes: dict[str, Route]) -> Crawled:
    source = Source(**{**vars(vk.SOURCE), "arguments": {"owner_id": "-104", "comments": "true"}})
    with serve(routes) as server:
        return crawl(source, server)


def test_comments_of_found_posts() -> None:
    def comments(asked: Asked, _before: int) -> Answer:
        post = int(parse_qs(urlsplit(asked.path).query)["post_id"][0])
        one = {"id": post + 1_000_000, "from_id": 5, "date": 1_774_000_000, "text": "Согласны"}
        return vk.answered([one], current_level_count=1)

    crawled = of_the_wall(discussed(comments))
    ended(crawled)
    kinds = [one.kind for one in crawled.mentions]
    assert kinds == ["post", "post", "post", "comment", "comment"]
    assert {one.parent_id for one in crawled.mentions[3:]} == {"vk:-104_90000", "vk:-104_89991"}


def test_closed_comments_are_no_failure() -> None:
    closed = vk.refusal(212, "Access to post comments denied")
    crawled = of_the_wall(discussed(closed))
    ended(crawled)
    assert len(crawled.mentions) == 3
    assert crawled.summary is not None
    assert crawled.summary.counts["comments_closed"] == 2


def test_closed_comments_that_were_asked_for_are() -> None:
    closed: Route = vk.refusal(212, "Access to post comments denied")
    with serve({vk.COMMENTS_METHOD: closed}) as server:
        assert "Access to post comments denied" in ended(crawl(vk.COMMENTS, server), "failed")


def test_too_many_requests_a_second_are_waited_for() -> None:
    busy = vk.refusal(6, "Too many requests per second")
    with serve({vk.WALL: [busy, busy, vk.answered([vk.post(0)])]}) as server:
        crawled = crawl(vk.SOURCE, server)
        times = [asked.at for asked in server.asked]
    ended(crawled)
    assert len(crawled.mentions) == 1
    assert times[1] - times[0] > 0.9


def test_who_is_always_too_fast_is_told() -> None:
    with serve({vk.WALL: vk.refusal(6, "Too many requests per second")}) as server:
        message = ended(crawl(vk.SOURCE, server), "failed")
        assert len(server.asked) == 5
    assert "Too many requests per second (error 6)" in message


def test_pictures_that_are_repeated_do_not_hold_the_crawl() -> None:
    pictures = vk.answered([vk.post(vk.PICTURE)], count=1_000_000)
    with serve({vk.WALL: pictures}) as server:
        ended(crawl(vk.SOURCE, server))
        assert len(server.asked) == 2


def test_words_are_looked_for_on_a_wall() -> None:
    source = Source(**{**vars(vk.SOURCE), "arguments": {"owner_id": "parus", "query": "кофе"}})
    with serve({"/method/wall.search": vk.answered([vk.post(0)])}) as server:
        assert len(crawl(source, server).mentions) == 1
        (asked,) = asked_of(server, "/method/wall.search")
    assert (asked["domain"], asked["query"]) == ("parus", "кофе")


def test_answers_of_old_versions() -> None:
    old = {
        "response": [
            2,
            {
                "cid": 31,
                "uid": 9,
                "date": 1_400_000_000,
                "text": "Чай<br>&quot;Парус&quot;",
                "reply_to_cid": 7,
            },
            {"cid": 32, "uid": 9, "date": 1_400_000_100, "text": "[id9|Вера], спасибо"},
        ]
    }
    url = "https://api.vk.com/method/wall.getComments?owner_id=-104&post_id=7000"
    found = list(parse_page(json.dumps(old), url, ParseContext("vk")))
    assert [
        (one.id, one.text, one.parent_id, one.kind) for one in found if isinstance(one, Mention)
    ] == [
        ("vk:-104_31", 'Чай\n"Парус"', "vk:-104_7", "comment"),
        ("vk:-104_32", "Вера, спасибо", "vk:-104_7000", "comment"),
    ]


def test_search_gives_comments_too() -> None:
    reply = vk.post(0) | {"post_type": "reply", "post_id": 12, "parents_stack": [15]}
    url = "https://api.vk.com/method/newsfeed.search?q=a"
    body = json.dumps({"response": {"items": [reply], "count": 1}})
    (one,) = parse_page(body, url, ParseContext("vk"))
    assert isinstance(one, Mention)
    assert (one.kind, one.parent_id) == ("comment", "vk:-104_15")
    assert one.url == "https://vk.com/wall-104_12?reply=90000"


@settings(deadline=None)
@given(st.text("аб []|:@#club0123id-/.htps", max_size=60))
def test_any_text_is_read(text: str) -> None:
    record = {"id": 1, "owner_id": 2, "text": text}
    body = json.dumps({"response": {"items": [record]}})
    for one in parse_page(body, "https://api.vk.com/method/wall.get", ParseContext("vk")):
        assert isinstance(one, Mention) or "no text" in one.reason
        assert not isinstance(one, Mention) or len(one.text) <= len(text)


@pytest.mark.parametrize(
    ("given", "owner"),
    [
        ("club104", "-104"),
        ("https://vk.com/public104", "-104"),
        ("-104", "-104"),
        ("id7", "7"),
        ("@parus_cafe", "parus_cafe"),
        ("https://m.vk.ru/parus.cafe", "parus.cafe"),
    ],
)
def test_a_wall_is_named_as_people_name_it(given: str, owner: str) -> None:
    assert read_arguments("vk", VkParameters, {"owner_id": given}).owner_id == owner


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "needs the argument 'query' or 'owner_id'"),
        ({"owner_id": "две стены"}, "not what follows vk.com/"),
        ({"owner_id": "parus", "post_id": "5"}, "number of the wall's owner"),
        ({"owner_id": "-104", "post_id": "x"}, "number at the end of a post's address"),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        read_arguments("vk", VkParameters, arguments)
