"""Ozon: the state of the widget with reviews, as the page fetches it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.importers import import_file
from mention import Mention
from tests.crawlers.recordings.containers import recordings


@pytest.mark.parametrize("recording", recordings("ozon", "*.json"))
@pytest.mark.parametrize("as_text", [False, True], ids=["decoded", "as sent"])
def test_answer(recording: Path, as_text: bool, tmp_path: Path) -> None:
    answer = json.loads(recording.read_bytes())
    ((name, widget),) = answer["widgetStates"].items()
    if as_text:  # Ozon sends the state as a text inside the JSON
        answer["widgetStates"][name] = json.dumps(widget)
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer), "utf-8")
    items = list(import_file(saved, "html", store_author_names=True))
    assert len(items) == len(widget["reviews"]) == 2
    for one, record in zip(items, widget["reviews"], strict=True):
        assert isinstance(one, Mention)
        assert one.id == f"import:ozon/{record['uuid']}"
        assert (one.text, one.rating) == (record["content"]["comment"], record["content"]["score"])
        assert one.published_at == datetime.fromtimestamp(record["publishedAt"], UTC)
        assert (one.lang, one.likes) == (record["Lang"], record["usefulness"]["useful"])
        assert one.product == widget["products"][str(record["itemId"])]["name"]
        assert one.author_name == f"{record['author']['firstName']} {record['author']['lastName']}"
        assert one.url == record["sharing"]["url"].partition("&")[0]
