"""Reviews of a location on Tripadvisor, from its Content API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer

LOCATION = "4868270"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=11 * number)


def _record(number: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": 970_000_000 - number,
        "lang": "ru",
        "location_id": int(LOCATION),
        "published_date": f"{_at(number):%Y-%m-%dT%H:%M:%SZ}",
        "rating": 1 + number % 5,
        "helpful_votes": number % 4,
        "rating_image_url": "https://www.example.org/r.svg",
        "url": f"https://www.tripadvisor.com/ShowUserReviews-g1-d{LOCATION}-r{number}.html#review",
        "trip_type": "Couples",
        "travel_date": "2026-03-31",
        "text": f"Номер {number} тихий, завтрак &amp; бассейн хороши.\n\nВернёмся.",
        "title": f"Отель «Парус» &quot;{number}&quot;",
        "user": {"username": f"Путник {number}", "user_location": {"id": "null"}},
        "subratings": {},
    }
    if number % 14 == 3:
        record["owner_response"] = {
            "id": 5,
            "lang": "ru",
            "text": "Ждём вас снова!",
            "published_date": f"{_at(number) + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}",
        }
    if number % 14 == 5:
        record["user"] = None
    if number % 14 == 6:
        record["title"] = None
    return record


def platform(numbers: Sequence[int]) -> Routes:
    body = json.dumps({"data": [_record(number) for number in numbers]}, ensure_ascii=False)
    path = f"/api/v1/location/{LOCATION}/reviews"
    return {path: Answer(body, content_type="application/json")}


def expected(number: int) -> dict[str, Any]:
    answered = number % 14 == 3
    return {
        "id": str(970_000_000 - number),
        "url": f"https://www.tripadvisor.com/ShowUserReviews-g1-d{LOCATION}-r{number}.html#review",
        "title": None if number % 14 == 6 else f'Отель «Парус» "{number}"',
        "text": f"Номер {number} тихий, завтрак & бассейн хороши.\n\nВернёмся.",
        "lang": "ru",
        "rating": float(1 + number % 5),
        "published_at": _at(number),
        "likes": number % 4,
        "reply_text": "Ждём вас снова!" if answered else None,
        "reply_at": _at(number) + timedelta(days=2) if answered else None,
        "author_name": None if number % 14 == 5 else f"Путник {number}",
    }


SOURCE = Source(
    spider="tripadvisor",
    arguments={"location_id": LOCATION, "language": "ru"},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(("author", "language", "likes", "markup", "rating", "reply", "reply_time")),
    secrets={"api_key": "tripadvisor-key-19ce77"},
    several_pages=None,
    incremental=False,
    errors=(
        (
            Answer(json.dumps({"error": {"type": "LimitExceeded", "message": "daily budget"}})),
            "LimitExceeded",
        ),
    ),
)
