"""Reddit: listings, trees of comments and tokens, as the API answered from 2015 to 2020."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback, Route
from tests.crawlers.recordings.containers import interactions, recordings
from tests.crawlers.recordings.markup import bare, squeezed

TOKEN = "/api/v1/access_token"
THINGS = {  # recording -> posts, comments
    "test_scopes.json": (0, 0),
    "test_refresh__with_reply_sort_and_limit.json": (1, 4),
    "test_new.json": (100, 0),
    "test_no_items.json": (0, 0),
    "TestMultiredditListings.test_comments.json": (0, 100),
    "test_comments__new.json": (0, 100),
    "comment__more.json": (0, 3),
    "posts-comments-subreddits.json": (1, 1),
    "post__post.json": (1, 2),
    "subreddit__posts.json": (2, 0),
    "search-posts.json": (2, 0),
    "user__comments.json": (0, 1),
}


def bodies(recording: Path) -> tuple[list[bytes], bytes | None]:
    """Return the answers with things in a recording, and the token's."""
    if not recording.name.startswith("praw-dev"):
        return [recording.read_bytes()], None
    tape = interactions(recording)
    token = next(one.body for one in tape if urlsplit(one.url).path == TOKEN)
    return [one.body for one in tape if urlsplit(one.url).path != TOKEN], token


def things(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield kind and content of every post and comment, wherever it stands."""
    if isinstance(value, dict):
        if value.get("kind") in {"t1", "t3"}:
            yield value["kind"], value["data"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from things(one)


def told(kind: str, data: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is to come of a recorded post or comment."""
    rendered = data["body_html" if kind == "t1" else "selftext_html"] or ""
    # Answers to requests without raw_json=1 are escaped.
    rendered = html.unescape(rendered) if rendered.startswith("&lt;") else rendered
    edited = data["edited"]
    return (
        "comment" if kind == "t1" else "post",
        squeezed(rendered),
        html.unescape(data["title"]).strip("\ufeff ") if kind == "t3" else None,
        datetime.fromtimestamp(data["created_utc"], UTC),
        datetime.fromtimestamp(edited, UTC) if edited else None,
        data["score"] if data["score"] >= 0 else None,
        f"reddit:{data['parent_id']}" if kind == "t1" else None,
        None if data["author"] == "[deleted]" else data["author"],
    )


def found(one: Mention) -> tuple[Any, ...]:
    return (
        one.kind,
        bare(one.text),
        one.title,
        one.published_at,
        one.updated_at,
        one.likes,
        one.parent_id,
        one.author_name,
    )


def crawl(routes: dict[str, Route], **arguments: Any) -> Crawled:
    options = {"store_author_names": True}
    with Loopback(routes) as server:
        crawled = crawl_process.run("reddit", options=options, base_url=server.url, **arguments)
    assert crawled.rejects == []
    return crawled


def check(crawled: Crawled, expected: list[tuple[str, dict[str, Any]]]) -> None:
    assert {one.id: found(one) for one in crawled.mentions} == {
        f"reddit:{data['name']}": told(kind, data) for kind, data in expected
    }
    for one in crawled.mentions:
        data = next(data for _, data in expected if one.id.endswith(data["name"]))
        assert str(one.url).startswith("https://www.reddit.com/r/")
        assert (data.get("permalink") or data["id"]) in str(one.url)


@pytest.mark.parametrize("recording", recordings("reddit", "*.json"))
def test_listings(recording: Path) -> None:
    """Whatever the answer was to, it is read as one of a subreddit."""
    answers, token = bodies(recording)
    expected = [one for body in answers for one in things(json.loads(body))]
    for body in answers:
        routes: dict[str, Route] = {"/r/recorded/new": [Answer(body), Answer("", 404)]}
        if token is not None:
            routes[f"POST {TOKEN}"] = Answer(token)
        crawled = crawl(routes, subreddit="recorded")
        assert crawled.summary is not None
        assert crawled.summary.outcome == "finished"
        assert bool(crawled.summary.message) == (not crawled.mentions)
        check(crawled, list(things(json.loads(body))))
    distinct = {data["name"]: kind for kind, data in expected}.values()
    posts, comments = next(n for name, n in THINGS.items() if recording.name.endswith(name))
    assert (list(distinct).count("t3"), list(distinct).count("t1")) == (posts, comments)


@pytest.mark.parametrize("recording", recordings("reddit", "*test_refresh__with*.json"))
def test_thread(recording: Path) -> None:
    """A search that finds the post, its page with a part of the comments, and others of them."""
    answers, token = bodies(recording)
    page, more = json.loads(answers[-1]), next(recording.parent.glob("*comment__more.json"))
    assert token is not None
    routes: dict[str, Route] = {
        f"POST {TOKEN}": Answer(token),
        "/search": Answer(json.dumps(page[0])),
        f"/comments/{page[0]['data']['children'][0]['data']['id']}": Answer(answers[-1]),
        "/api/morechildren": Answer(more.read_bytes()),
    }
    crawled = crawl(routes, query="bot", comments="true")
    expected = [*things(page), *things(json.loads(more.read_bytes()))]
    check(crawled, expected)
    assert len(crawled.mentions) == len(expected) == 1 + 4 + 3
