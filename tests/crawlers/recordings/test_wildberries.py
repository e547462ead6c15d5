"""Wildberries: the reviews of a product, and the card of another one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings

CARD = "/cards/v4/detail"
ROOT = 190000777


def replay(card: bytes, root: int, reviews: bytes, nm_id: int) -> Crawled:
    routes = {CARD: Answer(card), f"/feedbacks/v1/{root}": Answer(reviews)}
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "wildberries",
            options={"store_author_names": True},
            nm_id=str(nm_id),
            base_url=server.url,
        )
    assert crawled.summary is not None
    assert crawled.rejects == []
    return crawled


def utc(written: str) -> datetime:
    # Python reads six digits of a fraction.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", written)).astimezone(UTC)


@pytest.mark.parametrize("recording", recordings("wildberries", "*reviews*.json"))
def test_reviews(recording: Path) -> None:
    body = recording.read_bytes()
    expected = json.loads(body)["feedbacks"]
    product = {"id": expected[0]["nmId"], "root": ROOT, "name": "Сумка", "brand": "Парус"}
    card = json.dumps({"products": [product]}).encode()
    crawled = replay(card, ROOT, body, expected[0]["nmId"])
    assert len(crawled.mentions) == len(expected) == 6
    for one, record in zip(crawled.mentions, expected, strict=True):
        assert one.id == f"wildberries:{record['id']}"
        assert one.url == f"https://www.wildberries.ru/catalog/{record['nmId']}/feedbacks"
        assert (one.text, one.rating) == (record["text"], record["productValuation"])
        assert (one.published_at, one.updated_at) == (
            utc(record["createdDate"]),
            utc(record["updatedDate"]),
        )
        assert one.country == record["wbUserDetails"]["country"].upper()
        assert (one.likes, one.author_name) == (record["votes"]["pluses"], None)
        assert one.reply_text == record["answer"]["text"]
        assert one.reply_at == utc(record["answer"]["createDate"])
        parent = record.get("parentFeedbackId")
        assert one.parent_id == (parent and f"wildberries:{parent}")
        assert (one.product, one.brand) == ("Сумка", "Парус")
    assert len({one.author_id for one in crawled.mentions}) == 6
    assert sum(one.parent_id is not None for one in crawled.mentions) == 1


@pytest.mark.parametrize("recording", recordings("wildberries", "*detail.json"))
def test_card(recording: Path) -> None:
    (product,) = json.loads(recording.read_bytes())["products"]
    review = {
        "id": "a",
        "nmId": product["id"],
        "text": "Звук",
        "createdDate": "2026-08-01T10:00:00Z",
    }
    reviews = json.dumps({"feedbacks": [review]}).encode()
    crawled = replay(recording.read_bytes(), product["root"], reviews, product["id"])
    (one,) = crawled.mentions
    assert (one.product, one.brand) == (product["name"], product["brand"])
