"""Stack Exchange: questions that a search found in 2021, without their texts; a list of users."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback
from tests.crawlers.recordings.containers import recordings

SEARCH = "/2.3/search/advanced"


def crawl(pages: list[Any]) -> Crawled:
    def answer(asked: Asked, _before: int) -> Answer:
        number = int(parse_qs(urlsplit(asked.path).query)["page"][0])
        return Answer(json.dumps(pages[number - 1]), content_type="application/json")

    with Loopback({SEARCH: answer}) as server:
        return crawl_process.run(
            "stackexchange",
            options={"store_author_names": True},
            base_url=server.url,
            query="editor",
        )


@pytest.mark.parametrize("recording", recordings("stackexchange", "*stackapi.json"))
def test_questions(recording: Path) -> None:
    """The recording has joined the pages of several searches; here they are two pages again."""
    joined = json.loads(recording.read_text("utf-8"))["stackapi_results"]
    questions = joined["items"]
    around = {name: joined[name] for name in ("quota_max", "quota_remaining")}
    crawled = crawl(
        [
            {"items": questions[:30], "has_more": True, **around},
            {"items": questions[30:], "has_more": False, **around},
        ]
    )
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.rejects) == ("finished", [])
    assert len(crawled.mentions) == len(questions) == 50
    for one, question in zip(crawled.mentions, questions, strict=True):
        edited = question.get("last_edit_date")
        assert one.id == f"stackexchange:stackoverflow/{question['question_id']}"
        assert (one.kind, one.url, one.text) == ("post", question["link"], "")
        assert one.title == html.unescape(question["title"])
        assert one.published_at == datetime.fromtimestamp(question["creation_date"], UTC)
        assert one.updated_at == (datetime.fromtimestamp(edited, UTC) if edited else None)
        assert one.likes == (question["score"] if question["score"] >= 0 else None)
        assert one.author_name == html.unescape(question["owner"]["display_name"])
        assert (one.parent_id, one.lang, one.rating) == (None, None, None)


@pytest.mark.parametrize("recording", recordings("stackexchange", "*associated"))
def test_people_are_no_texts(recording: Path) -> None:
    page = json.loads(recording.read_text("utf-8"))
    crawled = crawl([{**page, "has_more": False}])
    assert crawled.mentions == []
    assert len(crawled.rejects) == len(page["items"]) == 30
    assert {one.reason for one in crawled.rejects} == {"an item has no id"}
