"""Reviews of a product in Wildberries' store: a card, then one answer with all reviews."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer

ARTICLE, VARIANT, ROOT = 211_000_123, 211_000_124, 190_000_777
CARD = "/cards/v4/detail"
REVIEWS = f"/feedbacks/v1/{ROOT}"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
STARS_ONLY, ANSWERED, POINTS, ADDED, NOBODY, NOT_RATED = range(1, 7)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _z(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(number: int) -> str:
    return f"Wb{number:06}qZ"


def review(number: int) -> dict[str, Any]:
    turn = number % 14
    made: dict[str, Any] = {
        "id": _id(number),
        "globalUserId": f"user-{number}",
        "wbUserId": 0,
        "wbUserDetails": {"country": "by", "name": f"Покупатель {number}", "hasPhoto": False},
        "nmId": VARIANT if number % 2 else ARTICLE,
        "text": "" if turn in {STARS_ONLY, POINTS} else f"Сумка № {number} &amp; ремень.\nИтог.",
        "pros": "Лёгкая" if turn == POINTS else "",
        "cons": "Молния &quot;ест&quot; ткань" if turn == POINTS else "",
        "productValuation": 0 if turn == NOT_RATED else 1 + number % 5,
        "color": "чёрный",
        "createdDate": _z(_at(number)),
        # Nanoseconds.
        "updatedDate": (_at(number) + timedelta(minutes=9)).strftime(
            "%Y-%m-%dT%H:%M:%S.838312995Z"
        ),
        "answer": None,
        "votes": {"pluses": number, "minuses": 1},
        "rank": 900.0 - number,
        "statusId": 16,
        "bables": ["размер", "внешний вид"],
    }
    if turn == ANSWERED:
        made["answer"] = {
            "text": "Спасибо, <b>приходите</b> ещё!",
            "state": "wbRu",
            "createDate": _z(_at(number) + timedelta(hours=2)),
        }
    if turn == ADDED:
        made["parentFeedbackId"] = _id(number + 1)
    if turn == ADDED + 1:
        made |= {"childFeedbackId": _id(number - 1), "excludedFromRating": {"isExcluded": True}}
    if turn == NOBODY:
        made["wbUserDetails"] = {"country": "", "name": ""}
        del made["globalUserId"]
    return made


def card(reviews: int) -> dict[str, Any]:
    product = {"id": ARTICLE, "root": ROOT, "brand": "Парус", "name": "Сумка «Бриз»"}
    return {"products": [product | {"feedbacks": reviews, "reviewRating": 4.8}]}


def body(value: object) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False), content_type="application/json")


def platform(numbers: Sequence[int]) -> Routes:
    reviews = [review(number) for number in numbers]
    answer = {"valuation": "4.8", "feedbackCount": len(reviews), "feedbacks": reviews}
    return {CARD: body(card(len(reviews))), REVIEWS: body(answer)}


def expected(number: int) -> dict[str, Any]:
    turn = number % 14
    text = f"Сумка № {number} & ремень.\nИтог."
    if turn in {STARS_ONLY, POINTS}:
        text = '+ Лёгкая\n− Молния "ест" ткань' if turn == POINTS else ""
    answered = turn == ANSWERED
    return {
        "id": _id(number),
        "kind": "review",
        "url": f"https://www.wildberries.ru/catalog/{VARIANT if number % 2 else ARTICLE}/feedbacks",
        "text": text,
        "rating": None if turn == NOT_RATED else 1 + number % 5,
        "published_at": _at(number),
        "updated_at": _at(number) + timedelta(minutes=9, microseconds=838312),
        "likes": number,
        "country": None if turn == NOBODY else "BY",
        "product": "Сумка «Бриз»",
        "brand": "Парус",
        "author_name": None if turn == NOBODY else f"Покупатель {number}",
        "reply_text": "Спасибо, приходите ещё!" if answered else None,
        "reply_at": _at(number) + timedelta(hours=2) if answered else None,
        "parent_id": _id(number + 1) if turn == ADDED else None,
    }


SOURCE = Source(
    spider="wildberries",
    arguments={"nm_id": str(ARTICLE)},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(
        ("author", "edited", "likes", "markup", "parent", "rating", "reply", "reply_time")
    ),
    several_pages=None,
    lookups=(CARD,),
    errors=((body({"error": "too many requests"}), "too many requests"),),
)
