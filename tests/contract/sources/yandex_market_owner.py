"""A seller's reviews on Yandex Market: pages by a token, and the comments on each review."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

BUSINESS = 41_007
LIST = f"/v2/businesses/{BUSINESS}/goods-feedback"
COMMENTS = f"{LIST}/comments"
KEY = "ACMA:key-of-the-look-alike:1f2e"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
STARS_ONLY, ANSWERED, BANNED, NOBODY = range(1, 5)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _id(number: int) -> int:
    return 900_000 - number


def review(number: int) -> dict[str, Any]:
    turn = number % 14
    words = {
        "advantages": "Звонкая &amp; лёгкая",
        "disadvantages": "Ручка",
        "comment": f"Чашка № {number}.",
    }
    made: dict[str, Any] = {
        "feedbackId": _id(number),
        # Moscow's own time.
        "createdAt": (_at(number) + timedelta(hours=3)).isoformat().replace("+00:00", "+03:00"),
        "needReaction": True,
        "identifiers": {"orderId": number, "modelId": 5, "offerId": f"CUP-{number % 3}"},
        "author": f"Гость {number}",
        "description": {} if turn == STARS_ONLY else words,
        "media": {"photos": [], "videos": []},
        "statistics": {
            "rating": 1 + number % 5,
            "commentsCount": int(turn in {ANSWERED, BANNED}),
            "recommended": True,
            "paidAmount": 0,
        },
    }
    if turn == NOBODY:
        del made["author"]
    return made


def comments(number: int) -> list[dict[str, Any]]:
    """The shop's answer."""
    status = "BANNED" if number % 14 == BANNED else "PUBLISHED"
    answer = {
        "id": 10 * number,
        "text": "Спасибо, &quot;приходите&quot;!",
        "canModify": True,
        "author": {"type": "BUSINESS", "name": "Парус"},
        "status": status,
        "feedbackId": _id(number),
    }
    return [answer]


def body(value: object, status: int = 200) -> Answer:
    text = json.dumps(value, ensure_ascii=False)
    return Answer(text, status, content_type="application/json")


def refusal(status: int = 401) -> Answer:
    error = {"code": "UNAUTHORIZED", "message": "Api-key is invalid"}
    return body({"status": "ERROR", "errors": [error]}, status)


def platform(numbers: Sequence[int]) -> Routes:
    by_id = {_id(number): number for number in numbers}

    def page(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("Api-Key") != KEY:
            return refusal()
        times = json.loads(asked.body)
        query = parse_qs(urlsplit(asked.path).query)
        found = [one for one in numbers if _is_inside(_at(one), times)]
        start = int(query.get("page_token", ["0"])[0])
        part = found[start : start + int(query["limit"][0])]
        following = start + len(part)
        paging = {"nextPageToken": str(following)} if following < len(found) else {}
        result = {"feedbacks": [review(number) for number in part], "paging": paging}
        return body({"status": "OK", "result": result})

    def below(asked: Asked, _before: int) -> Answer:
        number = by_id.get(json.loads(asked.body)["feedbackId"])
        found = comments(number) if number is not None else []
        return body({"status": "OK", "result": {"comments": found, "paging": {}}})

    return {f"POST {LIST}": page, f"POST {COMMENTS}": below}


def _is_inside(time: datetime, times: dict[str, str]) -> bool:
    begin, end = (times.get(name) for name in ("dateTimeFrom", "dateTimeTo"))
    after = begin is None or time >= datetime.fromisoformat(begin)
    return after and (end is None or time < datetime.fromisoformat(end))


def expected(number: int) -> dict[str, Any]:
    turn = number % 14
    text = f"Чашка № {number}.\n+ Звонкая & лёгкая\n− Ручка"
    return {
        "id": str(_id(number)),
        "kind": "review",
        "url": None,
        "text": "" if turn == STARS_ONLY else text,
        "rating": 1 + number % 5,
        "published_at": _at(number),
        "product": f"CUP-{number % 3}",
        "author_name": None if turn == NOBODY else f"Гость {number}",
        "reply_text": 'Спасибо, "приходите"!' if turn == ANSWERED else None,
        "reply_at": None,
        "parent_id": None,
    }


SOURCE = Source(
    spider="yandex_market_owner",
    arguments={"business_id": str(BUSINESS)},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(("author", "markup", "rating", "reply")),
    secrets={"api_key": KEY},
    several_pages=200,
    lookups=(COMMENTS,),
    errors=((refusal(200), "Api-key is invalid"),),
)
