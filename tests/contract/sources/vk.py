"""Posts on a community's wall; `SEARCH` and `COMMENTS` are what else the spider reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked, Route

WALL, SEARCH_METHOD, COMMENTS_METHOD = (
    f"/method/{name}" for name in ("wall.get", "newsfeed.search", "wall.getComments")
)
TOKEN = "vk1.a.service-token-of-the-look-alike"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
OWNER, POST = -104, 7_000
EDITED, REPOST, DELETED, PICTURE, SIGNED, LINKED, NOBODY, QUOTED = range(1, 9)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=3 * number)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _id(number: int) -> int:
    return 90_000 - number


def _text(number: int, turn: int) -> str:
    if turn in {REPOST, PICTURE, DELETED}:
        return ""
    if turn == LINKED:
        return (
            f"[club104|Кофейня «Парус»], ждали {number} мин.\n[https://vk.com/wall-104_1|Правила]"
        )
    return f"Чай &amp; пирог № {number}: <3.\n\nИтог [так]."


def _shown(number: int, turn: int) -> str:
    if turn == LINKED:
        return f"Кофейня «Парус», ждали {number} мин.\nПравила"
    return f"Чай & пирог № {number}: <3.\n\nИтог [так]."


def post(number: int) -> dict[str, Any]:
    turn = number % 14
    author = -OWNER * 100 + number
    made: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "id": _id(number),
        "owner_id": OWNER,
        "from_id": OWNER if turn == SIGNED else author,
        "date": _seconds(_at(number)),
        "post_type": "post",
        "marked_as_ads": 0,
        "text": _text(number, turn),
        "attachments": [{"type": "photo", "photo": {"id": number, "text": "не отзыв"}}],
        "comments": {"count": 0, "can_post": 1},
        "likes": {"count": number, "user_likes": 0},
        "reposts": {"count": 1},
    }
    if turn == EDITED:
        made["edited"] = _seconds(_at(number) + timedelta(minutes=5))
    if turn == SIGNED:
        made["signer_id"] = author
    if turn == DELETED:
        made |= {"is_deleted": True, "deleted_reason": "owner"}
    if turn in {REPOST, QUOTED}:
        words = f"Слова другой стены {number}"
        first = {"id": 5, "owner_id": 77, "from_id": 77, "date": _seconds(_at(number)) - 60}
        made["copy_history"] = [first | {"id": 500_000 - number, "text": words}]
    if turn == NOBODY:
        made["from_id"] = 0
        del made["likes"]
    return made


def answered(items: Sequence[dict[str, Any]], **more: Any) -> Answer:
    below = [answer for one in items for answer in one.get("thread", {}).get("items", [])]
    people = {one.get("signer_id") or one["from_id"] for one in [*items, *below]} | {77}
    names = [
        {"id": one, "first_name": "Имя", "last_name": str(one)} for one in sorted(people) if one > 0
    ]
    groups = [{"id": -OWNER, "name": "Парус &amp; Ко", "screen_name": "parus"}]
    response = {"count": len(items), "items": items, "profiles": names, "groups": groups, **more}
    return Answer(
        json.dumps({"response": response}, ensure_ascii=False), content_type="application/json"
    )


def _query(asked: Asked) -> dict[str, str]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
    assert (query["v"], query["extended"]) == ("5.199", "1")
    return query


def refusal(code: int, words: str) -> Answer:
    error = {"error_code": code, "error_msg": words, "request_params": []}
    return Answer(json.dumps({"error": error}), content_type="application/json")


def _with_token(page: Callable[[dict[str, str]], Answer]) -> Route:
    def route(asked: Asked, _before: int) -> Answer:
        query = _query(asked)
        if query.get("access_token") != TOKEN:
            return refusal(5, "User authorization failed: invalid access_token.")
        return page(query)

    return route


def wall(numbers: Sequence[int]) -> Routes:
    def page(query: dict[str, str]) -> Answer:
        assert query["owner_id"] == str(OWNER)
        start = int(query.get("offset", 0))
        part = numbers[start : start + int(query["count"])]
        return answered([post(number) for number in part], count=len(numbers))

    return {WALL: _with_token(page)}


def search(numbers: Sequence[int], most: int = 1000) -> Routes:
    """A search that gives `most` posts before a time."""

    def page(query: dict[str, str]) -> Answer:
        end = int(query.get("end_time") or 2**40)
        found = [one for one in numbers if int(query["start_time"]) <= _seconds(_at(one)) <= end]
        start = int(query.get("start_from") or 0)
        part = found[:most][start : start + int(query["count"])]
        following = start + len(part)
        more = {"next_from": str(following)} if following < len(found[:most]) else {}
        items = [post(number) for number in part]
        return answered(items, count=len(found[:most]), total_count=len(found), **more)

    return {SEARCH_METHOD: _with_token(page)}


def comment(number: int) -> dict[str, Any]:
    """A comment; every fourth one has answers, the numbers that follow it."""
    turn = number % 14
    made: dict[str, Any] = {
        "id": _id(number),
        "from_id": OWNER if turn == SIGNED else 10_400 + number,
        "date": _seconds(_at(number)),
        "text": _text(number, turn),
        "likes": {"count": number},
    }
    if turn != EDITED:  # old answers do not repeat what was asked
        made |= {"post_id": POST, "owner_id": OWNER}
    if turn == DELETED:
        made["deleted"] = True
    if turn == NOBODY:
        made["from_id"] = 0
    if number % 4:
        made["parents_stack"] = [_id(number - number % 4)]
        made["reply_to_comment"] = made["parents_stack"][0]
    else:
        made["parents_stack"] = []
    return made


def comments(numbers: Sequence[int], shown: int = 1) -> Routes:
    """The comments of a post, `shown` answers with each."""

    def page(query: dict[str, str]) -> Answer:
        assert (query["owner_id"], query["post_id"]) == (str(OWNER), str(POST))
        above = query.get("comment_id")
        level = [
            one
            for one in numbers
            if (above is None and one % 4 == 0)
            or (above is not None and one % 4 and _id(one - one % 4) == int(above))
        ]
        start = int(query.get("offset", 0))
        items = [comment(number) for number in level[start : start + int(query["count"])]]
        for one in items if above is None else ():
            number = 90_000 - one["id"]
            below = [other for other in (number + 1, number + 2, number + 3) if other in numbers]
            answers = [comment(other) for other in below[:shown]]
            one["thread"] = {"count": len(below), "items": answers}
        return answered(items, count=len(numbers), current_level_count=len(level))

    return {COMMENTS_METHOD: _with_token(page)}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {DELETED, PICTURE}:
        return None
    author = -OWNER * 100 + number
    made: dict[str, Any] = {
        "id": f"{OWNER}_{_id(number)}",
        "kind": "post",
        "url": f"https://vk.com/wall{OWNER}_{_id(number)}",
        "text": _shown(number, turn),
        "lang": None,
        "published_at": _at(number),
        "updated_at": _at(number) + timedelta(minutes=5) if turn == EDITED else None,
        "likes": None if turn == NOBODY else number,
        "parent_id": None,
        "author_name": None if turn == NOBODY else f"Имя {author}",
    }
    if turn == REPOST:
        made |= {
            "id": f"77_{500_000 - number}",
            "url": f"https://vk.com/wall77_{500_000 - number}",
            "text": f"Слова другой стены {number}",
            "published_at": _at(number) - timedelta(seconds=60),
            "likes": None,
            "author_name": "Имя 77",
        }
    return made


def expected_comment(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {DELETED, PICTURE, REPOST}:
        return None
    name = "Парус & Ко" if turn == SIGNED else None if turn == NOBODY else f"Имя {10_400 + number}"
    above = _id(number - number % 4) if number % 4 else POST
    return {
        "id": f"{OWNER}_{_id(number)}",
        "kind": "comment",
        "url": f"https://vk.com/wall{OWNER}_{POST}?reply={_id(number)}",
        "text": _shown(number, turn),
        "published_at": _at(number),
        "likes": number,
        "parent_id": f"{OWNER}_{above}",
        "author_name": name,
    }


SOURCE = Source(
    spider="vk",
    arguments={"owner_id": f"club{-OWNER}"},
    platform=wall,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "edited", "likes", "markup")),
    secrets={"token": TOKEN},
    several_pages=350,
    errors=(
        (refusal(15, "Access denied: this wall available only for members"), "Access denied"),
        (
            Answer(
                '{"response": false, "execute_errors": [{"method": "wall.get", "error_code": 29, '
                '"error_msg": "Rate limit reached"}]}',
                content_type="application/json",
            ),
            "Rate limit reached",
        ),
        (Answer('{"error": "invalid_token"}', content_type="application/json"), "invalid_token"),
    ),
)
SEARCH = replace(SOURCE, arguments={"query": "кофейня Парус"}, platform=search)
COMMENTS = replace(
    SOURCE,
    arguments={"owner_id": str(OWNER), "post_id": str(POST)},
    platform=comments,
    expected=expected_comment,
    features=frozenset(("author", "deleted", "likes", "markup", "parent")),
)
