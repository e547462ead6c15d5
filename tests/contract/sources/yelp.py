"""Excerpts of reviews on Yelp."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

BUSINESS = "burė-kavinė-vilnius"
PATH = "/v3/businesses/bur%C4%97-kavin%C4%97-vilnius/reviews"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
PAGE = 50


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=9 * number)


def _record(number: int) -> dict[str, Any]:
    own = f"https://www.yelp.com/biz/bure-kavine?hrid=r{number}"
    record: dict[str, Any] = {
        "id": f"yelp-review-{number:05}",
        "url": f"{own}&adjust_creative=THE-KEYS-OWNER&utm_source=THE-KEYS-OWNER",
        "text": f"Waited {number} minutes for a latte & a bun.\nThe barista was kind...",
        "rating": 1 + number % 5,
        # Pacific time, summer and winter.
        "time_created": f"{_at(number).astimezone(ZoneInfo('America/Los_Angeles')):%F %T}",
        "user": {
            "id": f"user-{number}",
            "profile_url": "https://www.yelp.com/user_details?userid=x",
            "image_url": None,
            "name": f"Reader {number}",
        },
    }
    if number % 14 == 3:
        record["public_response"] = {
            "text": "Thank you, we will train more.",
            "time_created": f"{_at(number) + timedelta(days=1):%Y-%m-%dT%H:%M:%S}+00:00",
        }
    if number % 14 == 5:
        record["user"] = None
    return record


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, times: int) -> Answer:
        body = {
            "reviews": [_record(number) for number in numbers],
            "total": 3 * len(numbers),
            "possible_languages": ["en"],
        }
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    return {PATH: page}


def expected(number: int) -> dict[str, Any]:
    answered = number % 14 == 3
    return {
        "id": f"yelp-review-{number:05}",
        "url": f"https://www.yelp.com/biz/bure-kavine?hrid=r{number}",
        "text": f"Waited {number} minutes for a latte & a bun.\nThe barista was kind...",
        "rating": float(1 + number % 5),
        "published_at": _at(number),
        "reply_text": "Thank you, we will train more." if answered else None,
        "reply_at": _at(number) + timedelta(days=1) if answered else None,
        "author_name": None if number % 14 == 5 else f"Reader {number}",
    }


SOURCE = Source(
    spider="yelp",
    arguments={"business_id": BUSINESS},
    platform=platform,
    expected=expected,
    evidence="look-alike",
    features=frozenset(("author", "rating", "reply", "reply_time")),
    secrets={"api_key": "yelp-key-83be0d"},
    several_pages=None,
    incremental=False,
    errors=(
        (
            Answer(json.dumps({"error": {"code": "ACCESS_LIMIT_REACHED", "description": "wait"}})),
            "ACCESS_LIMIT_REACHED",
        ),
    ),
)
