"""Posts and comments that a search on a Lemmy instance (version 0.19) finds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

HOST = "lenta.example"
PATH = "/api/v3/search"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 372173, tzinfo=UTC)
# Even ones are posts, odd ones are comments.
EDITED_POST, DELETED, LINK, NO_ZONE, NOBODY = 2, 4, 6, 8, 10
NESTED, REMOVED, REMOTE, NO_LANGUAGE, EDITED_COMMENT = 1, 3, 5, 7, 9
LANGUAGES = {0: (135, "ru"), 1: (97, "lt"), 2: (37, "en")}


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=3 * number)


def _kind(number: int) -> str:
    return "comment" if number % 2 else "post"


def _address(number: int) -> str:
    if number % 14 == REMOTE:
        return f"https://kitur.example/comment/{900_000 + number}"
    return f"https://{HOST}/{_kind(number)}/{500_000 - number}"


def _thing(number: int) -> dict[str, Any]:
    turn = number % 14
    thing: dict[str, Any] = {
        "id": 500_000 - number,
        "creator_id": number,
        "removed": turn == REMOVED,
        "deleted": turn == DELETED,
        "published": _at(number).isoformat().removesuffix("+00:00")
        + ("" if turn == NO_ZONE else "Z"),
        "ap_id": _address(number),
        "local": turn != REMOTE,
        "language_id": 0 if turn == NO_LANGUAGE else LANGUAGES[number % 3][0],
    }
    if turn in {EDITED_POST, EDITED_COMMENT}:
        thing["updated"] = "2026-04-01T07:00:00.000001Z"
    return thing


def _post(number: int) -> dict[str, Any]:
    body = (
        f"Ждали **{number}** минут &amp; [не дождались](https://parus.example).\n\n"
        "* холодно\n* <b>дорого</b>"
    )
    post = {**_thing(number), "name": f"Впечатления, часть {number}", "nsfw": False, "body": body}
    if number % 14 == LINK:
        post |= {"url": "https://parus.example/news", "body": ""}
    return post


def _view(number: int) -> dict[str, Any]:
    creator = {
        "id": number,
        "name": f"burlaivis{number}",
        "display_name": f"Burlaivių mylėtojas {number}",
        "actor_id": f"https://{HOST}/u/burlaivis{number}",
    }
    view: dict[str, Any] = {
        "creator": {} if number % 14 == NOBODY else creator,
        "community": {"id": 3, "name": "paslaugos", "actor_id": f"https://{HOST}/c/paslaugos"},
        "counts": {"score": number - 2, "upvotes": number, "downvotes": 2},
    }
    if _kind(number) == "post":
        return {"post": _post(number)} | view
    above = f"{500_000 - number - 4}." if number % 14 == NESTED else ""
    comment = {
        **_thing(number),
        "content": f"> цитата\n\nА нам принесли через *{number}* минут",
        "path": f"0.{above}{500_000 - number}",
        "post_id": 77,
    }
    return {"comment": comment, "post": {"id": 77, "ap_id": f"https://{HOST}/post/77"}} | view


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        number, limit = int(query.get("page", ["1"])[0]), int(query["limit"][0])
        assert query["sort"] == ["New"]
        body: dict[str, Any] = {"type_": "All", "communities": [], "users": []}
        for kind in ("comment", "post"):
            views = [_view(one) for one in numbers if _kind(one) == kind]
            body[f"{kind}s"] = views[(number - 1) * limit : number * limit]
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {DELETED, REMOVED}:
        return None
    fields: dict[str, Any] = {
        "id": _address(number).removeprefix("https://"),
        "kind": _kind(number),
        "url": _address(number),
        "lang": None if turn == NO_LANGUAGE else LANGUAGES[number % 3][1],
        "published_at": _at(number),
        "updated_at": "2026-04-01T07:00:00.000001Z" if "updated" in _thing(number) else None,
        "likes": number,
        "author_name": None if turn == NOBODY else f"Burlaivių mylėtojas {number}",
    }
    if _kind(number) == "post":
        text = f"Ждали {number} минут & не дождались.\n\nхолодно\nдорого"
        fields["text"] = "" if turn == LINK else text
        return fields | {"title": f"Впечатления, часть {number}", "parent_id": None}
    # The answered comment is on the page, so that its address at home is known.
    answered = f"https://{HOST}/post/77" if turn != NESTED else _address(number + 4)
    text = f"цитата\n\nА нам принесли через {number} минут"
    return fields | {"title": None, "text": text, "parent_id": answered.removeprefix("https://")}


SOURCE = Source(
    spider="lemmy",
    arguments={"instance": HOST, "query": "парус"},
    platform=platform,
    expected=expected,
    evidence="look-alike",
    features=frozenset(("author", "deleted", "edited", "language", "likes", "markup", "parent")),
    several_pages=400,
    errors=((Answer('{"error": "couldnt_find_community"}'), "couldnt_find_community"),),
)
