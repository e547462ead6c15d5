"""What the words of a query stand for in the index, the same for every back-end.

A back-end looks for *patterns*: stems in a row (`index.text.Pattern`). Where its own
search finds more than a pattern means, a `Check` looks at the words of each candidate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from index.base import QueryError
from index.query import (
    And,
    Near,
    Node,
    Not,
    Or,
    Part,
    Phrase,
    Prefix,
    Term,
    Within,
    Word,
    to_string,
    walk,
)
from index.stemming import READINGS, is_stop_word
from index.text import Pattern, Span, analyse, document_words, pattern

# Most combinations of alternatives around one NEAR; each is a search of its own.
MAX_COMBINATIONS: Final = 400


def without_stop_words(node: Node) -> tuple[Node, tuple[str, ...]]:
    """Return the tree without words that it does not insist on, and these words.

    A stop word is left out of an `And` when another word, phrase or group of words stands
    beside it; alone, in a phrase, or next to NEAR it counts like any other.
    """
    match node:
        case And(children):
            kept: list[Node] = []
            ignored: list[str] = []
            insist = not any(_has_words(child) for child in children)
            for child in children:
                if not insist and _is_stop_word(child):
                    ignored.append(to_string(child))
                    continue
                inner, more = without_stop_words(child)
                kept.append(inner)
                ignored += more
            return (kept[0] if len(kept) == 1 else And(tuple(kept))), tuple(ignored)
        case Or(children):
            results = [without_stop_words(child) for child in children]
            return Or(tuple(inner for inner, _ in results)), tuple(
                word for _, more in results for word in more
            )
        case Not(child):
            inner, more = without_stop_words(child)
            return replace(node, child=inner), more
    return node, ()


def _is_stop_word(node: Node) -> bool:
    return isinstance(node, Word) and is_stop_word(node.text)


def _has_words(node: Node) -> bool:
    """Say whether a node asks for words that are not stop words."""
    return isinstance(node, Word | Prefix | Phrase | Near | Or | Within) and not _is_stop_word(node)


def term_patterns(term: Term) -> tuple[Pattern, ...]:
    """Return the patterns of a word, prefix or phrase in every reading."""
    found = (pattern(term.text, reading, prefix=isinstance(term, Prefix)) for reading in READINGS)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def near_pairs(near: Near) -> tuple[tuple[Pattern, Pattern], ...]:
    """Return the pairs of patterns of which one has to stand near the other.

    Both of a pair belong to one reading, as the words of one text do.

    Raises:
        QueryError: there are too many combinations.
    """
    pairs: dict[tuple[Pattern, Pattern], None] = {}
    for reading in READINGS:
        left, right = (
            [
                found
                for term in _alternatives(side)
                if (found := pattern(term.text, reading, prefix=isinstance(term, Prefix)))
            ]
            for side in (near.left, near.right)
        )
        pairs.update(dict.fromkeys((one, other) for one in left for other in right))
    if len(pairs) > MAX_COMBINATIONS:
        raise QueryError(
            "near_combinations",
            near.position,
            combinations=len(pairs),
            most=MAX_COMBINATIONS,
        )
    return tuple(pairs)


def _alternatives(side: Node) -> tuple[Term, ...]:
    nodes = side.children if isinstance(side, Or) else (side,)
    return tuple(node for node in nodes if isinstance(node, Word | Prefix | Phrase))


def highlighted(node: Node) -> tuple[Pattern, ...]:
    """Return what to mark in the text of a hit: words that are searched for in it."""
    return tuple(dict.fromkeys(_highlighted(node)))


def _highlighted(node: Node) -> list[Pattern]:
    match node:
        case And(children) | Or(children):
            return [found for child in children for found in _highlighted(child)]
        case Near(left, right):
            return _highlighted(left) + _highlighted(right)
        case Within("text", term):
            return list(term_patterns(term))
        case Word() | Prefix() | Phrase():
            return list(term_patterns(node))
    return []


def expansions(node: Node) -> dict[str, list[str]]:
    """Return the stems by which each word, prefix and phrase of the query is found."""
    return {
        to_string(term): [
            " ".join(found.stems) + ("*" if found.prefix else "") for found in term_patterns(term)
        ]
        for term in walk(node)
        if isinstance(term, Word | Prefix | Phrase)
    }


@dataclass(frozen=True)
class Check:
    """A condition on the words of a mention that full-text search alone cannot decide.

    Attributes:
        patterns: any of these has to be found; empty when `pairs` is not.
        part: the part of the mention it has to be found in; None for any.
        pairs: any of these pairs has to be found near one another.
        distance: most words between the two of a pair.
        ordered: whether the first of a pair has to come first.
    """

    patterns: tuple[Pattern, ...] = ()
    part: Part | None = None
    pairs: tuple[tuple[Pattern, Pattern], ...] = ()
    distance: int = 0
    ordered: bool = False

    @classmethod
    def of(cls, node: Term | Within | Near) -> Check:
        """Return the check that decides exactly whether a mention matches `node`."""
        if isinstance(node, Near):
            return cls(pairs=near_pairs(node), distance=node.distance, ordered=node.ordered)
        if isinstance(node, Within):
            return cls(term_patterns(node.term), node.part)
        return cls(term_patterns(node))

    @cached_property
    def json(self) -> str:
        """The check as text, to be bound to a statement; `load` reads it."""
        return json.dumps(
            [self.patterns, self.part, self.pairs, self.distance, self.ordered], ensure_ascii=False
        )

    @staticmethod
    @lru_cache(maxsize=64)
    def load(text: str) -> Check:
        """Return the check that `json` wrote."""
        patterns, part, pairs, distance, ordered = json.loads(text)
        return Check(
            tuple(_pattern(one) for one in patterns),
            part,
            tuple((_pattern(left), _pattern(right)) for left, right in pairs),
            distance,
            ordered,
        )

    def holds(self, title: str | None, text: str, reply: str | None, lang: str | None) -> bool:
        """Say whether a mention meets the condition."""
        if self.part is not None:
            content = {"title": title, "text": text, "reply": reply}[self.part]
            words = analyse(content or "", lang)
        else:
            words = document_words(title, text, reply, lang)
        return any(one.found_in(words) for one in self.patterns) or any(
            self._is_near(one.found_in(words), other.found_in(words)) for one, other in self.pairs
        )

    def _is_near(self, left: list[Span], right: list[Span]) -> bool:
        return self._follows(left, right) or (not self.ordered and self._follows(right, left))

    def _follows(self, first: list[Span], second: list[Span]) -> bool:
        return any(0 <= start - end <= self.distance for _, end in first for start, _ in second)


def _pattern(values: tuple[list[str], bool]) -> Pattern:
    stems, prefix = values
    return Pattern(tuple(stems), prefix)
