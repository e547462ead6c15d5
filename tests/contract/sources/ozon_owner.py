"""A seller's reviews on Ozon: a list with a cursor, and the comments on each review."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

LIST, NEW_LIST, COMMENTS, INFO = (
    "/v1/review/list", "/v2/review/list", "/v1/review/comment/list", "/v1/review/info",
)  # fmt: skip
KEYS = {"client_id": "client-of-the-look-alike", "api_key": "0c1f-key-of-the-look-alike"}
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 250_000, tzinfo=UTC)
STARS_ONLY, ANSWERED, TWICE = range(1, 4)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _z(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(number: int) -> str:
    return f"0187310d-4b18-2f36-5a31-{number:012}"


def review(number: int) -> dict[str, Any]:
    turn = number % 14
    return {
        "id": _id(number),
        "sku": 160_000_000 + number % 3,
        "text": "" if turn == STARS_ONLY else f"Чашка № {number} &amp; блюдце.\nИтог.",
        "published_at": _z(_at(number)),
        "rating": 1 + number % 5,
        "status": "PROCESSED",
        "comments_amount": {ANSWERED: 1, TWICE: 2}.get(turn, 0),
        "photos_amount": 0,
        "videos_amount": 0,
        "order_status": "DELIVERED",
        "is_rating_participant": True,
    }


def comment(number: int, place: int, text: str, **more: Any) -> dict[str, Any]:
    made = {
        "id": f"0187310d-c0de-{place:04}-0000-{number:012}",
        "is_official": False,
        "is_owner": False,
        "parent_comment_id": "",
        "published_at": _z(_at(number) + timedelta(hours=place)),
        "text": text,
    }
    return made | more


def comments(number: int) -> list[dict[str, Any]]:
    turn, answer = number % 14, "Спасибо, <b>приходите</b>!"
    if turn == ANSWERED:
        return [comment(number, 1, answer, is_owner=True)]
    if turn == TWICE:
        second = comment(number, 2, "Мы всё исправили.", is_official=True)
        return [comment(number, 1, answer, is_owner=True), second]
    return []


def body(value: object, status: int = 200) -> Answer:
    text = json.dumps(value, ensure_ascii=False)
    return Answer(text, status, content_type="application/json")


def platform(numbers: Sequence[int]) -> Routes:
    by_id = {_id(number): number for number in numbers}

    def asked_for(asked: Asked) -> dict[str, Any] | None:
        keys = asked.headers.get("Client-Id"), asked.headers.get("Api-Key")
        known = keys == (KEYS["client_id"], KEYS["api_key"])
        return json.loads(asked.body) if known else None

    def page(asked: Asked, _before: int) -> Answer:
        wanted = asked_for(asked)
        if wanted is None:
            return body({"code": 16, "message": "Client-Id and Api-Key headers are required"}, 403)
        assert 20 <= wanted["limit"] <= 100
        assert wanted["sort_dir"] == "DESC"
        start = 0
        if wanted["last_id"]:
            known = by_id.get(wanted["last_id"])
            start = numbers.index(known) + 1 if known is not None else len(numbers)
        part = numbers[start : start + wanted["limit"]]
        return body(
            {
                "has_next": start + len(part) < len(numbers),
                "last_id": _id(part[-1]) if part else "",
                "reviews": [review(number) for number in part],
            }
        )

    def below(asked: Asked, _before: int) -> Answer:
        wanted = asked_for(asked) or {}
        assert 20 <= wanted["limit"] <= 100
        found = comments(by_id[wanted["review_id"]]) if wanted["review_id"] in by_id else []
        return body({"comments": found, "offset": 0})

    def info(asked: Asked, _before: int) -> Answer:
        number = by_id[(asked_for(asked) or {})["review_id"]]
        return body(review(number) | {"likes_amount": number, "dislikes_amount": 1})

    return {f"POST {LIST}": page, f"POST {COMMENTS}": below, f"POST {INFO}": info}


def expected(number: int) -> dict[str, Any]:
    turn, sku = number % 14, 160_000_000 + number % 3
    answered = turn in {ANSWERED, TWICE}
    reply = "Спасибо, приходите!" + ("\n\nМы всё исправили." if turn == TWICE else "")
    return {
        "id": _id(number),
        "kind": "review",
        "url": f"https://www.ozon.ru/product/{sku}/reviews/",
        "text": "" if turn == STARS_ONLY else f"Чашка № {number} & блюдце.\nИтог.",
        "rating": 1 + number % 5,
        "published_at": _at(number),
        "product": str(sku),
        "author_id": None,
        "reply_text": reply if answered else None,
        "reply_at": _at(number) + timedelta(hours=1) if answered else None,
        "parent_id": None,
    }


SOURCE = Source(
    spider="ozon_owner",
    arguments={},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(("markup", "rating", "reply", "reply_time")),
    secrets=KEYS,
    several_pages=200,
    lookups=(COMMENTS, INFO),
    errors=((body({"code": 7, "message": "Company is blocked"}), "Company is blocked"),),
)
