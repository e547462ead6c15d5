"""From the tree of a query to SQL over the store: text search where it can, filters beside it.

What asks for words only becomes one FTS5 expression (`index/compile_fts5.py`), the rest
conditions on the row of the mention, alias `m`. What FTS5 cannot decide a `Check` decides
in Python for each candidate: `register_functions` makes it available to a connection.

SQL is put together from fixed pieces; what a user wrote is always a bound parameter.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from index.base import StoreError
from index.compile_fts5 import Texts, all_of, any_of, candidates, either_of, string, texts_of
from index.query import (
    And,
    DateFilter,
    FactFilter,
    Filter,
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
    describe,
    to_string,
)
from index.query_fields import NUMBER_FIELDS
from index.query_words import Check, expansions, highlighted, term_patterns, without_stop_words
from index.text import Pattern
from mention import SCORES

Value = str | int | float
RowidRange = tuple[int | None, int | None]

# mention.rowid = seconds since 1970 << ROWID_BITS | bits of a hash; see index/schema.sql.
ROWID_BITS: Final = 20

_FOUND: Final = "m.rowid IN (SELECT rowid FROM mention_text WHERE mention_text MATCH ?{bounds})"
_CHECK: Final = "molva_check(m.title, m.text, m.reply_text, m.lang, ?)"
# Of all mentions few are complaints that somebody works on.
_CASE: Final = "m.rowid IN (SELECT mention_rowid FROM case_state WHERE {condition})"
# Of most mentions nothing of the kind is noted.
_NOISE: Final = (
    "m.rowid IN (SELECT mention_rowid FROM (SELECT mention_rowid, 'copy' AS kind FROM noise"
    " WHERE is_copy UNION ALL SELECT mention_rowid, 'advert' FROM noise WHERE is_advert)"
    " WHERE {condition})"
)
_FACT: Final = "m.rowid IN (SELECT mention_rowid FROM mention_fact WHERE kind = ?{bounds})"
_TOPIC: Final = "m.rowid IN (SELECT mention_rowid FROM mention_topic WHERE topic = ?{bounds})"
# The same beside the text index, alias f, which leads: a look at each of its hits. The plus
# keeps SQLite from starting the text search anew for each label instead.
_FACT_BESIDE: Final = (
    "EXISTS (SELECT 1 FROM mention_fact WHERE mention_rowid = +f.rowid AND kind = ?{bounds})"
)
_TOPIC_BESIDE: Final = (
    "EXISTS (SELECT 1 FROM mention_topic WHERE mention_rowid = +f.rowid AND topic = ?{bounds})"
)
# The brands that there are, each read once from the index: comparing them without regard
# to case is Python's work, too slow to be done for every mention.
_BRANDS: Final = (
    "m.brand IN (WITH RECURSIVE names (name) AS (SELECT min(brand) FROM mention UNION ALL"
    " SELECT (SELECT min(brand) FROM mention WHERE brand > name) FROM names"
    " WHERE name IS NOT NULL) SELECT name FROM names WHERE {condition})"
)
# A reply without its words, as tables of help desks have it, is a reply too.
REPLIED: Final = "(m.reply_text IS NOT NULL OR m.reply_at IS NOT NULL)"
_HAS: Final = {
    "reply": REPLIED,
    "rating": "m.rating IS NOT NULL",
    "tagging": "m.tagging_id IS NOT NULL",
    "sentiment": "m.sentiment IS NOT NULL",
    "topic": "m.rowid IN (SELECT mention_rowid FROM mention_topic)",
    "fact": "m.rowid IN (SELECT mention_rowid FROM mention_fact)",
    "title": "m.title IS NOT NULL",
    "date": "m.published_at IS NOT NULL",
    "url": "m.url IS NOT NULL",
    "brand": "m.brand IS NOT NULL",
    "product": "m.product IS NOT NULL",
    "location": "m.location IS NOT NULL",
    "version": "m.version IS NOT NULL",
    "author": "m.author_id IS NOT NULL",
    # As `index.rows.rating_conflict` has it.
    "conflict": "(m.stars >= 4 AND m.sentiment = 'negative'"
    " OR m.stars <= 2 AND m.sentiment = 'positive')",
    "correction": "m.rowid IN (SELECT mention_rowid FROM corrected)",
    "case": "m.rowid IN (SELECT mention_rowid FROM case_state)",
    "copy": _NOISE.format(condition="kind = 'copy'"),
    "noise": _NOISE.format(condition="1"),
    **{name: f"m.{name} IS NOT NULL" for name in SCORES},
}
_NUMBERS: Final = {name: f"m.{name}" for name in NUMBER_FIELDS}
# Columns of few, normalised values, and columns of names.
_EXACT: Final = {
    "source": "m.source",
    "kind": "m.kind",
    "lang": "m.lang",
    "country": "m.country",
    "sentiment": "m.sentiment",
}
# What is looked for elsewhere than in the mention's own row, and in which column.
_LOOKED_UP: Final = {
    "brand": (_BRANDS, "molva_fold(name)"),
    "case": (_CASE, "status"),
    "owner": (_CASE, "molva_fold(owner)"),
    "noise": (_NOISE, "kind"),
}
_NAMES: Final = {"product": "m.product", "location": "m.location", "version": "m.version"}


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """What SQLite runs for a query.

    A mention matches when `where` holds and, unless `match` is None, `found` finds it.

    Attributes:
        match: FTS5 expression for `mention_text MATCH ?`.
        where: condition over the alias `m` of `mention`; '1' when there is none.
        parameters: values for the question marks of `where`, in order.
        words: what `index.text.highlight` marks.
        rowid_range: lowest and highest rowid that a hit may have, where the query has a
            date; a scan may begin and end there.
        ignored: stop words that the query does not insist on.
        beside: where `match` leads, conditions over the alias `f` of `mention_text` on
            what else is known of a mention; '1' when there is none.
        beside_parameters: values for the question marks of `beside`, in order.
    """

    match: str | None
    where: str
    parameters: tuple[Value, ...]
    words: tuple[Pattern, ...]
    rowid_range: RowidRange = (None, None)
    ignored: tuple[str, ...] = ()
    beside: str = "1"
    beside_parameters: tuple[Value, ...] = ()

    def found(self, first: str = "1", *values: Value) -> tuple[str, list[Value]]:
        """Return the condition over `mention_text`, alias f, with its parameters.

        Args:
            first: another condition, to be looked at before what takes long.
            values: its parameters.
        """
        span, ends = within("f.rowid", self.rowid_range)
        return (
            f"mention_text MATCH ? AND {first}{span} AND {self.beside}",
            [self.match or "", *values, *ends, *self.beside_parameters],
        )


class _Sql(NamedTuple):
    """A piece of SQL and the values of its question marks."""

    text: str
    parameters: tuple[Value, ...] = ()


def compile_query(node: Node | None, *, time_zone: str = "UTC") -> CompiledQuery:
    """Return the SQL for a tree; None, the empty query, matches everything.

    Args:
        node: from `index.query.parse`.
        time_zone: IANA name of the zone whose days `date:` counts.

    Raises:
        QueryError: there are too many alternatives around a NEAR.
        StoreError: there is no such time zone.
    """
    if node is None:
        return CompiledQuery(None, "1", (), ())
    node, ignored = without_stop_words(node)
    children = node.children if isinstance(node, And) else (node,)
    compiler = _Compiler(time_zone)
    for child in children:
        if isinstance(child, DateFilter):
            compiler.span = _intersection(compiler.span, compiler.rowids(child))
    texts, checks, filters = _parted(children, compiler)
    whole = all_of(texts) if texts else None
    match = whole.expression if whole and not whole.negated else None
    beside: list[_Sql] = []
    if match is not None:
        # The text search looks at labels, and keeps to the days.
        looking = _Compiler(time_zone, topic=_TOPIC_BESIDE, fact=_FACT_BESIDE)
        beside = [looking.condition(child) for child in filters if _is_about_labels(child)]
        filters = [
            child
            for child in filters
            if not isinstance(child, DateFilter) and not _is_about_labels(child)
        ]
    conditions = [*map(compiler.condition, filters)]
    if whole and whole.negated:
        conditions.append(compiler.found(whole))
    # What reads whole texts comes last.
    where, labels = _all([*conditions, *checks]), _all(beside)
    return CompiledQuery(
        match, where.text, where.parameters, highlighted(node), compiler.span, ignored, *labels
    )


def _parted(
    children: Sequence[Node], compiler: _Compiler
) -> tuple[list[Texts], list[_Sql], list[Node]]:
    """Return what the text search finds, what is to be checked of that, and all else."""
    texts: list[Texts] = []
    checks: list[_Sql] = []
    filters: list[Node] = []
    for child in children:
        found = texts_of(child)
        if found is not None:
            texts.append(found)
        elif isinstance(child, Word | Prefix | Phrase | Within | Near):
            # Here the full-text search can lead, and only what it finds is looked at.
            texts.append(Texts(candidates(child)))
            checks.append(compiler.checked(child))
        else:
            filters.append(child)
    return texts, checks, filters


def _all(conditions: Sequence[_Sql]) -> _Sql:
    return _joined(" AND ", conditions) if conditions else _Sql("1")


def _is_about_labels(node: Node) -> bool:
    """Say whether a filter asks for topics and facts only."""
    match node:
        case And(children) | Or(children):
            return all(map(_is_about_labels, children))
        case Not(child):
            return _is_about_labels(child)
    return isinstance(node, TopicFilter | FactFilter)


def explain(node: Node | None, compiled: CompiledQuery) -> dict[str, object]:
    """Return how a query was understood and what SQLite runs, for `molva search --explain`."""
    return {
        "query": to_string(node),
        "tree": describe(node),
        "words": expansions(node) if node else {},
        "ignored": list(compiled.ignored),
        "match": compiled.match,
        "where": compiled.where,
        "parameters": list(compiled.parameters),
        "beside": compiled.beside,
        "beside_parameters": list(compiled.beside_parameters),
        "rowid_range": list(compiled.rowid_range),
    }


def within(key: str, span: RowidRange) -> tuple[str, tuple[int, ...]]:
    """Return that a column lies in a span, as conditions that follow others, with parameters."""
    bounds = [(f" AND {key} {sign} ?", end) for sign, end in zip((">=", "<="), span, strict=True)]
    kept = [(sql, end) for sql, end in bounds if end is not None]
    return "".join(sql for sql, _ in kept), tuple(end for _, end in kept)


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL functions that compiled queries use.

    * `molva_check(title, text, reply, lang, check)`: whether a mention meets a `Check`.
    * `molva_fold(value)`: a name as fields compare it.
    """
    connection.create_function("molva_check", 5, _check, deterministic=True)
    connection.create_function("molva_fold", 1, fold, deterministic=True)


def _check(title: str | None, text: str, reply: str | None, lang: str | None, check: str) -> bool:
    return Check.load(check).holds(title, text, reply, lang)


@lru_cache(maxsize=4096)
def fold(value: str | None) -> str | None:
    """Return a name without regard to case, composition, and ё; None stays None."""
    if value is None:
        return None
    return unicodedata.normalize("NFC", value).casefold().replace("ё", "е")


def _joined(operator: str, conditions: Sequence[_Sql]) -> _Sql:
    text = operator.join(condition.text for condition in conditions)
    return _Sql(text, tuple(value for one in conditions for value in one.parameters))


class _Compiler:
    """Makes SQL conditions of nodes.

    Attributes:
        span: of rowids, in which every hit lies: other tables are searched no further.

    Args:
        time_zone: IANA name of the zone whose days `date:` counts.
        topic, fact: how a label is looked for.
    """

    def __init__(self, time_zone: str, topic: str = _TOPIC, fact: str = _FACT) -> None:
        self.span: RowidRange = (None, None)
        self._topic, self._fact = topic, fact
        try:
            self._zone = ZoneInfo(time_zone)
        except (KeyError, ValueError, OSError):
            raise StoreError(
                f"there is no time zone '{time_zone}'; name one such as Europe/Vilnius or UTC"
            ) from None

    def condition(self, node: Node) -> _Sql:
        """Return a condition that is true, false or null; null counts as false."""
        texts = texts_of(node)
        if texts is not None:
            return self.found(texts)
        match node:
            case And(children):
                return self._group(" AND ", children)
            case Or(children):
                return self._group(" OR ", children)
            case Not(child):
                inner = self.condition(child)
                # Not "NOT (…)": what has no rating is not rated below three either.
                return _Sql(f"({inner.text}) IS NOT TRUE", inner.parameters)
            case Word() | Prefix() | Phrase() | Within() | Near():
                both = [self.found(Texts(candidates(node))), self.checked(node)]
                joined = _joined(" AND ", both)
                return _Sql(f"({joined.text})", joined.parameters)
        return self._filter(node)

    def found(self, texts: Texts) -> _Sql:
        """Return the condition that a mention is among some texts."""
        one = self._within(_FOUND, "rowid", texts.expression)
        return _Sql(f"NOT {one.text}", one.parameters) if texts.negated else one

    def checked(self, node: Word | Prefix | Phrase | Within | Near) -> _Sql:
        """Return the condition that decides for one of the candidates whether it matches."""
        check = _Sql(_CHECK, (Check.of(node).json,))
        if not isinstance(node, Prefix):
            return check
        # Stems that begin with the prefix are certain; only the rest needs a look.
        certain = self.found(Texts(any_of([string(found) for found in term_patterns(node)])))
        either = _joined(" OR ", [certain, check])
        return _Sql(f"({either.text})", either.parameters)

    def _within(self, template: str, key: str, *values: Value, bounds: str = "") -> _Sql:
        """Fill in a condition on another table, whose column `key` is the mention's rowid."""
        span, ends = within(key, self.span)
        return _Sql(template.format(bounds=bounds + span), (*values, *ends))

    def _group(self, operator: str, children: Sequence[Node]) -> _Sql:
        """Join conditions; all that ask for words only become one search."""
        texts: list[Texts] = []
        conditions: list[_Sql] = []
        for child in children:
            found = texts_of(child)
            if found is None:
                conditions.append(self.condition(child))
            else:
                texts.append(found)
        if texts:
            whole = all_of(texts) if operator == " AND " else either_of(texts)
            conditions.append(self.found(whole))
        joined = _joined(operator, conditions)
        return _Sql(f"({joined.text})", joined.parameters)

    def _filter(self, node: Filter) -> _Sql:
        match node:
            case TextFilter():
                return _text_filter(node)
            case NumberFilter():
                return _number_filter(node)
            case DateFilter():
                span, values = within("m.rowid", self.rowids(node))
                return _Sql(span.removeprefix(" AND "), values)
            case TopicFilter(topic, polarity):
                more = "" if polarity is None else " AND polarity = ?"
                named = (topic,) if polarity is None else (topic, polarity)
                return self._within(self._topic, "mention_rowid", *named, bounds=more)
            case FactFilter():
                return self._fact_filter(node)
            case HasFilter(what):
                return _Sql(_HAS[what])
        raise AssertionError(node)

    def _fact_filter(self, node: FactFilter) -> _Sql:
        if node.low is None and node.high is None:
            return self._within(self._fact, "mention_rowid", node.kind)
        value = _between("value", node.low, node.high, exclusive=node.exclusive)
        named = (node.kind, *value.parameters)
        return self._within(self._fact, "mention_rowid", *named, bounds=f" AND {value.text}")

    def rowids(self, days: DateFilter) -> RowidRange:
        """Return the lowest and the highest rowid of a span of days, None where it is open."""
        low = None if days.first is None else self._midnight(days.first) << ROWID_BITS
        high = None
        if days.last is not None:
            high = (self._midnight(days.last + timedelta(days=1)) << ROWID_BITS) - 1
        return low, high

    def _midnight(self, day: date) -> int:
        """Return the seconds since 1970 at which a day begins."""
        return int(datetime.combine(day, time(), self._zone).timestamp())


def _text_filter(node: TextFilter) -> _Sql:
    value = fold(node.value) or ""
    if node.name == "id":
        return _Sql("m.id = ?", (node.value,))
    if node.name == "url":
        return _Sql("instr(molva_fold(m.url), ?) > 0", (value,))
    if node.name == "author":
        return _Sql("(m.author_id = ? OR molva_fold(m.author_name) = ?)", (node.value, value))
    if node.name in _LOOKED_UP:
        found, column = _LOOKED_UP[node.name]
        condition = _named(column, value, prefix=node.prefix)
        return _Sql(found.format(condition=condition.text), condition.parameters)
    if node.name in _EXACT:
        exact = value if node.name == "source" else node.value
        return _named(_EXACT[node.name], exact, prefix=node.prefix)
    return _named(f"molva_fold({_NAMES[node.name]})", value, prefix=node.prefix)


def _named(column: str, value: str, *, prefix: bool) -> _Sql:
    if prefix:
        return _Sql(f"substr({column}, 1, ?) = ?", (len(value), value))
    return _Sql(f"{column} = ?", (value,))


def _number_filter(node: NumberFilter) -> _Sql:
    return _between(_NUMBERS[node.name], node.low, node.high, exclusive=node.exclusive)


def _between(column: str, low: float | None, high: float | None, *, exclusive: bool) -> _Sql:
    if low is not None and low == high:
        return _Sql(f"{column} = ?", (low,))
    equals = "" if exclusive else "="
    bounds = [_Sql(f"{column} >{equals} ?", (low,))] if low is not None else []
    bounds += [_Sql(f"{column} <{equals} ?", (high,))] if high is not None else []
    return _joined(" AND ", bounds)


def _intersection(one: RowidRange, other: RowidRange) -> RowidRange:
    lows = [low for low in (one[0], other[0]) if low is not None]
    highs = [high for high in (one[1], other[1]) if high is not None]
    return max(lows, default=None), min(highs, default=None)
