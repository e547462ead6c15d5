"""Values out of answers whose fields may be missing, null or of another type.

Nothing here raises but `read_json`: a value that is not what it should be is None or
empty, and the parser decides whether the rest is still sound.
"""

from __future__ import annotations

import json
from typing import Any, Final

from crawlers.text import plain_text

# A text cut in the middle of a letter leaves one such mark; a page in another encoding, many.
_MOST_UNREADABLE: Final = 0.01


class UnreadableError(ValueError):
    """A body is no JSON. The message is the reason, ready for a `Reject`."""


def read_json(body: bytes | str) -> object:
    """Return the value of a JSON body in UTF-8, UTF-16 or UTF-32 (RFC 8259, 8.1).

    Line breaks and tabs inside strings, which JSON forbids and platforms send, pass.

    Raises:
        UnreadableError: it is not whole JSON, too deeply nested, or in another encoding.
    """
    text = body if isinstance(body, str) else _decode(body)
    try:
        return json.loads(text.removeprefix("\ufeff"), strict=False)
    except RecursionError:
        raise UnreadableError("the page is not whole JSON: too deeply nested") from None
    except ValueError as error:
        raise UnreadableError(f"the page is not whole JSON: {error}") from None


def as_object(value: object) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """Return a text, or a number as text; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def path_of(value: object, *keys: str | int) -> Any:
    """Return what lies under `keys`, names of objects and places in lists, else None."""
    for key in keys:
        if isinstance(key, str):
            value = value.get(key) if isinstance(value, dict) else None
        else:
            there = isinstance(value, list) and -len(value) <= key < len(value)
            value = value[key] if there else None  # type: ignore[index]  # mypy loses `there`
    return value


def html_text(fragment: object) -> str:
    """Return a fragment of HTML as clean text; anything that is no text is empty."""
    return plain_text(fragment) if isinstance(fragment, str) else ""


def _decode(body: bytes) -> str:
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    if text.count("\ufffd") > len(text) * _MOST_UNREADABLE:
        raise UnreadableError("the page is not whole JSON: it is not in UTF-8")
    return text
