"""Workbooks, Parquet files and where they go, read back with other libraries."""

from __future__ import annotations

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyarrow import parquet

from mention import UserError
from output import files
from output.exporting import Export, export_options, replaced
from output.files import ExportError, write_parquet, write_xlsx
from output.footer import Accuracy, Footer, Labels
from output.rows import Column, print_rows

COLUMNS = (
    Column("text", "text"),
    Column("labels", "labels", kind="texts"),
    Column("count", "count", kind="integer"),
    Column("share", "share", kind="share"),
    Column("known", "known", kind="flag"),
    Column("day", "day", kind="date"),
    Column("at", "at", kind="moment"),
)
VILNIUS = timezone(timedelta(hours=3))
ROW = {
    "text": "+1 =SUM(A1)",
    "labels": ["speed:negative", "price:positive"],
    "count": 7,
    "share": 0.25,
    "known": True,
    "day": "2026-05-01",
    "at": datetime(2026, 5, 1, 2, 30, tzinfo=VILNIUS),
}
FOOTER = Footer(
    "очередь",
    "2026-05-01 to 2026-05-31, by month",
    "Europe/Vilnius",
    "of 1 buckets 1 collected",
    [Labels("tagger 1", "1.0", 1200), Labels(None, None, 1)],
    [Accuracy("tagger 1", "ru", None, "accuracy", 0.81, 0.78, 0.84, 759)]
    + [Accuracy("tagger 1", "de", topic, "F1") for topic in (None, "speed")],
    ["one note"],
)


def sheet_of(rows: list[dict[str, object]], footer: Footer | None = None) -> object:
    buffer = io.BytesIO()
    write_xlsx(rows, COLUMNS, buffer, footer)
    return load_workbook(buffer)


def test_cells_are_of_their_type() -> None:
    book = sheet_of([ROW, dict.fromkeys(ROW), ROW])
    heading, full, empty, _ = book["answer"].iter_rows()
    assert [cell.value for cell in heading] == [column.key for column in COLUMNS]
    assert [cell.value for cell in full] == [
        "+1 =SUM(A1)",
        "speed:negative, price:positive",
        7,
        0.25,
        True,
        datetime(2026, 5, 1),
        datetime(2026, 4, 30, 23, 30),
    ]
    assert [cell.data_type for cell in full] == ["s", "s", "n", "n", "b", "d", "d"]
    assert full[3].number_format == "0.0%"
    assert all(cell.value is None for cell in empty)
    assert len(book.worksheets) == 1


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_comes_back_and_is_never_a_formula(text: str) -> None:
    (_, (cell, *_)) = sheet_of([{"text": text}])["answer"].iter_rows()
    assert cell.data_type in {"s", "n"}  # 'n' is an empty cell
    if text.isprintable():
        assert (cell.value or "") == text


def test_a_text_too_long_for_a_cell_is_cut_and_said_so() -> None:
    book = sheet_of([{"text": "я" * 40_000}], FOOTER)
    assert len(book["answer"]["A2"].value) == 32_767
    notes = [row[1].value for row in book["about"].iter_rows() if row[0].value == "note"]
    assert notes == ["one note", "1 texts are longer than a cell holds and end early"]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SHEET_ROWS", 2)
    with pytest.raises(ExportError, match=r"a sheet holds 2 rows .* --format parquet"):
        sheet_of([ROW] * 3)


def test_parquet_comes_back_with_types_and_footer() -> None:
    buffer = io.BytesIO()
    assert write_parquet([ROW, dict.fromkeys(ROW)], COLUMNS, buffer, FOOTER) == 2
    table = parquet.read_table(buffer)
    full, empty = table.to_pylist()
    assert full == ROW | {
        "day": date(2026, 5, 1),
        "at": datetime(2026, 4, 30, 23, 30, tzinfo=UTC),
    }
    assert set(empty.values()) == {None}
    footer = json.loads(table.schema.metadata[b"molva.footer"])
    assert footer["query"] == "очередь"
    assert footer["accuracy"][0]["low"] == 0.78


def test_an_answer_without_rows_is_a_file_with_columns() -> None:
    buffer = io.BytesIO()
    write_parquet([], COLUMNS, buffer)
    assert parquet.read_table(buffer).schema.names == [column.key for column in COLUMNS]
    assert sheet_of([])["answer"].max_row == 1


def test_the_footer_says_what_was_never_measured() -> None:
    lines = FOOTER.lines()
    assert "labels: tagger 1, taxonomy 1.0 (1,200 mentions)" in lines
    assert "labels: none yet (1 mention)" in lines
    measured = "overall sentiment accuracy 0.81 (0.78–0.84; 759 texts)"
    assert f"measured: tagger 1, ru: {measured}" in lines
    assert "measured: tagger 1, de: overall sentiment unmeasured, speed unmeasured" in lines


def test_a_footer_cannot_drive_a_terminal() -> None:
    footer = Footer("a\x1b[2J\nb", "", "UTC", "")
    assert footer.lines()[0] == "query: a [2J b"


@click.command()
@export_options()
def answer(export: Export) -> None:
    """Stand for any command that exports."""
    export.write([ROW], COLUMNS, FOOTER)


def test_binary_formats_are_not_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with CliRunner().isolation():
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        with pytest.raises(click.UsageError, match=r"name a file, such as --output answer\.xlsx"):
            answer.main(["--format", "xlsx"], standalone_mode=False)


def test_a_pipe_gets_the_whole_file() -> None:
    piped = CliRunner().invoke(answer, ["--format", "parquet"]).stdout_bytes
    assert parquet.read_table(io.BytesIO(piped)).num_rows == 1


def test_the_ending_chooses_the_format(tmp_path: Path) -> None:
    for ending, begin in (("xlsx", b"PK"), ("parquet", b"PAR1"), ("json", b"["), ("csv", b"text,")):
        file = tmp_path / f"answer.{ending}"
        assert CliRunner().invoke(answer, ["--output", str(file)]).output == ""
        assert file.read_bytes().startswith(begin)
    file = tmp_path / "answer.dat"
    CliRunner().invoke(answer, ["--output", str(file), "--format", "jsonl"])
    assert json.loads(file.read_text("utf-8"))["count"] == 7


def write_half(file: Path) -> None:
    with replaced(file) as part:
        part.write(b"half")
        raise RuntimeError


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file, link = tmp_path / "answer.csv", tmp_path / "link.csv"
    file.write_bytes(b"old")
    link.symlink_to(file)
    with pytest.raises(RuntimeError):
        write_half(file)
    assert file.read_bytes() == b"old"
    with replaced(link) as part:
        part.write(b"new")
    assert file.read_bytes() == b"new"
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.csv", "link.csv"]
    with pytest.raises(UserError, match="cannot be written"), replaced(tmp_path / "no" / "x"):
        pass


def test_a_device_is_written_and_not_replaced() -> None:
    with replaced(Path("/dev/null")) as part:
        part.write(b"gone")
    assert Path("/dev/null").is_char_device()


def test_a_named_pipe_gets_the_answer_and_no_file_beside_it(tmp_path: Path) -> None:
    pipe = tmp_path / "answers"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        with replaced(pipe) as file:
            file.write(b"whole")
        assert read.result(timeout=10) == b"whole"
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(
        [{"long": "ж" * 5000, "last": "end"}], "table", [Column("long", "l"), Column("last", "e")]
    )
    line = capsys.readouterr().out.splitlines()[1]
    assert line == "ж" * 5000 + "  end"
