"""Labelled texts for measuring the tagger, read from JSON Lines; `spellings` has the format."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mention import UserError
from nlp.evaluation.spellings import (
    NUMBERED,
    Record,
    UnusableError,
    count_per_text,
    meaning,
    normal,
    rating_of,
)

STANDARD_INPUT: Final = Path("-")
_DAMAGED: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class LabelError(UserError, ValueError):
    """A labelled file cannot be read, or has nothing to measure."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be used: its number from 1, and why ("is not JSON; …")."""

    number: int
    reason: str


@dataclass
class Labels:
    """What a labelled file holds.

    Attributes:
        records: the usable lines in the normal form.
        bad_lines: the others.
        left_out: how many ratings were between negative and positive, with `stars`.
    """

    records: list[Record] = field(default_factory=list)
    bad_lines: list[BadLine] = field(default_factory=list)
    left_out: int = 0


def read_records(path: Path, *, stars: bool = False) -> Labels:
    """Read labelled JSON Lines, also packed by gzip or xz; `-` is standard input.

    `stars`: a rating of 1 to 5 is the overall label. Raises `LabelError` for a
    file that cannot be read or has no usable line.
    """
    labels = Labels()
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                raw = _object(line)
                rating = rating_of(raw) if stars else None
                record = normal(raw, rating)
            except UnusableError as error:
                labels.bad_lines.append(BadLine(number, str(error)))
                continue
            labels.left_out += rating is not None and meaning(rating) is None
            if record is not None:
                labels.records.append(record | {"line": number})
    if not labels.records:
        why = f" ({labels.left_out} ratings are neither good nor bad)" if labels.left_out else ""
        for bad in labels.bad_lines[:1]:
            why = f" (line {bad.number} {bad.reason})"
        raise LabelError(f"{path} has no usable line{why}; docs/evaluation.md describes the format")
    _agree(labels.records)
    return labels


def _agree(records: list[Record]) -> None:
    """Make texts without any topic count per text where all others of the file do."""
    lengths = {len(topic) for record in records for topic in record.get("topics", ())}
    if lengths and NUMBERED not in lengths:
        for place, record in enumerate(records):
            if record.get("topics") == [] and "sentences" in record:
                changed = dict(record)
                count_per_text(changed)
                records[place] = changed


def _object(line: bytes) -> Record:
    try:
        raw = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnusableError("is not UTF-8; convert the file with iconv") from None
    except (ValueError, RecursionError):
        raise UnusableError("is not JSON; each line is one object") from None
    if not isinstance(raw, dict):
        raise UnusableError('is not a JSON object; write {"text": …, "sentiment": …}')
    return raw


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file for reading lines of bytes, unpacked. Raises `LabelError`."""
    name = "standard input" if path == STANDARD_INPUT else str(path)
    try:
        if path == STANDARD_INPUT:
            yield _unpacked(io.BufferedReader(io.BytesIO(sys.stdin.buffer.read())))
            return
        with path.open("rb") as file:
            yield _unpacked(file)
    except _DAMAGED as error:
        raise LabelError(f"{name} is damaged or cut off; fetch it again") from error
    except OSError as error:
        raise LabelError(
            f"{name} cannot be read ({error.strerror or error}); "
            "name a labelled file, JSON Lines in UTF-8"
        ) from error


def _unpacked(file: io.BufferedReader) -> io.BufferedReader:
    """Return a reader of what `file` holds, packed or not; a pipe cannot be read twice."""
    start = file.peek(6)
    if start.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if start.startswith(b"\xfd7zXZ\x00"):
        return io.BufferedReader(lzma.LZMAFile(file))
    return file
