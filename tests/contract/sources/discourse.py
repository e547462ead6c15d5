"""The newest posts of a forum on Discourse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

HOST = "forumas.example"
PATH = "/posts.json"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 372000, tzinfo=UTC)
PAGE = 50
# The next page begins below the last post of a page. A test that takes that one out of a page of
# eight would meet it there, so that one is deleted.
EDITED, FIRST, HIDDEN, ANSWER, SMALL, NAMELESS, DELETED, RAW, LIKED = range(1, 10)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=37 * number)


def _id(number: int) -> int:
    return 500_000 - number


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.372Z"


def post(number: int) -> dict[str, Any]:
    turn = number % 14
    made: dict[str, Any] = {
        "id": _id(number),
        "name": None if turn == NAMELESS else f"Burlaivių mylėtojas {number}",
        "username": f"burlaivis{number}",
        "created_at": _time(_at(number)),
        "updated_at": "2026-04-01T07:00:00.000Z" if turn == EDITED else _time(_at(number)),
        "cooked": f"<p>Laukėme <strong>{number}</strong> minučių &amp; išėjome.</p>\n"
        f'<aside class="quote"><blockquote>\n<p>Burė</p></blockquote></aside>',
        "post_number": 1 if turn == FIRST else 9000 - number,
        "post_type": 3 if turn == SMALL else 1,
        "reply_to_post_number": 9000 - number - 1 if turn == ANSWER else None,
        "topic_id": 77 + (number if turn == FIRST else 0),
        "topic_slug": "bures-ir-prieplaukos",
        "topic_title": "Burės &amp; prieplaukos",
        "actions_summary": [{"id": 2, "count": number}] if turn == LIKED else [],
        "hidden": turn == HIDDEN,
        "user_deleted": False,
        "deleted_at": _time(NEWEST) if turn == DELETED else None,
    }
    if turn == RAW:
        del made["cooked"]
        made["raw"] = f"Laukėme **{number}** minučių & išėjome.\n\n> Burė"
    return made


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        before = int(query.get("before", [str(_id(0) + 1)])[0])
        found = [number for number in numbers if _id(number) < before]
        body = json.dumps({"latest_posts": [post(number) for number in found[:PAGE]]})
        return Answer(body, content_type="application/json; charset=utf-8")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {HIDDEN, DELETED, SMALL}:
        return None
    topic, place = (77 + number, 1) if turn == FIRST else (77, 9000 - number)
    name = f"burlaivis{number}" if turn == NAMELESS else f"Burlaivių mylėtojas {number}"
    return {
        "id": f"{HOST}/{_id(number)}",
        "kind": "post" if turn == FIRST else "comment",
        "url": f"https://{HOST}/t/bures-ir-prieplaukos/{topic}/{place}",
        "title": "Burės & prieplaukos" if turn == FIRST else None,
        "text": f"Laukėme {number} minučių & išėjome.\n\nBurė",
        "lang": None,
        "published_at": _at(number),
        "updated_at": "2026-04-01T07:00:00Z" if turn == EDITED else None,
        "likes": number if turn == LIKED else 0,
        # What it answers is the next one on the page.
        "parent_id": f"{HOST}/{_id(number + 1)}" if turn == ANSWER else None,
        "author_name": name,
    }


SOURCE = Source(
    spider="discourse",
    arguments={"instance": HOST},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "edited", "likes", "markup", "parent")),
    several_pages=180,
    errors=(
        (
            Answer('{"errors": ["You are not permitted to view this."], "error_type": "x"}'),
            "not permitted",
        ),
    ),
)
