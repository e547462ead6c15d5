"""The records of an answer in JSON that holds them in one list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawlers.items import ParseContext
from crawlers.parsers.values import UnreadableError, path_of, read_json
from mention import Reject


def read_records(
    body: str | bytes, url: str, context: ParseContext, *path: str | int
) -> Iterator[dict[str, Any] | Reject]:
    """Yield the objects of the list under `path`, in order, and a reject for what is no object.

    Args:
        body: what the server sent.
        url: of the answer, for rejects.
        context: makes the rejects.
        *path: names of objects and places in lists, as for `path_of`.

    A body that is no JSON, or that has no list there, is one reject.
    """
    try:
        data = read_json(body)
    except UnreadableError as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        yield context.reject(str(error), where=url, raw=text)
        return
    records = path_of(data, *path)
    if not isinstance(records, list):
        name = ".".join(str(part) for part in path)
        yield context.reject(f"the page has no list '{name}'", where=url, raw=data)
        return
    for record in records:
        if isinstance(record, dict):
            yield record
        else:
            yield context.reject("a record is not an object", where=url, raw=record)


def record_id(record: dict[str, Any], *names: str) -> str | None:
    """Return the first of the values under `names` that can be an id, else None."""
    for name in names:
        value = record.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None
