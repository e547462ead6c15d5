"""Reviews of a place, as Places API (New) gives them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer

PLACE = "ChIJlookalike_00-1"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 250_000, tzinfo=UTC)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _record(number: int) -> dict[str, Any]:
    text = {"text": f"Laukėme {number} min.\nKava &amp; pyragas „Burė“.", "languageCode": "lt"}
    record: dict[str, Any] = {
        "name": f"places/{PLACE}/reviews/ChZDSUhN{number:05}",
        "relativePublishTimeDescription": "a week ago",
        "rating": 1 + number % 5,
        "text": {"text": f"We waited {number} min.", "languageCode": "en"},
        "originalText": text,
        "authorAttribution": {
            "displayName": f"Skaitytojas {number}",
            "uri": f"https://www.google.com/maps/contrib/{10_000 + number}/reviews",
            "photoUri": "https://lh3.example.org/a",
        },
        # Nine digits of a fraction.
        "publishTime": f"{_at(number):%Y-%m-%dT%H:%M:%S}.250000001Z",
        "googleMapsUri": f"https://www.google.com/maps/reviews/data=x{number}",
    }
    if number % 14 == 2:  # stars only
        del record["text"], record["originalText"]
    if number % 14 == 3:  # in the language that was asked for, there is no original
        record["text"] = record.pop("originalText")
    if number % 14 == 5:
        del record["authorAttribution"]
    return record


def platform(numbers: Sequence[int]) -> Routes:
    body: dict[str, Any] = {
        "id": PLACE,
        "displayName": {"text": "Kavinė „Burė“", "languageCode": "lt"},
        "rating": 4.2,
        "userRatingCount": 310,
        "googleMapsUri": "https://maps.google.com/?cid=1",
    }
    if numbers:
        body["reviews"] = [_record(number) for number in numbers]
    page = Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")
    return {f"/v1/places/{PLACE}": page}


def expected(number: int) -> dict[str, Any]:
    silent = number % 14 == 2
    return {
        "id": f"ChZDSUhN{number:05}",
        "url": f"https://www.google.com/maps/reviews/data=x{number}",
        "text": "" if silent else f"Laukėme {number} min.\nKava & pyragas „Burė“.",
        "lang": None if silent else "lt",
        "rating": float(1 + number % 5),
        "published_at": _at(number),
        "location": "Kavinė „Burė“",
        "author_name": None if number % 14 == 5 else f"Skaitytojas {number}",
    }


SOURCE = Source(
    spider="google_places",
    arguments={"place_id": PLACE},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "language", "markup", "rating")),
    secrets={"api_key": "google-key-5d21c8"},
    several_pages=None,
    incremental=False,
    errors=(
        (
            Answer(json.dumps({"status": "OVER_QUERY_LIMIT", "error_message": "quota is spent"})),
            "OVER_QUERY_LIMIT",
        ),
        (
            Answer(json.dumps({"error": {"code": 400, "status": "INVALID_ARGUMENT"}})),
            "INVALID_ARGUMENT",
        ),
    ),
)
