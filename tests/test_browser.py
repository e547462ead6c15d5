"""How the tests come by their browser, and what they say where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import VARIABLE, BrowserError, find_browser, get_browser, main


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a browser; returns the only folder that programs are looked for in."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    return tmp_path


def program(file: Path) -> Path:
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def test_the_one_that_is_named_comes_before_the_one_on_the_path(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = program(bare / "chromium-browser")
    assert find_browser() == get_browser() == installed
    monkeypatch.setenv(VARIABLE, str(program(bare / "other")))
    assert find_browser() == bare / "other"


def test_a_name_that_is_no_program_is_said_to_be_none(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare / "chromium")
    monkeypatch.setenv(VARIABLE, "/no/such/browser")
    for look in (find_browser, get_browser):
        with pytest.raises(BrowserError, match=f"{VARIABLE} names /no/such/browser, which is no"):
            look()


def test_where_there_is_none_it_is_said_how_to_get_one(bare: Path) -> None:
    with pytest.raises(BrowserError, match=f"run 'make browser', or set {VARIABLE}"):
        find_browser()


def test_where_none_can_be_had_each_step_says_why(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*command: str) -> None:
        raise BrowserError(f"{command[0]} ended with code 1: no network")

    monkeypatch.setattr("tests.browser._run", refuse)
    with pytest.raises(SystemExit) as ended:
        main()
    sentence = str(ended.value)
    assert sentence.startswith("Error: no Chromium can be had (apt-get: ")
    assert "; playwright: " in sentence
    assert "code 1: no network" in sentence
    assert sentence.endswith(f"; install one yourself, or set {VARIABLE} to its program")
    assert capsys.readouterr().out == ""
