"""`/trends` and its files: what `molva trends` says, bounded, with how far it holds."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from dashboard.api import trends
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
    """Who asks about a store of which everything was collected, but for February."""
    counted.fill(tmp_path, covered=(1, 3))
    return client_of(tmp_path)


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({}, ()),
        ({"overall": True}, ("--overall",)),
        ({"split": "brand", "minimum": 3}, ("--split", "brand", "--minimum", "3")),
        ({"period": "week", "only": "delivery"}, ("--by", "week", "--topic", "delivery")),
    ],
)
def test_rows_are_those_of_the_command(
    client: TestClient, molva: Molva, asked: dict[str, Any], options: tuple[str, ...]
) -> None:
    answer = get(client, "/trends", **SPRING, **asked)
    trends.Trends.model_validate(answer, strict=False, extra="forbid")
    printed = molva("trends", AS_QUERY, *options, "--format", "json").stdout
    assert answer["rows"] == json.loads(printed)
    assert len(answer["rows"]) >= 3


def test_what_was_not_collected_is_unknown_and_told(client: TestClient) -> None:
    answer = get(client, "/trends", **SPRING)
    by_start = {row["start"]: row for row in answer["rows"]}
    february = by_start["2026-02-01"]
    assert (february["coverage"], february["count"]) == ("unknown", None)
    assert by_start["2026-03-01"]["count"] == 55
    coverage = answer["coverage"]
    assert coverage["text"].startswith("of 3 buckets 2 collected, 1 not collected (unknown): ")
    assert (coverage["code"], coverage["values"]["count"]) == ("buckets_because", 3)
    states = [(one["code"], one["values"]) for one in coverage["values"]["states"]]
    assert states == [("collected", {"count": 2}), ("not_collected", {"count": 1})]
    assert february["reason"] in [one["text"] for one in coverage["values"]["reasons"]]
    (labels,) = answer["labels"]
    tagger = f"{counted.MODEL} {counted.VERSION}"
    assert labels["text"] == f"{tagger}, taxonomy 1.0 (147 mentions)"
    assert labels["values"] == {"tagger": tagger, "taxonomy": "1.0", "count": 147}
    assert "intervals" in codes(answer["notes"])
    assert answer["query"] == AS_QUERY


def test_each_reason_of_the_rows_is_told_once(client: TestClient) -> None:
    answer = get(client, "/trends", split="brand", **SPRING)
    given = {row["reason"] for row in answer["rows"]} - {None}
    told = [one["text"] for one in answer["reasons"]]
    assert sorted(told) == sorted(given)
    few = [one["values"] for one in answer["reasons"] if one["code"] == "too_few"]
    assert all(one["minimum"] == 10 and "average_stars" in one["figures"] for one in few)
    assert few


def test_everything_narrows(client: TestClient) -> None:
    answer = get(client, "/trends", brand="Маяк", q="topic:delivery:negative", **SPRING)
    assert [row["count"] for row in answer["rows"]] == [20, None, 2]
    assert "no topic 'delivry'; did you mean 'delivery'" in refusal(
        client, "/trends", only="delivry"
    )


def test_a_change_of_the_model_is_marked(client: TestClient, tmp_path: Path) -> None:
    assert get(client, "/trends")["model_changes"] == []
    with open_store(tmp_path / "molva.sqlite") as store:
        mention = make(text="Долго ждали", published_at=at("2026-03-05"))
        store.upsert([mention])
        store.add_taggings([tag(mention, topics="speed-", version="7")])
    (change,) = get(client, "/trends")["model_changes"]
    before, after = (change[name]["values"]["tagger"].split() for name in ("before", "after"))
    assert (before[0], after[1]) == ("molva-multilingual", "7")
    assert change["after"]["text"] == "tagger 7 (taxonomy 3)"
    assert date.fromisoformat(change["day"])
    answer = get(client, "/trends", **SPRING)
    assert [one["values"]["count"] for one in answer["labels"]] == [147, 1]
    (told,) = [one for one in answer["notes"] if one["code"] == "model_changed"]
    assert told["values"] == change


def test_more_than_a_chart_can_hold_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "molva.toml").write_text(counted.PROJECT, encoding="utf-8")
    with open_store(tmp_path / "molva.sqlite") as store:
        old = make(1, published_at=at("1990-01-05"))
        store.upsert([old])
        store.add_taggings([tag(old, topics="speed- delivery-")])
    # One day has a mention; what follows is made of days that were not collected.
    message = refusal(client_of(tmp_path), "/trends", period="day")
    assert "choose longer periods, fewer topics" in message
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert([make(2, published_at=at("2026-01-05"))])
    message = refusal(client_of(tmp_path), "/trends/export", period="day")
    assert "26,300 points and at most 10,000" in message
    assert get(client_of(tmp_path), "/trends", period="quarter")["rows"]


def test_of_many_mentions_a_sample_is_counted_and_told(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "MOST_COUNTED", 60)
    # Counts that were made beforehand are exact, however many they are.
    exact = get(client, "/trends", **SPRING)
    sampled = get(client, "/trends", q="rating:>=1", **SPRING)
    whole, part = (answer["rows"][2] for answer in (exact, sampled))
    assert not {"sample", "labels_sampled"} & codes(exact["notes"])
    (told,) = [note for note in sampled["notes"] if note["code"] == "sample"]
    assert 0 < told["values"]["share"] < 1
    assert told["text"].startswith("a random sample was counted")
    assert part["count_low"] <= whole["count"] <= part["count_high"]
    assert part["count_high"] - part["count_low"] > whole["count_high"] - whole["count_low"]


def test_files_are_those_of_the_command(client: TestClient, molva: Molva, tmp_path: Path) -> None:
    for kind in ("csv", "json"):
        answer = client.get("/api/v1/trends/export", params={"format": kind, **SPRING})
        assert answer.text == molva("trends", AS_QUERY, "--format", kind).stdout
        assert answer.headers["content-disposition"].startswith('attachment; filename="molva-tr')
        assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    book = client.get("/api/v1/trends/export", params={"format": "xlsx", "split": "brand"})
    sheets = load_workbook(io.BytesIO(book.content))
    assert sheets.sheetnames == ["answer", "about"]
    assert "group" in [cell.value for cell in sheets["answer"][1]]
    about = {str(row[0].value): row[1].value for row in sheets["about"].rows}
    assert about["query"] == "everything"
    assert "measured" in about


def test_pictures_are_drawn_one_at_a_time(client: TestClient) -> None:
    def draw(kind: str) -> bytes:
        answer = client.get("/api/v1/trends/export", params={"format": kind, **SPRING})
        assert answer.status_code == 200, answer.text
        return answer.content

    with ThreadPoolExecutor(2) as threads:
        svg, again, png = threads.map(draw, ("svg", "svg", "png"))
    assert svg == again
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert png.startswith(b"\x89PNG")


def test_a_picture_of_nothing_is_refused(client: TestClient) -> None:
    assert "nothing to draw" in refusal(client, "/trends/export", format="svg", brand="Никто")
