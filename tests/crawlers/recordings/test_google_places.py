"""Google Places: answers of the legacy Place Details, good ones and refusals."""

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
from tests.crawlers.recordings.containers import interactions, recordings

LEGACY = "/maps/api/place/details/json"
REVIEWS = {
    "google_places_details_madison_square_garden": 2,
    "google_places_details_no_reviews": 0,
    "list_spots_with_detail.yml": 10,
    "single_spot.yml": 20,
}


def replay(body: bytes) -> Crawled:
    with Loopback({LEGACY: Answer(body, content_type="application/json")}) as server:
        crawled = crawl_process.run(
            "google_places",
            options={"store_author_names": True},
            place_id="ChIJ-recorded",
            base_url=server.url,
        )
    assert crawled.summary is not None
    return crawled


def check(body: bytes) -> int:
    """Compare an answer with what came of it; return its reviews."""
    answer: dict[str, Any] = json.loads(body)
    crawled = replay(body)
    message = str(crawled.summary and crawled.summary.message)
    if answer["status"] != "OK":
        assert crawled.summary is not None
        assert crawled.summary.outcome == "failed"
        assert answer["status"] in message
        assert crawled.items == []
        return 0
    expected = answer["result"].get("reviews", [])
    assert crawled.rejects == []
    assert len(crawled.mentions) == len(expected) == len({one.id for one in crawled.mentions})
    assert ("no reviews" in message) == (not expected)
    for one, record in zip(crawled.mentions, expected, strict=True):
        # White space at the ends is not kept, and one text has a carriage return.
        assert re.sub(r"\s+", " ", one.text) == re.sub(r"\s+", " ", record["text"]).strip()
        assert (one.rating, one.lang) == (record["rating"], record["language"][:2])
        assert one.published_at == datetime.fromtimestamp(record["time"], UTC)
        assert one.author_name == record["author_name"]
        assert one.location == answer["result"]["name"]
    return len(expected)


@pytest.mark.parametrize("recording", recordings("google_places", "alexreisner*"))
def test_details(recording: Path) -> None:
    assert check(recording.read_bytes()) == REVIEWS[recording.name.rpartition("__")[2]]


@pytest.mark.parametrize("recording", recordings("google_places", "*.yml"))
def test_cassettes(recording: Path) -> None:
    details = [one for one in interactions(recording) if LEGACY in one.url]
    assert len(details) > 3
    # A recorded refusal that comes again and again is asked for once.
    found = sum(check(body) for body in dict.fromkeys(one.body for one in details))
    assert found == REVIEWS[recording.name.rpartition("__")[2]]
