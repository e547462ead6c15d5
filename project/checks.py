"""Checks of single settings, each with the sentence that says what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mention import UserError


class ProjectError(UserError):
    """A project file that cannot be used. The message is one sentence and the next step."""


def is_texts(value: object) -> bool:
    """Tell whether a value is a table of texts."""
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def text(data: Mapping[str, Any], name: str, file: Path) -> str | None:
    """Return a setting that is a text, or None where it is not given."""
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise ProjectError(f"{file}: {name} is a text in quotes")
    return value


def switch(data: Mapping[str, Any], name: str, file: Path, where: str = "") -> bool:
    """Return a setting that is true or false; false where it is not given."""
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise ProjectError(f"{file}: {name}{where} is true or false")
    return value


def refuse_unknown(data: Iterable[str], known: Iterable[str], file: Path, what: str) -> None:
    """Refuse names that are not known; `what` says what they would be names of."""
    names = list(known)
    for name in data:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(names)}"
            raise ProjectError(f"{file}: there is no {what} '{name}'; {hint}")
