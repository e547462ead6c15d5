"""What a search on Bluesky finds, asked with a session."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

SESSION = "/xrpc/com.atproto.server.createSession"
SEARCH = "/xrpc/app.bsky.feed.searchPosts"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, 123000, tzinfo=UTC)
ACCESS = "eyJhbGciOiJFUzI1NksifQ.access-of-the-look-alike"
PASSWORD = "q7xk-m2vd-9tls-4hzp"
(
    EARLY_CLOCK,
    ANSWER,
    NO_LANGUAGE,
    HIDDEN,
    NOT_HIDDEN,
    NO_HANDLE,
    MICROSECONDS,
    NO_LIKES,
    NOBODY,
) = range(1, 10)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=47 * number)


def address(number: int) -> str:
    return f"at://did:plc:keliautojas{number}/app.bsky.feed.post/3lpjabc{number:04}"


def _label(value: str, **more: object) -> dict[str, Any]:
    return {"src": "did:plc:moderatorius", "uri": "x", "val": value, "cts": "2026-01-01"} | more


def view(number: int) -> dict[str, Any]:
    turn = number % 14
    indexed = _at(number) + timedelta(seconds=0 if turn == EARLY_CLOCK else 1)
    written = f"{_at(number):%Y-%m-%dT%H:%M:%S.%f}"
    created = f"{written}Z" if turn == MICROSECONDS else f"{written[:-3]}Z"
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": f"Доставка «Паруса» заняла {number} минут 🙁\nparus.example/dosta...",
        "createdAt": "2027-01-01T00:00:00Z" if turn == EARLY_CLOCK else created,
        "langs": [("ru", "lt", "en-GB")[number % 3]],
        # Counted in bytes of UTF-8, which the text does not depend on.
        "facets": [{"index": {"byteStart": 70, "byteEnd": 90}, "features": []}],
    }
    if turn == NO_LANGUAGE:
        del record["langs"]
    if turn == ANSWER:
        reference = {"uri": address(number + 5), "cid": "bafyreix"}
        record["reply"] = {"root": reference, "parent": reference}
    post: dict[str, Any] = {
        "uri": address(number),
        "cid": f"bafyrei{number}",
        "author": {
            "did": f"did:plc:keliautojas{number}",
            "handle": "handle.invalid" if turn == NO_HANDLE else f"keliautojas{number}.example",
            "displayName": f"Keliautojas Nr. {number}",
        },
        "record": record,
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": number,
        "indexedAt": f"{indexed:%Y-%m-%dT%H:%M:%S}.123Z",
        "labels": [],
    }
    if turn == HIDDEN:
        post["labels"] = [_label("!hide")]
    if turn == NOT_HIDDEN:
        post["labels"] = [_label("rude"), _label("!hide", neg=True)]
    if turn == NO_LIKES:
        del post["likeCount"]
    if turn == NOBODY:
        post["author"] = None
    return post


def platform(numbers: Sequence[int]) -> Routes:
    def session(asked: Asked, _before: int) -> Answer:
        given = json.loads(asked.body)
        assert given["password"] == PASSWORD
        made = {"did": "did:plc:me", "handle": "me.example", "accessJwt": ACCESS, "active": True}
        return Answer(json.dumps(made), content_type="application/json")

    def page(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {ACCESS}":
            refused = '{"error": "AuthMissing", "message": "Authentication Required"}'
            return Answer(refused, 401, content_type="application/json")
        query = parse_qs(urlsplit(asked.path).query)
        cursor, limit = query.get("cursor", ["0"])[0], int(query["limit"][0])
        begin = int(cursor) if cursor.isdecimal() else 0
        body: dict[str, Any] = {"posts": [view(one) for one in numbers[begin : begin + limit]]}
        if begin + limit < len(numbers):
            body["cursor"] = str(begin + limit)
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    return {f"POST {SESSION}": session, SEARCH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn == HIDDEN:
        return None
    profile = f"keliautojas{number}.example"
    if turn in {NO_HANDLE, NOBODY}:
        profile = f"did:plc:keliautojas{number}"
    return {
        "id": address(number),
        "kind": "comment" if turn == ANSWER else "post",
        "url": f"https://bsky.app/profile/{profile}/post/3lpjabc{number:04}",
        "text": f"Доставка «Паруса» заняла {number} минут 🙁\nparus.example/dosta...",
        "lang": None if turn == NO_LANGUAGE else ("ru", "lt", "en")[number % 3],
        "published_at": _at(number),
        "likes": None if turn == NO_LIKES else number,
        "parent_id": address(number + 5) if turn == ANSWER else None,
        "author_name": None if turn == NOBODY else f"Keliautojas Nr. {number}",
    }


SOURCE = Source(
    spider="bluesky",
    arguments={"query": "парус"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "language", "likes", "parent")),
    secrets={"identifier": "burlaivis.example", "app_password": PASSWORD},
    exchanged=(ACCESS,),
    several_pages=350,
    lookups=(SESSION,),
    errors=(
        (
            Answer('{"error": "InvalidRequest", "message": "Bad token scope"}'),
            "Bad token scope",
        ),
    ),
)
