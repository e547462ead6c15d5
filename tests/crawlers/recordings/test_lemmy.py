"""Lemmy: an answer of a search, whose values were made up and whose shape is a server's."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings
from tests.crawlers.recordings.markup import bare, squeezed


@pytest.mark.parametrize("recording", recordings("lemmy", "*.json"))
def test_search(recording: Path) -> None:
    body = recording.read_bytes()
    views = json.loads(body)["posts"]
    with Loopback({"/api/v3/search": Answer(body, content_type="application/json")}) as server:
        crawled = crawl_process.run(
            "lemmy", instance="lemmy.world", query="privacy", base_url=server.url
        )
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.summary.stop_reason) == ("finished", "repeated")
    assert crawled.rejects == []
    assert len(crawled.mentions) == len(views) == 2
    for one, view in zip(crawled.mentions, views, strict=True):
        post = view["post"]
        assert one.id == f"lemmy:lemmy.world/post/{post['id']}"
        assert (one.kind, one.title, one.url) == ("post", post["name"], post["ap_id"])
        assert bare(one.text) == squeezed(post["body"])
        assert one.published_at == datetime.fromisoformat(post["published"])
        assert one.likes == view["counts"].get("upvotes")
