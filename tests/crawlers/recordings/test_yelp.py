"""Yelp: a business of the retired second version, with its reviews."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import interactions, recordings


@pytest.mark.parametrize("recording", recordings("yelp", "*.yml"))
def test_business(recording: Path) -> None:
    (recorded,) = interactions(recording)
    business = json.loads(recorded.body)
    path = f"/v3/businesses/{business['id']}/reviews"
    with Loopback({path: Answer(recorded.body, recorded.status)}) as server:
        crawled = crawl_process.run(
            "yelp",
            options={"store_author_names": True},
            business_id=business["id"],
            base_url=server.url,
        )
    assert crawled.rejects == []
    assert [
        (one.id, one.text, one.rating, one.published_at, one.author_name)
        for one in crawled.mentions
    ] == [
        (
            f"yelp:{one['id']}",
            one["excerpt"],
            one["rating"],
            datetime.fromtimestamp(one["time_created"], UTC),
            one["user"]["name"],
        )
        for one in business["reviews"]
    ]
    assert len(crawled.mentions) == 1
