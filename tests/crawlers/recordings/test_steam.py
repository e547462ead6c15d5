"""Steam: a page of reviews of 2026, and answers for apps that have none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import interactions, recordings


def recorded(review: dict[str, Any], app_id: str) -> dict[str, Any]:
    """What must be stored of a review."""
    account = review["author"]["steamid"]
    created, updated = review["timestamp_created"], review["timestamp_updated"]
    return {
        "id": f"steam:{review['recommendationid']}",
        "kind": "review",
        "url": f"https://steamcommunity.com/profiles/{account}/recommended/{app_id}/",
        "title": None,
        "text": review["review"].replace("\r\n", "\n").strip(),
        "lang": {"english": "en"}[review["language"]],
        "rating": 1.0 if review["voted_up"] else 0.0,
        "stars": 5.0 if review["voted_up"] else 1.0,
        "published_at": datetime.fromtimestamp(created, UTC),
        "updated_at": datetime.fromtimestamp(updated, UTC) if updated != created else None,
        "likes": review["votes_up"],
        "author_name": review["author"]["personaname"],
        "reply_text": review.get("developer_response"),
    }


def shown(mention: Mention, fields: dict[str, Any]) -> dict[str, Any]:
    values = mention.model_dump()
    return {name: values[name] for name in fields}


@pytest.mark.parametrize("recording", recordings("steam", "*.yaml"))
def test_page(recording: Path) -> None:
    (answer,) = interactions(recording)
    app_id = answer.url.partition("?")[0].rpartition("/")[2]
    reviews = json.loads(answer.body)["reviews"]
    served = Answer(answer.body, answer.status, answer.headers)
    with Loopback({f"/appreviews/{app_id}": served}) as server:
        crawled = crawl_process.run(
            "steam", options={"store_author_names": True}, app_id=app_id, base_url=server.url
        )
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.summary.stop_reason) == ("finished", "repeated")
    assert crawled.rejects == []
    expected = [recorded(one, app_id) for one in reviews]
    assert [shown(one, expected[0]) for one in crawled.mentions] == expected
    assert len(expected) == 10


@pytest.mark.parametrize("recording", recordings("steam", "gamesnews*.json"))
def test_app_without_reviews(recording: Path) -> None:
    for app_id, body in json.loads(recording.read_bytes()).items():
        with Loopback({f"/appreviews/{app_id}": Answer(json.dumps(body))}) as server:
            crawled = crawl_process.run("steam", app_id=app_id, base_url=server.url)
        assert crawled.summary is not None
        assert crawled.summary.outcome == "finished"
        assert app_id in str(crawled.summary.message)
        assert crawled.items == []
