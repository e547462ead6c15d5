"""JSON Lines: one object a line, also Molva's own export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from crawlers.errors import ImportFileError
from crawlers.importers.columns import RowReader, match_columns, normal
from crawlers.importers.files import open_bytes
from crawlers.importers.options import ImportOptions
from crawlers.items import reason_of
from mention import Mention, Reject

MAX_LINE: Final = 16 * 1024 * 1024  # bytes
# An export has all of these; a table of a user's own hardly has.
_EXPORT: Final = frozenset(("id", "source", "collected_at", "content_hash"))


def read_jsonl(path: Path, options: ImportOptions) -> Iterator[Mention | Reject]:
    """Yield the lines of a file. A line that cannot be read is a reject with its number."""
    context = options.context
    reader = RowReader(options)
    columns: dict[tuple[str, ...], dict[str, str] | str] = {}
    for number, line in _lines(path):
        where = f"{path}:{number}"
        record = _parse(line)
        if isinstance(record, str):
            yield context.reject(record, where=where, raw=line.decode("utf-8", "replace"))
            continue
        if record.keys() >= _EXPORT and str(record["id"]).startswith(f"{record['source']}:"):
            yield _exported(record, where, options)
            continue
        # Lines of one file may have different keys; each set is matched once.
        keys = tuple(record)
        if keys not in columns:
            if len(columns) > 10_000:
                columns.clear()
            try:
                columns[keys] = match_columns(keys, _present(options.mapping, keys))
            except ImportFileError as error:
                columns[keys] = str(error)
        found = columns[keys]
        if isinstance(found, str):
            yield context.reject(found, where=where, raw=record)
        else:
            values = {field: record[key] for field, key in found.items()}
            yield reader.read(values, where, record)


def _present(mapping: dict[str, str], keys: tuple[str, ...]) -> dict[str, str]:
    """Leave out what a line does not have: optional keys may be missing."""
    there = {normal(key) for key in keys}
    return {field: key if normal(key) in there else "" for field, key in mapping.items()}


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with open_bytes(path) as stream:
        start = stream.peek(64)[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ImportFileError(f"{path} is UTF-16; convert it: iconv -f UTF-16 -t UTF-8")
        if start.startswith(b"["):
            raise ImportFileError(
                f"{path} is one JSON list; write one object a line: jq -c '.[]' {path}"
            )
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                raise ImportFileError(
                    f"line {number} of {path} is longer than {MAX_LINE >> 20} MB; "
                    "write one object a line"
                )
            if line.strip():
                yield number, line


def _parse(line: bytes) -> dict[str, Any] | str:
    """Return the object of a line, or why there is none."""
    try:
        record = json.loads(line.decode("utf-8-sig"), strict=False)
    except UnicodeDecodeError:
        return "the line is not UTF-8; convert the file with iconv"
    except (ValueError, RecursionError) as error:
        return f"the line is not JSON: {str(error)[:100]}"
    if not isinstance(record, dict):
        return "the line is not a JSON object"
    return record


def _exported(record: dict[str, Any], where: str, options: ImportOptions) -> Mention | Reject:
    """Return a mention of Molva's own export; computed fields and the tagging are left out."""
    values = {name: record.get(name) for name in Mention.model_fields if name in record}
    if not options.authors.store_names:
        values.pop("author_name", None)
    try:
        return Mention.model_validate(values | options.labels)
    except ValidationError as error:
        return options.context.reject(reason_of(error), where=where, raw=record)
