"""Stories and comments that the search of Hacker News finds, in numbered pages up to a depth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

PATH = "/api/v1/search_by_date"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
DEPTH = 1000
# Even ones are stories, odd ones are comments.
LINK, POLL, OLD_FORM, DELETED = 2, 4, 6, 8
NO_PARENT, NO_AUTHOR, CODE = 1, 3, 5


def _at(number: int) -> datetime:
    # Two at a time: the second in which a page ends begins the next window again.
    return NEWEST - timedelta(minutes=7 * (number // 2))


def hit(number: int) -> dict[str, Any]:
    turn, name = number % 14, str(47_000_000 - number)
    text = (
        f"Waited {number} minutes, it&#x27;s &quot;free&quot; &amp; cold.<p>See <a "
        'href="https:&#x2F;&#x2F;parus.example" rel="nofollow">https:&#x2F;&#x2F;parus.example</a>'
    )
    kind = "comment" if number % 2 else "poll" if turn == POLL else "story"
    made: dict[str, Any] = {
        "objectID": name,
        "author": f"parus_guest_{number}",
        "created_at": f"{_at(number):%Y-%m-%dT%H:%M:%SZ}",
        "created_at_i": int(_at(number).timestamp()),
        "_tags": [kind, f"author_parus_guest_{number}", f"story_{name}"],
        "_highlightResult": {"author": {"value": f"parus_guest_{number}", "matchLevel": "none"}},
    }
    if kind == "comment":
        made |= {"comment_text": text, "story_title": "Parus", "story_id": 5, "parent_id": 6}
        if turn == NO_PARENT:
            del made["parent_id"]
        if turn == CODE:
            made["comment_text"] = f"Use list&lt;5&gt; {number} times"
    else:
        made |= {"title": f"The harbour &amp; visit {number}", "points": number, "num_comments": 0}
        made |= {"url": "https://parus.example"} if turn == LINK else {"story_text": text}
    if turn == NO_AUTHOR:
        made["author"] = None
    if turn == DELETED:
        made |= {"author": None, "title": None, "story_text": None}
    if turn == OLD_FORM:
        made |= {"created_at": f"{_at(number):%Y-%m-%dT%H:%M:%S}.000Z", "comment_text": None}
    return made


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query, keep_blank_values=True)
        assert query["query"] == ["parus"]
        assert query["tags"] == ["(story,comment,poll)"]
        found = list(numbers)
        for one in query.get("numericFilters", [""])[0].split(","):
            name, _, limit = one.partition("<")
            if name == "created_at_i":
                found = [number for number in found if _at(number).timestamp() < int(limit)]
        size, this = int(query["hitsPerPage"][0]), int(query["page"][0])
        body = {
            "hits": [hit(number) for number in found[:DEPTH][this * size : (this + 1) * size]],
            "page": this,
            "nbHits": len(found),
            "nbPages": -(-min(len(found), DEPTH) // size),
            "hitsPerPage": size,
        }
        return Answer(json.dumps(body), content_type="application/json; charset=utf-8")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn, name = number % 14, 47_000_000 - number
    if turn == DELETED:
        return None
    fields: dict[str, Any] = {
        "id": str(name),
        "url": f"https://news.ycombinator.com/item?id={name}",
        "text": f'Waited {number} minutes, it\'s "free" & cold.\n\nSee https://parus.example',
        "lang": None,
        "published_at": _at(number),
        "updated_at": None,
        "author_name": None if turn == NO_AUTHOR else f"parus_guest_{number}",
    }
    if number % 2:
        fields |= {"kind": "comment", "title": None, "likes": None}
        fields["parent_id"] = "5" if turn == NO_PARENT else "6"
        if turn == CODE:
            fields["text"] = f"Use list<5> {number} times"
        return fields
    fields |= {"kind": "post", "title": f"The harbour & visit {number}", "likes": number}
    if turn == LINK:
        fields["text"] = ""
    return fields | {"parent_id": None}


SOURCE = Source(
    spider="hackernews",
    arguments={"query": "parus"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "likes", "markup", "parent")),
    # More than the search gives to one query.
    several_pages=1250,
    errors=((Answer('{"message": "invalid numericFilters", "status": 400}'), "numericFilters"),),
)
