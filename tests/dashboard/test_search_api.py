"""`/search` and `/facets`: what the command finds, page by page, and what may be chosen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.api import search
from dashboard.api.found import Found, from_hit
from index import connection, open_store, sqlite
from index.base import Hit
from mention import Fact
from tests.contract.records import at, make, tag
from tests.dashboard.asking import get, refusal
from tests.dashboard.serving import ROOT, browser

SCRIPT = "<script>alert(1)</script> 👍 ждали курьера <b>"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of thirty mentions of two brands, every tenth of them untagged."""
    path = tmp_path_factory.mktemp("searching") / "molva.sqlite"
    path.with_name("molva.toml").write_text(f'store = "{path.name}"\n', encoding="utf-8")
    mentions = [
        make(
            number,
            "Долго ждали курьера" if number % 2 else "Курьер вежлив, цена высока",
            source=("shop", "rss", "app_store")[number % 3],
            brand=("Парус", "Маяк", None)[number % 3],
            rating=1 + number % 5,
            published_at=at(f"2026-03-{1 + number:02}"),
        )
        for number in range(30)
    ]
    mentions.append(make("о & ? #/'1", SCRIPT, title="«А»", brand='ООО "Ъ"', reply_text="Ой"))
    labels = [
        tag(one, "negative" if number % 2 else "mixed", "speed-" if number % 2 else "price- speed+")
        for number, one in enumerate(mentions)
        if number % 10
    ]
    with open_store(path) as store:
        store.upsert(mentions)
        store.add_taggings(labels)
    return path


@pytest.fixture
def client(path: Path) -> TestClient:
    return browser(path)


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


# --- search --------------------------------------------------------------------------


def test_pages_follow_one_another_to_the_end(client: TestClient, path: Path) -> None:
    found, after, pages = [], None, 0
    while True:
        asked = {} if after is None else {"after": after}
        answer = get(client, "/search", q="курьер*", limit=7, **asked)
        search.SearchAnswer.model_validate(answer, extra="forbid")
        assert answer["total"] == 31
        found += ids(answer)
        after, pages = answer["next"], pages + 1
        if after is None:
            break
    assert pages == 5
    with open_store(path) as store:
        assert found == [hit.mention.id for hit in store.scan("курьер*")]


def test_the_best_come_first_where_asked(client: TestClient) -> None:
    asked = {"q": "ждали OR вежлив", "order": "best", "limit": 3}
    answer = get(client, "/search", **asked)
    scores = [hit["relevance"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    following = get(client, "/search", **asked, after=answer["next"])
    assert not set(ids(answer)) & set(ids(following))


def test_a_hit_has_everything_and_text_stays_as_it_is(client: TestClient) -> None:
    (hit,) = get(client, "/search", q="ждали", brand='ООО "Ъ"')["hits"]
    assert set(hit) == set(Found.model_fields)
    assert (hit["id"], hit["text"], hit["title"]) == ("shop:о & ? #/'1", SCRIPT, "«А»")
    ((start, end),) = hit["highlights"]
    # Code points: the emoji before is one, though a browser counts two.
    assert hit["text"][start:end] == "ждали"
    assert (hit["case"], hit["noise"], hit["sentiment"], hit["model"]) == (None,) * 4
    assert hit["sentences"] == []


def test_labels_come_with_the_sentence_that_they_rest_on(client: TestClient) -> None:
    (hit,) = get(client, "/search", q="id:shop:3")["hits"]
    assert hit["sentences"] == [
        {
            "number": 1,
            "field": "text",
            "start": 0,
            "end": len("Долго ждали курьера"),
            "topics": [{"topic": "speed", "polarity": "negative", "confidence": 0.9}],
        }
    ]
    assert (hit["model"], hit["taxonomy_version"], hit["stars"]) == ("tagger 1", "3", 4.0)
    assert (hit["conflict"], hit["corrected"]) == ("rating_above_text", False)


def test_what_json_cannot_say_is_null() -> None:
    mention = make(rating=7, rating_max=float("inf"))
    _, tagging = tag(mention)
    facts = (Fact(kind="wait", value=40, start=0, end=5),)
    found = from_hit(Hit(mention, tagging.model_copy(update={"facts": facts})))
    assert (found.rating, found.rating_min, found.rating_max) == (7, 1, None)
    assert found.facts[0].unit == "minutes"
    assert "NaN" not in found.model_dump_json()


def test_only_an_address_becomes_a_link() -> None:
    for address, shown in (
        ("javascript:alert(1)", None),
        ("https://shop.example/1", "https://shop.example/1"),
        ("https://shop.example/ onclick=1", None),
    ):
        # As from a file that something else has written: `Mention` itself refuses it.
        mention = make().model_copy(update={"url": address})
        assert from_hit(Hit(mention, None)).url == shown


@pytest.mark.parametrize(
    ("asked", "position"),
    [
        ({"q": "курьер AND (ждали OR topic:sped)"}, 27),
        ({"q": "  курьер   brnd:x", "source": "shop", "first": "2026-01-01"}, 11),
        ({"q": 'a OR "b', "brand": ["Парус", "Маяк"]}, 5),
    ],
)
def test_a_mistake_is_shown_where_it_was_typed(
    client: TestClient, asked: dict[str, Any], position: int
) -> None:
    for path in ("/search", "/facets"):
        error = client.get(f"/api/v1{path}", params=asked)
        assert error.status_code == 400
        assert error.json()["error"]["kind"] == "query"
        assert error.json()["error"]["position"] == position


def test_a_mistake_can_be_told_in_another_language(client: TestClient) -> None:
    def told(**asked: Any) -> tuple[Any, ...]:
        error = client.get("/api/v1/search", params=asked).json()["error"]
        return error["kind"], error["code"], error["values"]

    near = {"topic": "sped", "near": "speed"}
    assert told(q="topic:sped") == ("query", "unknown_topic_near", near)
    assert told(topic="sped") == ("refused", "unknown_topic_near", near)
    assert told(q="source: shop") == ("query", "no_value", {"field": "source"})
    field = {"field": "case", "value": "opne", "near": "open"}
    assert told(case="opne") == ("refused", "unknown_value_near", field)
    assert told(after="elsewhere") == ("refused", "no_such_page", {})
    days = {"first": "2026-03-02", "last": "2026-03-01"}
    assert told(**days) == ("refused", "days_backwards", days)
    # Numbers are texts too: `values` have one type.
    _, code, values = told(brand=[f"{n:0500}" for n in range(8)])
    assert (code, values["most"], values.keys()) == (
        "too_long_together",
        "4000",
        {"length", "most"},
    )
    assert told(limit=0) == ("argument", "wrong_argument", {"argument": "limit"})
    assert told(colour="red") == ("argument", "unknown_argument", {"argument": "colour"})


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"topic": "sped"}, "did you mean 'speed'?"),
        ({"topic": "speed:bad"}, "does not know 'bad'"),
        ({"case": "opne"}, "did you mean open?"),
        ({"after": "elsewhere"}, "start from the first page"),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "swap the two days"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_a_sentence(
    client: TestClient, asked: dict[str, Any], says: str
) -> None:
    assert says in refusal(client, "/search", **asked)
    assert client.get("/api/v1/search", params=asked).json()["error"]["position"] is None


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"order": "worst"}, "order"),
        ({"sentiment": "bad"}, "sentiment.0"),
        ({"stars": "nan"}, "stars.0"),
        ({"first": "1969-12-31"}, "first"),
        ({"colour": "red"}, "colour"),
        ({"brand": [str(n) for n in range(51)]}, "brand"),
    ],
)
def test_every_argument_has_bounds(
    client: TestClient, asked: dict[str, Any], argument: str
) -> None:
    answer = client.get("/api/v1/search", params=asked)
    assert (answer.status_code, answer.json()["error"]["argument"]) == (422, argument)


# --- facets --------------------------------------------------------------------------


def counts(answer: dict[str, Any], field: str) -> dict[str | None, int]:
    return {one["value"]: one["mentions"] for one in answer["fields"][field]}


def test_every_field_is_counted_as_the_store_counts_it(client: TestClient, path: Path) -> None:
    answer = get(client, "/facets", q="курьер*")
    search.FacetAnswer.model_validate(answer, extra="forbid")
    with open_store(path) as store:
        for field, values in store.facets("курьер*", limit=20).items():
            assert counts(answer, field) == {one.value: one.mentions for one in values}
    assert counts(answer, "brand") == {"Парус": 10, "Маяк": 10, None: 10, 'ООО "Ъ"': 1}
    assert not any(one["is_estimate"] for one in answer["fields"]["brand"])


def test_what_is_chosen_of_a_field_does_not_narrow_the_field(client: TestClient) -> None:
    asked = {"brand": "Парус", "topic": "speed:negative"}
    answer = get(client, "/facets", **asked, field=["brand", "topic", "topic_sentiment", "stars"])
    assert list(answer["fields"]) == ["brand", "topic", "topic_sentiment", "stars"]
    assert answer["query"] == "brand:Парус AND topic:speed:negative"
    # The other field still narrows: no mention of another brand counts for a topic.
    assert set(counts(answer, "brand")) == {"Парус", "Маяк", None}
    assert counts(answer, "topic")["price"] == counts(answer, "topic_sentiment")["price:negative"]
    assert 0 < counts(answer, "topic")["price"] < 10
    shown = get(client, "/search", **asked)["total"]
    assert counts(answer, "brand")["Парус"] == counts(answer, "topic_sentiment")["speed:negative"]
    assert counts(answer, "brand")["Парус"] == sum(counts(answer, "stars").values()) == shown


def test_a_value_that_is_chosen_finds_as_many_as_it_was_counted(client: TestClient) -> None:
    answer = get(client, "/facets", q="курьер*")
    for field in ("source", "brand", "topic", "sentiment", "stars", "lang"):
        for value, mentions in counts(answer, field).items():
            if value is not None:
                assert get(client, "/search", q="курьер*", **{field: value})["total"] == mentions
    for value, mentions in counts(answer, "topic_sentiment").items():
        if value is not None:
            assert get(client, "/search", q="курьер*", topic=value)["total"] == mentions


def test_of_very_many_mentions_a_sample_is_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 5)
    answer = get(client, "/facets", q="курьер*", field="stars")
    assert all(one["is_estimate"] for one in answer["fields"]["stars"])


def test_fields_and_values_are_bounded(client: TestClient) -> None:
    assert len(get(client, "/facets", field="brand", limit=1)["fields"]["brand"]) == 1
    assert "field.0" in refusal(client, "/facets", 422, field="colour")
    assert "limit" in refusal(client, "/facets", 422, limit=101)


def test_a_question_that_takes_too_long_is_broken_off(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_INSTRUCTIONS", 1)
    monkeypatch.setattr(sqlite, "limit_time", lambda opened, _: connection.limit_time(opened, -1))
    for asked in ("/search", "/facets", "/trends"):
        assert "narrow it with a brand" in refusal(client, asked, 503, q="курьер* rating:>=1")
    # What is written to a file may take its time.
    assert client.get("/api/v1/export", params={"q": "курьер*"}).status_code == 200
    assert client.get("/api/v1/trends/export", params={"q": "курьер*"}).status_code == 200


# --- both ----------------------------------------------------------------------------


def test_searching_loads_no_model(path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from tests.dashboard.serving import browser
client = browser(Path({str(path)!r}))
for asked in ("search?q=topic:speed", "facets", "mention?id=shop:3"):
    assert client.get("/api/v1/" + asked).status_code == 200
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
