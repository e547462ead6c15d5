"""2GIS, Google Places, Yelp and Tripadvisor: what the conformance tests do not ask of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.errors import ArgumentError
from crawlers.items import ParseContext
from crawlers.parameters import read_arguments
from crawlers.parsers import google_places, yelp
from crawlers.registry import find
from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route

BRANCH = "/3.0/branches/70000001/reviews"
NEW = "/v1/places/ChIJ-parus"
LEGACY = "/maps/api/place/details/json"


def message(crawled: Crawled) -> str:
    assert crawled.summary is not None
    return str(crawled.summary.message)


def body(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


# --- 2GIS ------------------------------------------------------------------------------


def review(number: int, **changes: Any) -> dict[str, Any]:
    written = f"2026-03-{28 - number // 4:02}T{20 - number % 4:02}:03:31.0+07:00"
    return {
        "id": str(9000 - number),
        "text": f"Ждали {number}",
        "rating": 3,
        "date_created": written,
        "user": {"name": "Вера"},
    } | changes


def twogis(routes: dict[str, Route]) -> tuple[Crawled, Loopback]:
    with Loopback(routes) as server:
        crawled = crawl_process.run("twogis", branch_id="70000001", base_url=server.url)
    return crawled, server


def test_page_that_names_no_next_one_is_continued_by_date() -> None:
    def page(asked: Asked, times: int) -> Answer:
        older = "offset_date=2026-03-16" in asked.path
        numbers = range(49, 60) if older else range(50)  # the last one comes again
        return body({"meta": {}, "reviews": [review(number) for number in numbers]})

    crawled, server = twogis({BRANCH: page})
    assert len(server.paths) == 2
    assert "sort_by=date_edited" in server.paths[1]
    assert [one.id for one in crawled.mentions] == [f"twogis:{9000 - n}" for n in range(60)]


def test_next_link_is_followed_on_the_platform_only_and_never_twice() -> None:
    first = {"next_link": f"https://evil.example{BRANCH}?offset=1&key=SOMEONES"}
    answers = {
        BRANCH: body({"meta": first, "reviews": [review(0)]}),
        f"{BRANCH}?offset=1&key=replay": body({"meta": first, "reviews": [review(1)]}),
    }
    crawled, server = twogis(dict(answers))
    assert [one.id for one in crawled.mentions] == ["twogis:9000", "twogis:8999"]
    assert len(server.paths) == 2
    assert "SOMEONES" not in "".join(server.paths)


def test_page_of_hidden_reviews_does_not_end_the_list() -> None:
    hidden = [review(number, is_hidden=True) for number in range(3)]
    link = f"https://public-api.reviews.2gis.com{BRANCH}?offset=3"
    answers = {
        BRANCH: body({"meta": {"next_link": link}, "reviews": hidden}),
        f"{BRANCH}?offset=3&key=replay": body({"meta": {}, "reviews": [review(3)]}),
    }
    crawled, _ = twogis(dict(answers))
    assert [one.id for one in crawled.mentions] == ["twogis:8997"]
    assert crawled.summary is not None
    assert crawled.summary.problems == {"hidden": 3}


def test_blocked_key_is_told_with_its_reason() -> None:
    refusal = {"meta": {"code": 403, "error": {"type": "apiKeyIsBlocked", "message": "blocked"}}}
    crawled, _ = twogis({BRANCH: body(refusal, 403)})
    assert "apiKeyIsBlocked: blocked" in message(crawled)
    assert "key" in message(crawled)


# --- Google Places ---------------------------------------------------------------------

WRITTEN = {
    "author_name": "Rasa",
    "author_url": "https://www.google.com/maps/contrib/10777/reviews",
    "language": "lt",
    "original_language": "lt",
    "rating": 4,
    "text": "Skani kava",
    "time": 1773480030,
    "translated": False,
}


def google(routes: dict[str, Route]) -> tuple[Crawled, Loopback]:
    with Loopback(routes) as server:
        crawled = crawl_process.run("google_places", place_id="ChIJ-parus", base_url=server.url)
    return crawled, server


def test_legacy_interface_is_asked_where_the_new_one_is_not_switched_on() -> None:
    refusal = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "is disabled"}}
    place = {"result": {"name": "Burė", "url": "https://maps.example/1", "reviews": [WRITTEN]}}
    crawled, server = google({NEW: body(refusal, 403), LEGACY: body(place | {"status": "OK"})})
    (one,) = crawled.mentions
    assert (one.text, one.lang, one.rating, one.location) == ("Skani kava", "lt", 4, "Burė")
    assert one.published_at == datetime(2026, 3, 14, 9, 20, 30, tzinfo=UTC)
    assert one.url == "https://maps.example/1"
    assert "reviews_sort=newest" in server.paths[1]
    headers = {name.lower(): value for name, value in server.asked[0].headers.items()}
    assert headers["x-goog-fieldmask"].endswith("reviews")


def test_both_refusals_are_told() -> None:
    new = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "is disabled"}}
    legacy = {"status": "REQUEST_DENIED", "error_message": "legacy is off"}
    crawled, _ = google({NEW: body(new, 403), LEGACY: body(legacy)})
    assert "REQUEST_DENIED: legacy is off" in message(crawled)
    assert "403 PERMISSION_DENIED: is disabled" in message(crawled)


def test_review_and_author_are_the_same_after_an_edit_and_in_both_forms() -> None:
    context = ParseContext("google_places", {}, AuthorPolicy(b"salt"))
    edited = WRITTEN | {"text": "Šalta kava", "time": 1773490000}
    modern = {
        "name": "places/p/reviews/R1",
        "rating": 4.0,
        "originalText": {"text": "Skani kava", "languageCode": "lt"},
        "authorAttribution": {"displayName": "Rasa", "uri": WRITTEN["author_url"]},
    }
    nameless = {"author_name": "A Google User", "rating": 1, "time": 1773480031}
    found = [
        one
        for page in (
            {"status": "OK", "result": {"reviews": [WRITTEN, nameless]}},
            {"status": "OK", "result": {"reviews": [edited, nameless | {"time": 1773480032}]}},
            {"id": "p", "reviews": [modern]},
        )
        for one in google_places.parse_page(json.dumps(page), "https://x", context, place="p")
        if isinstance(one, Mention)
    ]
    first, user, second, other_user, third = found
    assert first.id == second.id
    assert user.id != other_user.id
    assert first.author_id == second.author_id == third.author_id
    assert third.id == "google_places:R1"


# --- Yelp and Tripadvisor ----------------------------------------------------------------


def test_full_page_of_yelp_has_another_and_a_short_one_none() -> None:
    def page(asked: Asked, times: int) -> Answer:
        start = 50 if "offset=50" in asked.path else 0
        found = [
            {"id": f"r{number}", "rating": 5, "text": "x", "time_created": "2026-03-14 10:00:00"}
            for number in range(start, 57 if start else 50)
        ]
        return body({"reviews": found, "total": 57})

    with Loopback({"/v3/businesses/parus/reviews": page}) as server:
        crawled = crawl_process.run(
            "yelp", business_id="parus", locale="de_DE", base_url=server.url
        )
    assert len(crawled.mentions) == 57
    assert [path.partition("?")[2] for path in server.paths] == [
        "limit=50&sort_by=newest&locale=de_DE",
        "limit=50&sort_by=newest&offset=50&locale=de_DE",
    ]


def test_yelp_time_is_pacific_unless_it_says_otherwise() -> None:
    written = ["2026-01-14 10:00:00", "2026-07-14 10:00:00", "2026-01-14T10:00:00+00:00", "soon", 7]
    page = {"reviews": [{"id": "x", "text": "x", "time_created": one} for one in written]}
    context = ParseContext("yelp")
    found = list(yelp.parse_page(json.dumps(page), "https://x", context))
    assert [
        one.published_at and one.published_at.hour for one in found if isinstance(one, Mention)
    ] == [
        18,
        17,
        10,
        None,
        None,
    ]
    assert context.problems["date_unreadable"] == 2


def test_gateway_of_tripadvisor_is_quoted() -> None:
    path = "/api/v1/location/5/reviews"
    with Loopback({path: body({"Message": "not authorized"}, 403)}) as server:
        crawled = crawl_process.run("tripadvisor", location_id="5", base_url=server.url)
    assert "not authorized" in message(crawled)
    assert "the addresses that may use it" in message(crawled)


# --- arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spider", "name", "given", "taken"),
    [
        ("twogis", "branch_id", "https://2gis.ru/tver/firm/70000001?m=1", "70000001"),
        ("twogis", "branch_id", "70000001", "70000001"),
        ("google_places", "place_id", "places/ChIJN1t_tDeu-EmsR", "ChIJN1t_tDeu-EmsR"),
        ("yelp", "business_id", "https://www.yelp.com/biz/café-x?osq=1", "café-x"),
        (
            "tripadvisor",
            "location_id",
            "https://www.tripadvisor.com/Hotel_Review-g1-d4868270-Reviews-Parus.html",
            "4868270",
        ),
        ("tripadvisor", "location_id", "d4868270", "4868270"),
    ],
)
def test_address_will_do_for_an_id(spider: str, name: str, given: str, taken: str) -> None:
    assert getattr(read_arguments(spider, find(spider).parameters, {name: given}), name) == taken


@pytest.mark.parametrize(
    ("spider", "arguments"),
    [
        ("twogis", {"branch_id": "Парус"}),
        ("google_places", {"place_id": "a/b"}),
        ("yelp", {"business_id": "a/../b"}),
        ("yelp", {"business_id": "a", "locale": "german"}),
        ("tripadvisor", {"location_id": "paris"}),
        ("tripadvisor", {"location_id": "1", "language": "по-русски"}),
    ],
)
def test_wrong_id_is_refused_before_anything_is_asked(
    spider: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ArgumentError, match="is not"):
        read_arguments(spider, find(spider).parameters, arguments)
