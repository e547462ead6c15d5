"""What a person can put right: a wrong argument, a file that cannot be read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from mention import UserError


class ArgumentError(UserError, ValueError):
    """There is no such spider or argument, or its value is wrong."""

    exit_code = 2


class NotAllowedError(UserError):
    """A platform's terms forbid what was asked for, or may do so and it is off by default."""


class ImportFileError(UserError):
    """A file that cannot be imported as it is."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return the end of a sentence: the nearest known name, or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong.lower(), names, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names)}"
