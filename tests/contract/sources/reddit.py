"""Posts that a search in a subreddit finds, asked with an app's token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

TOKEN = "/api/v1/access_token"
SEARCH = "/r/vilnius/search"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
ACCESS = "eyJhbGciOiJSUzI1NiJ9.reddit-look-alike"
EDITED, LINK, DELETED, REMOVED, NOBODY, DISLIKED, ESCAPED, MARKDOWN, NO_ADDRESS = range(1, 10)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=53 * number)


def _id(number: int) -> str:
    return f"1k{200_000 - number}"


def post(number: int) -> dict[str, Any]:
    turn = number % 14
    rendered = (
        f'<!-- SC_OFF --><div class="md"><p>Waited <strong>{number}</strong> minutes, '
        "&quot;free&quot; &amp; cold.</p>\n\n"
        '<p>See <a href="https://parus.example">the page</a></p>\n</div><!-- SC_ON -->'
    )
    written = (
        f'Waited **{number}** minutes, "free" &amp; cold.\n\nSee [the page](https://parus.example)'
    )
    made: dict[str, Any] = {
        "id": _id(number),
        "name": f"t3_{_id(number)}",
        "subreddit": "vilnius",
        "author": f"Parus_Guest_{number}",
        "author_fullname": f"t2_{number}",
        "title": f"The harbour café, visit {number} &amp; last",
        "selftext": written,
        "selftext_html": rendered,
        "created_utc": _at(number).timestamp(),
        "edited": datetime(2026, 4, 1, 7, tzinfo=UTC).timestamp() if turn == EDITED else False,
        "score": -number if turn == DISLIKED else number,
        "upvote_ratio": 0.5,
        "num_comments": 0,
        "permalink": f"/r/vilnius/comments/{_id(number)}/the_harbour_cafe/",
        "url": f"https://www.reddit.com/r/vilnius/comments/{_id(number)}/the_harbour_cafe/",
        "removed_by_category": "moderator" if turn == REMOVED else None,
        "over_18": False,
    }
    if turn == LINK:
        made |= {"selftext": "", "selftext_html": None, "url": "https://parus.example/menu"}
    if turn == DELETED:
        made |= {"selftext": "[deleted]", "author": "[deleted]"}
    if turn == NOBODY:
        made["author"] = "[deleted]"
        del made["author_fullname"]
    if turn == ESCAPED:  # as answers without raw_json are
        made["selftext_html"] = rendered.replace("&", "&amp;").replace("<", "&lt;")
    if turn == MARKDOWN:
        made["selftext_html"] = None
    if turn == NO_ADDRESS:
        del made["permalink"]
    return made


def platform(numbers: Sequence[int]) -> Routes:
    def token(asked: Asked, _before: int) -> Answer:
        assert asked.body == b"grant_type=client_credentials"
        made = {"access_token": ACCESS, "token_type": "bearer", "expires_in": 86400, "scope": "*"}
        return Answer(json.dumps(made), content_type="application/json")

    def page(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {ACCESS}":
            refused = '{"message": "Unauthorized", "error": 401}'
            return Answer(refused, 401, content_type="application/json")
        query = parse_qs(urlsplit(asked.path).query)
        assert query["raw_json"] == ["1"]
        names = [f"t3_{_id(number)}" for number in numbers]
        after = query.get("after", [""])[0]
        begin = names.index(after) + 1 if after in names else 0
        part = numbers[begin : begin + int(query["limit"][0])]
        is_last = begin + len(part) == len(numbers)
        data = {
            "after": None if is_last else names[begin + len(part) - 1],
            "before": None,
            "dist": len(part),
            "children": [{"kind": "t3", "data": post(number)} for number in part],
        }
        body = json.dumps({"kind": "Listing", "data": data})
        return Answer(body, content_type="application/json; charset=UTF-8")

    return {f"POST {TOKEN}": token, SEARCH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    if turn in {DELETED, REMOVED}:
        return None
    text = f'Waited {number} minutes, "free" & cold.\n\nSee the page'
    slug = "" if turn == NO_ADDRESS else "the_harbour_cafe/"
    return {
        "id": f"t3_{_id(number)}",
        "kind": "post",
        "url": f"https://www.reddit.com/r/vilnius/comments/{_id(number)}/{slug}",
        "title": f"The harbour café, visit {number} & last",
        "text": "" if turn == LINK else text,
        "lang": None,
        "published_at": _at(number),
        "updated_at": "2026-04-01T07:00:00Z" if turn == EDITED else None,
        "likes": None if turn == DISLIKED else number,
        "author_name": None if turn == NOBODY else f"Parus_Guest_{number}",
    }


SOURCE = Source(
    spider="reddit",
    arguments={"query": "harbour café", "subreddit": "vilnius"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "edited", "likes", "markup")),
    secrets={"client_id": "client-of-the-look-alike", "client_secret": "secret-of-the-look-alike"},
    exchanged=(ACCESS,),
    several_pages=350,
    lookups=(TOKEN,),
    errors=(
        (
            Answer('{"message": "Forbidden", "reason": "private", "error": 403}'),
            "Forbidden: private",
        ),
    ),
)
