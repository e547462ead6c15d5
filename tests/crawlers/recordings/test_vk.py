"""VK: ten posts of a wall, and the comments of a post."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings


def replay(method: str, response: dict[str, Any], **arguments: object) -> Crawled:
    answer = Answer(json.dumps({"response": response}), content_type="application/json")
    with Loopback({f"/method/{method}": answer}) as server:
        crawled = crawl_process.run(
            "vk", options={"store_author_names": True}, base_url=server.url, **arguments
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.rejects == []
    return crawled


def utc(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


@pytest.mark.parametrize("recording", recordings("vk", "*posts_example_raw.mjs"))
def test_wall(recording: Path) -> None:
    module = recording.read_text("utf-8").strip()
    response = json.loads(module.removeprefix("export default").rstrip("; \n"))
    expected = response["items"]
    crawled = replay("wall.get", response, owner_id=str(expected[0]["owner_id"]))
    assert len(crawled.mentions) == len(expected) == 10
    for one, record in zip(crawled.mentions, expected, strict=True):
        assert one.id == f"vk:{record['owner_id']}_{record['id']}"
        assert one.url == f"https://vk.com/wall{record['owner_id']}_{record['id']}"
        words = re.sub(r"\[club\d+\|([^]]+)\]", r"\1", record["text"])
        assert one.text.split() == words.split()
        assert (one.kind, one.likes, one.parent_id) == ("post", record["likes"]["count"], None)
        assert one.published_at == utc(record["date"])
        assert one.updated_at == utc(record.get("edited"))
        assert one.author_id


@pytest.mark.parametrize("recording", recordings("vk", "*wall_getComments*.json"))
def test_comments(recording: Path) -> None:
    response = json.loads(recording.read_bytes())["response"]
    expected = response["items"]
    people = {one["id"]: f"{one['first_name']} {one['last_name']}" for one in response["profiles"]}
    groups = {-one["id"]: one["name"] for one in response["groups"]}
    owner, post = expected[0]["owner_id"], expected[0]["post_id"]
    crawled = replay("wall.getComments", response, owner_id=str(owner), post_id=str(post))
    assert len(crawled.mentions) == len(expected) == 3
    for one, record in zip(crawled.mentions, expected, strict=True):
        assert one.id == f"vk:{owner}_{record['id']}"
        assert one.url == f"https://vk.com/wall{owner}_{post}?reply={record['id']}"
        assert (one.kind, one.parent_id) == ("comment", f"vk:{owner}_{post}")
        assert (one.text, one.likes) == (record["text"], record["likes"]["count"])
        assert one.published_at == utc(record["date"])
        assert one.author_name == (people | groups)[record["from_id"]]
