"""The keys of platforms: from the environment or a file that it names, and nowhere else.

A key is no argument of a spider: arguments are stored with the run, shown and logged.
`secret` also remembers every key that it gives out, so that `hide` can take it out of
whatever is stored or shown, such as an error that repeats what it was asked.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from crawlers.errors import ArgumentError
from crawlers.registry import find
from crawlers.spider_entry import variable
from mention import UserError

HIDDEN: Final = "***"
# A shorter key may be a word of its own; it is hidden only where it is a value (`key=abc`).
_LONG_ENOUGH: Final = 8

_protected: set[str] = set()


class MissingKeyError(UserError):
    """A spider needs a key that is not set."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What tells a platform who asks, by names in the query or in the headers.

    It joins a request only when that is sent, and only to the host that the request was
    made for: no address that is logged, stored or redirected to has a key in it.
    """

    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def secret(spider: str, name: str, given: str | None = None) -> str:
    """Return a key that the spider cannot do without.

    Args:
        spider: its name in the registry, whose entry says where one gets the key.
        name: of the key, such as `token`.
        given: is used instead of the environment.

    Raises:
        MissingKeyError: it is not set.
        ArgumentError: it is set twice, or its file cannot be used.
    """
    value = optional_secret(spider, name, given)
    if value is None:
        needed = variable(spider, name)
        origins = [one.origin for one in find(spider).secrets if one.name == name]
        where = f"; {origins[0]}" if origins else ""
        raise MissingKeyError(
            f"{spider} needs a key: set {needed}, or {needed}_FILE to a file that holds it{where}"
        )
    return value


def optional_secret(spider: str, name: str, given: str | None = None) -> str | None:
    """Return a key, or None when it is not set; see `secret`.

    Raises:
        ArgumentError: it is set twice, or its file cannot be used.
    """
    named = variable(spider, name)
    value, file = os.environ.get(named), os.environ.get(f"{named}_FILE")
    if given:
        value = given
    elif value and file:
        raise ArgumentError(f"both {named} and {named}_FILE are set; keep one")
    elif file:
        value = _file_content(Path(file), named)
    value = (value or "").strip()
    if not value:
        return None
    protect(value)
    return value


def protect(value: str) -> None:
    """Have `hide` take `value` out from now on, such as a token that a key was exchanged for."""
    if value:
        _protected.add(value)


def hide(text: str) -> str:
    """Return `text` with every key that was given out replaced by `***`."""
    for value in sorted(_protected, key=len, reverse=True):
        # What cannot be encoded, such as a broken byte in a variable, is no reason to fail here.
        quoted = quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")
        for form in {value, *quoted}:
            if len(form) >= _LONG_ENOUGH:
                text = text.replace(form, HIDDEN)
            else:
                text = re.sub(rf"(?<==){re.escape(form)}(?![^\s&;#])", HIDDEN, text)
    return text


class HidingFilter(logging.Filter):
    """Takes keys out of log records, tracebacks included; for handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change `record`; always true."""
        record.msg, record.args = hide(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = hide(logging.Formatter().formatException(record.exc_info))
        return True


def _file_content(file: Path, named: str) -> str:
    try:
        # Elsewhere than on POSIX the mode does not say who may read.
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise ArgumentError(f"others may read {file}; run: chmod 600 {file}")
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ArgumentError(f"the file {file} of {named}_FILE cannot be read: {reason}") from error
    if not value:
        raise ArgumentError(f"the file {file} of {named}_FILE is empty; write the key into it")
    return value
