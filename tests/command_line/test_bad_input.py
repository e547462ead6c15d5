"""Bad input: one sentence, the next step, an exit code that is not 0, nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line.conftest import Molva


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["collect", "appstore", "-a", "app_id=1"], "app_store"),
        (["collect", "app_store", "-a", "ap_id=1"], "app_id"),
        (["collect", "app_store"], "app_id"),
        (["collect", "app_store", "-a", "app_id"], "name=value"),
        (["search", '"очередь'], "quot"),
        (["search", "topik:speed"], "topic"),
        (["search", "date:soon"], "date"),
        (["frobnicate"], "No such command"),
    ],
)
def test_a_wrong_command_is_exit_2(
    molva: Molva, reviews: Path, arguments: list[str], says: str
) -> None:
    error = molva(*arguments, code=2).stderr
    assert says in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "очередь"],
        ["trends"],
        ["export"],
        ["tag"],
        ["explain", "a:1"],
        ["sql", "SELECT 1"],
        ["import", "absent.csv"],
        ["evaluate", "absent.jsonl"],
        ["run"],
    ],
)
def test_what_is_not_there_is_exit_1_with_the_next_step(molva: Molva, arguments: list[str]) -> None:
    error = molva(*arguments, code=1).stderr
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_an_import_that_is_no_text_leaves_the_store_whole(
    molva: Molva, reviews: Path, tmp_path: Path
) -> None:
    (tmp_path / "picture.csv").write_bytes(bytes(range(256)) * 64)
    molva("import", "picture.csv", code=1)
    (tmp_path / "folder.csv").mkdir()
    molva("import", "folder.csv", code=1)
    assert len(molva("export").stdout.splitlines()) == 6


def test_a_broken_store_is_named_and_left_alone(molva: Molva, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is not a database, but somebody's letter" * 100)
    before = broken.read_bytes()
    for command in (["search", "x"], ["tag"], ["collect", "rss", "-a", "url=http://127.0.0.1:9/"]):
        error = molva(*command, "--store", str(broken), code=1).stderr
        assert "broken.sqlite" in error
    assert "broken.sqlite" in molva("doctor", "--store", str(broken), code=1).stdout
    assert broken.read_bytes() == before


def test_a_missing_model_is_named(molva: Molva, reviews: Path) -> None:
    assert "no-such-model" in molva("tag", "--model", "no-such-model", code=1).stderr


def test_tagging_a_file_reports_bad_lines_and_goes_on(molva: Molva, tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "text": "Доставка ужасная, курьер опоздал."}'.encode(),
        b"not json",
        b'{"id": "b"}',
        b"\xff\xfe",
        b"",
        b'["list"]',
        b'{"id": "c", "text": ""}',
        b'{"id": "d\\udc00", "text": "\\ud83d half a pair"}',
        b'{"id": "e", "title": "Great", "text": "The courier was rude.", "lang": "en"}',
    ]
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(lines))
    result = molva("tag", str(file), code=3)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["a", "c", "d\ufffd", "e"]
    assert [f"line {n} " in result.stderr for n in (2, 3, 4, 6)] == [True] * 4
    assert rows[0]["sentiment"] == "negative"
    assert rows[1]["sentiment"] is None
    assert rows[1]["untagged_reason"] == "empty"
    assert set(rows[0]) == {"id", "lang", "sentiment", "score", "topics", "facts"}


def test_output_into_a_closed_pipe_is_no_error(reviews: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = f"{sys.executable} -m cli export | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr


def test_init_does_not_overwrite(molva: Molva) -> None:
    molva("init")
    assert "--force" in molva("init", code=1).stderr
    molva("init", "--force")
