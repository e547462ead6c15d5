"""Hacker News and Stack Exchange beyond what all sources have in common."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.errors import ArgumentError
from crawlers.run import check
from tests.contract.sources import hackernews, stackexchange
from tests.contract.sources.crawls import crawl, ended, serve, wanted
from tests.contract.sources.kit import Routes, Source
from tests.contract.sources.mutate import mutate
from tests.contract.sources.simulated import simulate
from tests.crawlers.loopback import Answer, Answers, Asked, Loopback, Route
from tests.crawlers.reading import answer, by_id, ids, query_of, read

# --- Hacker News ------------------------------------------------------------------------


def tree(number: int, *children: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number,
        "created_at_i": 1_770_000_000 + number,
        "type": "comment" if number > 1 else "story",
        "author": f"guest{number}",
        "title": "Parus" if number == 1 else None,
        "text": f"Text {number}",
        "points": None,
        "parent_id": 1 if number > 1 else None,
        "children": list(children),
    }


def test_since_is_asked_for_and_a_window_begins_where_the_depth_ends() -> None:
    source, numbers = hackernews.SOURCE, range(1100)
    with serve(source.platform(numbers)) as server:
        crawled = crawl(
            replace(source, arguments={**source.arguments, "since": "2026-03-01"}), server
        )
        asked = [query_of(path) for path in server.paths]
    ended(crawled)
    assert ids(crawled) == {one.partition(":")[2] for one in wanted(source, numbers)}
    assert [one["page"] for one in asked] == [*map(str, range(10)), "0", "1"]
    filters = [one["numericFilters"].split(",") for one in asked]
    assert filters[0] == ["created_at_i>=1772323200"]
    assert filters[10][0] == filters[0][0]
    assert filters[10][1].startswith("created_at_i<")
    assert filters[11] == filters[10]


def test_discussion_is_one_answer_without_what_was_deleted() -> None:
    gone = tree(3) | {"author": None, "text": None}
    option = tree(4) | {"type": "pollopt"}
    below = tree(1, tree(2, gone | {"children": [tree(5)]}), option)
    crawled, paths = read(
        hackernews.SOURCE, {"/api/v1/items/1": answer(below)}, item="https://x.example/item?id=1"
    )
    assert not ended(crawled).startswith("Hacker News")
    assert [one.id for one in crawled.mentions] == ["hackernews:1", "hackernews:2", "hackernews:5"]
    assert crawled.summary is not None
    assert crawled.summary.problems == {"items_deleted": 1}
    assert paths == ["/api/v1/items/1"]


def test_discussion_that_the_search_does_not_know_is_read_item_by_item() -> None:
    items: dict[int, Any] = {
        1: {"id": 1, "type": "story", "by": "a", "title": "Parus", "score": 3, "kids": [2, 3, 4]},
        2: {"id": 2, "type": "comment", "by": "b", "text": "One<p>Two", "parent": 1, "kids": [5]},
        3: {"id": 3, "type": "comment", "deleted": True, "parent": 1, "kids": [6, 1]},
        4: None,
        5: {"id": 5, "type": "comment", "by": "c", "text": "Cold", "parent": 2, "kids": [2]},
        6: {"id": 6, "type": "comment", "by": "d", "text": "[flagged]", "parent": 3, "dead": True},
    }
    routes: Routes = {
        f"/v0/item/{number}.json": answer(one and {"time": 1_770_000_000, **one})
        for number, one in items.items()
    }
    crawled, paths = read(hackernews.SOURCE, routes, item="1")
    ended(crawled)
    found = by_id(crawled)
    assert found.keys() == {"1", "2", "5"}
    assert (found["5"].parent_id, found["2"].text) == ("hackernews:2", "One\n\nTwo")
    assert paths[0] == "/api/v1/items/1"
    assert sorted(paths[1:]) == sorted(routes)


def test_unknown_discussion_is_told() -> None:
    crawled, _ = read(hackernews.SOURCE, {"/v0/item/9.json": Answer("null")}, item="9")
    assert "nothing like that" in ended(crawled)
    assert crawled.items == []


@pytest.mark.parametrize(
    ("spider", "arguments", "words"),
    [
        ("hackernews", {}, "'query' or 'tags' or 'item'"),
        ("hackernews", {"tags": "a b"}, "no list of tags"),
        ("hackernews", {"item": "https://x.example/item?id=a"}, "not the number"),
        ("stackexchange", {}, "'query' or 'tagged'"),
        ("stackexchange", {"query": "x", "site": "no site"}, "not a site"),
        ("discourse", {"query": "x"}, "needs the argument 'instance'"),
        ("discourse", {"instance": "a.example", "topic": "/t/x"}, "not the address of a topic"),
    ],
)
def test_wrong_arguments_are_told(spider: str, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        check(spider, arguments)


# --- Stack Exchange ---------------------------------------------------------------------


def question(number: int, **more: Any) -> dict[str, Any]:
    return {"question_id": number, "title": f"Q{number}", "creation_date": 1_770_000_000, **more}


ANSWER = {
    "answer_id": 21,
    "question_id": 11,
    "score": 4,
    "body": "<p>Use it</p>",
    "creation_date": 1_770_000_100,
    "last_edit_date": 1_770_000_200,
    "owner": {"user_id": 5, "display_name": "Parus"},
}
COMMENT = {
    "comment_id": 21,
    "post_id": 21,
    "score": 0,
    "body": "Not &lt;div&gt; but <code>&lt;p&gt;</code>",
    "creation_date": 1_770_000_300,
}


def test_answers_and_comments_of_the_questions_found() -> None:
    routes: Routes = {
        "/2.3/search/advanced": answer({"items": [question(11), question(12)], "has_more": False}),
        "/2.3/questions/11;12/answers": answer({"items": [ANSWER], "has_more": False}),
        "/2.3/posts/11;12/comments": answer({"items": [], "has_more": False}),
        "/2.3/posts/21/comments": answer({"items": [COMMENT], "has_more": False}),
    }
    crawled, paths = read(
        stackexchange.SOURCE,
        routes,
        site="https://superuser.com/",
        tagged="wind,sail",
        answers="true",
        comments="true",
    )
    ended(crawled)
    found = by_id(crawled)
    assert found.keys() == {"superuser/11", "superuser/12", "superuser/21", "superuser/comment/21"}
    reply, comment = found["superuser/21"], found["superuser/comment/21"]
    assert (reply.kind, reply.title, reply.parent_id) == (
        "comment",
        None,
        "stackexchange:superuser/11",
    )
    assert reply.url == "https://superuser.com/a/21"
    assert comment.url == "https://superuser.com/posts/comments/21"
    assert (comment.text, comment.parent_id) == (
        "Not <div> but <p>",
        "stackexchange:superuser/21",
    )
    asked = [query_of(path) for path in paths]
    assert asked[0]["tagged"] == "wind;sail"
    assert {(one["site"], one["filter"]) for one in asked} == {("superuser", "withbody")}
    assert sorted(urlsplit(path).path for path in paths) == sorted(routes)


def test_after_the_last_page_without_a_key_a_window_begins() -> None:
    """Twenty-five pages are given to whom has no key."""

    def page(asked: Asked, _before: int) -> Answer:
        query = query_of(asked.path)
        number = int(query["page"])
        if number > 25:
            return answer({"error_id": 403, "error_message": "page above 25"}, 400)
        found = [one for one in times if one <= int(query.get("todate", max(times)))]
        items = [question(one, creation_date=one) for one in found[3 * number - 3 : 3 * number]]
        return answer({"items": items, "has_more": len(found) > 3 * number})

    times = range(1_770_000_000, 1_770_000_000 - 90, -1)
    crawled, paths = read(stackexchange.SOURCE, {"/2.3/search/advanced": page}, query="parus")
    ended(crawled)
    assert ids(crawled) == {f"stackoverflow/{one}" for one in times}
    assert [query_of(path).get("todate") for path in paths].count(None) == 25


def test_backoff_is_waited_for() -> None:
    def page(asked: Asked, _before: int) -> Answer:
        number = int(query_of(asked.path)["page"])
        return answer({"items": [question(number)], "has_more": number == 1, "backoff": 0.4})

    with Loopback({"/2.3/search/advanced": page}) as server:
        crawled = crawl(replace(stackexchange.SOURCE, arguments={"query": "parus"}), server)
        first, second = server.asked
    ended(crawled)
    assert second.at - first.at >= 0.4


def test_throttle_names_the_wait_and_ends_the_crawl() -> None:
    said = "too many requests from this IP, more requests available in 82216 seconds"
    refused = {"error_id": 502, "error_name": "throttle_violation", "error_message": said}
    routes: Routes = {"/2.3/search/advanced": answer(refused, 400)}
    source = replace(stackexchange.SOURCE, secrets={})
    crawled, paths = read(source, routes, query="parus")
    message = ended(crawled, "failed")
    assert f"throttle_violation: {said}" in message
    assert "MOLVA_STACKEXCHANGE_API_KEY" in message
    assert len(paths) == 1


def test_used_up_quota_is_told() -> None:
    page = answer({"items": [question(11)], "has_more": True, "quota_remaining": 0})
    crawled, paths = read(stackexchange.SOURCE, {"/2.3/search/advanced": page}, query="parus")
    assert "quota" in ended(crawled, "failed")
    assert (ids(crawled), len(paths)) == ({"stackoverflow/11"}, 1)


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_packed_answers_are_read_whether_or_not_they_are_said_to_be(
    headers: dict[str, str],
) -> None:
    body = gzip.compress(json.dumps({"items": [question(11)], "has_more": False}).encode())
    routes: Routes = {"/2.3/search/advanced": Answer(body, 200, headers, "application/json")}
    crawled, _ = read(stackexchange.SOURCE, routes, query="parus")
    ended(crawled)
    assert ids(crawled) == {"stackoverflow/11"}


def test_sites_have_their_own_hosts() -> None:
    pages = {"/2.3/search/advanced": answer({"items": [question(7)], "has_more": False})}
    for site, host in {
        "crypto": "crypto.stackexchange.com",
        "https://pt.stackoverflow.com/questions": "pt.stackoverflow.com",
        "mathoverflow.net": "mathoverflow.net",
        "meta.stackexchange.com": "meta.stackexchange.com",
    }.items():
        source = replace(stackexchange.SOURCE, arguments={"query": "x", "site": site})
        (found,) = simulate(source, Answers(dict(pages))).mentions
        assert found.url == f"https://{host}/q/7"
        assert found.lang == ("pt" if host.startswith("pt.") else None)


@pytest.mark.parametrize(
    ("source", "arguments", "routes"),
    [
        (
            hackernews.SOURCE,
            {"item": "1"},
            {"/api/v1/items/1": answer(tree(1, tree(2, tree(3)), tree(4)))},
        ),
        (
            stackexchange.SOURCE,
            {"query": "x", "answers": "true", "comments": "true"},
            {
                "/2.3/search/advanced": answer({"items": [question(11)], "has_more": False}),
                "/2.3/questions/11/answers": answer({"items": [ANSWER], "has_more": False}),
                "/2.3/posts/21/comments": answer({"items": [COMMENT], "has_more": False}),
            },
        ),
    ],
    ids=["hackernews item", "stackexchange below"],
)
def test_damaged_answers_raise_nothing(
    source: Source, arguments: dict[str, str], routes: dict[str, Route]
) -> None:
    damaged = replace(source, arguments=arguments, platform=lambda _numbers: dict(routes))
    assert mutate(damaged, 150)["mentions"]
