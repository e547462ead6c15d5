"""2GIS: a page of the reviews interface, and a web page with schema.org."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.importers import import_file
from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings


def utc(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


@pytest.mark.parametrize("recording", recordings("2gis", "*.json"))
def test_reviews(recording: Path) -> None:
    body = recording.read_bytes()
    with Loopback({"/3.0/branches/70000001/reviews": Answer(body)}) as server:
        crawled = crawl_process.run(
            "twogis",
            options={"store_author_names": True},
            branch_id="70000001",
            base_url=server.url,
        )
    expected = json.loads(body)["reviews"]
    assert crawled.rejects == []
    assert len(crawled.mentions) == len(expected) > 0
    for one, record in zip(crawled.mentions, expected, strict=True):
        answer = record.get("official_answer") or {}
        assert one.id == f"twogis:{record['id']}"
        assert one.text == record.get("text", "")
        assert one.rating == (record["rating"] or None)
        assert one.published_at == utc(record.get("date_created"))
        assert one.updated_at == utc(record.get("date_edited"))
        assert one.author_name == record["user"].get("name")
        assert one.reply_text == answer.get("text")
        assert one.reply_at == utc(answer.get("date_created"))


@pytest.mark.parametrize("recording", recordings("2gis", "*.html"))
def test_saved_page(recording: Path) -> None:
    items = list(import_file(recording, store_author_names=True))
    script = re.search(r"(?s)<script[^>]*ld\+json[^>]*>(.*?)</script>", recording.read_text())
    assert script is not None
    expected = json.loads(script[1])["review"]
    assert [
        (one.text, one.rating, f"{one.published_at:%F}", one.author_name, one.url)
        for one in items
        if isinstance(one, Mention)
    ] == [
        (
            one["reviewBody"],
            one["reviewRating"]["ratingValue"],
            one["datePublished"],
            one["author"]["name"],
            one["url"],
        )
        for one in expected
    ]
    assert len(items) == len(expected)
