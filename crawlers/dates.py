"""Dates as people and platforms write them, to UTC.

ISO 8601 and RFC 822 are read as they are defined. Anything else goes through
dateutil, after Russian and Lithuanian month names are put into English. A time
without a zone is UTC. A date is only taken when year, month and day are all
written: dateutil would fill the rest from today's date.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from dateutil import parser as dateutil_parser

_MAX_LENGTH: Final = 80
_EARLIEST, _LATEST = 1970, 2100  # what `Mention` takes
_ISO: Final = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|(?:19|20)\d{6})(?:[T ]|$)")
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_RFC_822: Final = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}\s+\d")
_SLASHES: Final = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_YEAR_FIRST: Final = re.compile(r"\d{4}\D")
# Two days that differ in every part: what is missing from a text then shows.
_FILLERS: Final = (datetime(2001, 1, 1), datetime(2002, 2, 2))

_MONTHS: Final = (
    ("jan", "январ", "янв", "sausio", "saus"),
    ("feb", "феврал", "фев", "vasario", "vas"),
    ("mar", "март", "мар", "kovo"),
    ("apr", "апрел", "апр", "balandžio", "bal"),
    ("may", "мая", "май", "gegužės", "geg"),
    ("jun", "июн", "birželio", "birž"),
    ("jul", "июл", "liepos", "liep"),
    ("aug", "август", "авг", "rugpjūčio", "rugp"),
    ("sep", "сентябр", "сен", "rugsėjo", "rugs"),
    ("oct", "октябр", "окт", "spalio", "spal"),
    ("nov", "ноябр", "ноя", "lapkričio", "lapkr"),
    ("dec", "декабр", "дек", "gruodžio", "gruod"),
)
_ENGLISH: Final = {name: names[0] for names in _MONTHS for name in names[1:]}
_FOREIGN_MONTH: Final = re.compile(
    rf"\b({'|'.join(sorted(_ENGLISH, key=len, reverse=True))})[а-яёa-ž]*\.?", re.IGNORECASE
)
# "16 сентября 2024 г. в 10:30", "2024 m. rugsėjo 16 d."
_NOISE: Final = re.compile(r"\b(?:года|г|в|m|d|val)\b\.?|\([^)]*\)", re.IGNORECASE)
# JavaScript's "GMT+0300" is east of Greenwich; dateutil reads it the POSIX way, west.
_GMT_OFFSET: Final = re.compile(r"\b(?:GMT|UTC)\s*(?=[+-]\d)")


def parse_date(value: object, *, day_first: bool | None = None) -> datetime | None:
    """Return `value` as a time in UTC, or None when it is no complete date.

    Args:
        value: a text, a `date` or `datetime`, or seconds or milliseconds since 1970.
        day_first: whether 03/04/2026 is the third of April. By default it is the
            fourth of March (slashes are American), while 03.04.2026 is the third
            of April. A number above 12 settles the matter by itself.
    """
    parsed: datetime | None
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, date):
        parsed = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parsed = _from_epoch(value)
    elif isinstance(value, str):
        parsed = _from_text(" ".join(value.split()), day_first)
    else:
        return None
    return _in_range(parsed)


def _in_range(parsed: datetime | None) -> datetime | None:
    if parsed is None:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    try:
        moved = parsed.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moved if _EARLIEST <= moved.year <= _LATEST else None


def _from_epoch(number: int | float) -> datetime | None:
    if not 1e8 <= number < 1e14:
        return None
    return datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, UTC)


def _from_text(text: str, day_first: bool | None) -> datetime | None:
    if not text or len(text) > _MAX_LENGTH:
        return None
    if _EPOCH.fullmatch(text):
        return _from_epoch(float(text))
    try:
        if _ISO.match(text):
            return _from_iso(text)
        if _RFC_822.match(text):
            return parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass  # dateutil is more lenient
    return _from_any(text, day_first)


def _from_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _parse_leniently(text, dayfirst=False, yearfirst=True)


def _from_any(text: str, day_first: bool | None) -> datetime | None:
    text = _FOREIGN_MONTH.sub(lambda match: f" {_ENGLISH[match[1].lower()]} ", text)
    text = _GMT_OFFSET.sub("", _NOISE.sub(" ", text))
    if _YEAR_FIRST.match(text):
        day_first = False
    elif day_first is None:
        day_first = not _SLASHES.match(text)
    try:
        first, second = (
            _parse_leniently(text, dayfirst=day_first, default=filler) for filler in _FILLERS
        )
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError):
        return None
    return first if first == second else None


def _parse_leniently(text: str, **options: Any) -> datetime:
    with warnings.catch_warnings():
        # A zone name that dateutil does not know leaves the time in UTC.
        warnings.simplefilter("ignore", dateutil_parser.UnknownTimezoneWarning)
        parsed: datetime = dateutil_parser.parse(text, **options)
        return parsed
