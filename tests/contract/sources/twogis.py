"""Reviews of a branch on 2GIS: pages linked by `next_link`, which carries the key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

HOST = "https://public-api.reviews.2gis.com"
BRANCH = "70000001999"
PATH = f"/3.0/branches/{BRANCH}/reviews"
KEY = "two-gis-key-7f3a91"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
NOVOSIBIRSK = timezone(timedelta(hours=7))
PAGE = 50


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=5 * number)


def _written(moment: datetime) -> str:
    # One digit of a fraction, and the branch's own offset.
    return moment.astimezone(NOVOSIBIRSK).strftime("%Y-%m-%dT%H:%M:%S.0+07:00")


def _record(number: int) -> dict[str, Any]:
    edited = number % 14 == 3
    created = _at(number) - timedelta(days=40) if edited else _at(number)
    answer = {
        "id": f"{number}-1",
        "org_name": "Парус",
        "text": f"Спасибо, мы разберёмся с заказом {number}.",
        "date_created": _written(created + timedelta(hours=30)),
    }
    return {
        "id": str(91_000_000 - number),
        "region_id": 1,
        "text": ""
        if number % 14 == 7
        else f"Ждали {number} мин, окно «Парус» &amp; касса №2.\nИтог: так.",
        "rating": None if number % 14 == 2 else 0 if number % 14 == 9 else 1 + number % 5,
        "provider": "flamp" if number % 14 == 6 else "2gis",
        "is_rated": True,
        "is_hidden": number % 14 == 4,
        "hiding_reason": "copypaste" if number % 14 == 4 else None,
        "is_verified": False,
        "likes_count": number,
        "dislikes_count": 0,
        "comments_count": 0,
        "user": {}
        if number % 14 == 5
        else {"id": f"u{number}", "public_id": f"p{number}", "name": f"Читатель {number}"},
        "object": {"id": BRANCH, "type": "branch"},
        "official_answer": answer if number % 3 == 0 else None,
        "photos": [],
        "date_created": _written(created),
        "date_edited": _written(_at(number)) if edited else None,
    }


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, times: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        if query.get("key") != [KEY]:
            error = {"code": 403, "error": {"type": "apiKeyIsBlocked", "message": "blocked"}}
            return Answer(json.dumps({"meta": error}), 403, content_type="application/json")
        start = int(query.get("offset", ["0"])[0])
        part = numbers[start : start + PAGE]
        following = start + PAGE < len(numbers)
        link = f"{HOST}{PATH}?limit={PAGE}&offset={start + PAGE}&key={KEY}"
        body = {
            "meta": {
                "code": 200,
                "branch_rating": 4.1,
                "total_count": len(numbers),
                "next_link": link if following else None,
            },
            "reviews": [_record(number) for number in part],
        }
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    record, kind = _record(number), number % 14
    if kind == 4:
        return None
    created = _at(number) - timedelta(days=40) if kind == 3 else _at(number)
    answered = number % 3 == 0
    return {
        "id": f"flamp-{record['id']}" if kind == 6 else record["id"],
        "url": f"https://2gis.ru/firm/{BRANCH}/tab/reviews",
        "text": "" if kind == 7 else f"Ждали {number} мин, окно «Парус» & касса №2.\nИтог: так.",
        "rating": record["rating"] or None,
        "published_at": created,
        "updated_at": _at(number) if kind == 3 else None,
        "likes": number,
        "reply_text": f"Спасибо, мы разберёмся с заказом {number}." if answered else None,
        "reply_at": created + timedelta(hours=30) if answered else None,
        "author_name": None if kind == 5 else f"Читатель {number}",
    }


SOURCE = Source(
    spider="twogis",
    arguments={"branch_id": BRANCH},
    platform=platform,
    expected=expected,
    evidence="look-alike",
    features=frozenset(
        ("author", "deleted", "edited", "likes", "markup", "rating", "reply", "reply_time")
    ),
    secrets={"api_key": KEY},
    errors=(
        (
            Answer(
                json.dumps({"meta": {"code": 403, "error": {"type": "apiKeyIsBlocked"}}}),
                content_type="application/json",
            ),
            "apiKeyIsBlocked",
        ),
    ),
)
