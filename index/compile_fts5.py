"""From the words of a query to FTS5 expressions.

https://www.sqlite.org/fts5.html#full_text_query_syntax

Whatever asks for words only, with AND, OR and NOT in any nesting, becomes *one*
expression, or the complement of one: FTS5 has no NOT with a single side, but every such
query is either "these texts" or "all texts but these".

FTS5 answers exactly but for three things: ONEAR (its NEAR knows no order), parts of a
mention, and phrases that end with the beginning of a word. `candidates` finds these and
perhaps more. A beginning by itself is looked for among the stems and among the words as
written, which `index.text.document_terms` has beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.query import And, Near, Node, Not, Or, Phrase, Prefix, Within, Word
from index.query_words import near_pairs, term_patterns
from index.text import Pattern


class Texts(NamedTuple):
    """The texts that an expression finds or, negated, all others."""

    expression: str
    negated: bool = False

    def complement(self) -> Texts:
        """Return all other texts."""
        return Texts(self.expression, not self.negated)


def texts_of(node: Node) -> Texts | None:
    """Return what a node finds; None when FTS5 alone cannot tell."""
    texts: Texts | None = None
    match node:
        case Word() | Phrase():
            texts = Texts(any_of([string(found) for found in term_patterns(node)]))
        case Prefix() if all(len(one.stems) == 1 and one.form for one in term_patterns(node)):
            texts = Texts(candidates(node))
        case Near() if _is_exact(node):
            texts = Texts(candidates(node))
        case And(children) | Or(children):
            found = [one for child in children if (one := texts_of(child)) is not None]
            if len(found) == len(children):
                texts = all_of(found) if isinstance(node, And) else either_of(found)
        case Not(child):
            inner = texts_of(child)
            texts = inner and inner.complement()
    return texts


def all_of(texts: Sequence[Texts]) -> Texts:
    """Return the texts that are in each of `texts`."""
    wanted = [one.expression for one in texts if not one.negated]
    unwanted = [one.expression for one in texts if one.negated]
    if not wanted:
        return Texts(any_of(unwanted), negated=True)
    expression = wanted[0] if len(wanted) == 1 else f"({' AND '.join(wanted)})"
    return Texts(f"({expression} NOT {any_of(unwanted)})" if unwanted else expression)


def either_of(texts: Sequence[Texts]) -> Texts:
    """Return the texts that are in any of `texts`: all but those outside each of them."""
    return all_of([one.complement() for one in texts]).complement()


def any_of(expressions: Sequence[str]) -> str:
    """Return an expression for what any of `expressions` finds."""
    return expressions[0] if len(expressions) == 1 else f"({' OR '.join(expressions)})"


def string(found: Pattern) -> str:
    """Return an expression for a pattern; of a prefix, only as the beginning of a stem."""
    # Stems are letters and digits: there is nothing to escape.
    return f'"{" ".join(found.stems)}"{" *" if found.prefix else ""}'


def candidates(node: Word | Prefix | Phrase | Within | Near) -> str:
    """Return an expression that finds every text that `node` matches, and perhaps more."""
    match node:
        case Within(_, term):
            return candidates(term)
        case Near():
            found = (_candidate_pair(*pair, node.distance) for pair in near_pairs(node))
            return any_of(list(dict.fromkeys(found)))
        case _:
            return any_of([_with_shorter_stems(found) for found in term_patterns(node)])


def _candidate_pair(left: Pattern, right: Pattern, distance: int) -> str:
    if left.prefix or right.prefix:
        return f"({_with_shorter_stems(left)} AND {_with_shorter_stems(right)})"
    return f"NEAR({string(left)} {string(right)}, {distance})"


def _with_shorter_stems(found: Pattern) -> str:
    if not found.prefix:
        return string(found)
    *before, _ = found.stems
    written = f'"{found.form}" *' if found.form else None
    if written and not before:
        return any_of([string(found), written])
    shorter = [string(Pattern((*before, stem))) for stem in found.shorter_stems()]
    if shorter and written:
        shorter = [f"({any_of(shorter)} AND {written})"]
    return any_of([string(found), *shorter])


def _is_exact(near: Near) -> bool:
    """Say whether FTS5's own NEAR means the same: any order, and sides that cannot overlap."""
    return not near.ordered and not any(
        left.prefix or right.prefix or set(left.stems) & set(right.stems)
        for left, right in near_pairs(near)
    )
