"""A seller's reviews on Wildberries: two lists, of answered reviews and of the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.contract.sources.wildberries import review as of_the_store
from tests.crawlers.loopback import Answer, Asked

FEEDBACKS, QUESTIONS, ARCHIVE = (
    f"/api/v1/{name}" for name in ("feedbacks", "questions", "feedbacks/archive")
)
TOKEN = "eyJhbGciOiJFUzI1NiJ9.wildberries-look-alike"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
STARS_ONLY, POINTS, ADDED, NOBODY = 1, 2, 4, 5


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=3 * number)


def _is_answered(number: int) -> bool:
    return number % 2 == 1


def _product(number: int) -> dict[str, Any]:
    article = 211_000_000 + number % 3
    return {
        "imtId": 190_000_777,
        "nmId": article,
        "productName": f"Сумка {article}",
        "supplierArticle": "BRIZ-1",
        "supplierName": "ООО «Парус»",
        "brandName": "Парус",
        "size": "0",
    }


def _answer(number: int) -> dict[str, Any] | None:
    if not _is_answered(number):
        return None
    time = _at(number) + timedelta(hours=2)
    return {"text": "Спасибо! Ждём &#34;снова&#34;.", "state": "wbRu", "editable": True} | (
        {"createDate": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
    )


def feedback(number: int) -> dict[str, Any]:
    turn = number % 14
    store = of_the_store(number)
    kept = ("id", "bables", "color")
    made: dict[str, Any] = {name: store[name] for name in kept} | {
        "userName": "" if turn == NOBODY else f"Покупатель {number}",
        "text": "" if turn in {STARS_ONLY, POINTS} else f"Ремень № {number} &amp; пряжка.",
        "pros": "Лёгкий" if turn == POINTS else "",
        "cons": "Скрипит" if turn == POINTS else "",
        "productValuation": 1 + number % 5,
        "createdDate": _at(number).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "answer": _answer(number),
        "state": "wbRu",
        "productDetails": _product(number),
        "photoLinks": None,
        "video": None,
        "wasViewed": True,
        "orderStatus": "buyout",
        "parentFeedbackId": f"Wb{number + 1:06}qZ" if turn == ADDED else None,
        "childFeedbackId": None,
    }
    return made


def question(number: int) -> dict[str, Any]:
    return {
        "id": f"Question-{number}",
        "text": f"Есть ли чёрная, {number} см &amp; меньше?",
        "createdDate": _at(number).strftime("%Y-%m-%dT%H:%M:%S.582Z"),
        "state": "wbRu",
        "answer": _answer(number),
        "productDetails": _product(number),
        "wasViewed": False,
    }


def body(name: str, records: Sequence[dict[str, Any]]) -> Answer:
    data = {"countUnanswered": 1, "countArchive": 1, name: list(records)}
    value = {"data": data, "error": False, "errorText": "", "additionalErrors": None}
    return Answer(json.dumps(value, ensure_ascii=False), content_type="application/json")


def refusal() -> Answer:
    value = {
        "title": "unauthorized",
        "detail": "token problem; token is malformed",
        "status": 401,
        "statusText": "Unauthorized",
    }
    return Answer(json.dumps(value), 401, content_type="application/json")


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        path, _, written = asked.path.partition("?")
        query = {name: values[0] for name, values in parse_qs(written).items()}
        if asked.headers.get("Authorization") != TOKEN:
            return refusal()
        assert query["order"] == "dateDesc"
        found = list(numbers)
        if "isAnswered" in query:
            found = [one for one in found if _is_answered(one) == (query["isAnswered"] == "true")]
        until = int(query.get("dateTo", 2**40))
        since = int(query.get("dateFrom", 0))
        found = [one for one in found if since <= _at(one).timestamp() <= until]
        skip, take = int(query["skip"]), int(query["take"])
        part = found[skip : skip + take]
        if urlsplit(path).path == QUESTIONS:
            assert skip + take <= 10_000
            return body("questions", [question(one) for one in part])
        return body("feedbacks", [feedback(one) for one in part])

    return {FEEDBACKS: page, QUESTIONS: page, ARCHIVE: page}


def expected(number: int) -> dict[str, Any]:
    turn, product = number % 14, _product(number)
    text = f"Ремень № {number} & пряжка."
    if turn in {STARS_ONLY, POINTS}:
        text = "+ Лёгкий\n− Скрипит" if turn == POINTS else ""
    return {
        "id": f"Wb{number:06}qZ",
        "kind": "review",
        "url": f"https://www.wildberries.ru/catalog/{product['nmId']}/feedbacks",
        "text": text,
        "rating": 1 + number % 5,
        "published_at": _at(number),
        "updated_at": None,
        "product": product["productName"],
        "brand": "Парус",
        "author_name": None if turn == NOBODY else f"Покупатель {number}",
        **_expected_answer(number),
        "parent_id": f"Wb{number + 1:06}qZ" if turn == ADDED else None,
    }


def expected_question(number: int) -> dict[str, Any]:
    product = _product(number)
    return {
        "id": f"Question-{number}",
        "kind": "message",
        "url": f"https://www.wildberries.ru/catalog/{product['nmId']}/feedbacks",
        "text": f"Есть ли чёрная, {number} см & меньше?",
        "rating": None,
        "published_at": _at(number) + timedelta(milliseconds=582),
        "product": product["productName"],
        "author_name": None,
        **_expected_answer(number),
    }


def _expected_answer(number: int) -> dict[str, Any]:
    answered = _is_answered(number)
    return {
        "reply_text": 'Спасибо! Ждём "снова".' if answered else None,
        "reply_at": _at(number) + timedelta(hours=2) if answered else None,
    }


SOURCE = Source(
    spider="wildberries_owner",
    arguments={},
    platform=platform,
    expected=expected,
    evidence="look-alike",
    features=frozenset(("author", "markup", "parent", "rating", "reply", "reply_time")),
    secrets={"token": TOKEN},
    several_pages=450,
    lists=2,
    errors=(
        (
            Answer(
                json.dumps({"data": None, "error": True, "errorText": "Что-то пошло не так"}),
                content_type="application/json",
            ),
            "Что-то пошло не так",
        ),
    ),
)
