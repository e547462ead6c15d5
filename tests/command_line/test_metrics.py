"""`molva metrics` and `molva unanswered`, from a table of reviews to what a person reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from answers.metric_names import MEANINGS
from answers.metrics import METRICS
from index import open_store
from mention import Fact, Mention
from tests.command_line.conftest import Molva
from tests.contract.records import tag

# Twelve answers a month: promoters, passives and detractors of NPS; satisfied or not.
SURVEY = "Дата;Оценка;Удобство;Магазин;Комментарий\n" + "\n".join(
    f"2026-0{month}-{day:02};{score};{effort};{shop};{'Спасибо' if day % 2 else ''}"
    for month in (3, 4)
    for day, (score, effort, shop) in enumerate(
        [(10, 7, "Тверь")] * 7 + [(8, 6, "Тверь")] * 2 + [(2, 3, "Псков")] * 3, start=1
    )
)


def rows(molva: Molva, *arguments: str) -> list[dict[str, Any]]:
    output = molva("metrics", *arguments, "--format", "json").stdout
    found: list[dict[str, Any]] = json.loads(output)
    return found


@pytest.fixture
def survey(molva: Molva, tmp_path: Path) -> None:
    file = tmp_path / "survey.csv"
    file.write_text(SURVEY, encoding="utf-8")
    arguments = ["--map", "nps=Оценка", "--map", "ces=Удобство", "--map", "location=Магазин"]
    assert "24 new" in molva("import", str(file), "--source", "survey", *arguments).stdout


def fill(path: Path, now: datetime) -> None:
    """Make a store of complaints of which every third was answered after two hours."""
    published = [now - timedelta(hours=hours) for hours in (2, 30, 50, 100, 200, 300) * 5]
    mentions = [
        Mention(
            id=f"shop:{number}",
            source="shop",
            text="Ждал в очереди сорок минут",
            brand="Парус",
            published_at=time,
            collected_at=now,
            reply_text=None if number % 3 else "Извините",
            reply_at=None if number % 3 else time + timedelta(hours=2),
        )
        for number, time in enumerate(published)
    ]
    wall = Mention(id="wall:1", source="wall", text="Хамят", published_at=now, collected_at=now)
    tagged = [tag(one, "negative", "speed-") for one in mentions]
    waited = (Fact(kind="wait", value=40, start=17, end=26),)
    with open_store(path) as store:
        store.upsert([*mentions, wall])
        store.add_taggings([(key, one.model_copy(update={"facts": waited})) for key, one in tagged])
        store.add_taggings([tag(wall)])


@pytest.fixture
def in_may(molva: Molva, tmp_path: Path) -> None:
    """Complaints as they were seen one day in May."""
    fill(tmp_path / "molva.sqlite", datetime(2026, 5, 20, 12, tzinfo=UTC))


@pytest.fixture
def of_now(molva: Molva, tmp_path: Path) -> None:
    """Complaints as they are seen now."""
    fill(tmp_path / "molva.sqlite", datetime.now(UTC).replace(microsecond=0))


def test_every_metric_has_a_meaning() -> None:
    assert list(METRICS) == list(MEANINGS)


@pytest.mark.usefixtures("survey")
def test_scores_of_a_survey_by_month_and_branch(molva: Molva) -> None:
    march, april = rows(molva, "--metric", "nps")
    assert (march["start"], march["n"], march["unit"]) == ("2026-03-01", 12, "points")
    assert march["value"] == pytest.approx(100 * (7 - 3) / 12, abs=1e-4)
    assert march["value_low"] < march["value"] < march["value_high"]
    assert april["value"] == march["value"]
    (effort,) = rows(molva, "--metric", "ces", "--by", "quarter", "date:2026-03")
    assert effort["value"] == pytest.approx((7 * 7 + 2 * 6 + 3 * 3) / 12, abs=1e-4)
    by_shop = rows(molva, "--metric", "nps", "--split", "location", "--by", "quarter")
    assert [(row["group"], row["n"], row["value"]) for row in by_shop] == [
        ("Псков", 3, None),
        ("Псков", 3, None),
        ("Тверь", 9, None),
        ("Тверь", 9, None),
    ]
    assert all(row["reason"] == "not enough data (fewer than 10)" for row in by_shop)
    few = rows(molva, "--metric", "nps", "--split", "location", "--minimum", "3", "nps:<=6")
    assert {row["value"] for row in few} == {-100}


@pytest.mark.usefixtures("survey")
def test_scores_are_found_and_come_back(molva: Molva, tmp_path: Path) -> None:
    exported = molva("export", "nps:<=6").stdout
    records = [json.loads(line) for line in exported.splitlines()]
    assert {(one["nps"], one["csat"], one["ces"]) for one in records} == {(2, None, 3)}
    file = tmp_path / "export.jsonl"
    file.write_text(exported, encoding="utf-8")
    molva("import", str(file), "--store", "copy.sqlite")
    again = molva("search", "ces:3", "--store", "copy.sqlite", "--format", "jsonl").stdout
    assert len(again.splitlines()) == len(records) == 6


def test_a_score_that_there_is_not_is_a_reject_with_the_reason(
    molva: Molva, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("nps;csat\n11;\n7,5;\n;0\n9;5\n;\nдевять;4\n", encoding="utf-8")
    assert "2 new" in molva("import", str(file)).stdout
    report = json.loads(molva("doctor", "--format", "json", code=0).stdout)
    reasons = " ".join(str(one["reason"]) for one in report["rejects"])
    assert "nps 11 is no whole number from 0 to 10" in reasons
    assert "nps 7.5 is no whole number" in reasons
    assert "csat 0 is no whole number from 1 to 5; leave the column out with --map csat=" in reasons


@pytest.mark.usefixtures("in_may")
def test_replies_with_what_they_rest_on(molva: Molva) -> None:
    found = {row["metric"]: row for row in rows(molva, "brand:Парус", "--days", "2")}
    # Five were published only two hours before they were seen, five only thirty.
    rate = found["reply_rate"]
    assert (rate["value"], rate["n"], rate["of"]) == (0.25, 20, 30)
    assert found["negative_reply_rate"]["value"] == 0.25
    soon = found["answered_within_24h"]
    assert (soon["value"], soon["n"], soon["of"]) == (0.2, 25, 30)
    median, p90 = (found[f"first_response_{name}"] for name in ("median", "p90"))
    assert (median["value"], median["n"], median["of"], median["unit"]) == (120, 10, 10, "minutes")
    assert (p90["value"], p90["value_high"]) == (120, None)
    assert (found["stated_wait"]["value"], found["stated_wait_median"]["value"]) == (1, 40)
    assert found["repeat_contact"]["value"] == 0
    assert found["resolved"]["reason"] == "not enough data (fewer than 10)"
    assert "nps" not in found
    table = molva("metrics", "--metric", "first_response_median", "--split", "brand").stdout
    assert "2 h 00 min" in table


@pytest.mark.usefixtures("in_may")
def test_sources_that_never_show_a_reply_are_left_out_and_named(molva: Molva) -> None:
    shown = molva("metrics", "--by", "quarter", "--metric", "negative_reply_rate")
    assert "none was ever read, by mentions: wall (1)" in shown.stdout
    assert rows(molva, "source:wall", "--metric", "reply_rate") == []
    assert "nothing to measure" in molva("metrics", "source:wall", "--metric", "nps").stderr


@pytest.mark.usefixtures("of_now")
def test_unanswered_complaints_by_age(molva: Molva) -> None:
    counted = json.loads(molva("unanswered", "--count", "--format", "json").stdout)
    by_age = {row["age"]: row["mentions"] for row in counted}
    assert sum(by_age.values()) == 20
    assert by_age == {
        "under 1 day": 0,
        "1 to 3 days": 10,
        "3 to 7 days": 0,
        "over 7 days": 10,
    }
    first = molva("unanswered", "--limit", "15", "--format", "jsonl")
    assert "replies are not counted at sources of which none was ever read" in first.stderr
    token = first.stderr.split("--after ")[1].split()[0]
    second = molva("unanswered", "--limit", "15", "--after", token, "--format", "jsonl")
    seen = [json.loads(line) for line in (first.stdout + second.stdout).splitlines()]
    assert len({one["id"] for one in seen}) == 20
    assert seen[0]["age_minutes"] in {30 * 60, 30 * 60 + 1}
    table = molva("unanswered", "date:>=2020", "--limit", "1")
    assert "30 h 00 min" in table.stdout
    assert "1 of 20 (under 1 day: 0, 1 to 3 days: 10" in table.stderr


@pytest.mark.usefixtures("in_may")
def test_a_query_that_cannot_be_understood(molva: Molva) -> None:
    assert "character 1" in molva("metrics", "colour:red", code=2).stderr
    assert "character 1" in molva("unanswered", "colour:red", code=2).stderr
    assert "reply_rate" in molva("metrics", "--metric", "speed", code=2).stderr
