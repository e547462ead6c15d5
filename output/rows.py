"""How answers are printed: tables for people, JSON, JSON Lines and CSV for programs.

Review text is hostile. A table shows it without control characters and without
`rich` markup; CSV disarms what a spreadsheet would run as a formula; JSON
escapes what is not printable. On a terminal tables have rules and colour; in a
pipe they are plain text that is never cut.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import click

FORMATS: Final = ("table", "json", "jsonl", "csv")
# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_START: Final = ("=", "+", "-", "@", "\t", "\r")
# Zero-width joiners build emoji and some scripts; everything else of category
# Cf (bidirectional controls, tags) can make a line read as what it is not.
_KEPT_FORMAT_CHARACTERS: Final = frozenset("\u200c\u200d")
# No characters at all: a picture (SVG) with one of them is not well-formed XML.
_NO_CHARACTERS: Final = frozenset("\ufffe\uffff")


# What a column holds, for files with types: shares are numbers of 0–1, moments have a time
# zone, `texts` are lists of texts.
_WIDE: Final = 1_000_000  # characters of a line, where no screen limits it
Kind = Literal["text", "texts", "integer", "number", "share", "flag", "date", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the key of the row, its heading, how it is shown and what it holds."""

    key: str
    heading: str
    right: bool = False
    show: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    kind: Kind = "text"


def format_option(*formats: str, default: str = "table") -> Callable[[Any], Any]:
    """The `--format` option, the same on every command that lists something."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats or FORMATS),
        default=default,
        show_default=True,
        help="How to print the answer.",
    )


def printable(text: str) -> str:
    """Return `text` as one line that cannot drive a terminal."""
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif character in _KEPT_FORMAT_CHARACTERS or (
            category not in {"Cf", "Cs", "Co"} and character not in _NO_CHARACTERS
        ):
            kept.append(character)
    return " ".join("".join(kept).split())


def shortened(text: str, characters: int) -> str:
    """Return `text` as one printable line of at most so many characters."""
    line = printable(text)
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def print_rows(
    rows: Iterable[Mapping[str, Any]],
    output_format: str,
    columns: Sequence[Column],
    *,
    title: str | None = None,
) -> int:
    """Print `rows` and return how many there were.

    A table and CSV have the given columns, JSON and JSON Lines every key of a
    row. All but tables are written row by row.
    """
    if output_format != "table":
        counted = Counted(rows)
        for piece in pieces(counted, output_format, columns):
            sys.stdout.write(piece)
        return counted.number
    return _print_table(rows, columns, title)


@dataclass(slots=True)
class Counted:
    """Rows that pass by, and how many have."""

    rows: Iterable[Mapping[str, Any]]
    number: int = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Yield them."""
        for row in self.rows:
            self.number += 1
            yield row


def pieces(
    rows: Iterable[Mapping[str, Any]], output_format: str, columns: Sequence[Column]
) -> Iterator[str]:
    """Yield an answer as "json", "jsonl" or "csv", row by row; one after the other they are it."""
    if output_format == "json":
        return _json_pieces(rows)
    if output_format == "jsonl":
        return (to_json(row) + "\n" for row in rows)
    return _csv_pieces(rows, columns)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON with readable Cyrillic; dates and times become ISO 8601."""
    return json.dumps(value, ensure_ascii=False, default=_jsonable, indent=indent)


def _jsonable(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return str(value)


def _json_pieces(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    is_empty = True
    for row in rows:
        yield ("[\n " if is_empty else ",\n ") + to_json(row)
        is_empty = False
    yield "[]\n" if is_empty else "\n]\n"


def csv_cell(value: Any) -> Any:
    """Return a value for CSV; a text that a spreadsheet would execute gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | dict):
        value = to_json(value)
    if isinstance(value, str) and value.startswith(_FORMULA_START):
        return "'" + value
    return value


def _csv_pieces(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> Iterator[str]:
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow([column.key for column in columns])
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow([csv_cell(row.get(column.key)) for column in columns])
        yield line.getvalue()


def _print_table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], title: str | None
) -> int:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    screen = console()
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD if screen.is_terminal else None,
        pad_edge=False,
        show_edge=False,
    )
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=not screen.is_terminal,
        )
    count = 0
    for row in rows:
        table.add_row(*(Text(printable(column.show(row.get(column.key)))) for column in columns))
        count += 1
    if screen.is_terminal:
        screen.print(table)
    else:
        with screen.capture() as capture:
            screen.print(table)
        # Cells are padded to the width of their column; nobody needs that at the end of a line.
        for line in capture.get().splitlines():
            click.echo(line.rstrip())
    return count


def console() -> Any:
    """Return a `rich` console for standard output; in a pipe it cuts nothing and has no colour."""
    from rich.console import Console

    screen = Console(highlight=False, markup=False, emoji=False)
    if not screen.is_terminal:
        screen.width = _WIDE
    return screen


def share(value: float | None) -> str:
    """Show a share of 0–1 as a whole percentage."""
    return "–" if value is None else f"{value:.0%}"


def signed(value: float | None) -> str:
    """Show a net sentiment of −1–1 with its sign."""
    return "–" if value is None else f"{value:+.2f}"
