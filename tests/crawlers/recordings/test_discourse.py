"""Discourse: posts, topics and lists of its official client's tests, from 2013 to 2020."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback, Route
from tests.crawlers.recordings.containers import FIXTURES, recordings
from tests.crawlers.recordings.markup import bare, squeezed

HOST = "forum.example"
FOLDER = FIXTURES / "discourse"


def crawl(routes: dict[str, Route], **arguments: Any) -> Crawled:
    with Loopback(routes) as server:
        return crawl_process.run(
            "discourse",
            options={"store_author_names": True},
            base_url=server.url,
            instance=HOST,
            **arguments,
        )


def body(name: str) -> bytes:
    return next(FOLDER.glob(f"*__{name}.json")).read_bytes()


def posts_of(name: str) -> list[dict[str, Any]]:
    """Return the recorded posts but the one that is a picture."""
    posts: list[dict[str, Any]] = json.loads(body(name))["post_stream"]["posts"]
    return [one for one in posts if squeezed(one["cooked"])]


def check(crawled: Crawled, posts: list[dict[str, Any]], title: str | None) -> None:
    """Compare what came with the recorded posts, by number."""
    assert crawled.rejects == []
    assert {one.id for one in crawled.mentions} == {
        f"discourse:{HOST}/{one['id']}" for one in posts
    }
    places = {(one["topic_id"], one["post_number"]): one["id"] for one in posts}
    for one in crawled.mentions:
        post = next(post for post in posts if one.id.endswith(f"/{post['id']}"))
        topic, place = post["topic_id"], post["post_number"]
        above = places.get((topic, post["reply_to_post_number"] or 1)) if place > 1 else None
        likes = [action["count"] for action in post["actions_summary"] if action["id"] == 2]
        created, updated = (
            datetime.fromisoformat(post[name]).astimezone(UTC)
            for name in ("created_at", "updated_at")
        )
        assert one.kind == ("post" if place == 1 else "comment")
        assert one.url == f"https://{HOST}/t/{post['topic_slug']}/{topic}/{place}"
        assert one.title == ((post.get("topic_title") or title) if place == 1 else None)
        assert bare(one.text) == squeezed(post["cooked"])
        assert one.published_at == created
        assert one.updated_at == (updated if updated != created else None)
        assert one.likes == (likes[0] if likes else 0)
        assert one.author_name == (post["name"] or post["username"])
        assert one.parent_id == (f"discourse:{HOST}/{above}" if above else None)


@pytest.mark.parametrize("recording", recordings("discourse", "*posts_latest.json"))
def test_newest_posts(recording: Path) -> None:
    posts = json.loads(recording.read_text("utf-8"))["latest_posts"]
    crawled = crawl({"/posts.json": Answer(recording.read_bytes())})
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.summary.stop_reason) == ("finished", "repeated")
    check(crawled, posts, None)
    assert len(crawled.mentions) == 4


@pytest.mark.parametrize("recording", recordings("discourse", "*__topic.json"))
def test_topic_and_those_of_its_posts_that_come_apart(recording: Path) -> None:
    topic = json.loads(recording.read_text("utf-8"))
    rest = posts_of("topic_posts")
    topic["post_stream"]["stream"] += [one["id"] for one in rest]
    routes: dict[str, Route] = {
        "/t/57.json": Answer(json.dumps(topic)),
        "/t/57/posts.json?post_ids%5B%5D=123456": Answer(body("topic_posts")),
    }
    crawled = crawl(routes, topic="57")
    assert len(crawled.mentions) == len(posts_of("topic")) + len(rest) == 3 + 1
    # Two recordings, and so two forums: only what is on one page can be another's parent.
    for name in ("topic", "topic_posts"):
        alone = crawl({"/t/57.json": Answer(body(name))}, topic="57")
        assert alone.summary is not None
        assert alone.summary.outcome == "finished"
        check(alone, posts_of(name), topic["title"])


@pytest.mark.parametrize(
    "recording", recordings("discourse", "*__latest.json", "*category_latest_topics.json")
)
def test_lists_of_topics_lead_to_their_posts(recording: Path) -> None:
    """Where a forum does not list its posts."""
    topics = {one["id"] for one in json.loads(recording.read_text("utf-8"))["topic_list"]["topics"]}
    routes: dict[str, Route] = {
        "/latest.json": Answer(recording.read_bytes()),
        "/latest.json?page=1": Answer('{"topic_list": {"topics": []}}'),
        f"/t/{min(topics)}.json": Answer(body("topic")),
        "/t/5.json": Answer("", 404),
    }
    crawled = crawl(routes)
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.summary.problems.get("topics_unreadable", 0) == len(topics) - 1
    check(crawled, posts_of("topic"), json.loads(body("topic"))["title"])


@pytest.mark.parametrize("recording", recordings("discourse", "*search.json"))
def test_search_of_2013_is_not_read(recording: Path) -> None:
    crawled = crawl({"/search.json": Answer(recording.read_bytes())}, query="test")
    assert (crawled.mentions, len(crawled.rejects)) == ([], 1)
