"""Yandex Maps: an answer that the page fetched, and the page that asks whether one is a robot."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.importers import import_file
from mention import Mention, Reject
from tests.crawlers.recordings.containers import recordings


def utc(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


@pytest.mark.parametrize("recording", recordings("yandex_maps", "*.json"))
def test_answer(recording: Path) -> None:
    items = list(import_file(recording, "html", store_author_names=True))
    expected = json.loads(recording.read_bytes())["data"]["reviews"]
    assert len(items) == len(expected)
    for one, record in zip(items, expected, strict=True):
        assert isinstance(one, Mention)
        answer = record.get("businessComment") or {}
        assert one.id == f"import:yandex_maps/{record['reviewId']}"
        assert one.text == record.get("text", "")
        assert one.rating == (record["rating"] if record["rating"] <= 5 else None)
        written = record.get("createdTime") or record.get("updatedTime")
        assert one.published_at == utc(written)
        assert one.author_name == record["author"].get("name")
        assert one.reply_text == answer.get("text")
        assert one.reply_at == utc(answer.get("updatedTime"))


@pytest.mark.parametrize("recording", recordings("yandex_maps", "*.html"))
def test_robot_check(recording: Path) -> None:
    (one,) = import_file(recording)
    assert isinstance(one, Reject)
    assert "whether you are a robot" in one.reason
