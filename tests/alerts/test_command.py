"""`molva alerts` on a real store: what it finds, what it tells, and what it keeps silent about."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from index import open_store
from tests.alerts.conftest import PROJECT, Molva
from tests.alerts.history import LAST, put

HOSTILE = "Доставка [bold]опоздала[/bold]\u202e \x1b[31mна неделю."
CRISIS = LAST - timedelta(days=2)


def plant(path: Path, *, days: int = 3, text: str = HOSTILE, polarity: str = "negative") -> None:
    """Add ten reviews a day about delivery to the five that are usual."""
    with open_store(path) as store:
        for day in range(days):
            put(
                store,
                "Парус",
                "delivery",
                CRISIS + timedelta(days=day),
                range(100, 110),
                text=text,
                polarity=polarity,
            )


def look(molva: Molva, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Return what a run found."""
    result = molva("alerts", "--format", "json", *arguments, code=code)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def on(days: int = 0) -> tuple[str, str]:
    return "--on", str(LAST + timedelta(days=days))


def test_nothing_is_told_when_nothing_has_happened(molva: Molva, calm: Path) -> None:
    answer = look(molva, *on())
    assert answer["new"] == answer["on_now"] == []
    assert answer["tested"] == 4, "complaints and compliments of two topics; not of a competitor"


def test_a_planted_crisis_is_found_once_with_its_evidence(molva: Molva, calm: Path) -> None:
    plant(calm)
    first = look(molva, *on(), code=4)
    (alert,) = first["new"]
    assert (alert["event"], alert["topic"], alert["group"]) == ("fired", "delivery", "Парус")
    assert alert["last"] == str(LAST)
    assert alert["expected"] == pytest.approx(13, abs=4)
    assert alert["value"] == pytest.approx(alert["observed"] / alert["expected"])
    assert alert["low"] < alert["value"] < alert["high"]
    assert alert["p"] <= alert["q"] <= 0.01
    found = json.loads(molva("search", alert["query"], "--format", "json", "--limit", "100").stdout)
    assert len(found) == alert["observed"]
    evidence = alert["evidence"]
    assert evidence[0]["confidence"] == 0.9
    assert len({one["text"] for one in evidence}) == len(evidence) == 2, "each text once"
    again = look(molva, *on())
    assert again["new"] == []
    assert [one["id"] for one in again["on_now"]] == [alert["id"]]


def test_a_table_prints_hostile_text_safely(molva: Molva, calm: Path) -> None:
    plant(calm)
    output = molva("alerts", *on(), code=4).stdout
    assert "More complaints about delivery than usual: Парус" in output
    assert "[bold]опоздала[/bold]" in output
    assert "\x1b" not in output
    assert "\u202e" not in output


def test_praise_is_told_as_well(molva: Molva, calm: Path) -> None:
    plant(calm, polarity="positive", text="Курьер приехал вовремя.")
    answer = look(molva, *on(), code=4)
    assert [one["title"] for one in answer["new"]] == [
        "More compliments on delivery than usual: Парус"
    ]


def test_a_dry_run_notes_nothing(molva: Molva, calm: Path) -> None:
    plant(calm)
    dry = look(molva, "--dry-run", *on(), code=4)
    assert len(dry["new"]) == 1
    assert look(molva, *on(), code=4)["new"] == dry["new"]


def test_an_alert_gets_stronger_and_is_taken_back(molva: Molva, calm: Path) -> None:
    plant(calm)
    with open_store(calm) as store:
        for day in range(1, 9):
            usual = range(45) if day == 1 else range(5)
            put(store, "Парус", "delivery", LAST + timedelta(days=day), usual)
    look(molva, *on(), code=4)
    (worse,) = look(molva, *on(1), code=4)["new"]
    assert worse["event"] == "escalated"
    assert worse["title"].startswith("Getting stronger: ")
    events = [one for day in range(2, 9) for one in look(molva, *on(day))["new"]]
    (cleared,) = events
    assert cleared["event"] == "cleared"
    assert cleared["alert"] == worse["alert"]
    digest = molva("alerts", "--digest", "month", *on(8)).stdout
    assert "1 new, 1 stronger, 1 back to usual, 0 on" in digest
    assert look(molva, *on(1))["new"] == [], "a day that was judged is not judged again"


def test_the_same_does_not_fire_again_during_its_cooldown(molva: Molva, calm: Path) -> None:
    (calm.parent / "molva.toml").write_text(
        PROJECT
        + """
        [[alerts]]
        name = "Many a day"
        kind = "threshold"
        topics = ["delivery"]
        query = "brand:Парус"
        above = 12
        window = 1
        cooldown = 5
        """,
        encoding="utf-8",
    )
    with open_store(calm) as store:
        for day in range(1, 8):
            many = range(20) if day % 2 else range(3)
            put(store, "Парус", "delivery", LAST + timedelta(days=day), many)
    events = []
    for day in range(1, 8):
        answer = json.loads(
            molva("alerts", "--format", "json", *on(day), code=4 if day in {1, 7} else 0).stdout
        )
        events += [(day, one["event"]) for one in answer["new"]]
    assert events == [(1, "fired"), (2, "cleared"), (7, "fired")]


def test_shares_and_net_sentiment_are_compared_with_numbers(molva: Molva, calm: Path) -> None:
    (calm.parent / "molva.toml").write_text(
        PROJECT
        + """
        [[alerts]]
        name = "Share"
        kind = "threshold"
        measure = "share_negative"
        above = 0.9
        topics = "overall"
        window = 7
        split = "brand"
        [[alerts]]
        name = "Balance"
        kind = "threshold"
        measure = "net_sentiment"
        below = -0.5
        topics = ["price"]
        minimum = 1000
        """,
        encoding="utf-8",
    )
    answer = look(molva, *on(), code=4)
    assert [(one["rule"], one["group"], one["value"]) for one in answer["new"]] == [
        ("Share", "Маяк", 1.0),
        ("Share", "Парус", 1.0),
    ]
    assert answer["new"][0]["high"] == 1.0
    assert "share negative (2026-05-25 to 2026-05-31): 100% of" in answer["new"][0]["text"][0]
    assert [(gap["rule"], gap["reason"]) for gap in answer["gaps"]] == [
        ("Balance", "fewer than 1000 mentions to judge by")
    ]


SILENCE = """
    [[alerts]]
    name = "Silence"
    kind = "threshold"
    topics = "overall"
    below = 1
    window = 1
    minimum = 0
    split = "brand"
"""


def test_a_threshold_sees_a_brand_that_has_fallen_silent(molva: Molva, calm: Path) -> None:
    project = calm.parent / "molva.toml"
    project.write_text(PROJECT + SILENCE, encoding="utf-8")
    with open_store(calm) as store:
        put(store, "Маяк", "delivery", LAST + timedelta(days=1), range(5))
    (alert,) = look(molva, *on(1), code=4)["new"]
    assert (alert["group"], alert["observed"]) == ("Парус", 0)
    project.write_text(PROJECT, encoding="utf-8")
    digest = molva("alerts", "--digest", "week", *on(1)).stdout
    assert "0 on" in digest, "a rule that is gone is on no more"


def test_a_day_that_is_not_over_is_refused(molva: Molva, calm: Path) -> None:
    plant(calm)
    look(molva, *on(), code=4)
    assert "is not over yet" in molva("alerts", "--on", "2099-12-30", code=2).stderr
    assert len(look(molva, *on())["on_now"]) == 1


def test_an_alert_about_a_topic_that_is_gone_stops_nothing(molva: Molva, calm: Path) -> None:
    plant(calm)
    look(molva, *on(), code=4)
    with open_store(calm) as store, closing(sqlite3.connect(store.path)) as file, file:
        file.execute(
            "UPDATE alert_event SET record = json_set(record, '$.query', 'topic:parking:negative')"
        )
    (alert,) = look(molva, *on())["on_now"]
    assert alert["evidence"] == []


def test_without_enough_history_a_rule_says_so(molva: Molva, calm: Path) -> None:
    early = str(LAST - timedelta(days=50))
    answer = look(molva, "--on", early)
    assert answer["tested"] == 0
    assert {gap["reason"] for gap in answer["gaps"]} == {
        "17 known days come before the window, 28 are needed"
    }


def test_a_day_after_the_last_import_fires_and_clears_nothing(molva: Molva, calm: Path) -> None:
    plant(calm)
    look(molva, *on(), code=4)
    later = look(molva, *on(5))
    assert later["new"] == []
    assert len(later["on_now"]) == 1, "silence is no sign that all is well"
    assert all("the last day is not known" in gap["reason"] for gap in later["gaps"])


def test_mentions_that_wait_for_the_tagger_make_a_day_unknown(molva: Molva, calm: Path) -> None:
    from tests.contract.records import at, make

    with open_store(calm) as store:
        store.upsert(
            [make(number, brand="Парус", published_at=at(f"{LAST}T10:00")) for number in range(30)]
        )
    answer = look(molva, *on())
    assert any("wait for 'molva tag'" in gap["reason"] for gap in answer["gaps"])


def test_what_was_erased_is_no_evidence(molva: Molva, calm: Path) -> None:
    plant(calm)
    (alert,) = look(molva, *on(), code=4)["new"]
    gone = alert["evidence"][0]["mention_id"]
    molva("forget", "--yes", gone)
    (now,) = look(molva, *on())["on_now"]
    assert now["evidence"]
    assert gone not in [one["mention_id"] for one in now["evidence"]]


def test_dry_run_and_deliver_exclude_each_other(molva: Molva, calm: Path) -> None:
    assert "without --deliver" in molva("alerts", "--dry-run", "--deliver", code=2).output
