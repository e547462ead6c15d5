"""From the words of a query to Elasticsearch's query DSL.

The fields `stems` and `forms` hold the same words at the same places:

* a word or a phrase is `term` or `match_phrase` on `stems`;
* a beginning is `prefix` on `stems` or on `forms`, for a stem may be shorter than what was
  typed; one of two or three letters is `term` on what is indexed of them;
* NEAR, parts of a mention, and beginnings behind other words are rules of an `intervals`
  query. Lucene drops an interval that has another inside. That is exact where the
  alternatives of a side are equally long: then the shortest gap is never dropped.

https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-intervals-query
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from index.elastic.mapping import BEGINNINGS, Body
from index.query import Near, Part, Phrase, Prefix, Within, Word
from index.query_words import near_pairs, term_patterns
from index.text import REPLY_START, TITLE_END, Pattern

_STEMS: Final = "stems"
_FORMS: Final = "forms"
_BEGINNINGS: Final = ".beginnings"
# Like `TITLE_END` a private-use character, and no border of anything.
_IN_NO_TEXT: Final = "\ue002"


def word_query(node: Word | Prefix | Phrase | Within | Near) -> Body:
    """Return the query for a word, prefix or phrase, also in a part or near another.

    Raises:
        QueryError: there are too many alternatives around a NEAR.
    """
    match node:
        case Near():
            return _intervals(_near(node))
        case Within(part, term):
            return _within(part, _either([_place(found) for found in term_patterns(term)]))
    return _any_of([_anywhere(found) for found in term_patterns(node)])


def _any_of(queries: list[Body]) -> Body:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _anywhere(found: Pattern) -> Body:
    *before, last = found.stems
    if not found.prefix:
        whole = " ".join(found.stems)
        return {"match_phrase": {_STEMS: whole}} if before else {"term": {_STEMS: whole}}
    if before:
        return _intervals(_place(found))
    if _is_indexed(last):
        return _any_of([{"term": {f"{field}{_BEGINNINGS}": last}} for field in (_STEMS, _FORMS)])
    # The first two find, all with one score; the third finds nothing else and scores.
    scored = {"value": last, "rewrite": "top_terms_blended_freqs_50"}
    return _any_of(
        [
            {"prefix": {_STEMS: {"value": last}}},
            {"prefix": {_FORMS: {"value": last}}},
            {"prefix": {_STEMS: scored}},
        ]
    )


def _is_indexed(beginning: str) -> bool:
    """Say whether words are found by this beginning without a look at all that have it."""
    return BEGINNINGS[0] <= len(beginning) <= BEGINNINGS[1]


def _within(part: Part, term: Body) -> Body:
    """Return a query for a term that stands in one part of a mention."""
    title_end, reply_start = _row([TITLE_END]), _row([REPLY_START])
    if part == "title":
        return _intervals(_in_order([term, title_end]))
    if part == "reply":
        return _intervals(_in_order([reply_start, term]))
    has_title: Body = {"term": {_STEMS: TITLE_END}}
    has_reply: Body = {"term": {_STEMS: REPLY_START}}
    return _any_of(
        [
            _intervals(_in_order([title_end, term, reply_start])),
            _unless(_in_order([title_end, term]), has_reply),
            _unless(_in_order([term, reply_start]), has_title),
            _unless(term, has_title, has_reply),
        ]
    )


def _unless(rule: Body, *queries: Body) -> Body:
    return {"bool": {"must": [_intervals(rule)], "must_not": list(queries)}}


def _intervals(rule: Body) -> Body:
    return {"intervals": {_STEMS: rule}}


# --- rules of an intervals query -------------------------------------------
def _row(stems: Sequence[str]) -> Body:
    return {"match": {"query": " ".join(stems), "ordered": True, "max_gaps": 0}}


def _in_order(rules: list[Body], max_gaps: int | None = None) -> Body:
    gaps: Body = {} if max_gaps is None else {"max_gaps": max_gaps}
    return {"all_of": {"intervals": rules, "ordered": True, **gaps}}


def _either(rules: list[Body]) -> Body:
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _place(found: Pattern) -> Body:
    """Return a rule for where a pattern stands."""
    if not found.prefix:
        return _row(found.stems)
    *before, last = found.stems
    beginning = _either([_begins(last, field) for field in (_STEMS, _FORMS)])
    return _in_order([_row(before), beginning], 0) if before else beginning


def _begins(beginning: str, field: str) -> Body:
    if _is_indexed(beginning):
        return {"match": {"query": beginning, "use_field": f"{field}{_BEGINNINGS}"}}
    return {"prefix": {"prefix": beginning, "use_field": field}}


def _near(node: Near) -> Body:
    """Return a rule for two sides that are near one another."""
    rules = []
    for left, right in _groups(near_pairs(node)):
        one, other = (_either([_place(found) for found in side]) for side in (left, right))
        is_twice = one == other
        if is_twice:
            other = _again(other)
        rules.append(_in_order([one, other], node.distance))
        if not node.ordered and not is_twice:
            rules.append(_in_order([other, one], node.distance))
    return _either(rules)


def _again(rule: Body) -> Body:
    """Return a rule for the same that is not equal.

    Lucene takes equal rules in a row for one that is repeated, and loses the gaps between
    phrases then.
    """
    return {
        "all_of": {"intervals": [rule], "filter": {"not_containing": _row([_IN_NO_TEXT])}},
    }


def _groups(
    pairs: Iterable[tuple[Pattern, Pattern]],
) -> Iterator[tuple[Sequence[Pattern], Sequence[Pattern]]]:
    """Yield (left, right) so that the pairs are all combinations within each group.

    All patterns of one side of a group are equally long.
    """
    partners: dict[tuple[Pattern, int], list[Pattern]] = {}
    for left, right in pairs:
        partners.setdefault((left, len(right.stems)), []).append(right)
    groups: dict[tuple[int, tuple[Pattern, ...]], list[Pattern]] = {}
    for (left, _), rights in partners.items():
        groups.setdefault((len(left.stems), tuple(rights)), []).append(left)
    for (_, together), lefts in groups.items():
        yield lefts, together
