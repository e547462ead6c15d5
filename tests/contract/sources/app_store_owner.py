"""Customer reviews of one's own app, from the App Store Connect API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

APP = "1477376905"
PATH = f"/v1/apps/{APP}/customerReviews"
HOST = "https://api.appstoreconnect.apple.com"
NEWEST = datetime(2026, 3, 29, 5, 40, 5, tzinfo=UTC)
PAGE = 40
KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()
SECRETS = {
    "private_key": PEM,
    "key_id": "2X9R4HXF34",
    "issuer_id": "57246542-96fe-1a63-e053-0824d011072a",
}
TERRITORIES = {"LTU": "LT", "RUS": "RU", "USA": "US", "XKS": "XK"}
PACIFIC = timezone(timedelta(hours=-7))


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _written(time: datetime) -> str:
    return time.astimezone(PACIFIC).isoformat()


def record(number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One review as the API writes it, and what is included with it."""
    kind, territory = number % 14, list(TERRITORIES)[number % 4]
    values: dict[str, Any] = {
        "rating": 1 + number % 5,
        "title": f"Įspūdis {number}",
        "body": f"Kurjeris vėlavo {number} min. & dingo.\n\nGaila.",
        "reviewerNickname": f"Pirkėjas{number}",
        "createdDate": _written(_at(number)),
        "territory": territory,
    }
    link = f"{HOST}/v1/customerReviews/{number}/response"
    related: dict[str, Any] = {"links": {"related": link}}
    included = []
    if kind == 1:
        values["title"] = None
    if kind == 2:
        del values["reviewerNickname"]
    if kind == 3:
        related["data"] = {"type": "customerReviewResponses", "id": f"answer-{number}"}
        answer = {
            "responseBody": f"Ačiū, {number}!",
            "lastModifiedDate": _written(_at(number) + timedelta(days=1)),
            "state": "PUBLISHED",
        }
        included.append(
            {"type": "customerReviewResponses", "id": f"answer-{number}", "attributes": answer}
        )
    if kind == 4:  # included, but another's
        related["data"] = None
    review = {
        "type": "customerReviews",
        "id": f"00000020-{number:04}-1e9e-0000-000000000000",
        "attributes": values,
        "relationships": {"response": related},
        "links": {"self": f"{HOST}/v1/customerReviews/{number}"},
    }
    return review, included


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        assert scheme == "Bearer"
        claims = jwt.decode(
            token, KEY.public_key(), algorithms=["ES256"], audience="appstoreconnect-v1"
        )
        assert claims["iss"] == SECRETS["issuer_id"]
        assert claims["exp"] - claims["iat"] <= 1200
        assert jwt.get_unverified_header(token)["kid"] == SECRETS["key_id"]
        query = {name: one[0] for name, one in parse_qs(urlsplit(asked.path).query).items()}
        assert (query["sort"], query["include"]) == ("-createdDate", "response")
        cursor = query.get("cursor", "0")
        start = int(cursor) if cursor.isascii() and cursor.isdigit() else len(numbers)
        part = [record(number) for number in numbers[start : start + PAGE]]
        own = f"{HOST}{PATH}?sort=-createdDate&include=response"
        body: dict[str, Any] = {
            "data": [review for review, _ in part],
            "included": [one for _, more in part for one in more],
            "links": {"self": own},
            "meta": {"paging": {"total": len(numbers), "limit": PAGE}},
        }
        if len(numbers) > start + PAGE:
            body["links"]["next"] = f"{own}&cursor={start + PAGE}"
        return Answer(json.dumps(body), content_type="application/json")

    return {PATH: page}


def expected(number: int) -> dict[str, Any]:
    kind, country = number % 14, list(TERRITORIES.values())[number % 4]
    return {
        "id": f"00000020-{number:04}-1e9e-0000-000000000000",
        "kind": "review",
        "url": f"https://apps.apple.com/{country.lower()}/app/id{APP}?see-all=reviews",
        "title": None if kind == 1 else f"Įspūdis {number}",
        "text": f"Kurjeris vėlavo {number} min. & dingo.\n\nGaila.",
        "rating": float(1 + number % 5),
        "published_at": _at(number),
        "country": country,
        "author_name": None if kind == 2 else f"Pirkėjas{number}",
        "reply_text": f"Ačiū, {number}!" if kind == 3 else None,
        "reply_at": _at(number) + timedelta(days=1) if kind == 3 else None,
    }


SOURCE = Source(
    spider="app_store_owner",
    arguments={"app_id": APP},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(("author", "rating", "reply", "reply_time")),
    secrets=SECRETS,
    errors=(
        (
            Answer(
                '{"errors": [{"status": "403", "code": "FORBIDDEN_ERROR", "title": "no role"}]}'
            ),
            "no role",
        ),
    ),
)
