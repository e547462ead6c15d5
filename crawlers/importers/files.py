"""Opening a file: compression, format, encoding."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from crawlers.errors import ImportFileError

_MAGIC: Final[dict[bytes, Callable[[io.BufferedReader], Any]]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_COMPRESSED: Final = frozenset((".gz", ".bz2", ".xz"))
_ENDINGS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".mbox": "mbox",
    ".mbx": "mbox",
    ".eml": "mbox",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mhtml": "html",
    ".mht": "html",
}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets and shops in Molva's languages export, when it is not UTF-8.
_LEGACY: Final = ["cp1251", "koi8_r", "cp866", "cp1257", "cp1252"]
_FOREIGN: Final = {
    b"PK\x03\x04": "a spreadsheet or an archive; save the sheet as CSV, or unpack the archive",
    b"%PDF": "a PDF; export the reviews as CSV",
    b"SQLite format 3": "a database; export its table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office document; save the sheet as CSV",
    b"\x89PNG": "a picture; export the reviews as CSV",
    b"\xff\xd8\xff": "a picture; export the reviews as CSV",
}
_SAMPLE: Final = 64 * 1024
_HEADER: Final = re.compile(rb"[A-Za-z-]+:[ \t]")
# Errors of the decompressors in the middle of a file.
DAMAGED: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


@contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file for reading bytes, unpacked.

    Raises:
        ImportFileError: it is missing, empty, a folder, damaged, or of a kind that
            holds no text.
    """
    try:
        with path.open("rb") as raw:
            start = raw.peek(16)[:16]
            if not start:
                raise ImportFileError(f"{path} is empty; nothing was imported from it")
            for magic, what in _FOREIGN.items():
                if start.startswith(magic):
                    raise ImportFileError(f"{path} is {what}")
            for magic, opener in _MAGIC.items():
                if start.startswith(magic):
                    with opener(raw) as unpacked:
                        yield io.BufferedReader(unpacked)
                    return
            yield raw
    except DAMAGED as error:
        raise ImportFileError(
            f"{path} is damaged or cut off; fetch it again (rows before the damage are kept)"
        ) from error
    except OSError as error:
        raise ImportFileError(_why_not(path, error)) from error


def _why_not(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {path}; check the name"
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder; name the files in it, such as {path}/*.csv"
    if isinstance(error, PermissionError):
        return f"{path} may not be read; change its permissions"
    return f"{path} cannot be read: {error.strerror or error}; check the file"


def guess_format(path: Path, start: bytes) -> str:
    """Return the format that the name's ending says, else the first bytes."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in _COMPRESSED]
    if suffixes and suffixes[-1] in _ENDINGS:
        return _ENDINGS[suffixes[-1]]
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"{", b"[")):
        return "jsonl"
    if head.startswith(b"From ") or (_HEADER.match(head) and b"\n\n" in head.replace(b"\r", b"")):
        return "mbox"
    return "html" if head.startswith(b"<") else "csv"


def detect_encoding(path: Path) -> str:
    """Return the encoding of a text file.

    By its byte order mark; else UTF-8 if the whole file is that; else UTF-16 if
    every other byte of the beginning is zero; else the likeliest one-byte encoding
    of Russian, Lithuanian or Western text.

    Raises:
        ImportFileError: it is not a text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample = b""
    valid = True
    with open_bytes(path) as stream:
        first = stream.read(_SAMPLE)
        for bom, encoding in _BOMS:
            if first.startswith(bom):
                return encoding
        chunk = first
        while chunk:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                valid = False
            if not sample and not chunk.isascii():
                sample = chunk  # where the letters are that tell encodings apart
            if not valid and sample:
                break
            chunk = stream.read(_SAMPLE)
    if b"\x00" in first:
        return _wide(first, path)
    return "utf-8" if valid else _guess(sample)


def _wide(sample: bytes, path: Path) -> str:
    even, odd = sample[0::2], sample[1::2]
    zeros = sample.count(b"\x00")
    # A Latin letter or a comma has a zero byte on one side; Cyrillic has 4 there.
    if odd and zeros < len(sample) * 0.6:
        for half, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            high = half.count(b"\x00") + half.count(b"\x04")
            if high > 0.9 * len(half) and other.count(b"\x00") < 0.1 * len(other):
                return encoding
    raise ImportFileError(f"{path} is not a text file; export the reviews as CSV or JSON Lines")


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    return best.encoding if best else "cp1251"
