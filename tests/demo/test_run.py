"""`python -m demo.run` as a user starts it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.pages import load_texts
from mention import clean_text

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "molva.sqlite"
    mine.write_text("my reviews")
    result = run("demo.run", "--folder", str(tmp_path))
    assert result.returncode == 1
    assert "was not made by the demo" in result.stderr
    assert "--folder" in result.stderr
    assert list(tmp_path.iterdir()) == [mine]
    assert mine.read_text() == "my reviews"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("demo.run", "--folder", str(tmp_path / "file"))
    assert result.returncode == 1
    assert "cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_the_whole_demo_twice(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = run("demo.run", "--folder", str(folder))
    assert first.returncode == 0, first.stdout + first.stderr
    assert "complain in the week of 2026-06-15" in first.stdout
    exported = run("cli", "export", "--store", str(folder / "molva.sqlite"))
    stored = [json.loads(line) for line in exported.stdout.splitlines()]
    assert len(stored) == len(load_texts())
    by_time = {one["published_at"]: one for one in stored}
    for text in load_texts():
        one = by_time[text.published_at.isoformat().replace("+00:00", "Z")]
        assert (one["brand"], one["source"]) == (text.brand, text.source)
        if "script>" not in text.text:  # a script is dropped from a page's review
            assert one["text"].split() == clean_text(text.text).split()

    keepsake = folder / "notes.txt"
    keepsake.write_text("mine")
    again = run("demo.run", "--folder", str(folder), "--keep")
    assert again.returncode == 0, again.stdout + again.stderr
    summaries = [line for line in again.stdout.splitlines() if "rejected" in line]
    assert len(summaries) == 6
    assert all(": 0 new, 0 changed" in line for line in summaries), summaries
    assert keepsake.read_text() == "mine"
