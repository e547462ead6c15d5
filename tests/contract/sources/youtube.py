"""Comments on a video of YouTube, with replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

THREADS, REPLIES = "/youtube/v3/commentThreads", "/youtube/v3/comments"
VIDEO = "dQparus-_01"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
# Every third record is a reply to the one before it.
EDITED, NO_AUTHOR, DISPLAY_ONLY, NO_VIDEO, LIKED = 3, 6, 9, 10, 12


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=13 * number)


def _is_reply(number: int) -> bool:
    return number % 3 == 2


def _id(number: int) -> str:
    return f"Ugx{number - 1:06}.9parus{number:06}" if _is_reply(number) else f"Ugx{number:06}"


def comment(number: int) -> dict[str, Any]:
    turn = number % 14
    text = f'Ждали {number} минут & "остыло" <3\nСайт: https://parus.example'
    display = (
        f"Ждали <b>{number}</b> минут &amp; &quot;остыло&quot; &lt;3<br>Сайт: "
        '<a href="https://parus.example">https://parus.example</a>'
    )
    snippet: dict[str, Any] = {
        "videoId": VIDEO,
        "textDisplay": display,
        "textOriginal": text,
        "authorDisplayName": f"@парусник-{number}",
        "authorChannelUrl": f"http://www.youtube.com/channel/UC{number:022}",
        "authorChannelId": {"value": f"UC{number:022}"},
        "likeCount": number if turn == LIKED else 0,
        "publishedAt": f"{_at(number):%Y-%m-%dT%H:%M:%SZ}",
        "updatedAt": f"{_at(number):%Y-%m-%dT%H:%M:%SZ}",
    }
    if _is_reply(number):
        del snippet["videoId"]
        snippet["parentId"] = _id(number - 1)
    if turn == EDITED:
        snippet["updatedAt"] = "2026-04-01T07:00:00Z"
    if turn == NO_AUTHOR:
        for name in ("authorChannelId", "authorChannelUrl", "authorDisplayName"):
            del snippet[name]
    if turn == DISPLAY_ONLY:
        del snippet["textOriginal"]
    if turn == NO_VIDEO:
        snippet.pop("videoId", None)
    return {"kind": "youtube#comment", "id": _id(number), "snippet": snippet}


def platform(numbers: Sequence[int]) -> Routes:
    tops = [number for number in numbers if not _is_reply(number)]

    def thread(number: int) -> dict[str, Any]:
        replies = [number + 1] if number + 1 in numbers and _is_reply(number + 1) else []
        snippet = {
            "videoId": VIDEO,
            "topLevelComment": comment(number),
            "totalReplyCount": len(replies),
        }
        made = {"kind": "youtube#commentThread", "id": _id(number), "snippet": snippet}
        if replies and number % 9 != 4:  # the others are asked for apart
            made["replies"] = {"comments": [comment(one) for one in replies]}
        return made

    def threads(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        assert (query["videoId"], query["order"]) == ([VIDEO], ["time"])
        size, begin = int(query["maxResults"][0]), int(query.get("pageToken", ["T0"])[0][1:])
        body = {
            "kind": "youtube#commentThreadListResponse",
            "pageInfo": {"totalResults": size, "resultsPerPage": size},
            "items": [thread(number) for number in tops[begin : begin + size]],
        }
        if begin + size < len(tops):
            body["nextPageToken"] = f"T{begin + size}"
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    def replies(asked: Asked, _before: int) -> Answer:
        parent = parse_qs(urlsplit(asked.path).query)["parentId"][0]
        found = [one for one in numbers if _is_reply(one) and _id(one).startswith(f"{parent}.")]
        body = {
            "kind": "youtube#commentListResponse",
            "items": [comment(number) for number in found],
        }
        return Answer(json.dumps(body, ensure_ascii=False), content_type="application/json")

    return {THREADS: threads, REPLIES: replies}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    text = f'Ждали {number} минут & "остыло" <3\nСайт: https://parus.example'
    return {
        "id": _id(number),
        "kind": "comment",
        "url": f"https://www.youtube.com/watch?v={VIDEO}&lc={_id(number)}",
        "text": text,
        "lang": None,
        "published_at": _at(number),
        "updated_at": "2026-04-01T07:00:00Z" if turn == EDITED else None,
        "likes": number if turn == LIKED else 0,
        "parent_id": _id(number - 1) if _is_reply(number) else VIDEO,
        "author_name": None if turn == NO_AUTHOR else f"@парусник-{number}",
    }


SOURCE = Source(
    spider="youtube",
    arguments={"video_id": VIDEO},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "edited", "likes", "markup", "parent")),
    several_pages=600,
    secrets={"api_key": "AIza-key-of-the-look-alike"},
    lookups=(f"{REPLIES}?",),
    errors=(
        (
            Answer(
                '{"error": {"code": 403, "message": "You have exceeded your '
                '<a href=\\"/youtube\\">quota</a>.", "errors": [{"reason": "quotaExceeded"}]}}'
            ),
            "quotaExceeded: You have exceeded your quota",
        ),
    ),
)
