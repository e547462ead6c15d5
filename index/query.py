"""The query language of Molva: the tree that a query becomes, and the way back to text.

`parse` reads a query, `to_string` writes a tree as a query that means the same. The
trees are immutable and know nothing of a back-end: `index/compile_sqlite.py` turns one
into SQL. docs/query.md is the guide for users.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

from mention import FactKind

# Longest query, in characters, and deepest nesting. SQLite's parsers of SQL and of text
# queries keep at most 100 open symbols each; no person needs as many.
MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = 20
# Most words that may stand between the sides of NEAR.
MAX_DISTANCE: Final = 100

Part = Literal["title", "text", "reply"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms. With a hyphen inside, words in a row."""

    text: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word; `text` is without the star."""

    text: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, each in any of its forms."""

    text: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """A term that has to stand in one part of a mention."""

    part: Part
    term: Word | Prefix | Phrase
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Two places with at most `distance` words between them, in the same mention.

    Attributes:
        left, right: words, prefixes, phrases, or `Or` of these.
        ordered: whether `left` has to come first.
    """

    left: Node
    right: Node
    distance: int
    ordered: bool
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A field has this value or, with `prefix`, begins with it; an address contains it."""

    name: str
    value: str
    prefix: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """A number lies between two bounds, of which one may be missing.

    Attributes:
        exclusive: whether the bound itself does not count; only with one bound.
    """

    name: str
    low: float | None
    high: float | None
    exclusive: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DateFilter:
    """The day of a mention lies between two days, both included; one may be missing."""

    first: date | None
    last: date | None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TopicFilter:
    """The mention speaks of a topic, with a polarity if one is given."""

    topic: str
    polarity: str | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FactFilter:
    """The mention states a fact, with a value between two bounds if any is given.

    Attributes:
        exclusive: whether the bound itself does not count; only with one bound.
    """

    kind: FactKind
    low: float | None = None
    high: float | None = None
    exclusive: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class HasFilter:
    """The mention has something: a reply, a rating, a tagging."""

    what: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more nodes, none of which is itself an `And`."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more nodes, none of which is itself an `Or`."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything that the child does not match."""

    child: Node
    position: int = field(default=0, compare=False)


Term: TypeAlias = Word | Prefix | Phrase
Filter: TypeAlias = TextFilter | NumberFilter | DateFilter | TopicFilter | FactFilter | HasFilter
Node: TypeAlias = Term | Within | Near | Filter | And | Or | Not


def parse(query: str, topics: Collection[str] | None = None) -> Node | None:
    """Return the tree of `query`; None for one that is empty and so means everything.

    Args:
        query: what a user typed.
        topics: the codes that `topic:` knows; None accepts any.

    Raises:
        QueryError: the query cannot be understood; the message says what to write.
    """
    from index.query_parser import parse_tree  # lark takes longer to load than to use

    return parse_tree(query, topics)


def narrowed(query: str, *others: Node) -> str:
    """Return a query for what `query` finds and all of `others` find.

    Raises:
        QueryError: the query cannot be understood.
    """
    children: list[Node] = []
    for part in (parse(query), *others):
        if isinstance(part, And):
            children += part.children
        elif part is not None:
            children.append(part)
    return to_string(
        And(tuple(children)) if len(children) > 1 else children[0] if children else None
    )


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and every node inside it, in the order of the query."""
    yield node
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from walk(child)
        case Not(child) | Within(term=child):
            yield from walk(child)
        case Near(left, right):
            yield from walk(left)
            yield from walk(right)


def to_string(node: Node | None) -> str:
    """Return a query that parses to `node`."""
    match node:
        case None:
            string = ""
        case Word(text):
            string = text
        case Prefix(text):
            string = f"{text}*"
        case Phrase(text):
            string = _quote(text)
        case Within(part, term):
            string = f"{part}:{to_string(term)}"
        case Near(left, right, distance, ordered):
            operator = f"{'O' if ordered else ''}NEAR/{distance}"
            string = f"{_inside(left)} {operator} {_inside(right)}"
        case And(children):
            string = " AND ".join(_inside(child) for child in children)
        case Or(children):
            string = " OR ".join(_inside(child) for child in children)
        case Not(child):
            string = f"NOT {_inside(child)}"
        case _:
            string = _filter_to_string(node)
    return string


def _inside(node: Node) -> str:
    """Return `node` as an operand: in parentheses when it has operands itself."""
    string = to_string(node)
    return f"({string})" if isinstance(node, And | Or) else string


def _filter_to_string(node: Filter) -> str:
    match node:
        case TextFilter(name, value, prefix):
            plain = re.fullmatch(r"[\w.-]+", value)
            return f"{name}:{value if plain else _quote(value)}{'*' if prefix else ''}"
        case NumberFilter(name, low, high, exclusive):
            return f"{name}:{_number_range(low, high, exclusive=exclusive)}"
        case DateFilter(first, last):
            return f"date:{first or ''}..{last or ''}"
        case TopicFilter(topic, polarity):
            return f"topic:{topic}:{polarity}" if polarity else f"topic:{topic}"
        case FactFilter(kind, low, high, exclusive):
            has_bounds = low is not None or high is not None
            bounds = f":{_number_range(low, high, exclusive=exclusive)}" if has_bounds else ""
            return f"fact:{kind}{bounds}"
        case HasFilter(what):
            return f"has:{what}"


def _number_range(low: float | None, high: float | None, *, exclusive: bool) -> str:
    equals = "" if exclusive else "="
    if low is None and high is not None:
        return f"<{equals}{_number(high)}"
    if high is None and low is not None:
        return f">{equals}{_number(low)}"
    if low is None or high is None:
        raise ValueError("a range of numbers has at least one bound")
    return _number(low) if low == high else f"{_number(low)}..{_number(high)}"


def _number(value: float) -> str:
    """Return a number without an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def describe(node: Node | None) -> dict[str, object]:
    """Return a tree as plain values: the kind of the node, then what it holds."""
    if node is None:
        return {}
    described: dict[str, object] = {"node": type(node).__name__}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, tuple):
            described[item.name] = [describe(child) for child in value]
        elif is_dataclass(value):
            described[item.name] = describe(cast(Node, value))
        elif item.name != "position" and value is not None:
            described[item.name] = value.isoformat() if isinstance(value, date) else value
    return described
