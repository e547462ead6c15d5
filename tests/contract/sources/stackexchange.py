"""Questions of a site of Stack Exchange that a search finds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

PATH = "/2.3/search/advanced"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
EDITED, NO_OWNER, GONE_OWNER, DISLIKED, NO_BODY, NO_LINK, MARKDOWN = range(1, 8)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(minutes=41 * number)


def _id(number: int) -> int:
    return 79_000_000 - number


def question(number: int) -> dict[str, Any]:
    turn = number % 14
    made: dict[str, Any] = {
        "tags": ["парус", "доставка"],
        "owner": {
            "user_id": number,
            "user_type": "registered",
            "display_name": f"Гость &amp; друг {number}",
            "link": f"https://ru.stackoverflow.com/users/{number}",
        },
        "is_answered": False,
        "answer_count": 0,
        "score": -number if turn == DISLIKED else number,
        "last_activity_date": int(_at(number).timestamp()),
        "creation_date": int(_at(number).timestamp()),
        "question_id": _id(number),
        "content_license": "CC BY-SA 4.0",
        "link": f"https://ru.stackoverflow.com/questions/{_id(number)}/parus",
        "title": f"Почему list&lt;5&gt; &quot;Парус&quot; грузится {number} минут?",
        "body": f"<p>Ждали <b>{number}</b> минут &amp; ушли.</p>\n\n"
        "<pre><code>list&lt;5&gt;\n</code></pre>",
    }
    if turn == EDITED:
        made["last_edit_date"] = int(datetime(2026, 4, 1, 7, tzinfo=UTC).timestamp())
    if turn == NO_OWNER:
        del made["owner"]
    if turn == GONE_OWNER:
        made["owner"] = {"user_type": "does_not_exist", "display_name": "user77"}
    if turn == NO_LINK:
        del made["link"]
    if turn in {NO_BODY, MARKDOWN}:
        del made["body"]
    if turn == MARKDOWN:
        made["body_markdown"] = f"Ждали **{number}** минут &amp; ушли.\r\n\r\n    list&lt;5&gt;\r\n"
    return made


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        assert (query["site"], query["q"]) == (["ru.stackoverflow"], ["парус"])
        assert (query["order"], query["sort"]) == (["desc"], ["creation"])
        size, this = int(query["pagesize"][0]), int(query["page"][0])
        body = {
            "items": [question(number) for number in numbers[(this - 1) * size : this * size]],
            "has_more": this * size < len(numbers),
            "quota_max": 300,
            "quota_remaining": 250,
        }
        text = json.dumps(body, ensure_ascii=False)
        return Answer(text, content_type="application/json; charset=utf-8")

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn = number % 14
    names = {NO_OWNER: None, GONE_OWNER: "user77"}
    slug = f"q/{_id(number)}" if turn == NO_LINK else f"questions/{_id(number)}/parus"
    return {
        "id": f"ru.stackoverflow/{_id(number)}",
        "kind": "post",
        "url": f"https://ru.stackoverflow.com/{slug}",
        "title": f'Почему list<5> "Парус" грузится {number} минут?',
        "text": "" if turn == NO_BODY else f"Ждали {number} минут & ушли.\n\nlist<5>",
        "lang": "ru",
        "published_at": _at(number),
        "updated_at": "2026-04-01T07:00:00Z" if turn == EDITED else None,
        "likes": None if turn == DISLIKED else number,
        "parent_id": None,
        "author_name": names.get(turn, f"Гость & друг {number}"),
    }


SOURCE = Source(
    spider="stackexchange",
    arguments={"query": "парус", "site": "ru.stackoverflow"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "edited", "language", "likes", "markup")),
    several_pages=350,
    secrets={"api_key": "key-of-the-look-alike"},
    errors=(
        (
            Answer(
                '{"error_id": 400, "error_name": "bad_parameter", '
                '"error_message": "No site found for name"}'
            ),
            "bad_parameter: No site found",
        ),
    ),
)
