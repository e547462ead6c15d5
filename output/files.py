"""Answers as files with types: XLSX for people with a spreadsheet, Parquet for programs.

Both are written row by row, in bounded memory, and carry the footer inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import IO, Any, Final

from mention import UserError
from output.footer import Footer
from output.rows import Column, Kind, to_json

Row = Mapping[str, Any]

# Rows of a sheet, without the heading:
# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
SHEET_ROWS: Final = 1_048_575
FOOTER_KEY: Final = "molva.footer"
_GROUP_ROWS: Final = 10_000
# Column widths in characters.
_WIDTHS: Final[dict[Kind, int]] = {"text": 24, "texts": 32, "moment": 20}
_NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "integer": "#,##0",
    "number": "0.00##",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
}


class ExportError(UserError):
    """An answer that cannot become such a file; the message is one sentence and the next step."""


def write_xlsx(
    rows: Iterable[Row], columns: Sequence[Column], target: IO[bytes], footer: Footer | None = None
) -> int:
    """Write a workbook: a sheet of rows, a sheet with the footer. Returns how many rows.

    Text is written as text, so that nothing in it is run as a formula. Times are in UTC, as a
    sheet knows no time zones.

    Raises:
        ExportError: there are more rows than a sheet can hold.
    """
    import xlsxwriter

    # Constant memory: what is below is written before what is above is forgotten.
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        formats = {
            kind: book.add_format({"num_format": code}) for kind, code in _NUMBER_FORMATS.items()
        }
        sheet = book.add_worksheet("answer")
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS.get(column.kind, 14))
            sheet.write_string(0, place, column.key, heading)
        count = shortened = 0
        for count, row in enumerate(rows, start=1):
            if count > SHEET_ROWS:
                raise ExportError(
                    f"a sheet holds {SHEET_ROWS:,} rows and there are more; narrow the query, or "
                    "write --format parquet"
                )
            for place, column in enumerate(columns):
                value = typed(row.get(column.key), column.kind)
                if value is not None:
                    cell_format = formats.get(column.kind)
                    shortened += _write_cell(sheet, count, place, value, cell_format) < 0
        if count and columns:
            sheet.autofilter(0, 0, count, len(columns) - 1)
        _write_footer(book, heading, footer, shortened)
    return count


def _write_cell(sheet: Any, row: int, place: int, value: Any, cell_format: Any) -> int:
    """Write one value as what it is; below 0 when a text was too long for a cell."""
    write: Callable[..., int]
    match value:
        case bool():
            write = sheet.write_boolean
        case int() | float():
            write = sheet.write_number
        case datetime():
            write, value = sheet.write_datetime, value.replace(tzinfo=None)
        case date():
            write = sheet.write_datetime
        case list():
            write, value = sheet.write_string, ", ".join(value)
        case _:
            write = sheet.write_string
    return write(row, place, value, cell_format)


def _write_footer(book: Any, heading: Any, footer: Footer | None, shortened: int) -> None:
    entries = [] if footer is None else list(footer.entries())
    if shortened:
        entries.append(("note", f"{shortened} texts are longer than a cell holds and end early"))
    if not entries:
        return
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 12, heading)
    sheet.set_column(1, 1, 120)
    for number, (what, value) in enumerate(entries):
        sheet.write_string(number, 0, what)
        sheet.write_string(number, 1, value)


def write_parquet(
    rows: Iterable[Row], columns: Sequence[Column], target: IO[bytes], footer: Footer | None = None
) -> int:
    """Write a Parquet file with typed columns; the footer is JSON in the schema's metadata.

    Returns how many rows there were.
    """
    import pyarrow as pa
    from pyarrow import parquet

    types = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "integer": pa.int64(),
        "number": pa.float64(),
        "share": pa.float64(),
        "flag": pa.bool_(),
        "date": pa.date32(),
        "moment": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([pa.field(column.key, types[column.kind]) for column in columns])
    if footer is not None:
        schema = schema.with_metadata({FOOTER_KEY: to_json(footer.as_dict())})
    count = 0
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for group in _groups(rows):
            count += len(group)
            values = [
                [typed(row.get(column.key), column.kind) for row in group] for column in columns
            ]
            arrays = [
                pa.array(one, type=field.type) for one, field in zip(values, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return count


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while group := list(islice(iterator, _GROUP_ROWS)):
        yield group


def typed(value: Any, kind: Kind) -> Any:
    """Return a value of a row as its column's kind has it; None stays None.

    Dates and times may be texts of ISO 8601; times come back in UTC.
    """
    return value if value is None else _CONVERTERS[kind](value)


def _as_text(value: Any) -> str:
    return to_json(value) if isinstance(value, list | tuple | dict) else str(value)


def _as_date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)


_CONVERTERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": _as_text,
    "texts": lambda values: [str(one) for one in values],
    "integer": int,
    "number": float,
    "share": float,
    "flag": bool,
    "date": _as_date,
    "moment": _as_moment,
}
