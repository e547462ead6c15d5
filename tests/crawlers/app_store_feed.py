"""Writes answers that look like the App Store's review feed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A review; `changes` replaces fields, and None takes one out."""
    made: dict[str, Any] = {
        "author": {
            "uri": {"label": f"https://itunes.apple.com/lt/reviews/id{7000 + number}"},
            "name": {"label": f"Skaitytojas {number}"},
            "label": "",
        },
        "updated": {"label": f"2026-03-{28 - number % 28:02d}T23:55:46-07:00"},
        "im:rating": {"label": str(1 + number % 5)},
        "im:version": {"label": "4.2.0"},
        "id": {"label": str(900_000 - number)},
        "title": {"label": f"Įspūdis {number}"},
        "content": {"label": f"Kurjeris vėlavo {number} min.", "attributes": {"type": "text"}},
        "link": {
            "attributes": {
                "rel": "related",
                "href": "https://itunes.apple.com/lt/review?id=77&type=Purple%20Software",
            }
        },
        "im:voteSum": {"label": str(number)},
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
        "im:voteCount": {"label": str(number + 1)},
    }
    made |= {name.replace("im_", "im:"): value for name, value in changes.items()}
    return {name: value for name, value in made.items() if value is not None}


APP = {
    "im:name": {"label": "Parus"},
    "im:price": {"label": "Get"},
    "im:artist": {"label": "UAB Parus"},
    "title": {"label": "Parus - UAB Parus"},
    "id": {"label": "https://itunes.apple.com/lt/app/parus/id77", "attributes": {"im:id": "77"}},
}


def feed(entries: Any) -> str:
    """A page of the feed; `entries` is a list, one object, or None for no `entry` at all."""
    made: dict[str, Any] = {
        "author": {"name": {"label": "iTunes Store"}},
        "updated": {"label": "2026-04-01T00:00:00-07:00"},
        "title": {"label": "iTunes Store: Customer Reviews"},
        "link": [
            {"attributes": {"rel": "next", "href": "https://itunes.apple.com/xml?urlDesc=/x"}}
        ],
        "id": {"label": "https://itunes.apple.com/lt/rss/customerreviews/id=77/json"},
    }
    if entries is not None:
        made["entry"] = entries
    return json.dumps({"feed": made}, ensure_ascii=False)


def page(numbers: Iterable[int]) -> str:
    return feed([entry(number) for number in numbers])


def path(number: int, app: str = "77", country: str = "lt") -> str:
    return f"/{country}/rss/customerreviews/page={number}/id={app}/sortby=mostrecent/json"
