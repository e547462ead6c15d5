"""Damages answers: a hypothesis strategy over everything that can be wrong with a body.

JSON is damaged by structure (a field missing, null, of another type, another record's),
also where it lies in a script of a page, behind a prefix, or in a string of other JSON;
markup by its tokens (a tag or text missing, doubled, replaced); any body as bytes (cut off, in
another encoding, not what was asked for at all).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hypothesis import strategies as st

Path = tuple[str | int, ...]
# The step from a string into the JSON that is written in it.
INSIDE: Final = "(inside)"
_MISSING: Final = object()

NASTY: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 5, 10**30, -0.5, 1e300, float("nan"), float("inf"),
    "", " ", "x", "0", "5", "null", "9" * 400, "<b>&amp;</b>", "\ud83d", "\x1b[31m\x00",
    "2026-13-45T99:99:99Z", "0001-01-01", "1e999", "javascript:alert(1)", "//", "http://[",
    "https://e.example.org/\u202e", "а" * 3000, [], {}, [None], [[]], [{}], [1, "x"],
    {"x": None}, {"label": 5}, [[[[[[[[]]]]]]]],
)  # fmt: skip

WHOLE: Final[tuple[bytes, ...]] = (
    b"", b" ", b"null", b"[]", b"{}", b"true", b"7", b'"text"', b"[null]", b"[[]]", b"[" * 3000,
    b"<html><body>Down for maintenance</body></html>", b"\x00\xff\xfe", b"\x1f\x8b\x08broken",
    b"<?xml version='1.0'?><a/>", b'{"error": null}', b'{"error": {"message": "no"}}',
)  # fmt: skip

_TOKEN: Final = re.compile(r"(<[^<>]*>)")


@dataclass(frozen=True)
class Damaged:
    """A damaged body.

    Attributes:
        body: what the server sends.
        without: the same body with the whole element (of the outermost list of objects)
            that was damaged taken out; None where the damage is not inside of one.
        what: what was done to it, for a person.
    """

    body: bytes
    without: bytes | None = None
    what: str = ""

    def __repr__(self) -> str:
        return self.what or f"{self.body[:80]!r}…"


@dataclass(frozen=True)
class _Json:
    """JSON inside a body: what is before it, the value, what is after it."""

    before: str
    value: Any
    after: str

    def written(self, value: Any) -> bytes:
        text = json.dumps(value, ensure_ascii=False)
        return (self.before + text + self.after).encode("utf-8", "surrogatepass")


def damaged(body: bytes) -> st.SearchStrategy[Damaged]:
    """Return a strategy of damaged versions of `body`."""
    kinds = [st.sampled_from(WHOLE).map(Damaged), _cut(body), _encoded(body), _flipped(body)]
    parts = _json_parts(body)
    if parts:
        kinds += [_json(parts)] * 6
    if b"<" in body[:200]:
        kinds += [_markup(body)] * 6
    return st.one_of(kinds)


def _cut(body: bytes) -> st.SearchStrategy[Damaged]:
    return st.integers(0, max(len(body) - 1, 0)).map(lambda end: Damaged(body[:end]))


def _encoded(body: bytes) -> st.SearchStrategy[Damaged]:
    text = body.decode("utf-8", "replace")
    names = ("cp1251", "utf-16", "utf-16-le", "utf-32", "latin-1", "koi8-r", "utf-8-sig", "utf-7")
    return st.sampled_from(names).map(lambda name: Damaged(text.encode(name, "replace")))


def _flipped(body: bytes) -> st.SearchStrategy[Damaged]:
    def flip(place: int, byte: int) -> Damaged:
        return Damaged(body[:place] + bytes((byte,)) + body[place + 1 :])

    return st.builds(flip, st.integers(0, max(len(body) - 1, 0)), st.integers(0, 255))


def _markup(body: bytes) -> st.SearchStrategy[Damaged]:
    tokens = _tokens(body)
    replacements = [str(one) for one in NASTY if isinstance(one, str | int | float)]

    def change(place: int, kind: str, text: str) -> Damaged:
        made = list(tokens)
        if kind == "missing":
            made[place] = ""
        elif kind == "doubled":
            made[place] *= 2
        elif kind == "replaced":
            made[place] = text
        else:
            # An attribute or a word of the token.
            made[place] = re.sub(r"(?<=[\"'=])[^\"'<>]*", lambda _: text, made[place], count=1)
        what = f"{tokens[place][:60]!r} {kind}: {text[:60]!r}"
        return Damaged("".join(made).encode("utf-8", "surrogatepass"), what=what)

    return st.builds(
        change,
        st.integers(0, len(tokens) - 1),
        st.sampled_from(("missing", "doubled", "replaced", "attribute")),
        st.sampled_from(replacements),
    )


@lru_cache(maxsize=64)
def _tokens(body: bytes) -> tuple[str, ...]:
    return tuple(one for one in _TOKEN.split(body.decode("utf-8", "replace")) if one)


@lru_cache(maxsize=64)
def _json_parts(body: bytes) -> tuple[tuple[_Json, tuple[Path, ...]], ...]:
    text = body.decode("utf-8", "replace")
    found = []
    for start in re.finditer(r"(?:\A[^\[{<]{0,40}|<script[^>]*>[^\[{<]{0,200})(?=[\[{])", text):
        try:
            value, end = json.JSONDecoder(strict=False).raw_decode(text, start.end())
        except ValueError:
            continue
        paths = tuple(_paths(value, ()))
        if paths:
            found.append((_Json(text[: start.end()], value, text[end:]), paths))
    return tuple(found)


def _json(parts: tuple[tuple[_Json, tuple[Path, ...]], ...]) -> st.SearchStrategy[Damaged]:
    def change(part: int, place: int, kind: str, number: int, other: int) -> Damaged:
        inside, paths = parts[part % len(parts)]
        path = paths[place % len(paths)]
        new: Any = _MISSING
        if kind == "replaced":
            new = NASTY[number]
        elif kind == "wrapped":
            old = _at(inside.value, path)
            new = [old] if number % 2 else {"value": old}
        elif kind == "another's":
            new = _at(inside.value, paths[other % len(paths)])
        element = _element(inside.value, path)
        return Damaged(
            inside.written(_changed(inside.value, path, new)),
            None if element is None else inside.written(_changed(inside.value, element, _MISSING)),
            f"{'/'.join(map(str, path))} {kind}" + ("" if new is _MISSING else f": {new!r:.60}"),
        )

    large = st.integers(0, 10**6)
    kinds = st.sampled_from(("missing", "replaced", "replaced", "wrapped", "another's"))
    return st.builds(change, large, large, kinds, st.integers(0, len(NASTY) - 1), large)


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """Yield the paths of everything in `value` but itself."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _paths(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _paths(one, (*path, place))
    elif isinstance(value, str) and (inner := _inner(value)) is not None:
        yield from (one for one in _paths(inner, (*path, INSIDE)) if one != (*path, INSIDE))


def _inner(text: str) -> Any:
    """Return the JSON that is written in a string, or None."""
    if text[:1] not in {"[", "{"}:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = _inner(value) if step == INSIDE else value[step]
    return value


def _changed(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of `value` with `new` at `path`, or with nothing there if it is missing."""
    step, rest = path[0], path[1:]
    if step == INSIDE:
        return json.dumps(_changed(_inner(value), rest, new), ensure_ascii=False)
    made = copy.copy(value)
    if rest:
        made[step] = _changed(value[step], rest, new)
    elif new is _MISSING:
        del made[step]
    else:
        made[step] = new
    return made


def _element(value: Any, path: Path) -> Path | None:
    """Return the path of the outermost element of a list of objects that `path` leads through."""
    for length, step in enumerate(path):
        if isinstance(step, int) and length < len(path) - 1:
            siblings = _at(value, path[:length])
            if len(siblings) > 1 and all(isinstance(one, dict | list) for one in siblings):
                return path[: length + 1]
    return None
