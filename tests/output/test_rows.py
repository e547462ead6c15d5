"""Hostile review text in tables, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from output.rows import Column, csv_cell, print_rows, printable

HOSTILE = "\x1b[31mкрасный\x1b[0m [bold]x[/bold]\r\n\u202eобман"
BIDIRECTIONAL = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
COLUMNS = (Column("text", "text"),)


def test_a_table_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"text": HOSTILE}], "table", COLUMNS)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]x[/bold]" in shown
    assert len(shown.splitlines()) == 2


def test_a_piped_table_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"text": "слово " * 60}], "table", COLUMNS)
    assert capsys.readouterr().out.count("слово") == 60


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_csv_disarms_formulas(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"text": formula}], "csv", COLUMNS)
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["text"], ["'" + formula]]


def test_negative_numbers_stay_numbers() -> None:
    assert csv_cell(-0.5) == -0.5


def test_json_is_an_array_that_parses(capsys: pytest.CaptureFixture[str]) -> None:
    for rows in ([], [{"a": 1}], [{"a": HOSTILE}, {"a": None}]):
        print_rows(rows, "json", COLUMNS)
        assert json.loads(capsys.readouterr().out) == rows


def test_json_lines_keep_one_row_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": HOSTILE}, {"a": 2}], "jsonl", COLUMNS)
    lines = capsys.readouterr().out.split("\n")
    assert [json.loads(line)["a"] for line in lines if line] == [HOSTILE, 2]


@given(st.text())
def test_printable_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} or c in BIDIRECTIONAL for c in shown)
