"""CSV and TSV: delimiter, encoding, columns and dates as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final

from crawlers.errors import ImportFileError
from crawlers.importers.columns import FIELDS, RowReader, match_columns, normal
from crawlers.importers.files import detect_encoding, open_bytes
from crawlers.importers.options import ImportOptions
from mention import Mention, Reject

MAX_FIELD: Final = 4 * 1024 * 1024  # characters; a longer one is an unclosed quote
_DELIMITERS: Final = (";", "\t", ",", "|")
# A character that no file has: the file has one column and its texts have commas.
_NONE: Final = "\x1f"
_SAMPLE_ROWS: Final = 500
_SLASHES: Final = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b")
_NAMES: Final = frozenset(normal(name) for names in FIELDS.values() for name in names)

Row = tuple[int, list[str]]  # number of the row's first line, values


def read_csv(path: Path, options: ImportOptions) -> Iterator[Mention | Reject]:
    """Yield the rows of a CSV file whose first line names the columns."""
    encoding = detect_encoding(path)
    with open_bytes(path) as stream:
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        start = text.read(MAX_FIELD // 4)
        delimiter = _delimiter(start, options.mapping.values())
        lines = chain(io.StringIO(start + text.readline(), newline=""), text)
        yield from _rows(path, lines, delimiter, options)
        text.detach()


def _rows(
    path: Path, lines: Iterable[str], delimiter: str, options: ImportOptions
) -> Iterator[Mention | Reject]:
    previous = csv.field_size_limit(MAX_FIELD)
    try:
        rows = _numbered(lines, delimiter)
        header: list[str] = []
        for _, found in rows:
            if isinstance(found, list) and any(value.strip() for value in found):
                header = [value.strip() for value in found]
                break
        if not header:
            raise ImportFileError(f"{path} has no rows; nothing was imported from it")
        columns = match_columns(header, options.mapping)
        places = {field: header.index(column) for field, column in columns.items()}
        sample = list(islice(rows, _SAMPLE_ROWS))
        dates = [places[field] for field in ("date", "updated", "reply_date") if field in places]
        reader = RowReader(options, _is_day_first(sample, dates))
        for number, row in chain(sample, rows):
            where = f"{path}:{number}"
            if isinstance(row, str):
                yield options.context.reject(row, where=where)
            elif len(row) > len(header) and any(value.strip() for value in row[len(header) :]):
                yield options.context.reject(
                    f"the row has {len(row)} values for {len(header)} columns; put quotes around "
                    f"texts that contain '{delimiter}'",
                    where=where,
                    raw=delimiter.join(row),
                )
            elif any(value.strip() for value in row):
                values = {field: row[at] for field, at in places.items() if at < len(row)}
                yield reader.read(values, where, delimiter.join(row))
    finally:
        csv.field_size_limit(previous)


def _numbered(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (first line, values), or (first line, reason) where a row cannot be read."""
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        first = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                first,
                (
                    f"lines {first} to {reader.line_num} cannot be read ({error}); "
                    "a quote is probably not closed"
                ),
            )
            continue
        yield first, row


def _delimiter(start: str, wanted: Iterable[str]) -> str:
    """Return the delimiter under which the first line has the most known names of columns.

    Counting characters is misled by commas in texts and in decimal numbers.
    """
    names = _NAMES | {normal(name) for name in wanted if name}
    best, best_score = _NONE, (0, 0)
    for delimiter in _DELIMITERS:
        header = next(
            csv.reader(io.StringIO(start.lstrip("\r\n"), newline=""), delimiter=delimiter), []
        )
        known = sum(normal(column) in names for column in header)
        if len(header) > 1 and (known, len(header)) > best_score:
            best, best_score = delimiter, (known, len(header))
    return best


def _is_day_first(sample: Iterable[tuple[int, list[str] | str]], places: list[int]) -> bool | None:
    """Say whether dates with slashes begin with the day, if one of them shows it."""
    votes: Counter[bool] = Counter()
    for _, row in sample:
        for at in places if isinstance(row, list) else ():
            match = _SLASHES.match(row[at]) if at < len(row) else None
            if match and (int(match[1]) > 12) != (int(match[2]) > 12):
                votes[int(match[1]) > 12] += 1
    return votes.most_common(1)[0][0] if votes else None
