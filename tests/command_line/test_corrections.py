"""correct, corrections, case, cases: as a person on duty uses them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import commands.case
import index.cases
from tests.command_line.conftest import Molva


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line]


def test_a_correction_is_what_search_export_and_explain_show(tagged: Path, molva: Molva) -> None:
    arguments = ("--topic", "speed=none", "--topic", "price=negative", "--sentiment", "mixed")
    said = molva("correct", "shop:1", *arguments, "--author", "анна", "--note", "проверила")
    assert said.stdout == "shop:1: mixed; speed:none, price:negative\n"
    found = lines(molva("search", "has:correction", "--format", "jsonl").stdout)
    assert [(row["id"], row["sentiment"], row["corrected"]) for row in found] == [
        ("shop:1", "mixed", True)
    ]
    assert {"price:negative"} <= set(found[0]["topic_sentiment"])
    assert "speed:negative" not in found[0]["topic_sentiment"]
    (exported,) = lines(molva("export", "id:shop:1").stdout)
    assert exported["tagging"]["corrected"] is True
    explained = molva("explain", "shop:1").stdout
    assert "(the mention as a whole)" in explained
    assert "the model said negative" in explained
    assert "анна" in explained
    whole = json.loads(molva("explain", "shop:1", "--format", "json").stdout)
    assert whole["tagging"]["sentiment"] == "mixed"
    assert whole["model_tagging"]["sentiment"] == "negative"
    (kept,) = whole["corrections"]
    assert (kept["author"], kept["note"], kept["in_force"]) == ("анна", "проверила", True)


def test_a_correction_stays_when_the_store_is_tagged_again(tagged: Path, molva: Molva) -> None:
    molva("correct", "shop:2", "--topic", "delivery=negative", "--sentiment", "negative")
    assert "0 tagged" in molva("tag").stdout
    (row,) = lines(molva("search", "id:shop:2", "--format", "jsonl").stdout)
    assert row["sentiment"] == "negative"
    assert "all is well" in molva("doctor").stdout


def test_undo_and_saying_the_same_again(tagged: Path, molva: Molva) -> None:
    assert molva("correct", "shop:2", "--sentiment", "negative").stdout == "shop:2: negative\n"
    again = molva("correct", "shop:2", "--sentiment", "negative").stdout
    assert "said before" in again
    assert "taken back: negative" in molva("correct", "shop:2", "--undo").stdout
    (row,) = lines(molva("search", "id:shop:2", "--format", "jsonl").stdout)
    assert (row["sentiment"], row["corrected"]) == ("positive", False)
    error = molva("correct", "shop:2", "--undo", code=1).stderr
    assert "no correction of shop:2 holds" in error


def test_a_topic_of_one_sentence(tagged: Path, molva: Molva) -> None:
    molva("correct", "shop:1", "--topic", "price=negative", "--sentence", "2")
    found = lines(molva("search", "topic:price", "--format", "jsonl").stdout)
    evidence = {one["topic"]: one["sentence"] for one in found[0]["topics"]}
    assert evidence["price"] == "Сотрудники грубят клиентам."
    error = molva("correct", "shop:1", "--topic", "price=none", "--sentence", "9", code=2).stderr
    assert "it has 1 to 2" in error


def test_what_the_tagger_left_alone_needs_a_sentiment(tagged: Path, molva: Molva) -> None:
    error = molva("correct", "shop:6", "--topic", "delivery=negative", code=2).stderr
    assert "say its overall sentiment too" in error
    molva("correct", "shop:6", "--topic", "delivery=negative", "--sentiment", "negative")
    assert lines(molva("search", "topic:delivery:negative lang:de", "--format", "jsonl").stdout)


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["shop:1", "--topic", "sped=negative"], "did you mean 'speed'?", 2),
        (["shop:1", "--topic", "speed=bad"], "'speed' cannot be 'bad'", 2),
        (["shop:1", "--topic", "speed"], "name=value", 2),
        (["shop:1", "--sentiment", "negativ"], "did you mean negative?", 2),
        (["shop:1"], "nothing is corrected", 2),
        (["shop:1", "--sentence", "1", "--sentiment", "mixed"], "no topic that it speaks of", 2),
        (["shop:99", "--sentiment", "mixed"], "there is no mention shop:99", 1),
        (["shop:1", "--undo", "--sentiment", "mixed"], "take no labels", 2),
        ([], "name one mention, or a file", 2),
    ],
)
def test_what_cannot_be_corrected(
    tagged: Path, molva: Molva, arguments: list[str], says: str, code: int
) -> None:
    error = molva("correct", *arguments, code=code).stderr
    assert says in error
    assert "Traceback" not in error
    assert molva("corrections", "--format", "jsonl").stdout == ""


def test_a_file_is_read_to_its_end_and_twice_adds_nothing(tagged: Path, molva: Molva) -> None:
    file = "\n".join(
        [
            '{"id": "shop:1", "sentiment": "mixed", "topics": {"speed": "none", "price": null}}',
            "это не JSON",
            '{"id": "shop:9", "sentiment": "mixed"}',
            '{"id": "shop:2", "topics": {"sped": "negative"}}',
            '{"id": "shop:2", "topic": {"speed": "negative"}}',
            '{"sentiment": "mixed"}',
            "",
            '{"id": "shop:3", "topics": {"delivery": "neutral"}, "sentence": 1, "author": "олег"}',
        ]
    )
    first = molva("correct", "--file", "-", "--author", "анна", code=3, stdin=file.encode())
    assert first.stdout == "2 corrections stored, 0 said before\n"
    for number, reason in (
        (2, "is not JSON"),
        (3, "there is no mention shop:9"),
        (4, "did you mean 'speed'?"),
        (5, "there is no key 'topic'"),
        (6, 'has no "id"'),
    ):
        assert f"line {number} " in first.stderr
        assert reason in first.stderr
    assert "lines that could not be used: 5" in first.stderr
    again = molva("correct", "--file", "-", "--author", "анна", code=3, stdin=file.encode())
    assert again.stdout == "0 corrections stored, 2 said before\n"
    kept = lines(molva("corrections", "--format", "jsonl").stdout)
    assert {(row["id"], row["author"]) for row in kept} == {("shop:1", "анна"), ("shop:3", "олег")}
    assert len(lines(molva("corrections", "brand:парус", "--format", "jsonl").stdout)) == 2
    assert molva("corrections", "brand:маяк", "--format", "jsonl").stdout == ""


def test_corrections_become_labels_that_evaluate_reads(
    tagged: Path, tmp_path: Path, molva: Molva
) -> None:
    molva("correct", "shop:1", "--topic", "politeness=none", "--sentiment", "mixed")
    molva("correct", "shop:2", "--sentiment", "positive")
    molva("correct", "shop:3", "--topic", "price=negative")
    output = molva("corrections", "--labels").stdout
    labels = {line["id"]: line for line in lines(output)}
    assert labels["shop:1"]["sentences"][1] == "Сотрудники грубят клиентам."
    assert "politeness" not in {topic for _, topic, _ in labels["shop:1"]["topics"]}
    assert labels["shop:2"].keys() == {"id", "lang", "sentiment", "text"}
    assert "sentiment" not in labels["shop:3"]
    assert ["price", "-"] in labels["shop:3"]["topics"]
    file = tmp_path / "labels.jsonl"
    file.write_text(output, encoding="utf-8")
    report = json.loads(molva("evaluate", str(file), "--format", "json").stdout)
    assert (report["texts"], report["bad_lines"]) == (3, [])
    assert report["groups"]["all"]["all"]["accuracy"]["value"] == 0.5


def test_a_case_from_its_opening_to_its_end(tagged: Path, molva: Molva) -> None:
    opened = molva("case", "shop:1", "--owner", "анна", "--note", "звоню", "--author", "анна")
    assert "shop:1: open, owner анна" in opened.stdout
    molva("case", "shop:3", "--status", "waiting", "--owner", "олег")
    listed = lines(molva("cases", "--format", "jsonl").stdout)
    assert [(row["id"], row["status"], row["owner"]) for row in listed] == [
        ("shop:1", "open", "анна"),
        ("shop:3", "waiting", "олег"),
    ]
    assert all(row["age_days"] == 0 for row in listed)
    for arguments, ids in (
        (["--status", "open"], ["shop:1"]),
        (["--status", "open", "--status", "waiting"], ["shop:1", "shop:3"]),
        (["--owner", "Олег"], ["shop:3"]),
        (["очередь OR молоко"], ["shop:1"]),
        (["курьер"], []),
    ):
        found = lines(molva("cases", *arguments, "--format", "jsonl").stdout)
        assert [row["id"] for row in found] == ids, arguments
    molva("case", "shop:1", "--status", "done", "--note", "вернули деньги")
    log = molva("case", "shop:1", "--log").stdout
    assert log.index("звоню") < log.index("вернули деньги")
    record = json.loads(molva("case", "shop:1", "--log", "--format", "json").stdout)
    assert record["case"]["status"] == "done"
    assert [entry["status"] for entry in record["log"]] == ["open", "done"]
    assert "shop:1" not in molva("cases", "--status", "open").stdout
    assert "вернули деньги" in molva("explain", "shop:1").stdout


def test_cases_are_exported(tagged: Path, molva: Molva) -> None:
    molva("case", "shop:1", "--owner", '=HYPERLINK("http://x.example")')
    (row,) = lines(molva("export", "has:case").stdout)
    assert row["case"]["status"] == "open"
    for command in (["export", "has:case"], ["cases"]):
        (row,) = csv.DictReader(io.StringIO(molva(*command, "--format", "csv").stdout))
        owner = row.get("case_owner") or row["owner"]
        assert owner.startswith("'="), "a spreadsheet would run it"
    assert all(row["case"] is None for row in lines(molva("export", "NOT has:case").stdout))


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["case", "shop:99", "--note", "?"], "there is no mention shop:99", 1),
        (["case", "shop:99", "--log"], "there is no mention shop:99", 1),
        (["case", "shop:1", "--status", "closed"], "'closed' is not one of", 2),
        (["case", "shop:1", "--log", "--note", "?"], "--log enters nothing", 2),
        (["cases", "case:closed"], "does not know 'closed'", 2),
    ],
)
def test_a_case_that_there_cannot_be(
    tagged: Path, molva: Molva, arguments: list[str], says: str, code: int
) -> None:
    assert says in molva(*arguments, code=code).stderr
    assert molva("cases", "--format", "jsonl").stdout == ""


def test_forgetting_takes_corrections_and_cases_along(tagged: Path, molva: Molva) -> None:
    molva("correct", "shop:1", "--sentiment", "mixed", "--note", "редкоеслово")
    molva("case", "shop:1", "--note", "другоеслово")
    molva("forget", "shop:1", "--yes")
    assert molva("cases", "--format", "jsonl").stdout == ""
    kept = tagged.read_bytes()
    assert "редкоеслово".encode() not in kept
    assert "другоеслово".encode() not in kept


def test_the_command_offers_every_status() -> None:
    assert commands.case.STATUSES == index.cases.STATUSES
