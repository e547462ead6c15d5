"""Facts from a text to every place where they are asked for: tag, explain, export, search, sql."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pipeline
from index import open_store
from mention import Tagging
from tests.command_line.conftest import Molva


def test_explain_shows_facts_with_the_words_that_state_them(tagged: Path, molva: Molva) -> None:
    shown = molva("explain", "shop:1").stdout
    (line,) = [line for line in shown.splitlines() if "minutes" in line]
    assert line.split() == ["wait", "40", "minutes", "сорок", "минут"]
    record = json.loads(molva("explain", "shop:1", "--format", "json").stdout)
    (fact,) = record["facts"]
    assert (fact["kind"], fact["value"], fact["unit"]) == ("wait", 40, "minutes")
    assert record["text"][fact["start"] : fact["end"]] == fact["words"] == "сорок минут"
    assert record["tagging"]["facts"][0]["kind"] == "wait"


def test_facts_are_searched_and_exported(tagged: Path, molva: Molva) -> None:
    found = molva("search", "fact:wait:>=1440", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in found] == ["shop:5", "shop:3"]
    table = csv.DictReader(io.StringIO(molva("export", "--format", "csv").stdout))
    waits = {row["id"]: row["wait_minutes"] for row in table if row["id"]}
    assert {one: float(wait) for one, wait in waits.items() if wait} == {
        "shop:1": 40,
        "shop:3": 7200,
        "shop:5": 20160,
    }
    rows = json.loads(
        molva("sql", "SELECT id, value, words FROM v_facts ORDER BY id", "--format", "json").stdout
    )
    assert [tuple(row.values()) for row in rows] == [
        ("shop:1", 40, "сорок минут"),
        ("shop:3", 7200, "пять дней"),
        ("shop:5", 20160, "dvi savaites"),
    ]
    wrong = molva("search", "fact:wait:soon", code=2).stderr
    assert "character 11 of the query" in wrong


class OtherwiseIdle:
    """A tagger that has read everything already, and says so if it is asked again."""

    def __init__(self, tagging: Tagging) -> None:
        self.model = tagging.model
        self.model_version = tagging.model_version
        self.taxonomy_version = tagging.taxonomy_version

    def tag(self, items: Iterable[object]) -> Iterator[Tagging]:
        raise AssertionError(f"the model is asked about {list(items)}")


def test_a_store_tagged_before_there_were_facts_gets_them_without_the_model(tagged: Path) -> None:
    with closing(sqlite3.connect(tagged)) as connection, connection:
        connection.execute("UPDATE tagging SET facts = '[]', facts_version = NULL")
        connection.execute("DELETE FROM mention_fact")
    with open_store(tagged) as store:
        before = {hit.mention.id: hit.tagging for hit in store.scan()}
        assert not store.search("has:fact").total
        tagging = before["shop:1"]
        assert tagging is not None
        assert tagging.facts == ()
        assert not pipeline.tag_pending(store, OtherwiseIdle(tagging))  # type: ignore[arg-type]  # all that a tagger needs here
        after = {hit.mention.id: hit.tagging for hit in store.scan()}
        assert [one for one in after if (tagging := after[one]) and tagging.facts] == [
            "shop:5",
            "shop:3",
            "shop:1",
        ]
        for one, tagging in after.items():
            assert tagging is not None
            old = before[one]
            assert old is not None
            kept = {"facts": old.facts, "facts_version": old.facts_version}
            assert tagging.model_copy(update=kept) == old
        assert store.search("fact:wait").total == 3
        assert store.check() == []


def test_tag_prints_facts_beside_topics(molva: Molva) -> None:
    line = {"id": "a", "title": "Не рекомендую", "text": "Звонил 3 раза, вопрос не решили."}
    (record,) = map(
        json.loads, molva("tag", "-", stdin=json.dumps(line).encode()).stdout.split("\n")[:-1]
    )
    title, contacts, resolved = record["facts"]
    assert title == {"kind": "recommend", "value": 0, "start": 0, "end": 13, "field": "title"}
    assert contacts == {"kind": "repeat_contact", "value": 3, "start": 0, "end": 13}
    assert (resolved["kind"], resolved["value"]) == ("resolved", 0)
    assert line["text"][resolved["start"] : resolved["end"]] == "вопрос не решили"
