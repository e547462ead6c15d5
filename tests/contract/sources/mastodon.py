"""Posts with a hashtag, from a Mastodon instance that knows posts of other servers too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

HOST = "toot.example"
PATH = "/api/v1/timelines/tag/%D0%BF%D0%B0%D1%80%D1%83%D1%81"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 250000, tzinfo=UTC)
PAGE = 40
EDITED, ANSWER, REMOTE, WARNED, NO_LANGUAGE, NO_INDEX, PRIVATE, BOOST, NOBODY, PLEROMA, LOST = (
    range(1, 12)
)


def _local(number: int) -> str:
    return str(116_000_000_000_000_000 - 4096 * number)


def _id(number: int) -> str:
    """What the address at home is made to: no author's name is in it."""
    if number % 14 == REMOTE:
        return f"kitur.example/{7_000_000 + number}"
    if number % 14 == PLEROMA:
        return f"pleroma.example/objects/0b5e7c1a-{number:04}"
    return f"{HOST}/{_local(number)}"


def _addresses(number: int) -> dict[str, str]:
    handle = f"jurininkas{number}"
    if number % 14 == REMOTE:
        home, local = "https://kitur.example", str(7_000_000 + number)
    elif number % 14 == PLEROMA:
        object_ = f"https://pleroma.example/objects/0b5e7c1a-{number:04}"
        return {"uri": object_, "url": object_}
    else:
        home, local = f"https://{HOST}", _local(number)
    uri = f"{home}/users/{handle}/statuses/{local}"
    return {"uri": uri, "url": f"{home}/@{handle}/{local}"}


def record(number: int) -> dict[str, Any]:
    turn = number % 14
    status: dict[str, Any] = {
        "id": _local(number),
        "created_at": f"{NEWEST - timedelta(hours=5 * number):%Y-%m-%dT%H:%M:%S.250Z}",
        "in_reply_to_id": _local(number + 1) if turn == ANSWER else None,
        "in_reply_to_account_id": "9" if turn == ANSWER else None,
        "sensitive": turn == WARNED,
        "spoiler_text": "жалоба & вопрос" if turn == WARNED else "",
        "visibility": "private" if turn == PRIVATE else "public",
        "language": None if turn == NO_LANGUAGE else ("ru", "lt-LT", "en")[number % 3],
        **_addresses(number),
        "replies_count": 0,
        "reblogs_count": 1,
        "favourites_count": number,
        "edited_at": "2026-04-01T07:00:00.000Z" if turn == EDITED else None,
        "content": f"<p>Ждал <b>{number}</b> минут &amp; ушёл<br />без заказа</p>"
        '<p><a href="https://parus.example/otzyv"><span class="invisible">https://</span>'
        '<span class="ellipsis">parus.example/ot</span><span class="invisible">zyv</span></a> '
        '<a href="https://toot.example/tags/x" class="mention hashtag">#<span>парус</span></a></p>',
        "reblog": None,
        "account": {
            "id": str(number),
            "username": f"jurininkas{number}",
            "acct": f"jurininkas{number}" + ("@kitur.example" if turn == REMOTE else ""),
            "display_name": f"Jūrininkas {number}",
            "bot": False,
            "discoverable": False,
            "noindex": turn == NO_INDEX,
        },
        "tags": [{"name": "парус"}],
    }
    if turn == NOBODY:
        status["account"] = None
    if turn == LOST:  # a post that this page does not have
        status["in_reply_to_id"] = "115000000000000000"
    if turn == BOOST:
        status = {**status, "id": f"{_local(number)}9", "content": "", "reblog": status}
    return status


def timeline(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        assert int(query["limit"][0]) >= PAGE
        below = query.get("max_id", ["9" * 18])[0]
        part = [number for number in numbers if int(_local(number)) < int(below)][:PAGE]
        address = f"https://{HOST}{PATH}?limit={PAGE}"
        links = [f'<{address}&max_id={_local(part[-1])}>; rel="next"'] if len(part) == PAGE else []
        links += [f'<{address}&min_id={_local(part[0])}>; rel="prev"'] if part else []
        body = json.dumps([record(number) for number in part], ensure_ascii=False)
        headers = {"Link": ", ".join(links)} if links else {}
        return Answer(body, headers=headers, content_type="application/json; charset=utf-8")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {NO_INDEX, PRIVATE}:
        return None
    parent = {ANSWER: _id(number + 1), LOST: f"{HOST}/115000000000000000"}.get(turn)
    return {
        "id": _id(number),
        "kind": "comment" if parent else "post",
        "url": _addresses(number)["url"],
        "title": "жалоба & вопрос" if turn == WARNED else None,
        "text": f"Ждал {number} минут & ушёл\nбез заказа\n\nhttps://parus.example/otzyv #парус",
        "lang": None if turn == NO_LANGUAGE else ("ru", "lt", "en")[number % 3],
        "published_at": NEWEST - timedelta(hours=5 * number),
        "updated_at": "2026-04-01T07:00:00Z" if turn == EDITED else None,
        "likes": number,
        "parent_id": parent,
        "author_name": None if turn == NOBODY else f"Jūrininkas {number}",
    }


SOURCE = Source(
    spider="mastodon",
    arguments={"instance": HOST, "tag": "#парус"},
    platform=timeline,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "edited", "language", "likes", "markup", "parent")),
    errors=(
        (
            Answer('{"error": "This method requires an authenticated user"}'),
            "requires an authenticated user",
        ),
    ),
)
