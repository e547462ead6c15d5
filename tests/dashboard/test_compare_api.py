"""`/compare`: what `molva compare` says, of groups that are named or of the largest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.api import compare
from index import open_store
from tests.command_line import counted
from tests.command_line.conftest import Molva, molva
from tests.contract.records import at, make, tag
from tests.dashboard.asking import client_of, codes, get, refusal

__all__ = ["molva"]

SPRING = {"first": "2026-01-01", "last": "2026-03-31"}
AS_QUERY = "date:2026-01-01..2026-03-31"


@pytest.fixture
def client(molva: Molva, tmp_path: Path) -> TestClient:
    """Who asks about two brands, of which one is blamed for queues as well."""
    counted.fill(tmp_path)
    queues = [
        make(number, "Очередь стояла час", brand="Парус", published_at=at("2026-02-10"))
        for number in range(40)
    ]
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert(queues)
        store.add_taggings([tag(one, topics="speed-") for one in queues])
    return client_of(tmp_path)


@pytest.mark.parametrize("part", ["groups", "topics", "distinct"])
def test_rows_are_those_of_the_command(client: TestClient, molva: Molva, part: str) -> None:
    answer = get(client, "/compare", **SPRING, distinct=True)
    compare.Compared.model_validate(answer, strict=False, extra="forbid")
    assert answer["query"] == AS_QUERY
    texts = ("--texts", str(compare.TEXTS))
    printed = molva("compare", AS_QUERY, *texts, "--show", part, "--format", "json").stdout
    rows = [{key: row[key] for key in row if key != "stars"} for row in answer[part]]
    assert rows == json.loads(printed)
    assert rows


def test_what_only_one_of_them_is_told_is_read_when_it_is_asked_for(client: TestClient) -> None:
    assert get(client, "/compare")["distinct"] == []
    answer = get(client, "/compare", distinct=True)
    terms = {(row["group"], row["tone"], row["term"]) for row in answer["distinct"]}
    assert ("Парус", "complaint", "speed") in terms
    assert codes(answer["notes"]) >= {"coverage", "compared_with_others", "distinct_words_in"}


def test_groups_are_chosen_and_held_against_one(client: TestClient) -> None:
    answer = get(client, "/compare", **SPRING, of=["маяк", "Парус"], base="парус")
    assert answer["base"] == "Парус"
    by_name = {row["group"]: row for row in answer["groups"]}
    assert by_name["Парус"]["share_negative_difference"] is None
    beacon = by_name["Маяк"]
    assert (beacon["mentions"], beacon["against"]) == (45, "Парус")
    assert beacon["stars"] == [22, 0, 0, 0, 23]
    assert beacon["share_negative_difference_high"] < 0
    assert answer["mentions"] == 45 + 142
    coverage, compared = answer["notes"]
    assert coverage["text"] == f"coverage: {coverage['values']['coverage']['text']}"
    assert compared["values"] == {"mentions": 45 + 142, "against": "Парус"}


def test_what_cannot_be_compared_is_said(client: TestClient) -> None:
    assert "there is Парус" in refusal(client, "/compare", of=["Парусс", "Маяк"])
    assert "there are not two to compare by brand" in refusal(client, "/compare", brand="Маяк")
    assert refusal(client, "/compare", 422, of=["x"] * (compare.MOST_GROUPS + 1))
    assert refusal(client, "/compare", 422, by="colour")


def test_groups_that_are_left_out_are_counted(client: TestClient, tmp_path: Path) -> None:
    others = [make(f"b{n}", brand=f"Brand {n}", published_at=at("2026-02-10")) for n in range(9)]
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert(others)
    answer = get(client, "/compare")
    assert (len(answer["groups"]), answer["left_out"]) == (8, 3)
    (told,) = [note for note in answer["notes"] if note["code"] == "groups_left_out"]
    assert (told["text"][:19], told["values"]) == ("groups left out: 3;", {"count": 3})


def test_what_there_is_to_compare(client: TestClient) -> None:
    answer = get(client, "/compare/groups", by="location", limit=1, **SPRING)
    assert (answer["total"], len(answer["groups"])) == (2, 1)
    largest = answer["groups"][0]
    compared = get(client, "/compare", by="location", **SPRING)["groups"][0]
    assert largest == {"group": compared["group"], "mentions": compared["mentions"]}
