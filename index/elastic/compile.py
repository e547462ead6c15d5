"""From the tree of a query to Elasticsearch's query DSL, for exactly the same mentions.

Everything is decided by the server, so that counts are as exact as lists. Words become
what `index/elastic/compile_words.py` makes of them and stand under `must`, where they
have a score; fields become what `index/elastic/compile_filters.py` makes of them.
https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-bool-query
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from index.elastic.compile_filters import check_time_zone, filter_query
from index.elastic.compile_words import word_query
from index.elastic.mapping import Body
from index.query import And, Near, Node, Not, Or, Phrase, Prefix, Within, Word, describe, to_string
from index.query_words import expansions, highlighted, without_stop_words
from index.text import Pattern

EVERYTHING: Final[Body] = {"match_all": {}}


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """What the cluster runs for a query.

    Attributes:
        query: for the key "query" of a search.
        ranked: whether it asks for words, so that hits have a score.
        words: what `index.text.highlight` marks.
        ignored: stop words that the query does not insist on.
    """

    query: Body
    ranked: bool = False
    words: tuple[Pattern, ...] = ()
    ignored: tuple[str, ...] = ()


def compile_query(node: Node | None, *, time_zone: str = "UTC") -> CompiledQuery:
    """Return the query for a tree; None, the empty query, matches everything.

    Args:
        node: from `index.query.parse`.
        time_zone: IANA name of the zone whose days `date:` counts.

    Raises:
        QueryError: there are too many alternatives around a NEAR, or the query asks for
            authors, which are not in the cluster.
        StoreError: there is no such time zone.
    """
    check_time_zone(time_zone)
    if node is None:
        return CompiledQuery(EVERYTHING)
    node, ignored = without_stop_words(node)
    query = _query(node, time_zone)
    return CompiledQuery(query, _asks_for_words(node), highlighted(node), ignored)


def explain(node: Node | None, compiled: CompiledQuery) -> dict[str, object]:
    """Return how a query was understood, as `index.compile_sqlite.explain` does."""
    return {
        "query": to_string(node),
        "tree": describe(node),
        "words": expansions(node) if node else {},
        "ignored": list(compiled.ignored),
    }


def _asks_for_words(node: Node) -> bool:
    """Say whether whatever a node finds has some of its words."""
    match node:
        case And(children):
            return any(_asks_for_words(child) for child in children)
        case Or(children):
            return all(_asks_for_words(child) for child in children)
    return isinstance(node, Word | Prefix | Phrase | Within | Near)


def _query(node: Node, time_zone: str) -> Body:
    match node:
        case And(children):
            return _all_of(children, time_zone)
        case Or(children):
            some = [_query(child, time_zone) for child in children]
            return {"bool": {"should": some, "minimum_should_match": 1}}
        case Not(child):
            return {"bool": {"must_not": [_query(child, time_zone)]}}
        case Word() | Prefix() | Phrase() | Within() | Near():
            return word_query(node)
    return filter_query(node, time_zone)


def _all_of(children: Sequence[Node], time_zone: str) -> Body:
    clauses: dict[str, list[Body]] = {}
    for child in children:
        if isinstance(child, Not):
            clauses.setdefault("must_not", []).append(_query(child.child, time_zone))
        else:
            kind = "must" if _asks_for_words(child) else "filter"
            clauses.setdefault(kind, []).append(_query(child, time_zone))
    return {"bool": clauses}
