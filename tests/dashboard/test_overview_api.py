"""The overview: the week, alerts that are on, complaints that wait, and the sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

import pytest
from fastapi.testclient import TestClient

import cluster
from collecting.health import alarms
from dashboard.api import overview, watch
from index import open_store
from index.base import Run
from index.elastic.connection import connect
from index.sqlite import SqliteStore
from project import Project, load
from tests.command_line.conftest import Molva, molva
from tests.dashboard.asking import client_of, codes, get, refusal
from tests.dashboard.samples import ANSWERED, UNANSWERED, last_sunday
from tests.dashboard.serving import browser
from tests.elasticsearch.names import own_name

__all__ = ["molva"]


# --- the week -------------------------------------------------------------------
def test_the_last_whole_week_is_held_against_the_one_before(client: TestClient) -> None:
    answer = get(client, "/overview/week")
    overview.Week.model_validate(answer, extra="forbid")
    sunday = last_sunday()
    assert answer["after"] == {"first": str(sunday - timedelta(days=6)), "last": str(sunday)}
    assert answer["before"]["last"] == str(sunday - timedelta(days=7))
    total = answer["total"]
    assert total["topic"] == "(overall)"
    query = {"first": answer["after"]["first"], "last": answer["after"]["last"]}
    assert total["after_count"] == get(client, "/search", **query, q="has:sentiment")["total"]
    assert codes(answer["notes"]) == {"coverage", "intervals", "chance"}


def test_a_week_begins_in_the_zone_of_the_store(
    writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SundayNight(datetime):
        """In Vilnius it is Monday already."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(2026, 3, 1, 22, 30, tzinfo=UTC).astimezone(tz)

    with open_store(writable) as opened:
        opened.set_time_zone("Europe/Vilnius")
    monkeypatch.setattr(overview, "datetime", SundayNight)
    assert get(browser(writable), "/overview/week")["after"]["last"] == "2026-03-01"


def test_what_changed_most_surely_comes_first(client: TestClient) -> None:
    topics = get(client, "/overview/week")["topics"]
    first = topics[0]
    # A crisis of the delivery was planted in that week.
    assert (first["topic"], first["complaints"]["change"]) == ("delivery", "up, beyond chance")
    assert first["rate_ratio_low"] > 1
    of_mayak = get(client, "/overview/week", brand="Маяк")["topics"]
    assert not any(row["count_change"] == "up, beyond chance" for row in of_mayak)


def test_rows_are_those_of_the_command(client: TestClient, project: Project, molva: Molva) -> None:
    answer = get(client, "/overview/week")
    spans = ",".join(f"{answer[at]['first']}..{answer[at]['last']}" for at in ("before", "after"))
    asked = ["--compare", spans, "--format", "json", "--store", str(project.store)]
    printed = molva("trends", *asked, "--config", str(project.file)).stdout
    extra = {"complaints", "compliments"}
    rows = [{key: row[key] for key in row if key not in extra} for row in answer["topics"]]
    assert sorted(rows, key=lambda row: row["topic"]) == json.loads(printed)
    assert len(rows) > 3


def test_a_week_of_which_nothing_is_known(tmp_path: Path) -> None:
    with open_store(tmp_path / "molva.sqlite"):
        (tmp_path / "molva.toml").write_text('store = "molva.sqlite"', encoding="utf-8")
    answer = get(client_of(tmp_path), "/overview/week")
    assert (answer["total"], answer["topics"]) == (None, [])
    assert "nothing was collected then" in answer["notes"][0]["text"]


def test_weeks_begin_in_the_time_zone_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sunday:
        """A clock late on a Sunday in UTC, which is a Monday farther east."""

        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime(2026, 3, 8, 22, tzinfo=UTC).astimezone(zone)

    monkeypatch.setattr(overview, "datetime", Sunday)
    found = {}
    for zone in ("UTC", "Asia/Almaty"):
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir()
        lines = f'store = "molva.sqlite"\ntime_zone = "{zone}"'
        (folder / "molva.toml").write_text(lines, encoding="utf-8")
        with open_store(folder / "molva.sqlite", time_zone=zone):
            pass
        found[zone] = get(client_of(folder), "/overview/week")["after"]["last"]
    assert found == {"UTC": "2026-03-01", "Asia/Almaty": "2026-03-08"}


# --- alerts ---------------------------------------------------------------------
def test_alerts_that_are_on_with_their_evidence(client: TestClient) -> None:
    answer = get(client, "/overview/alerts")
    assert answer["looked_until"] == str(last_sunday())
    (alert,) = [one for one in answer["on"] if one["figures"]["topic"] == "delivery"]
    assert alert["headline"] == "More complaints about delivery than usual: Парус"
    assert date.fromisoformat(alert["since"]) <= date.fromisoformat(alert["day"])
    assert len(alert["sentences"]) == 2
    assert get(client, "/search", q=alert["query"])["total"] == alert["figures"]["observed"]
    evidence = alert["evidence"][0]
    found = get(client, "/mention", id=evidence["id"])["mention"]
    assert evidence["text"] in found["text"]
    assert evidence["url"] == found["url"]


def test_addresses_that_are_none_are_not_told(client: TestClient, writable: Path) -> None:
    log_query = get(client, "/overview/alerts")["on"][0]["query"]
    with open_store(writable) as store:
        hits = list(store.scan(log_query))
        store.upsert([
            hit.mention.model_copy(
                update={
                    "url": "javascript:alert(1)",
                    "collected_at": datetime.now(UTC),
                }
            )
            for hit in hits
        ])  # fmt: skip
    told = [one for alert in get(client, "/overview/alerts")["on"] for one in alert["evidence"]]
    assert told
    assert {one["url"] for one in told} == {None}


def test_nothing_is_evaluated_and_the_worst_come_first(
    client: TestClient, writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = get(client, "/overview/alerts")
    with open_store(writable) as store:
        log = store.alert_log()
        (event,) = [one for one in log.latest().values() if one.record["topic"] == "delivery"]
        worse = dict(event.record) | {"severity": "critical", "topic": "price"}
        log.add([(
            type(event)("new", "other", event.kind, event.day, event.since, worse), ()
        )])  # fmt: skip
    answer = get(client, "/overview/alerts")
    assert len(answer["on"]) == len(before["on"]) + 1
    assert (answer["on"][0]["severity"], answer["on"][0]["figures"]["topic"]) == (
        "critical",
        "price",
    )
    monkeypatch.setattr(watch, "MOST_ALERTS", 1)
    answer = get(client, "/overview/alerts")
    assert len(answer["on"]) == 1
    assert answer["notes"] == [
        {"text": f"{len(before['on'])} more alerts are on; 'molva alerts' lists them",
         "code": "more_alerts", "values": {"count": len(before["on"])}}
    ]  # fmt: skip


def test_a_day_that_was_looked_at_without_alerts_is_noted(molva: Molva, tmp_path: Path) -> None:
    (tmp_path / "molva.toml").write_text('store = "molva.sqlite"', encoding="utf-8")
    with open_store(tmp_path / "molva.sqlite"):
        pass
    client = client_of(tmp_path)
    assert get(client, "/overview/alerts") == {"looked_until": None, "on": [], "notes": []}
    molva("alerts", "--on", "2026-03-05", "--dry-run")
    assert get(client, "/overview/alerts")["looked_until"] is None
    for day in ("2026-03-05", "2026-03-01"):
        molva("alerts", "--on", day)
        assert get(client, "/overview/alerts")["looked_until"] == "2026-03-05"


# --- what waits -----------------------------------------------------------------
def test_complaints_that_wait(client: TestClient) -> None:
    answer = get(client, "/overview/unanswered", limit=100)
    ids = [hit["id"] for hit in answer["hits"]]
    assert UNANSWERED in ids
    assert ANSWERED not in ids
    assert sum(age["mentions"] for age in answer["by_age"]) == answer["total"]
    assert [age["under_days"] for age in answer["by_age"]] == [1, 3, 7, None]
    # Of the forum no reply was ever read.
    assert {one["source"] for one in answer["left_out"]} >= {"rss"}
    assert not any(one.startswith("rss:") for one in ids)


def test_pages_of_them_go_on_and_are_bounded(client: TestClient) -> None:
    def pages() -> Iterator[str]:
        after: dict[str, str] = {}
        while True:
            answer = get(client, "/overview/unanswered", limit=7, brand="Парус", **after)
            yield from (hit["id"] for hit in answer["hits"])
            if answer["next"] is None:
                return
            after = {"after": answer["next"]}

    ids = list(pages())
    whole = get(client, "/overview/unanswered", limit=100, brand="Парус")
    assert len(set(ids)) == len(ids) == whole["total"]
    assert ids[:100] == [hit["id"] for hit in whole["hits"]]
    assert refusal(client, "/overview/unanswered", 422, limit=101)
    assert "start from the first page" in refusal(client, "/overview/unanswered", after="yesterday")


# --- sources --------------------------------------------------------------------
def test_sources_in_trouble_come_first(client: TestClient, writable: Path) -> None:
    with open_store(writable) as store:
        run = store.start_run("shop", {"page": "1"}, "shop-1")
        store.finish_run(run, "failed", {"pages": 2, "items": 0}, "the server answered 500")
    answer = get(client, "/overview/sources")
    first = answer["sources"][0]
    assert first["in_trouble"]
    assert answer["in_trouble"] == sum(one["in_trouble"] for one in answer["sources"])
    assert answer["total"] == len(answer["sources"])
    (shop,) = [one for one in answer["sources"] if one["source"] == "shop"]
    assert (shop["outcome"], shop["pages"], shop["arguments"]) == ("failed", 2, "page=1")
    # What a platform said is told as it said it.
    assert shop["message"] == {"text": "the server answered 500", "code": None, "values": {}}
    text = "the last run of shop (page=1) failed: the server answered 500"
    assert text in [problem["text"] for problem in answer["problems"]]
    assert answer["notes"][0]["values"] == {"count": 5, "ran": 5}


def test_what_molva_itself_says_of_a_run_is_told_with_its_numbers(
    client: TestClient, writable: Path
) -> None:
    with open_store(writable) as store:
        for number, items in enumerate((50, 0)):
            run = store.start_run("shop", {"page": "1"}, "shop-1")
            found = alarms(store_run(store, run, items), store.runs("shop")[1:])
            ending = "shop found nothing; check the arguments" if number else None
            store.finish_run(run, "finished", {"items": items}, ending, alarms=found)
    answer = get(client, "/overview/sources")
    (shop,) = [one for one in answer["sources"] if one["source"] == "shop"]
    assert (shop["message"]["code"], shop["message"]["values"]) == ("run_empty", {"source": "shop"})
    (alarm,) = shop["alarms"]
    assert (alarm["code"], alarm["values"]) == ("brought_nothing", {"usual": 50, "count": 1})
    assert alarm["text"].startswith("brought nothing where 50 are usual (median of 1 run before)")
    told = [one for one in answer["problems"] if one["code"] == "source_alarm"]
    assert alarm in [one["values"]["alarm"] for one in told]


def store_run(store: SqliteStore, number: int, items: int) -> Run:
    """Return a run as it is when it is looked at for what is unusual."""
    (run,) = [one for one in store.runs("shop") if one.id == number]
    return replace(run, outcome="finished", counts={"items": items})


# --- a cluster ------------------------------------------------------------------
@pytest.fixture
def in_both(writable: Path, elasticsearch_url: str) -> Iterator[Path]:
    """A copy of the samples, which a cluster has as well."""
    file = writable.with_name("molva.toml")
    with own_name(elasticsearch_url) as named:
        table = f'[elasticsearch]\nurl = "{named.url}"\nindex = "{named.index}"\n'
        file.write_text(file.read_text(encoding="utf-8") + table, encoding="utf-8")
        cluster.index_store(load(file))
        with connect(named) as client:
            client.indices.refresh(index=named.index)
        yield writable


def test_a_cluster_gives_the_same_answers(in_both: Path) -> None:
    here, there = (client_of(in_both.parent, asks_cluster=asks) for asks in (False, True))
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/trends", {"split": "brand", "q": "rating:>=1"}),
        ("/compare", {"base": "Маяк"}),
        ("/overview/week", {"brand": "Парус"}),
        ("/overview/unanswered", {"q": "topic:delivery", "limit": 100}),
        ("/overview/alerts", {}),
        ("/overview/sources", {}),
    )
    for path, arguments in asked:
        ours, theirs = (get(one, path, **arguments) for one in (here, there))
        # Only the store knows when its labels changed.
        for answer in (ours, theirs):
            answer.pop("model_changes", None)
            notes = answer.get("notes", ())
            answer["notes"] = [one for one in notes if one["code"] != "model_changed"]
        assert theirs == ours, path


def test_a_cluster_without_the_store_says_what_it_does_not_know(in_both: Path) -> None:
    in_both.unlink()
    here, there = (client_of(in_both.parent, asks_cluster=asks) for asks in (False, True))
    trends = get(there, "/trends")
    assert trends["rows"]
    assert trends["coverage"]["code"] == "nobody_knows"
    assert get(there, "/overview/week")["topics"]
    for path, empty in (("/overview/alerts", "on"), ("/overview/sources", "sources")):
        answer = get(there, path)
        assert answer[empty] == []
        assert "the cluster answers here" in answer["notes"][0]["text"]
        assert "there is no store" in refusal(here, path, 503)
