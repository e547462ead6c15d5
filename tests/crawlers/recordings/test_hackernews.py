"""Hacker News: answers of its search from 2014, and of its own interface from 2019."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback, Route
from tests.crawlers.recordings.containers import recordings
from tests.crawlers.recordings.markup import bare, squeezed

SEARCH = "/api/v1/search_by_date"
FIREBASE = {  # recording -> mentions, rejects
    "item__1000.json": (1, 0),
    "item__21500569.json": (1, 0),
    "item__9000.json": (0, 0),  # null
    "maxitem.json": (0, 1),
    "newstories.json": (0, 1),
    "updates.json": (0, 1),
    "user__tomek.json": (0, 1),
}


def crawl(routes: dict[str, Route], **arguments: Any) -> Crawled:
    with Loopback(routes) as server:
        return crawl_process.run(
            "hackernews",
            options={"store_author_names": True},
            base_url=server.url,
            **arguments,
        )


def check(one: Mention, item: dict[str, Any]) -> None:
    number = item.get("objectID") or item["id"]
    text = item.get("comment_text") or item.get("story_text") or item.get("text")
    is_comment = "comment" in (item.get("type"), *item.get("_tags", []))
    time = item.get("created_at_i") or item["time"]
    points = item.get("points", item.get("score"))
    assert one.id == f"hackernews:{number}"
    assert one.kind == ("comment" if is_comment else "post")
    assert one.url == f"https://news.ycombinator.com/item?id={number}"
    assert bare(one.text) == squeezed(text)
    assert one.title == (None if is_comment else html.unescape(item["title"]).strip())
    assert one.published_at == datetime.fromtimestamp(time, UTC)
    assert (one.likes, one.rating, one.updated_at) == (points, None, None)
    assert one.author_name == (item.get("author") or item["by"])
    assert one.parent_id == (f"hackernews:{item['parent_id']}" if is_comment else None)


@pytest.mark.parametrize("recording", recordings("hackernews_algolia", "*.json"))
def test_searches(recording: Path) -> None:
    """Whatever search the answer was to, it is read as one by date."""
    read = []
    for one in json.loads(recording.read_text("utf-8")):
        asked = urlsplit(one["url"])
        if "hits" not in one["reply"]:
            continue
        query = parse_qs(asked.query)
        routes: dict[str, Route] = {
            SEARCH: [Answer(json.dumps(one["reply"])), Answer('{"hits": []}')]
        }
        arguments = {name: query[name][0] for name in ("query", "tags") if name in query}
        crawled = crawl(routes, **arguments)
        assert crawled.summary is not None
        assert (crawled.summary.outcome, crawled.rejects) == ("finished", [])
        assert len(crawled.mentions) == len(one["reply"]["hits"]) == 1
        check(crawled.mentions[0], one["reply"]["hits"][0])
        read.append(crawled.mentions[0].kind)
    assert (len(read), read.count("comment")) == (24, 6)


@pytest.mark.parametrize("recording", recordings("hackernews_algolia", "*.json"))
def test_discussion(recording: Path) -> None:
    replies = {one["url"]: one["reply"] for one in json.loads(recording.read_text("utf-8"))}
    tree, user = replies["/api/v1/items/17"], replies["/api/v1/users/pg"]
    crawled = crawl({"/api/v1/items/17": Answer(json.dumps(tree))}, item="17")
    expected = list(items(tree))
    assert crawled.rejects == []
    assert len(crawled.mentions) == len(expected) == 3
    for one, item in zip(crawled.mentions, expected, strict=True):
        check(one, item)
    # The last answer is of a person and has nothing that anybody wrote to others.
    crawled = crawl({SEARCH: Answer(json.dumps(user))}, tags="author_pg")
    assert (crawled.mentions, len(crawled.rejects)) == ([], 1)


def items(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for child in tree["children"]:
        yield from items(child)


@pytest.mark.parametrize("recording", recordings("hackernews_firebase", "*.json"))
def test_items_that_the_search_does_not_know(recording: Path) -> None:
    item = json.loads(recording.read_text("utf-8"))
    routes: dict[str, Route] = {"/v0/item/5.json": Answer(recording.read_bytes())}
    kids = item.get("kids", []) if isinstance(item, dict) else []
    routes |= {f"/v0/item/{kid}.json": Answer("null") for kid in kids}
    crawled = crawl(routes, item="5")
    counts = next(counts for name, counts in FIREBASE.items() if recording.name.endswith(name))
    assert (len(crawled.mentions), len(crawled.rejects)) == counts
    assert crawled.summary is not None
    assert crawled.summary.outcome == ("failed" if crawled.rejects else "finished")
    for one in crawled.mentions:
        check(one, item)
