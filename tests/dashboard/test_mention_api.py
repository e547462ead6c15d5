"""`/mention` and `/why`: all that is known of a mention, and which words carried its labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cluster import Place
from dashboard.api.found import Found
from dashboard.api.mentions import MOST_LISTED, MentionAnswer
from dashboard.app import create_app
from dashboard.settings import Settings
from index import open_store
from index.cases import CaseEvent
from mention import Correction, Span
from nlp.tagger import Tagger
from project import Project
from tests.contract.records import later, make, tag
from tests.dashboard.asking import get, refusal
from tests.dashboard.serving import browser

ODD = "о & ? #/'1"
WAITED = "👍 Ждали в очереди сорок минут. Кассир вежлив."


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mentions of the shipped small tagger, one of them corrected, and one of another tagger."""
    path = tmp_path_factory.mktemp("mention") / "molva.sqlite"
    waited, corrected = make(1, WAITED, title="Очередь"), make(2, "Ждали сорок минут. Дорого.")
    other, edited = make(ODD, "Долго ждали"), make(4, "Было хорошо")
    ours = Tagger.load("fast").tag([waited, corrected])
    with open_store(path) as store:
        store.upsert([waited, corrected, other, edited])
        store.upsert([later(edited, text="Стало плохо", rating=2)])
        store.add_taggings(
            [
                *zip((waited.content_hash, corrected.content_hash), ours, strict=True),
                tag(other, topics="speed-"),
            ]
        )
        ledger = store.ledger()
        ledger.correct(
            Correction(mention_id=corrected.id, sentiment="mixed", author="анна", note="точнее")
        )
        ledger.correct(
            Correction(
                mention_id=corrected.id,
                topics={"premises": "negative", "price": None},
                span=Span(start=0, end=18),
            )
        )
        ledger.undo(corrected.id)
        ledger.correct(Correction(mention_id=corrected.id, topics={"premises": "negative"}))
        ledger.enter(CaseEvent(mention_id=other.id, author="анна", note="звонили"))
        ledger.enter(CaseEvent(mention_id=other.id, status="done", owner="олег"))
    return path


def page(path: Path, model: str) -> TestClient:
    """Somebody who asks a page whose project has this tagger."""
    place = Place(Project(store=path, model=model), asks_cluster=False, insecure_http=False)
    return TestClient(create_app(Settings(place)), base_url="http://localhost")


@pytest.fixture(scope="module")
def client(path: Path) -> TestClient:
    """For the whole file: the tagger is loaded once."""
    return page(path, "fast")


def whole(client: TestClient, mention_id: str) -> dict[str, Any]:
    answer = get(client, "/mention", id=mention_id)
    MentionAnswer.model_validate(answer, extra="forbid")
    return answer


# --- a mention -----------------------------------------------------------------------


def test_a_mention_is_what_a_search_gives(client: TestClient) -> None:
    answer = whole(client, "shop:1")
    (hit,) = get(client, "/search", q="id:shop:1")["hits"]
    assert answer["mention"] == hit
    assert set(answer["mention"]) == set(Found.model_fields)
    assert (answer["model_says"], answer["corrections"], answer["case_log"]) == (None, [], [])


def test_how_good_the_tagger_is_is_told_for_what_it_says(client: TestClient) -> None:
    answer = whole(client, "shop:1")
    topics = {label["topic"] for one in answer["mention"]["sentences"] for label in one["topics"]}
    overall, *figures = answer["accuracy"]
    assert (overall["topic"], overall["figure"]) == (None, "accuracy")
    assert "speed" in {one["topic"] for one in figures} <= topics
    for one in answer["accuracy"]:
        assert 0 < one["low"] < one["value"] < one["high"] < 1
        assert one["texts"] > 10
    assert whole(client, f"shop:{ODD}")["accuracy"] == []  # nobody has measured that one


def test_what_people_said_stands_beside_what_the_model_says(client: TestClient) -> None:
    answer = whole(client, "shop:2")
    first, second, undone, last = answer["corrections"]
    assert (first["author"], first["note"], first["sentiment"]) == ("анна", "точнее", "mixed")
    assert second["topics"] == {"premises": "negative", "price": None}
    assert second["span"] == {"field": "text", "start": 0, "end": 18}
    assert undone["undoes"] == second["number"]
    assert [one["in_force"] for one in (first, second, undone, last)] == [True, False, False, True]
    mention, said = answer["mention"], answer["model_says"]
    assert (mention["sentiment"], mention["corrected"]) == ("mixed", True)
    assert said["sentiment"] == "negative"
    assert "premises" not in said["topics"]
    assert said["topics"]["speed"] == "negative"
    # What is said of the mention as a whole stands in a last sentence without a span.
    *_, of_the_whole = mention["sentences"]
    assert (of_the_whole["start"], of_the_whole["end"]) == (0, 0)
    assert [one["topic"] for one in of_the_whole["topics"]] == ["premises"]


def test_a_case_has_its_log_and_an_edited_text_what_it_was(client: TestClient) -> None:
    opened, closed = whole(client, f"shop:{ODD}")["case_log"]
    assert (opened["status"], opened["author"], opened["note"]) == ("open", "анна", "звонили")
    assert (closed["status"], closed["owner"]) == ("done", "олег")
    assert whole(client, f"shop:{ODD}")["mention"]["case"]["closed_at"] == closed["at"]
    (earlier,) = whole(client, "shop:4")["earlier"]
    assert earlier["text"] == "Было хорошо"


def test_a_mention_that_is_not_there(client: TestClient) -> None:
    for path, more in (("/mention", {}), ("/why", {"number": 1, "topic": "price"})):
        assert "no mention shop:77" in refusal(client, path, 404, id="shop:77", **more)
        error = client.get(f"/api/v1{path}", params={"id": "shop:77", **more}).json()["error"]
        assert (error["code"], error["values"]) == ("no_mention", {"mention": "shop:77"})
    assert "id" in refusal(client, "/mention", 422, id="x" * 513)
    assert "id" in refusal(client, "/mention", 422)


# --- why -----------------------------------------------------------------------------


def test_the_words_that_carried_a_label_are_weighed(client: TestClient) -> None:
    (_, sentence, *_) = whole(client, "shop:1")["mention"]["sentences"]
    answer = get(client, "/why", id="shop:1", number=sentence["number"], topic="speed")
    assert (answer["number"], answer["topic"], answer["polarity"]) == (2, "speed", "negative")
    assert answer["method"] == "leave_one_out"
    # Offsets are code points of the text, though an emoji stands before.
    weights = {WAITED[one["start"] : one["end"]]: one["weight"] for one in answer["words"]}
    assert list(weights) == ["👍", "Ждали", "в", "очереди", "сорок", "минут"]
    assert max(weights, key=weights.__getitem__) in {"Ждали", "очереди", "минут"}
    assert all(-1 <= weight <= 1 for weight in weights.values())


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"id": "shop:1", "number": 9, "topic": "speed"}, "there is no sentence 9"),
        ({"id": "shop:1", "number": 3, "topic": "premises"}, "not taken to speak of 'premises'"),
        ({"id": "shop:2", "number": 3, "topic": "premises"}, "a person gave this label"),
        ({"id": "shop:4", "number": 1, "topic": "speed"}, "not tagged yet"),
        ({"id": f"shop:{ODD}", "number": 1, "topic": "speed"}, "given by tagger 1"),
    ],
)
def test_where_nobody_can_say_why_that_is_said(
    client: TestClient, asked: dict[str, Any], says: str
) -> None:
    assert says in refusal(client, "/why", **asked)
    answer = client.get("/api/v1/why", params=asked)
    assert answer.json()["error"]["kind"] == "refused"


def test_a_label_that_a_person_left_is_still_the_models(client: TestClient) -> None:
    answer = get(client, "/why", id="shop:2", number=1, topic="speed")
    assert answer["polarity"] == "negative"
    assert any(one["weight"] > 0.1 for one in answer["words"])


def test_without_the_model_it_is_refused_and_all_else_works(path: Path, tmp_path: Path) -> None:
    without = page(path, str(tmp_path / "none"))
    assert whole(without, "shop:1")["mention"]["id"] == "shop:1"
    says = refusal(without, "/why", id="shop:1", number=2, topic="speed")
    assert "there is no model" in says


def test_of_a_long_log_the_newest_entries_are_told(writable: Path) -> None:
    page = browser(writable)
    mention_id = get(page, "/search", limit=1)["hits"][0]["id"]
    with open_store(writable) as store:
        for number in range(MOST_LISTED + 2):
            store.ledger().enter(CaseEvent(mention_id=mention_id, note=f"звонили {number}"))
    log = get(page, "/mention", id=mention_id)["case_log"]
    assert len(log) == MOST_LISTED
    assert log[-1]["note"] == f"звонили {MOST_LISTED + 1}"
