"""Discourse beyond what all sources have in common: searches, topics, old servers, limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.sources import discourse
from tests.contract.sources.crawls import crawl, ended, serve
from tests.contract.sources.kit import Routes
from tests.contract.sources.mutate import mutate
from tests.crawlers.loopback import Answer, Asked, Route
from tests.crawlers.reading import answer, by_id, ids, query_of, read

HOST = discourse.HOST


def numbered(number: int, **more: Any) -> dict[str, Any]:
    """Return a post that is sound and not like any special one."""
    return (
        discourse.post(0)
        | {"id": number, "post_number": number, "cooked": f"<p>{number}</p>"}
        | more
    )


def newest(*numbers: int) -> Answer:
    return answer({"latest_posts": [numbered(number) for number in numbers]})


def window(public: set[int]) -> Callable[[Asked, int], Answer]:
    """Give what is public of the fifty numbers up to `before`, as old servers do."""

    def page(asked: Asked, _before: int) -> Answer:
        before = int(query_of(asked.path).get("before", max(public)))
        return newest(*[one for one in range(before, before - 50, -1) if one in public])

    return page


def test_old_servers_give_windows_which_may_be_empty() -> None:
    public = {400, 399, 380, 210, 200, 3}
    crawled, paths = read(discourse.SOURCE, {"/posts.json": window(public)}, instance=HOST)
    ended(crawled)
    assert ids(crawled) == {f"{HOST}/{number}" for number in public}
    assert len(paths) == len(set(paths)) < 15


def test_old_server_with_a_large_gap_is_not_asked_for_ever() -> None:
    _, paths = read(discourse.SOURCE, {"/posts.json": window({900_000, 5})}, instance=HOST)
    assert len(paths) == 2 + 20


FOUND = {
    "posts": [
        {"id": 31, "topic_id": 7, "post_number": 1, "blurb": "Waited &amp; left", "like_count": 2},
        {"id": 30, "topic_id": 8, "post_number": 4, "blurb": "Cold…", "username": "guest"},
        {"id": "x"},
        {"id": 29, "topic_id": 8, "post_number": 2, "blurb": "Known"},
    ],
    "topics": [{"id": 7, "title": "Parus &amp; wind"}, {"id": 8, "title": "Other"}],
    "grouped_search_result": {"more_full_page_results": True, "error": None},
}


def search(asked: Asked, _before: int) -> Answer:
    is_first = query_of(asked.path)["page"] == "1"
    return answer(FOUND if is_first else {"posts": [], "grouped_search_result": {}})


def test_search_asks_for_the_texts_that_the_store_does_not_have() -> None:
    routes: Routes = {
        "/search.json": search,
        "/posts/31.json": answer(numbered(31, topic_id=7, post_number=1, topic_title=None)),
        "/posts/30.json": answer({"errors": ["It is private."]}, 403),
    }
    arguments = {"instance": HOST, "query": "parus", "since": "2026-01-31"}
    with serve(routes) as server:
        source = replace(discourse.SOURCE, arguments=arguments)
        crawled = crawl(source, server, stored={f"discourse:{HOST}/29": "hash"})
        paths = server.paths
    ended(crawled)
    found = by_id(crawled)
    assert found.keys() == {f"{HOST}/31", f"{HOST}/30"}
    assert (found[f"{HOST}/31"].title, found[f"{HOST}/31"].text) == ("Parus & wind", "31")
    assert (found[f"{HOST}/30"].text, found[f"{HOST}/30"].kind) == ("Cold…", "comment")
    assert [one.reason for one in crawled.rejects] == ["a found post has no id"]
    assert crawled.summary is not None
    assert crawled.summary.problems == {"posts_unreadable": 1}
    asked = [query_of(path)["q"] for path in paths if path.startswith("/search.json")]
    assert asked == ["parus order:latest after:2026-01-31"] * 2


def test_search_that_repeats_itself_ends() -> None:
    always = answer({"posts": [], "grouped_search_result": {"more_full_page_results": True}})
    crawled, paths = read(
        discourse.SOURCE, {"/search.json": always}, instance=HOST, query="#wind order:likes"
    )
    assert "nothing" in ended(crawled)
    assert [query_of(path)["q"] for path in paths] == ["#wind order:likes"] * len(paths)
    assert len(paths) <= 10


def test_search_under_load_is_a_failure_with_a_good_status() -> None:
    said = {"posts": [], "grouped_search_result": {"error": "The forum is under extreme load"}}
    crawled, _ = read(
        discourse.SOURCE, {"/search.json": answer(said)}, instance=HOST, query="parus"
    )
    assert "extreme load" in ended(crawled, "failed")


def topic(numbers: range, stream: list[int] | None) -> dict[str, Any]:
    posts = [numbered(number, topic_id=7) for number in numbers]
    inside: dict[str, Any] = {"posts": posts}
    if stream is not None:
        inside["stream"] = stream
    return {"id": 7, "title": "Parus", "post_stream": inside}


def test_topic_is_read_whole_twenty_posts_at_a_time() -> None:
    def rest(asked: Asked, _before: int) -> Answer:
        wanted = [int(one) for one in parse_qs(urlsplit(asked.path).query)["post_ids[]"]]
        assert len(wanted) <= 20
        return answer(topic(range(wanted[0], wanted[-1] + 1), None))

    routes: Routes = {
        "/t/7.json": answer(topic(range(1, 21), list(range(1, 48)))),
        "/t/7/posts.json": rest,
    }
    crawled, paths = read(
        discourse.SOURCE, routes, instance=HOST, topic=f"https://{HOST}/t/parus-ir-vejas/7/3"
    )
    ended(crawled)
    assert ids(crawled) == {f"{HOST}/{number}" for number in range(1, 48)}
    assert by_id(crawled)[f"{HOST}/5"].parent_id == f"discourse:{HOST}/1"
    assert len(paths) == 3


def test_very_long_topic_is_read_page_by_page() -> None:
    routes: Routes = {
        "/t/7.json": answer(topic(range(1, 21), None)),
        "/t/7.json?page=2": answer(topic(range(21, 31), None)),
    }
    crawled, paths = read(discourse.SOURCE, routes, instance=HOST, topic="7")
    ended(crawled)
    assert len(crawled.mentions) == 30
    assert paths[-1] == "/t/7.json?page=3"


def test_forum_without_a_list_of_posts_is_read_by_topics_back_to_since() -> None:
    def topics(*bumped: tuple[int, str]) -> dict[str, Any]:
        listed = [{"id": number, "bumped_at": f"{date}T00:00:00Z"} for number, date in bumped]
        return {"topic_list": {"topics": listed}}

    first = topics((1, "2020-01-01"), (7, "2026-03-02"))  # the first one is pinned
    first["topic_list"]["more_topics_url"] = "/latest?no_definitions=true&page=1"
    second = topics((7, "2026-03-02"), (6, "2026-01-01"))
    second["topic_list"]["more_topics_url"] = "/latest?page=2"
    routes: Routes = {
        "/latest.json": answer(first),
        "/latest.json?no_definitions=true&page=1": answer(second),
        "/t/7.json": answer(topic(range(1, 4), [1, 2, 3])),
    }
    crawled, paths = read(discourse.SOURCE, routes, instance=HOST, since="2026-02-01")
    ended(crawled)
    assert ids(crawled) == {f"{HOST}/{number}" for number in (1, 2, 3)}
    assert sorted(paths) == sorted(["/posts.json", *routes])


def test_limit_in_the_body_is_waited_for() -> None:
    slow = {"errors": ["Slow down."], "error_type": "rate_limit", "extras": {"wait_seconds": 0.3}}

    def page(_asked: Asked, _before: int) -> Answer:
        answers.append(
            answer(slow) if not answers else newest(5) if len(answers) == 1 else newest()
        )
        return answers[-1]

    answers: list[Answer] = []
    with serve({"/posts.json": page}) as server:
        crawled = crawl(replace(discourse.SOURCE, arguments={"instance": HOST}), server)
        assert server.asked[1].at - server.asked[0].at >= 0.3
    ended(crawled)
    assert ids(crawled) == {f"{HOST}/5"}


@pytest.mark.parametrize(
    ("arguments", "routes"),
    [
        (
            {"instance": HOST, "query": "parus"},
            {"/search.json": search, "/posts/31.json": answer(numbered(31))},
        ),
        (
            {"instance": HOST},
            {
                "/latest.json": answer({"topic_list": {"topics": [{"id": 7}, {"id": 8}]}}),
                "/t/7.json": answer(topic(range(1, 4), [1, 2, 3, 4])),
                "/t/7/posts.json": answer(topic(range(4, 5), None)),
            },
        ),
    ],
    ids=["search", "topics"],
)
def test_damaged_answers_raise_nothing(arguments: dict[str, str], routes: dict[str, Route]) -> None:
    source = replace(discourse.SOURCE, arguments=arguments, platform=lambda _: dict(routes))
    assert mutate(source, 150)["mentions"]
