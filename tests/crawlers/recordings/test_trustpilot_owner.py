"""Trustpilot Business: real reviews of a page in the form that the interface's schema gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sources import trustpilot_owner
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Asked, Loopback
from tests.crawlers.recordings.containers import recordings

UNIT = "5b7d7ebb7b9c1a0001a1b2c3"


def reshaped(review: dict[str, Any]) -> dict[str, Any]:
    """A review of a page as the interface would give it."""
    reply = review["reply"]
    return {
        "id": review["id"],
        "consumer": review["consumer"],
        "stars": review["rating"],
        "title": review["title"],
        "text": review["text"],
        "language": review["language"],
        "createdAt": review["dates"]["publishedDate"],
        "updatedAt": review["dates"]["updatedDate"],
        "companyReply": reply and {"text": reply["message"], "createdAt": reply["publishedDate"]},
        "numberOfLikes": review["likes"],
    }


def _utc(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


@pytest.mark.parametrize("recording", recordings("trustpilot", "scrapfly*reviews.json"))
def test_reviews(recording: Path) -> None:
    reviews = json.loads(recording.read_bytes())

    def page(asked: Asked, _before: int) -> Answer:
        part = [reshaped(one) for one in reviews] if "?page=1&" in asked.path else []
        return Answer(json.dumps({"reviews": part}))

    with Loopback({f"/v1/business-units/{UNIT}/reviews": page}) as server:
        crawled = crawl_process.run(
            "trustpilot_owner",
            options={"store_author_names": True},
            business_unit_id=UNIT,
            base_url=server.url,
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.rejects == []
    assert [
        (
            one.id,
            one.title,
            one.text,
            one.lang,
            one.rating,
            one.published_at,
            one.updated_at,
            one.likes,
            one.author_name,
            one.reply_text,
            one.reply_at,
        )
        for one in crawled.mentions
    ] == [
        (
            f"trustpilot_owner:{one['id']}",
            one["title"].strip(),
            one["text"].strip(),
            one["language"],
            one["rating"],
            _utc(one["dates"]["publishedDate"]),
            _utc(one["dates"]["updatedDate"]),
            one["likes"],
            one["consumer"]["displayName"].strip(),
            (one["reply"] or {}).get("message"),
            _utc((one["reply"] or {}).get("publishedDate")),
        )
        for one in reviews
    ]
    assert len(crawled.mentions) == 60


@pytest.mark.parametrize("recording", recordings("trustpilot", "*schemas__reviews.json"))
def test_look_alike_has_the_schema_of_the_interface(recording: Path) -> None:
    schema = json.loads(recording.read_bytes())["properties"]
    record = trustpilot_owner.record(1)
    # What the documentation has and the schema, which is older, has not.
    newer = {"links", "location", "referralEmail"}
    assert record.keys() - newer <= schema.keys()
    assert record["consumer"].keys() <= schema["consumer"]["properties"].keys()
    assert record["companyReply"].keys() == schema["companyReply"]["properties"].keys()
