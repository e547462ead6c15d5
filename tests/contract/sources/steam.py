"""Player reviews on Steam."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

APP = "4077"
NEWEST = datetime(2026, 3, 28, 22, 40, 5, tzinfo=UTC)
PAGE = 40
LANGUAGES = {"russian": "ru", "english": "en", "schinese": "zh", "klingon": None}
MARKUP = (
    "[h1]Отзыв {0}[/h1]\n[b]Сервер[/b] падал {0} раз &amp; [url=https://e.example.org]вот[/url].\n"
    "[list]\n[*]долго\n[*][spoiler]дорого[/spoiler]\n[/list][quote=Капитан]Жди[/quote]"
    "[img]https://e.example.org/a.png[/img] 10 [из 10]"
)
CLEAN = "Отзыв {0}\nСервер падал {0} раз & вот.\nдолго\nдорого\nЖди\n10 [из 10]"


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _record(number: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "recommendationid": str(228_000_000 - number),
        "author": {
            "steamid": str(76561190000000000 + number),
            "personaname": f"Игрок {number}",
            "profile_url": f"https://steamcommunity.com/profiles/{76561190000000000 + number}/",
            "num_reviews": 3,
            "playtime_at_review": 2559,
        },
        "language": list(LANGUAGES)[number % 4],
        "review": MARKUP.format(number) if number % 2 else f"Ждал <3 матча {number} минут.",
        "timestamp_created": _seconds(_at(number)),
        "timestamp_updated": _seconds(_at(number)),
        "voted_up": number % 3 != 0,
        "votes_up": number,
        "votes_funny": 0,
        "weighted_vote_score": "0.885695576667785645" if number % 2 else 0,
        "comment_count": 0,
        "steam_purchase": True,
        "received_for_free": False,
    }
    if number % 14 == 3:
        record |= {
            "developer_response": f"Спасибо, №{number} исправлен.",
            "timestamp_dev_responded": _seconds(_at(number) + timedelta(days=2)),
        }
    if number % 14 == 4:
        record["timestamp_created"] -= 86_400
    if number % 14 == 5:  # as a year ago: no name
        record["author"] = {"steamid": str(76561190000000000 + number)}
    if number % 14 == 6:
        record["review"] = ""
    if number % 14 == 7:
        record["author"] = None
    return record


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = {name: one[0] for name, one in parse_qs(urlsplit(asked.path).query).items()}
        assert query["json"] == "1"
        cursor = query["cursor"]
        offset = re.fullmatch(r"AoJ\+w/(\d{1,6})==", cursor)
        start = 0 if cursor == "*" else int(offset[1]) if offset else len(numbers)
        part = [_record(number) for number in numbers[start : start + PAGE]]
        # At the end Steam gives the cursor that it got.
        after = f"AoJ+w/{start + PAGE}==" if part else cursor
        summary: dict[str, Any] = {"num_reviews": len(part)}
        if start == 0:
            summary |= {"review_score_desc": "Mixed", "total_reviews": len(numbers)}
        body = {"success": 1, "query_summary": summary, "reviews": part, "cursor": after}
        return Answer(json.dumps(body), content_type="application/json; charset=utf-8")

    return {f"/appreviews/{APP}": page}


def expected(number: int) -> dict[str, Any]:
    account, kind = 76561190000000000 + number, number % 14
    text = CLEAN if number % 2 else "Ждал <3 матча {0} минут."
    return {
        "id": str(228_000_000 - number),
        "kind": "review",
        "url": None
        if kind == 7
        else f"https://steamcommunity.com/profiles/{account}/recommended/{APP}/",
        "title": None,
        "text": "" if kind == 6 else text.format(number),
        "lang": list(LANGUAGES.values())[number % 4],
        "rating": float(number % 3 != 0),
        "published_at": _at(number) - timedelta(days=1 if kind == 4 else 0),
        "updated_at": _at(number) if kind == 4 else None,
        "likes": number,
        "author_name": None if kind in {5, 7} else f"Игрок {number}",
        "reply_text": f"Спасибо, №{number} исправлен." if kind == 3 else None,
        "reply_at": _at(number) + timedelta(days=2) if kind == 3 else None,
    }


SOURCE = Source(
    spider="steam",
    arguments={"app_id": APP, "language": "all"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(
        (
            "author",
            "edited",
            "language",
            "likes",
            "markup",
            "rating",
            "reply",
            "reply_time",
        )
    ),
    errors=(
        (Answer('{"success": 2, "error": "Backend busy"}'), "Backend busy"),
        (Answer('{"success": false}'), "success"),
        (Answer("null"), "null"),
    ),
    scale=(0.0, 1.0),
)
