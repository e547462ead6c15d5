"""Reviews of one's own business, from the Trustpilot Business API."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

UNIT = "46d6a890000064000500e0c3"
TOKEN_PATH = "/v1/oauth/oauth-business-users-for-applications/accesstoken"
NEWEST = datetime(2026, 3, 28, 22, 40, 5, tzinfo=UTC)
PAGE = 40
SECRETS = {
    "api_key": "trustpilot-key-51c2",
    "api_secret": "trustpilot-secret-99ab",
    "username": "svc@bure.example.com",
    "password": "burlaivis & vėjas",
}
TOKEN = "trustpilot-access-77d0"


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def record(number: int) -> dict[str, Any]:
    """One review as the API writes it."""
    kind = number % 14
    made: dict[str, Any] = {
        "links": [{"href": f"https://api.trustpilot.com/v1/reviews/{number}", "rel": "self"}],
        "id": f"65718f1ba9549dd9{number:08}",
        "consumer": {
            "id": f"56a820850000ff00{number:08}",
            "displayName": f"Pirkėjas {number}",
            "displayLocation": "Kaunas, LT",
            "numberOfReviews": 4,
        },
        "businessUnit": {"id": UNIT, "identifyingName": "bure.example.com", "displayName": "Burė"},
        "location": None,
        "stars": 1 + number % 5,
        "title": f"Įspūdis {number}",
        "text": f"Kurjeris vėlavo {number} min. &amp; dingo.\n\nGaila.",
        "language": ("lt", "ru", "en")[number % 3],
        "createdAt": f"{_at(number):%Y-%m-%dT%H:%M:%SZ}",
        "updatedAt": None,
        "referralEmail": f"klientas{number}@example.com",
        "companyReply": None,
        "isVerified": True,
        "numberOfLikes": number,
        "status": "active",
        "reportData": None,
        "countsTowardsTrustScore": True,
    }
    if kind == 1:
        made["companyReply"] = {"text": f"Ačiū, {number}!", "createdAt": "2026-03-30T09:00:00"}
    if kind == 2:
        made["updatedAt"] = f"{_at(number) + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    if kind == 3:
        made["reportData"] = {"source": "Trustpilot", "reviewVisibility": "hidden"}
    if kind == 4:
        made["reportData"] = {"source": "Burė", "reviewVisibility": "visible"}
        made["location"] = {"id": "43f51215", "name": "Burė, Laisvės al. 5"}
    if kind == 5:
        made["consumer"] = {"id": f"56a820850000ff00{number:08}", "displayName": None}
    if kind == 6:
        made |= {"text": None, "stars": 0}
    return made


def _token(asked: Asked, _before: int) -> Answer:
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["password"],
        "username": [SECRETS["username"]],
        "password": [SECRETS["password"]],
    }
    who = base64.b64encode(f"{SECRETS['api_key']}:{SECRETS['api_secret']}".encode()).decode()
    assert asked.headers["Authorization"] == f"Basic {who}"
    return Answer(json.dumps({"access_token": TOKEN, "expires_in": "359999"}))


def page_of(numbers: Sequence[int], asked: Asked) -> Answer:
    """The page that a request asks for; beyond the last one it is empty."""
    query = {name: one[0] for name, one in parse_qs(urlsplit(asked.path).query).items()}
    assert (query["perPage"], query["orderBy"]) == ("100", "createdat.desc")
    start = (int(query["page"]) - 1) * PAGE
    part = [record(number) for number in numbers[start : start + PAGE]]
    return Answer(json.dumps({"links": [], "reviews": part}), content_type="application/json")


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer('{"fault": {"faultstring": "Invalid access token"}}', 401)
        return page_of(numbers, asked)

    return {f"/v1/private/business-units/{UNIT}/reviews": page, f"POST {TOKEN_PATH}": _token}


def expected(number: int) -> dict[str, Any] | None:
    kind, native = number % 14, f"65718f1ba9549dd9{number:08}"
    if kind == 3:
        return None
    return {
        "id": native,
        "kind": "review",
        "url": f"https://www.trustpilot.com/reviews/{native}",
        "title": f"Įspūdis {number}",
        "text": "" if kind == 6 else f"Kurjeris vėlavo {number} min. & dingo.\n\nGaila.",
        "lang": ("lt", "ru", "en")[number % 3],
        "rating": None if kind == 6 else float(1 + number % 5),
        "published_at": _at(number),
        "updated_at": _at(number) + timedelta(hours=3) if kind == 2 else None,
        "location": "Burė, Laisvės al. 5" if kind == 4 else None,
        "country": None if kind == 5 else "LT",
        "likes": number,
        "author_name": None if kind == 5 else f"Pirkėjas {number}",
        "reply_text": f"Ačiū, {number}!" if kind == 1 else None,
        "reply_at": "2026-03-30T09:00:00+00:00" if kind == 1 else None,
    }


SOURCE = Source(
    spider="trustpilot_owner",
    arguments={"business_unit_id": UNIT},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(
        (
            "author",
            "deleted",
            "edited",
            "language",
            "likes",
            "markup",
            "rating",
            "reply",
            "reply_time",
        )
    ),
    secrets=SECRETS,
    exchanged=(TOKEN,),
    lookups=(TOKEN_PATH,),
    errors=((Answer('{"message": "Unknown business unit", "errorCode": 1001}'), "Unknown"),),
)
