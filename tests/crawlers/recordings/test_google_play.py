"""Google Play: two pages of an app's reviews, and the app's page with twenty more."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Asked, Loopback
from tests.crawlers.recordings.containers import recordings

APP = "com.google.android.apps.translate"
CALL = "/_/PlayStoreUi/data/batchexecute"
DETAILS = "/store/apps/details"
PAGES = ("initial", "page2")


def recorded_payload(body: bytes) -> list[Any]:
    """What a call gave: the second JSON inside the first."""
    outer = json.loads(body.decode().removeprefix(")]}'"))
    payload: list[Any] = json.loads(outer[0][2])
    return payload


def recorded(review: list[Any]) -> dict[str, Any]:
    """What must be stored of a review."""
    answer = review[7]
    return {
        "id": f"google_play:{review[0]}",
        "kind": "review",
        "url": f"https://play.google.com/store/apps/details?id={APP}&reviewId={review[0]}",
        "title": review[3],
        "text": html.unescape(review[4] or "").strip(),
        "lang": "en",
        "rating": float(review[2]),
        "published_at": datetime.fromtimestamp(review[5][0], UTC),
        "version": review[10],
        "likes": review[6],
        "author_name": review[1][0].strip(),
        "reply_text": answer and html.unescape(answer[1]).strip(),
        "reply_at": answer and datetime.fromtimestamp(answer[2][0], UTC),
    }


def shown(mention: Mention, fields: dict[str, Any]) -> dict[str, Any]:
    values = mention.model_dump()
    return {name: values[name] for name in fields}


@pytest.mark.parametrize("folder", recordings("google_play", "*reviews__translate-initial.txt"))
def test_two_pages(folder: Path) -> None:
    bodies = [
        (folder.parent / f"MrAdex77__test__fixtures__reviews__translate-{page}.txt").read_bytes()
        for page in PAGES
    ]
    payloads = [recorded_payload(body) for body in bodies]
    tokens = [payload[1][1] for payload in payloads]

    def page(asked: Asked, _before: int) -> Answer:
        [[[_, arguments, *_]]] = json.loads(parse_qs(asked.body.decode())["f.req"][0])
        _, _, (_, _, (_, *paging), *_), _ = json.loads(arguments)
        token = paging[-1] if paging else None
        return Answer("", 404) if token == tokens[1] else Answer(bodies[token == tokens[0]])

    with Loopback({f"POST {CALL}": page}) as server:
        crawled = crawl_process.run(
            "google_play",
            options={"store_author_names": True},
            app_id=APP,
            lang="en",
            base_url=server.url,
        )
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.summary.pages) == ("finished", 2)
    assert crawled.rejects == []
    expected = [recorded(one) for payload in payloads for one in payload[0]]
    assert [shown(one, expected[0]) for one in crawled.mentions] == expected
    assert len(expected) == 300
    assert sum(one.reply_text is not None for one in crawled.mentions) == 72


@pytest.mark.parametrize("recording", recordings("google_play", "*app__translate.html"))
def test_app_page(recording: Path) -> None:
    """Where the calls give nothing, the reviews on the app's page are taken."""
    body = recording.read_bytes()
    begin = body.decode().partition("key: 'ds:10'")[2].partition("data:")[2]
    payload, _ = json.JSONDecoder().raw_decode(begin)
    nothing = Answer(""")]}'\n\n[["wrb.fr","UsvDTd","[]",null,null,null,"generic"]]""")
    with Loopback({f"POST {CALL}": nothing, DETAILS: Answer(body)}) as server:
        crawled = crawl_process.run(
            "google_play",
            options={"store_author_names": True},
            app_id=APP,
            lang="en",
            base_url=server.url,
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "app's page are stored" in str(crawled.summary.message)
    assert crawled.rejects == []
    expected = [recorded(one) for one in payload[0]]
    assert [shown(one, expected[0]) for one in crawled.mentions] == expected
    assert len(expected) == 20
