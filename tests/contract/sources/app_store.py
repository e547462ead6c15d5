"""The App Store's feed of reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.app_store_feed import APP, entry, feed, path
from tests.crawlers.loopback import Answer

PAGE, PAGES = 50, 10
DEPTH = "CustomerReviews RSS page depth is limited to 10"


def _record(number: int) -> dict[str, Any]:
    if number == 1:  # as older feeds had it: no author, no date; the title in a list
        return entry(number, author=None, updated=None, title=[{"label": "Be datos"}])
    return entry(number)


def platform(numbers: Sequence[int]) -> Routes:
    routes: Routes = {path(PAGES + 1): Answer(DEPTH)}
    for page in range(PAGES):
        part = [_record(number) for number in numbers[page * PAGE : (page + 1) * PAGE]]
        # One review is no list; before 2019 the app itself came first.
        entries: Any = [APP, *part] if page == 0 and part else part
        routes[path(page + 1)] = Answer(feed(part[0] if len(part) == 1 else entries or None))
    return routes


def expected(number: int) -> dict[str, Any]:
    # 23:55:46 in California is the next morning in UTC.
    made: dict[str, Any] = {
        "id": str(900_000 - number),
        "url": "https://itunes.apple.com/lt/review?id=77&type=Purple%20Software",
        "title": f"Įspūdis {number}",
        "text": f"Kurjeris vėlavo {number} min.",
        "rating": float(1 + number % 5),
        "published_at": datetime(2026, 3, 28, 6, 55, 46, tzinfo=UTC)
        + timedelta(days=1 - number % 28),
        "country": "LT",
        "version": "4.2.0",
        "likes": number,
        "author_name": f"Skaitytojas {number}",
    }
    if number == 1:
        made |= {"title": "Be datos", "published_at": None, "author_name": None}
    return made


SOURCE = Source(
    spider="app_store",
    arguments={"app_id": "77", "country": "lt"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "likes", "rating")),
)
