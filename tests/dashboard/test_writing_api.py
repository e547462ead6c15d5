"""What people write on the page: it is in the store as the commands would have written it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

import cluster
import index.connection
from cli import cli
from cluster import Place
from dashboard.app import create_app
from dashboard.settings import Settings
from index import open_store
from index.base import Hit
from index.elastic.connection import ClusterSettings
from index.ledger import Told
from index.outbox import only_sender
from mention import Mention, clean_text
from project import Project
from project.file import Cluster
from project.login import login_name
from tests.dashboard.serving import browser
from tests.elasticsearch.fixtures import settings as settings  # noqa: PLC0414 - a fixture, re-exported

CORRECTIONS, UNDO = "/api/v1/corrections", "/api/v1/corrections/undo"
CASES, NOISE = "/api/v1/cases", "/api/v1/noise"


@pytest.fixture
def page(writable: Path) -> TestClient:
    """A page whose store may be written."""
    return browser(writable)


@pytest.fixture
def plain(writable: Path) -> Hit:
    """A tagged mention of which nobody has said anything."""
    return pick(writable, is_plain)


def is_plain(hit: Hit) -> bool:
    tagging = hit.tagging
    return (
        tagging is not None
        and tagging.sentiment == "negative"
        and not tagging.corrected
        and hit.case is None
        and hit.noise is None
        and sum(one.end > 0 for one in tagging.sentences) >= 2
    )


def pick(path: Path, condition: Callable[[Hit], bool], number: int = 0) -> Hit:
    with open_store(path, create=False, read_only=True) as store:
        return [hit for hit in store.scan() if condition(hit)][number]


def told(path: Path, mention_id: str) -> Told:
    with open_store(path, create=False, read_only=True) as store:
        return store.ledger().told(mention_id)


def said(path: Path, mention_id: str) -> list[dict[str, Any]]:
    """What the ledger has about a mention, but for when it was said."""
    found = told(path, mention_id)
    return [
        *(one.model_dump(exclude={"made_at"}) for _number, one in found.corrections),
        *(one.model_dump(exclude={"at"}) for one in found.events),
    ]


def post(page: TestClient, path: str, hit: Hit | str, **values: object) -> dict[str, Any]:
    mention_id = hit if isinstance(hit, str) else hit.mention.id
    answer = page.post(path, json={"mention_id": mention_id, **values})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["note"] is None
    return body


# --- corrections -----------------------------------------------------------
def test_a_label_is_put_right_and_taken_back(page: TestClient, plain: Hit, writable: Path) -> None:
    body = post(page, CORRECTIONS, plain, sentiment="positive", note="ирония", author="Анна")
    assert body["is_new"]
    assert body["mention"]["id"] == plain.mention.id
    assert (body["mention"]["sentiment"], body["mention"]["corrected"]) == ("positive", True)
    again = post(page, CORRECTIONS, plain, sentiment="positive", note="ирония", author="Анна")
    assert not again["is_new"]
    [(_number, correction)] = told(writable, plain.mention.id).corrections
    assert (correction.author, correction.note) == ("Анна", "ирония")

    undone = post(page, UNDO, plain, author="Пётр", note="нет, всё верно")
    assert undone["is_new"]
    assert (undone["mention"]["sentiment"], undone["mention"]["corrected"]) == ("negative", False)
    assert not post(page, UNDO, plain)["is_new"]
    assert told(writable, plain.mention.id).corrections[-1][1].author == "Пётр"


def test_one_takes_back_what_one_said_oneself(page: TestClient, plain: Hit, writable: Path) -> None:
    mine = post(page, CORRECTIONS, plain, sentiment="positive")["correction"]
    theirs = post(page, CORRECTIONS, plain, topics={"price": "negative"}, author="Пётр")
    undone = post(page, UNDO, plain, correction=mine)
    assert undone["is_new"]
    assert undone["mention"]["sentiment"] == "negative"
    assert told(writable, plain.mention.id).in_force == {theirs["correction"]}
    assert not post(page, UNDO, plain, correction=mine)["is_new"]
    assert post(page, CORRECTIONS, plain, topics={"price": "negative"}, author="Пётр") | {
        "mention": None
    } == {"mention": None, "note": None, "is_new": False, "correction": None}


def test_the_topics_of_one_sentence_are_put_right(page: TestClient, plain: Hit) -> None:
    before = page.get("/api/v1/mention", params={"id": plain.mention.id}).json()["mention"]
    number = before["sentences"][1]["number"]
    body = post(page, CORRECTIONS, plain, sentence=number, topics={"price": "positive"})
    sentences = {one["number"]: one for one in body["mention"]["sentences"]}
    labels = {one["topic"]: one["polarity"] for one in sentences[number]["topics"]}
    assert labels["price"] == "positive"
    # Null: this sentence does not speak of it after all.
    body = post(page, CORRECTIONS, plain, sentence=number, topics={"price": None})
    sentences = {one["number"]: one for one in body["mention"]["sentences"]}
    assert "price" not in [one["topic"] for one in sentences[number]["topics"]]


def test_a_text_that_was_edited_meanwhile_is_not_corrected(
    page: TestClient, plain: Hit, writable: Path
) -> None:
    said = {"mention_id": plain.mention.id, "topics": {"price": "negative"}, "sentence": 2}
    edited = plain.mention.model_dump(exclude={"stars", "content_hash"})
    edited |= {"text": f"Позже: {plain.mention.text}", "collected_at": datetime.now(UTC)}
    with open_store(writable) as store:
        store.upsert([Mention(**edited)])
    answer = page.post(CORRECTIONS, json={**said, "version": plain.mention.content_hash})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (409, "refused")
    assert "edited" in answer.json()["error"]["message"]
    assert answer.json()["error"]["code"] == "mention_edited"
    with open_store(writable) as store:
        assert store.ledger().told(plain.mention.id).corrections == ()


def test_the_page_writes_what_the_commands_write(
    page: TestClient, plain: Hit, writable: Path, tmp_path: Path
) -> None:
    beside = Path(shutil.copy(writable, tmp_path / "beside.sqlite"))
    mention = plain.mention.id

    def molva(*arguments: str) -> None:
        result = CliRunner().invoke(cli, [*arguments, "--store", str(beside)])
        assert result.exit_code == 0, result.output

    molva(
        "correct", mention, "--sentiment", "mixed", "--topic", "speed=negative",
        "--topic", "price=none", "--sentence", "1", "--note", "so",
    )  # fmt: skip
    molva("correct", mention, "--undo", "--author", "Анна")
    molva("case", mention, "--owner", "ops", "--note", "asked")
    molva("case", mention, "--status", "done")
    molva("noise", mention, "--flag", "advert", "--note", "it sells")
    topics = {"speed": "negative", "price": None}
    post(page, CORRECTIONS, plain, sentiment="mixed", topics=topics, sentence=1, note="so")
    post(page, UNDO, plain, author="Анна")
    post(page, CASES, plain, owner="ops", note="asked")
    post(page, CASES, plain, status="done")
    post(page, NOISE, plain, verdict="advert", note="it sells")

    assert said(writable, mention) == said(beside, mention)
    verdicts = []
    for path in (writable, beside):
        with open_store(path, create=False, read_only=True) as store:
            numbered = store.noise().verdicts(mention)
        verdicts.append([one.verdict.model_dump(exclude={"made_at"}) for one in numbered])
    assert verdicts[0] == verdicts[1] != []


def test_who_speaks(
    page: TestClient, plain: Hit, writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOLVA_AUTHOR", raising=False)
    post(page, CASES, plain)
    monkeypatch.setenv("MOLVA_AUTHOR", "desk 4")
    post(page, CASES, plain, note="one")
    post(page, CASES, plain, note="two", author="Анна")
    events = told(writable, plain.mention.id).events
    assert [one.author for one in events] == [login_name(), "desk 4", "Анна"]


@pytest.mark.parametrize(
    ("values", "status", "message"),
    [
        ({}, 400, "nothing is corrected"),
        ({"topics": {"nothing": "negative"}}, 400, "nothing"),
        ({"sentiment": "good"}, 422, "sentiment"),
        ({"topics": {"speed": "bad"}}, 422, "topics.speed"),
        ({"topics": ["speed"]}, 422, "topics"),
        ({"sentence": 1, "sentiment": "positive"}, 400, "no topic"),
        ({"sentence": 999, "topics": {"speed": "negative"}}, 400, "no sentence 999"),
        ({"sentence": 10**30, "topics": {"speed": "negative"}}, 400, "no sentence"),
        ({"sentence": 0, "topics": {"speed": "negative"}}, 422, "sentence"),
        ({"sentence": 1.5, "topics": {"speed": "negative"}}, 422, "sentence"),
        ({"sentiment": "positive", "undoes": 1}, 422, "undoes"),
        ({"sentiment": "positive", "note": "x" * 4001}, 422, "note"),
    ],
)
def test_what_cannot_be_corrected_so(
    page: TestClient, plain: Hit, writable: Path, values: dict[str, Any], status: int, message: str
) -> None:
    answer = page.post(CORRECTIONS, json={"mention_id": plain.mention.id, **values})
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert told(writable, plain.mention.id).corrections == ()


@pytest.mark.parametrize(
    "mention", ["no:such", "x'; DROP TABLE mention; --", "\x00", "%", "🙂" * 9]
)
@pytest.mark.parametrize(
    ("path", "values"),
    [
        (CORRECTIONS, {"sentiment": "positive"}),
        (UNDO, {}),
        (CASES, {}),
        (NOISE, {"verdict": "copy"}),
    ],
)
def test_a_mention_that_there_is_not(
    page: TestClient, path: str, values: dict[str, Any], mention: str
) -> None:
    answer = page.post(path, json={"mention_id": mention, **values})
    assert answer.status_code == 404
    assert answer.json()["error"]["kind"] == "missing"


def test_what_people_write_is_kept_as_text(page: TestClient, plain: Hit, writable: Path) -> None:
    note = "<script>alert(1)</script> \u202egnp.exe =1+1 \x07"
    post(page, CASES, plain, note=note, owner="=cmd|' /C calc'!A1")
    [event] = told(writable, plain.mention.id).events
    assert event.note == clean_text(note)
    csv = page.get("/api/v1/export", params={"q": "has:case", "format": "csv"}).text
    assert "'=cmd|" in csv


# --- cases and noise -------------------------------------------------------
def test_a_case_is_opened_handed_over_and_closed(page: TestClient, plain: Hit) -> None:
    opened = post(page, CASES, plain)["mention"]["case"]
    assert (opened["status"], opened["owner"]) == ("open", None)
    owned = post(page, CASES, plain, owner="Анна", status="waiting")["mention"]["case"]
    assert (owned["status"], owned["owner"]) == ("waiting", "Анна")
    closed = post(page, CASES, plain, status="done", owner="")["mention"]["case"]
    assert (closed["status"], closed["owner"]) == ("done", None)
    assert closed["closed_at"] is not None
    log = page.get("/api/v1/mention", params={"id": plain.mention.id}).json()["case_log"]
    assert [one["status"] for one in log] == ["open", "waiting", "done"]
    assert (
        page.post(CASES, json={"mention_id": plain.mention.id, "status": "lost"}).status_code == 422
    )


def test_a_verdict_about_noise(page: TestClient, plain: Hit) -> None:
    body = post(page, NOISE, plain, verdict="advert")
    assert body["is_new"]
    assert body["mention"]["noise"]["kinds"] == ["advert"]
    assert not post(page, NOISE, plain, verdict="advert")["is_new"]
    assert post(page, NOISE, plain, verdict="keep")["mention"]["noise"] is None


# --- at the same time ------------------------------------------------------
def test_two_browsers_at_once_lose_nothing(writable: Path) -> None:
    mentions = [pick(writable, is_plain, number).mention.id for number in (0, 1)]

    def write(person: str) -> list[int]:
        with browser(writable) as page:
            return [
                page.post(
                    CASES, json={"mention_id": mention, "note": f"{number}", "author": person}
                ).status_code
                for number in range(20)
                for mention in mentions
            ]

    with ThreadPoolExecutor(2) as people:
        statuses = [*people.map(write, ["Анна", "Пётр"])]
    assert statuses == [[200] * 40] * 2
    for mention in mentions:
        notes = {(one.author, one.note) for one in told(writable, mention).events}
        assert len(notes) == 40


def test_a_store_that_somebody_keeps_locked(
    page: TestClient, plain: Hit, writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.connection, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(writable, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = page.post(CASES, json={"mention_id": plain.mention.id})
        assert answer.status_code == 503
        assert answer.json()["error"]["kind"] == "store"
        # Reading goes on meanwhile.
        assert page.get("/api/v1/search").status_code == 200
    assert page.post(CASES, json={"mention_id": plain.mention.id}).status_code == 200


# --- with a cluster --------------------------------------------------------
def with_cluster(store: Path, named: Cluster) -> TestClient:
    project = Project(store=store, elasticsearch=named)
    place = Place(project, asks_cluster=True, insecure_http=False)
    return TestClient(create_app(Settings(place)), base_url="http://localhost")


def waiting(path: Path) -> int:
    with open_store(path, create=False, read_only=True) as store:
        return store.outbox().waiting()


@pytest.fixture
def nobody() -> Cluster:
    """A cluster that does not answer: the port is nobody's."""
    return Cluster("http://127.0.0.1:1", timeout=1)


def test_what_the_cluster_cannot_be_told_is_kept_and_said(
    writable: Path, plain: Hit, nobody: Cluster
) -> None:
    with open_store(writable) as store:
        store.outbox().enable()
    page = with_cluster(writable, nobody)
    answer = page.post(CASES, json={"mention_id": plain.mention.id, "note": "kept"})
    assert answer.status_code == 200
    assert answer.json()["mention"]["case"]["status"] == "open"
    assert answer.json()["note"]["text"].startswith("this is stored, and the cluster does not kn")
    assert told(writable, plain.mention.id).events[0].note == "kept"
    assert waiting(writable) == 1


def test_a_store_that_was_never_sent_is_not_sent_by_a_click(
    writable: Path, plain: Hit, nobody: Cluster
) -> None:
    body = with_cluster(writable, nobody).post(CASES, json={"mention_id": plain.mention.id}).json()
    assert body["note"]["code"] == "cluster_never_told"
    with open_store(writable, read_only=True) as store:
        assert store.outbox().state() is None


def test_while_another_process_sends_a_change_waits(
    writable: Path, plain: Hit, nobody: Cluster
) -> None:
    with open_store(writable) as store:
        store.outbox().enable()
    with only_sender(writable):
        body = with_cluster(writable, nobody).post(CASES, json={"mention_id": plain.mention.id})
    assert "another process is sending" in body.json()["note"]["values"]["message"]
    assert waiting(writable) == 1


def test_a_mention_of_another_machine_is_written_about_there(
    writable: Path, nobody: Cluster
) -> None:
    answer = with_cluster(writable, nobody).post(CASES, json={"mention_id": "elsewhere:1"})
    assert answer.status_code == 404
    assert "where it was collected" in answer.json()["error"]["message"]


@pytest.fixture
def both(writable: Path, settings: ClusterSettings) -> Iterator[TestClient]:
    """A page that asks a real cluster, which has what the store has."""
    named = Cluster(settings.url, settings.index)
    cluster.index_store(Project(store=writable, elasticsearch=named))
    with with_cluster(writable, named) as page:
        yield page


def test_the_cluster_is_told_of_what_is_written(
    both: TestClient, plain: Hit, writable: Path
) -> None:
    body = post(both, CORRECTIONS, plain, sentiment="positive", topics={"speed": "negative"})
    assert body["mention"]["sentiment"] == "positive"
    assert waiting(writable) == 0
    params = {"q": "has:correction", "limit": 100}
    found = both.get("/api/v1/search", params=params).json()["hits"]
    assert plain.mention.id in [one["id"] for one in found]
