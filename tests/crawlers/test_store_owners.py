"""Owners' interfaces beyond what all sources have in common: keys, tokens, translations."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawlers.items import ParseContext
from crawlers.parsers import app_store_owner as app_store_parser
from crawlers.parsers import google_play_owner as google_play_parser
from crawlers.parsers import trustpilot_owner as trustpilot_parser
from crawlers.tokens import PrivateKeyError, apple_token, google_assertion
from mention import Mention
from tests.contract.sources import app_store_owner, google_play_owner, trustpilot_owner
from tests.contract.sources.kit import Source
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback


def crawl(source: Source, server: Loopback, **given: Any) -> Crawled:
    return crawl_process.run(
        source.spider, base_url=server.url, **{**source.arguments, **source.secrets, **given}
    )


def message(crawled: Crawled, outcome: str) -> str:
    assert crawled.summary is not None
    assert crawled.summary.outcome == outcome
    return str(crawled.summary.message)


# --- tokens ---------------------------------------------------------------------------


def test_key_of_one_person_has_no_issuer() -> None:
    token = apple_token(app_store_owner.PEM, "2X9R4HXF34", None)
    claims = jwt.decode(
        token,
        app_store_owner.KEY.public_key(),
        algorithms=["ES256"],
        audience="appstoreconnect-v1",
    )
    assert claims["sub"] == "user"
    assert "iss" not in claims


def test_key_in_one_line_is_read() -> None:
    assert apple_token(app_store_owner.PEM.strip().replace("\n", "\\n"), "k", "i")


def test_wrong_key_is_refused_and_not_repeated() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    broken = app_store_owner.PEM.replace("M", "N")
    for key in (broken, other.decode(), google_play_owner.ACCOUNT["private_key"]):
        with pytest.raises(PrivateKeyError, match="ES256") as raised:
            apple_token(key, "k", "i")
        assert key[40:80] not in str(raised.value)
    with pytest.raises(PrivateKeyError, match="id of the key"):
        apple_token(app_store_owner.PEM, None, "i")
    with pytest.raises(PrivateKeyError, match="RS256"):
        google_assertion({"client_email": "a", "private_key": app_store_owner.PEM}, "s", "a")
    with pytest.raises(PrivateKeyError, match="client_email"):
        google_assertion({"type": "authorized_user"}, "s", "a")


# --- Google Play ----------------------------------------------------------------------


def test_translation_is_taken_where_it_was_asked_for() -> None:
    written = {
        "text": "Late\tThe courier",
        "originalText": "Vėlavo\tKurjeris",
        "starRating": 2,
        "reviewerLanguage": "lt",
    }
    same = {"text": "The courier", "originalText": "", "starRating": 2, "reviewerLanguage": "en_GB"}
    reviews = [
        {"reviewId": str(number), "comments": [{"userComment": one}]}
        for number, one in enumerate((written, same))
    ]

    def page(asked: Asked, _before: int) -> Answer:
        assert parse_qs(urlsplit(asked.path).query)["translationLanguage"] == ["en"]
        return Answer(json.dumps({"reviews": reviews}))

    with Loopback({google_play_owner.PATH: page}) as server:
        crawled = crawl(
            google_play_owner.SOURCE,
            server,
            service_account="an-access-token",
            translation_language="en",
        )
        assert [one.headers["Authorization"] for one in server.asked] == ["Bearer an-access-token"]
    assert [(one.title, one.text, one.lang) for one in crawled.mentions] == [
        ("Late", "The courier", "en"),
        (None, "The courier", "en"),
    ]


def test_token_that_expired_is_renewed() -> None:
    usual: Any = google_play_owner.platform(range(90))[google_play_owner.PATH]
    expired = Answer('{"error": {"code": 401, "message": "expired"}}', 401)
    pages = 0

    def page(asked: Asked, before: int) -> Answer:
        nonlocal pages
        pages += 1
        answer: Answer = expired if pages == 2 else usual(asked, before)
        return answer

    routes = google_play_owner.platform(range(90)) | {google_play_owner.PATH: page}
    with Loopback(routes) as server:
        crawled = crawl(google_play_owner.SOURCE, server)
        assert server.paths.count("/token") == 2
    message(crawled, "finished")
    assert len(crawled.mentions) == 90


def test_unusable_service_account_is_said_before_anything_is_asked() -> None:
    for key in ('{"type": "authorized_user"}', '{"broken', '{"client_email": "a"}'):
        with Loopback() as server:
            crawled = crawl(google_play_owner.SOURCE, server, service_account=key)
            assert server.asked == []
        assert "service account cannot be used" in message(crawled, "failed")


def test_refused_service_account_is_told_in_googles_words() -> None:
    error = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    with Loopback({"/token": Answer(json.dumps(error), 400)}) as server:
        crawled = crawl(google_play_owner.SOURCE, server)
        assert server.paths == ["/token"]
    assert "Invalid JWT Signature" in message(crawled, "failed")


def test_review_without_a_users_comment_is_rejected() -> None:
    review = {"reviewId": "1", "comments": [{"developerComment": {"text": "Ačiū"}}, 7, {}]}
    items = list(
        google_play_parser.parse_page(
            json.dumps({"reviews": [review, google_play_owner.record(0)]}),
            "https://androidpublisher.googleapis.com/x",
            ParseContext("google_play_owner"),
            app_id="lt.bure",
            translation=None,
        )
    )
    assert [isinstance(one, Mention) for one in items] == [False, True]


# --- App Store Connect ----------------------------------------------------------------


def test_token_goes_to_apple_only_wherever_the_next_page_is_said_to_be() -> None:
    usual: Any = app_store_owner.platform(range(90))[app_store_owner.PATH]

    def page(asked: Asked, before: int) -> Answer:
        body = json.loads(usual(asked, before).body)
        elsewhere = body["links"].get("next", "").replace("api.appstoreconnect.apple.com", "x.eu")
        data = [*body["data"], {"id": None}]  # a reject says where it comes from
        return Answer(json.dumps({**body, "data": data, "links": {"next": elsewhere or None}}))

    with Loopback({app_store_owner.PATH: page}) as server:
        crawled = crawl(app_store_owner.SOURCE, server)
        assert len(server.asked) == 3
    message(crawled, "finished")
    assert len(crawled.mentions) == 90
    assert len(crawled.rejects) == 3
    assert all(str(one.where).startswith(app_store_owner.HOST) for one in crawled.rejects)


def test_unusable_key_is_said_before_anything_is_asked() -> None:
    with Loopback() as server:
        crawled = crawl(app_store_owner.SOURCE, server, private_key="-----BEGIN PRIVATE KEY-----")
        assert server.asked == []
    assert "not a private key for ES256" in message(crawled, "failed")


def test_token_that_the_user_signed_is_sent_as_it_is() -> None:
    page = Answer(json.dumps({"data": [app_store_owner.record(3)[0]]}))
    with Loopback({app_store_owner.PATH: page}) as server:
        crawled = crawl(app_store_owner.SOURCE, server, private_key="head.claims.signature")
        assert server.asked[0].headers["Authorization"] == "Bearer head.claims.signature"
    (one,) = crawled.mentions
    assert one.reply_text is None  # the answer is referred to, and not included


def test_included_answers_of_any_shape_are_passed_over() -> None:
    review, _ = app_store_owner.record(3)
    shapes: tuple[Any, ...] = (None, "x", [None, 7, {}], [{"id": "answer-3"}], [{"attributes": 1}])
    for included in shapes:
        body = json.dumps({"data": [review], "included": included})
        context = ParseContext("app_store_owner")
        (one,) = app_store_parser.parse_page(body, "https://x.example", context, app_id="1")
        assert isinstance(one, Mention)
        assert one.reply_text is None


# --- Trustpilot -----------------------------------------------------------------------


def test_public_reviews_need_the_key_alone() -> None:
    path = f"/v1/business-units/{trustpilot_owner.UNIT}/reviews"
    numbers = range(50)
    with Loopback({path: lambda asked, _: trustpilot_owner.page_of(numbers, asked)}) as server:
        crawled = crawl_process.run(
            "trustpilot_owner",
            business_unit_id=trustpilot_owner.UNIT,
            api_key="trustpilot-key-51c2",
            base_url=server.url,
        )
        assert {one.headers["Apikey"] for one in server.asked} == {"trustpilot-key-51c2"}
        assert "key" not in str(server.paths)
    message(crawled, "finished")
    hidden = sum(trustpilot_owner.expected(number) is None for number in numbers)
    assert len(crawled.mentions) == 50 - hidden


def test_private_reviews_by_the_app_itself_since_a_date() -> None:
    def page(asked: Asked, _before: int) -> Answer:
        assert parse_qs(urlsplit(asked.path).query)["startDateTime"] == ["2026-03-01T00:00:00"]
        return trustpilot_owner.page_of(range(3), asked)

    token = Answer('{"access_token": "trustpilot-access-77d0"}')
    path = f"/v1/private/business-units/{trustpilot_owner.UNIT}/reviews"
    with Loopback({path: page, trustpilot_owner.TOKEN_PATH: token}) as server:
        crawled = crawl(
            trustpilot_owner.SOURCE, server, username="", password="", since="2026-03-01"
        )
        assert server.asked[0].body == b"grant_type=client_credentials"
    message(crawled, "finished")
    assert len(crawled.mentions) == 3


def test_customers_mail_addresses_are_not_kept() -> None:
    body = json.dumps({"reviews": [trustpilot_owner.record(0)]})
    (one,) = trustpilot_parser.parse_page(body, "https://x.example", ParseContext("trustpilot"))
    assert isinstance(one, Mention)
    assert "@" not in one.model_dump_json()


def test_errors_of_the_gateway_are_told() -> None:
    fault = {"fault": {"faultstring": "Invalid ApiKey", "detail": {"errorcode": "x"}}}
    path = f"/v1/business-units/{trustpilot_owner.UNIT}/reviews"
    with Loopback({path: Answer(json.dumps(fault), 401)}) as server:
        crawled = crawl_process.run(
            "trustpilot_owner", business_unit_id=trustpilot_owner.UNIT, base_url=server.url
        )
    assert "Invalid ApiKey" in message(crawled, "failed")
