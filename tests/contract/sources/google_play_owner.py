"""Reviews of one's own app, from the Google Play Developer API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

APP = "lt.bure.kurjeris"
PATH = f"/androidpublisher/v3/applications/{APP}/reviews"
NEWEST = datetime(2026, 3, 28, 22, 40, 5, tzinfo=UTC)
PAGE = 40
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ACCOUNT = {
    "type": "service_account",
    "project_id": "bure",
    "private_key_id": "k1",
    "private_key": KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode(),
    "client_email": "reader@bure.iam.example.com",
    "token_uri": "https://oauth2.example.com/token",
}
TOKEN = "google-access-of-an-hour"


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=number)


def _time(time: datetime) -> dict[str, Any]:
    return {"seconds": str(int(time.timestamp())), "nanos": 5_000_000}


def record(number: int) -> dict[str, Any]:
    """One review as the API writes it."""
    kind = number % 14
    written: dict[str, Any] = {
        "text": f"\tKurjeris vėlavo {number} min. &amp; dingo",
        "lastModified": _time(_at(number)),
        "starRating": 1 + number % 5,
        "reviewerLanguage": ("lt", "ru", "pt_BR")[number % 3],
        "device": "klte",
        "androidOsVersion": 34,
        "appVersionCode": 412,
        "appVersionName": "4.1.2",
        "thumbsUpCount": number,
        "thumbsDownCount": 1,
    }
    comments = [{"userComment": written}]
    answer = {"text": f"Ačiū, {number}!", "lastModified": _time(_at(number) + timedelta(hours=5))}
    if kind == 1:
        written["text"] = f"Siaubas\tKurjeris vėlavo {number} min. & dingo"
    if kind == 2:
        del written["appVersionName"], written["device"]
    if kind == 3:
        comments.append({"developerComment": answer})
    if kind == 4:  # an earlier exchange, and the one that holds
        old = {"text": "Laukiu", "starRating": 5, "lastModified": _time(_at(number + 9))}
        no = {"text": "Palaukite", "lastModified": _time(_at(number + 8))}
        comments = [
            {"userComment": old},
            {"developerComment": no},
            {"userComment": written},
            {"developerComment": answer},
        ]
    review = {"reviewId": f"gp:AOqp{number:06}", "authorName": f"Pirkėjas {number}"}
    if kind == 5:
        del review["authorName"]
    return {**review, "comments": comments}


def _token(asked: Asked, _before: int) -> Answer:
    form = {name: one[0] for name, one in parse_qs(asked.body.decode()).items()}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        form["assertion"],
        KEY.public_key(),
        algorithms=["RS256"],
        audience="https://oauth2.googleapis.com/token",
    )
    assert claims["iss"] == ACCOUNT["client_email"]
    assert claims["scope"] == "https://www.googleapis.com/auth/androidpublisher"
    assert claims["exp"] - claims["iat"] == 3600
    body = {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}
    return Answer(json.dumps(body), content_type="application/json")


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = {name: one[0] for name, one in parse_qs(urlsplit(asked.path).query).items()}
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            error = {"code": 401, "status": "UNAUTHENTICATED", "message": "Invalid credentials"}
            return Answer(json.dumps({"error": error}), 401)
        token = query.get("token", "t0")
        start = int(token[1:]) if token[1:].isascii() and token[1:].isdigit() else len(numbers)
        part = [record(number) for number in numbers[start : start + PAGE]]
        # What is empty is left out.
        body: dict[str, Any] = {"reviews": part} if part else {}
        if len(numbers) > start + PAGE:
            body["tokenPagination"] = {"nextPageToken": f"t{start + PAGE}"}
        return Answer(json.dumps(body), content_type="application/json")

    return {PATH: page, "POST /token": _token}


def expected(number: int) -> dict[str, Any]:
    kind = number % 14
    native = f"gp:AOqp{number:06}"
    return {
        "id": native,
        "kind": "review",
        "url": "https://play.google.com/store/apps/details"
        f"?id={APP}&reviewId={native.replace(':', '%3A')}",
        "title": "Siaubas" if kind == 1 else None,
        "text": f"Kurjeris vėlavo {number} min. & dingo",
        "lang": ("lt", "ru", "pt")[number % 3],
        "rating": float(1 + number % 5),
        "published_at": _at(number),
        "version": None if kind == 2 else "4.1.2",
        "likes": number,
        "author_name": None if kind == 5 else f"Pirkėjas {number}",
        "reply_text": f"Ačiū, {number}!" if kind in {3, 4} else None,
        "reply_at": _at(number) + timedelta(hours=5) if kind in {3, 4} else None,
    }


SOURCE = Source(
    spider="google_play_owner",
    arguments={"app_id": APP},
    platform=platform,
    expected=expected,
    evidence="specification",
    features=frozenset(("author", "language", "likes", "markup", "rating", "reply", "reply_time")),
    secrets={"service_account": json.dumps(ACCOUNT)},
    exchanged=(TOKEN,),
    lookups=("/token",),
    errors=(
        (
            Answer('{"error": {"code": 403, "status": "X", "message": "may not see reviews"}}'),
            "may not see reviews",
        ),
    ),
)
