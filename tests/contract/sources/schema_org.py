"""A shop's pages of reviews, marked up with JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer

SITE = "https://shop.example.org"
PAGE = 40
NEWEST = datetime(2026, 6, 1, tzinfo=UTC)


def _review(number: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": "Review",
        "@id": f"{SITE}/review/{number}",
        "name": f"Чайник № {number}",
        "author": {"@type": "Person", "name": f"Вера {number}"},
        "reviewBody": f"Шумит &amp; греется {number} минут",
        "reviewRating": {"@type": "Rating", "ratingValue": str(2 * number % 11), "bestRating": 10},
        "datePublished": f"{NEWEST - timedelta(days=number):%Y-%m-%d}",
        "inLanguage": "ru-RU",
        "upvoteCount": number,
    }
    if number == 1:
        del made["author"], made["inLanguage"]
    if number == 2:
        made["dateModified"] = f"{NEWEST:%Y-%m-%dT%H:%M:%S+03:00}"
    return made


def platform(numbers: Sequence[int]) -> Routes:
    routes: Routes = {}
    for start in range(0, max(len(numbers), 1), PAGE):
        page = start // PAGE + 1
        thing: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Product",
            "name": "Чайник «Парус»",
            "review": [_review(number) for number in numbers[start : start + PAGE]],
        }
        last = start + PAGE >= len(numbers)
        routes["/kettle" if page == 1 else f"/kettle?page={page}"] = Answer(
            "<html><head><title>Чайник</title>"
            f'<script type="application/ld+json">{json.dumps(thing, ensure_ascii=False)}</script>'
            "</head><body><h1>Отзывы</h1>"
            + ("" if last else f'<a rel="next" href="/kettle?page={page + 1}">дальше</a>')
            + "</body></html>"
        )
    return routes


def expected(number: int) -> dict[str, Any]:
    rating = float(2 * number % 11)
    return {
        "id": f"{SITE}/review/{number}",
        "url": f"{SITE}/kettle" if number < PAGE else f"{SITE}/kettle?page={number // PAGE + 1}",
        "title": f"Чайник № {number}",
        "text": f"Шумит & греется {number} минут",
        "lang": None if number == 1 else "ru",
        "rating": rating or None,  # how many sites write "not rated"
        "published_at": NEWEST - timedelta(days=number),
        "updated_at": NEWEST - timedelta(hours=3) if number == 2 else None,
        "product": "Чайник «Парус»",
        "likes": number,
        "author_name": None if number == 1 else f"Вера {number}",
    }


SOURCE = Source(
    spider="schema_org",
    arguments={"url": f"{SITE}/kettle"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "edited", "language", "likes", "markup", "rating")),
    scale=(1.0, 10.0),
)
