"""Trustpilot: the reviews of a page, put back into the page, and a table of reviews."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.importers import import_file
from mention import Mention
from tests.crawlers.recordings.containers import recordings


@pytest.mark.parametrize("recording", recordings("trustpilot", "scrapfly*reviews.json"))
def test_saved_page(recording: Path, tmp_path: Path) -> None:
    expected = json.loads(recording.read_bytes())
    props = {"reviews": expected, "businessUnit": {"displayName": "B&H"}, "filters": {}}
    state = json.dumps({"props": {"pageProps": props}}).replace("<", "\\u003c")
    page = tmp_path / "page.html"
    page.write_text(f'<html><script id="__NEXT_DATA__">{state}</script></html>', "utf-8")
    items = list(import_file(page, store_author_names=True))
    found = [one for one in items if isinstance(one, Mention)]
    assert len(items) == len(found) == len(expected) == 60
    for one, record in zip(found, expected, strict=True):
        reply = record["reply"] or {}
        assert one.id == f"import:trustpilot/{record['id']}"
        assert (one.title, one.text) == (record["title"].strip(), record["text"].strip())
        assert (one.rating, one.lang, one.likes) == (
            record["rating"],
            record["language"],
            record["likes"],
        )
        published = record["dates"]["publishedDate"]
        assert one.published_at == datetime.fromisoformat(published).astimezone(UTC)
        assert one.author_name == record["consumer"]["displayName"].strip()
        assert one.brand == "B&H"
        assert one.reply_text == reply.get("message")
        answered = reply.get("publishedDate")
        assert one.reply_at == (answered and datetime.fromisoformat(answered).astimezone(UTC))


@pytest.mark.parametrize("recording", recordings("trustpilot", "*.csv"))
def test_table(recording: Path) -> None:
    items = list(import_file(recording))
    with recording.open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    assert [
        (one.title, one.text, one.rating, f"{one.published_at:%F}")
        for one in items
        if isinstance(one, Mention)
    ] == [
        (
            one["Review Title"].strip(),
            one["Review Content"].strip(),
            float(one["Review Rating"]),
            one["Review Date"],
        )
        for one in expected
    ]
    assert len(items) == len(expected)
