"""Generated queries over generated mentions, against a plain reading of the query."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.compile_sqlite import compile_query
from index.query import (
    And,
    DateFilter,
    FactFilter,
    HasFilter,
    Near,
    Node,
    Not,
    NumberFilter,
    Or,
    Phrase,
    Prefix,
    TextFilter,
    TopicFilter,
    Within,
    Word,
    to_string,
)
from index.stemming import is_stop_word
from index.text import analyse, highlight, pattern
from tests.index.query_store import Store
from tests.index.query_trees import mentions, queries

VILNIUS = "Europe/Vilnius"


def reads(node: Node, mention: dict[str, Any], zone: str) -> bool:
    """Say whether a mention matches, by the words of docs/query.md and nothing cleverer."""
    match node:
        case And(children):
            strong = [child for child in children if not stop_word(child)]
            if any(isinstance(one, Word | Prefix | Phrase | Near | Or | Within) for one in strong):
                children = tuple(strong)
            return all(reads(child, mention, zone) for child in children)
        case Or(children):
            return any(reads(child, mention, zone) for child in children)
        case Not(child):
            return not reads(child, mention, zone)
        case Near(left, right, distance, ordered):
            spots = [
                (one, other)
                for reading in ("en", "lt")
                for one in places(left, mention, reading)
                for other in places(right, mention, reading)
            ]
            gaps = [other[0] - one[1] for one, other in spots]
            gaps += [] if ordered else [one[0] - other[1] for one, other in spots]
            return any(0 <= gap <= distance for gap in gaps)
        case Within(part, term):
            return reads(term, {"lang": mention["lang"], "text": mention.get(COLUMN[part])}, zone)
        case Word() | Prefix() | Phrase():
            return any(places(node, mention, reading) for reading in ("en", "lt"))
        case NumberFilter(_, low, high, exclusive):
            number = mention["rating"]
            if number is None or (exclusive and number in {low, high}):
                return False
            return (low is None or low <= number) and (high is None or number <= high)
        case DateFilter(first, last):
            day = mention["moment"].astimezone(ZoneInfo(zone)).date()
            return (first is None or first <= day) and (last is None or day <= last)
        case TopicFilter(topic, polarity):
            return topic in mention["topics"] and polarity in {None, mention["topics"][topic]}
        case FactFilter(kind, low, high, exclusive):
            value = mention["facts"].get(kind)
            if value is None or (exclusive and value in {low, high}):
                return False
            return (low is None or low <= value) and (high is None or value <= high)
        case HasFilter("fact"):
            return bool(mention["facts"])
        case HasFilter("tagging"):
            return bool(mention["sentiment"] or mention["topics"])
        case HasFilter("topic"):
            return bool(mention["topics"])
        case HasFilter("conflict"):
            contradictions = {"negative": (4, 5), "positive": (1, 2)}
            return mention["rating"] in contradictions.get(mention["sentiment"], ())
        case HasFilter(what):
            return mention[{"reply": "reply_text"}.get(what, what)] is not None
        case TextFilter("case"):
            return False  # nobody has opened one
        case TextFilter("noise"):
            return False  # nothing was examined
        case TextFilter(name, value, prefix):
            has = (mention[name] or "").lower().replace("ё", "е")
            value = value.lower().replace("ё", "е")
            return mention[name] is not None and (has.startswith(value) if prefix else has == value)
    raise AssertionError(node)


COLUMN = {"title": "title", "text": "text", "reply": "reply_text"}


def stop_word(node: Node) -> bool:
    return isinstance(node, Word) and is_stop_word(node.text)


def places(node: Node, mention: dict[str, Any], reading: Any) -> list[tuple[int, int]]:
    """Return where the words of a term stand; a border between parts is a word of its own."""
    if isinstance(node, Or):
        return [place for child in node.children for place in places(child, mention, reading)]
    assert isinstance(node, Word | Prefix | Phrase)
    wanted = pattern(node.text, reading, prefix=isinstance(node, Prefix))
    assert wanted is not None
    stems: list[tuple[str, str]] = []
    for part, column in COLUMN.items():
        if part == "reply" and mention.get(column):
            stems.append(("|", ""))
        words = analyse(mention.get(column) or "", mention["lang"])
        stems += zip(words.stems, words.written, strict=True)
        if part == "title" and mention.get(column):
            stems.append(("|", ""))
    size = len(wanted.stems)
    found = []
    for start in range(len(stems) - size + 1):
        row = stems[start : start + size]
        last_stem, last_word = row[-1]
        beginning = wanted.stems[-1]
        fits = last_stem == beginning
        if wanted.prefix:
            plain = last_word.lower().replace("ё", "е").replace("ė", "e").replace("ą", "a")
            fits = last_stem.startswith(beginning) or plain.startswith(beginning)
        if fits and [stem for stem, _ in row[:-1]] == list(wanted.stems[:-1]):
            found.append((start, start + size))
    return found


SHARED = Store()  # every example leaves it empty: making the tables takes longer than using them


@given(st.lists(mentions, min_size=1, max_size=5), st.lists(queries, min_size=1, max_size=5))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sqlite_finds_what_the_query_says(
    documents: list[dict[str, Any]], trees: list[Node]
) -> None:
    SHARED.connection.execute("BEGIN")
    try:
        rowids = {SHARED.add(**document): document for document in documents}
        for tree in trees:
            expected = sorted(row for row, one in rowids.items() if reads(tree, one, VILNIUS))
            assert SHARED.find(tree, VILNIUS) == expected, (to_string(tree), compile_query(tree))
    finally:
        SHARED.connection.execute("ROLLBACK")


def test_near_counts_the_words_between() -> None:
    store = Store()
    texts = [" ".join(row) for size in range(5) for row in product("абв", repeat=size)]
    rows = {store.add(text=text): {"lang": None, "text": text} for text in texts}
    sides: list[Node] = [Word("а"), Phrase("б в"), Or((Word("б"), Phrase("б а")))]
    for left, right, distance, ordered in product(sides, sides, (0, 1), (False, True)):
        near = Near(left, right, distance, ordered)
        expected = [row for row, mention in rows.items() if reads(near, mention, "UTC")]
        assert store.find(near) == expected, to_string(near)
        assert store.find(Or((near, HasFilter("topic")))) == expected, to_string(near)


@given(mentions, queries)
@settings(max_examples=100, deadline=None)
def test_highlights_are_words_that_the_query_asks_for(mention: dict[str, Any], tree: Node) -> None:
    compiled = compile_query(tree)
    text, lang = mention["text"], mention["lang"]
    spans = highlight(text, lang, compiled.words)
    assert list(spans) == sorted(spans)
    assert all(start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    if isinstance(tree, Word | Prefix | Phrase):
        alone = {"text": text, "lang": lang}
        assert bool(spans) is reads(tree, alone, "UTC")
