"""molva evaluate: any labelled file in, figures and mistakes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line.conftest import Molva

GOOD = {"text": "Отличный сервис, всё быстро и очень вежливо, спасибо!", "sentiment": "POS"}
BAD = {"text": "Ужасная доставка, курьер нагрубил и опоздал на три дня.", "sentiment": "neg"}
# Labelled the wrong way round on purpose: whatever model is shipped, it is "wrong" here.
TURNED = BAD | {"sentiment": "positive", "id": "turned", "topics": [["price", "+"]]}
GERMAN = {"text": "Die Lieferung kam leider viel zu spät an.", "sentiment": "negative"}


def lines(*records: object) -> bytes:
    return "\n".join(
        one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records
    ).encode()


def test_a_file_of_texts_is_measured_and_its_mistakes_are_written(
    molva: Molva, tmp_path: Path
) -> None:
    (tmp_path / "labels.jsonl").write_bytes(lines(GOOD, BAD, TURNED, GERMAN))
    arguments = ["evaluate", "labels.jsonl", "--errors", "errors.jsonl", "--format", "json"]
    report = json.loads(molva(*arguments).stdout)
    assert report["texts"] == 4
    assert report["untagged"] == 1
    assert report["bad_lines"] == []
    assert "mixed or neutral" in report["notes"][0]
    assert report["groups"]["all"]["all"]["accuracy"]["value"] == 0.5
    assert report["groups"]["all"]["all"]["pair_f1"]["value"] is None
    assert report["confusion"]["positive"]["negative"] == 1
    assert len(report["calibration"]["sentiment"]["bins"]) == 10
    rows = [json.loads(line) for line in Path("errors.jsonl").read_text("utf-8").splitlines()]
    assert [row["line"] for row in rows] == [3, 4]
    assert rows[0]["id"] == "turned"
    assert rows[0]["said"]["sentiment"] == "negative"
    assert rows[0]["labelled"]["topics"][0]["found"] is False
    assert rows[0]["sentences"] == [BAD["text"]]
    assert rows[1]["said"]["untagged_reason"] == "language"


def test_bad_lines_are_reported_and_the_rest_is_measured(molva: Molva) -> None:
    file = lines(GOOD, "not json", BAD, {"text": "Без метки."}, {"text": "?", "sentiment": "so-so"})
    result = molva("evaluate", "-", stdin=file, code=3)
    assert [f"line {n} " in result.stderr for n in (1, 2, 3, 4, 5)] == [
        *(False, True, False, True, True)
    ]
    assert "texts measured" in result.stdout
    assert "overall accuracy" in result.stdout
    assert "nan" not in result.stdout
    assert "None" not in result.stdout


def test_what_molva_exports_is_measured_by_its_stars(molva: Molva, tagged: Path) -> None:
    exported = molva("export").stdout.encode()
    arguments = ["evaluate", "-", "--stars", "--format", "json"]
    report = json.loads(molva(*arguments, stdin=exported).stdout)
    assert report["left_out"] == 1
    assert report["texts"] == 5
    assert report["groups"]["all"]["all"]["accuracy"]["value"] >= 0.6


@pytest.mark.parametrize(
    ("file", "arguments", "says"),
    [
        (b"", [], "no usable line"),
        (b"text,sentiment\n", [], "not JSON"),
        (lines({"text": "a", "rating": 5}), [], "--stars"),
        (lines({"text": "a", "rating": 3}), ["--stars"], "no usable line"),
        (lines(GOOD), ["--errors", "labels.jsonl"], "another file"),
        (lines(GOOD), ["--errors", "absent/errors.jsonl"], "cannot be written"),
        (lines(GOOD), ["--model", "no-such-model"], "no-such-model"),
    ],
)
def test_what_cannot_be_measured_is_exit_1_with_the_next_step(
    molva: Molva, tmp_path: Path, file: bytes, arguments: list[str], says: str
) -> None:
    (tmp_path / "labels.jsonl").write_bytes(file)
    error = molva("evaluate", "labels.jsonl", *arguments, code=1).stderr
    assert error.startswith("Error: ")
    assert says in error
    assert error.count("\n") == 1
    assert (tmp_path / "labels.jsonl").read_bytes() == file
