"""Answering queries over the SQLite store: a page of hits, every hit, and why.

A query is parsed and compiled by `index.query` and `index.compile_sqlite`. Rowids are
found first and rows read afterwards, so that nothing long is sorted or thrown away.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from index import compile_sqlite, labels
from index.base import Hit, Order, QueryError, SearchResult
from index.compile_sqlite import CompiledQuery, compile_query
from index.connection import read_transaction
from index.lookup import STORED, select_in
from index.query import And, HasFilter, Node, TextFilter, TopicFilter, parse
from index.rows import ORDER_KEYS, Stored, field_values, to_mention
from index.slices import as_slice
from index.taggings import Tagger, tagger_names
from index.text import Pattern, highlight

# bm25 reads the whole index entry of a hit; with more hits than this only the newest
# are ranked, which keeps a common word from taking seconds.
RANKED: Final = 5000
# Up to so many hits are collected at once: counted, sorted and cut into pages in memory.
_FEW: Final = 50_000
_HITS: Final = (
    f"SELECT {STORED}, {labels.COLUMNS} FROM mention m {labels.JOIN}"  # noqa: S608 - our own names
    " WHERE m.rowid IN ({keys})"
)
# What few mentions have: an id, a case, a correction, noise.
_RARE: Final = frozenset(
    {"id", "case", "owner", "noise", "has:case", "has:correction", "has:noise", "has:copy"}
)
# The text index leads and the mention follows: hits come newest first without a sort.
_BY_TEXT: Final = "mention_text f CROSS JOIN mention m ON m.rowid = f.rowid"
# The place of a mention in a fair order, as the index `mention_by_chance` has it.
_CHANCE_OF_M, _CHANCE_OF_F, _CHANCE_OF_K = (
    f"({key} & {ORDER_KEYS - 1})" for key in ("m.rowid", "f.rowid", "k.value")
)
_BY_TEXT_AND_CHANCE: Final = (
    "mention_text f CROSS JOIN mention m INDEXED BY mention_by_chance"
    f" ON {_CHANCE_OF_M} = {_CHANCE_OF_F} AND m.rowid = f.rowid"
)
_FOUND: Final = (
    "FROM json_each(?) k CROSS JOIN mention m INDEXED BY mention_by_chance"
    f" ON {_CHANCE_OF_M} = {_CHANCE_OF_K} AND m.rowid = k.value WHERE 1"
)


# `SearchResult.next`: the order key that a page ended with, and its score when ranked.
_TOKEN: Final = re.compile(
    r"(?P<rowid>[0-9]{1,18})(?:@(?P<score>-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?))?"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """A query and what SQLite runs for it.

    Attributes:
        node: the query.
        compiled: conditions on the table of mentions and on the text index.
        kept: of the `ORDER_KEYS` values that the low bits of an order key may have, those
            below this are kept: all, or the fewer the smaller a sample is wanted. These bits
            come from a hash of the id, so that whether a mention is in the sample has
            nothing to do with what it says, nor with when.
        found: the order keys of what is kept, as a JSON list, where these are known.
    """

    node: Node | None
    compiled: CompiledQuery
    kept: int = ORDER_KEYS
    found: str | None = None

    @property
    def part(self) -> float:
        """The part of the hits that is read, up to 1, which is all of them."""
        return self.kept / ORDER_KEYS

    def source(self) -> tuple[str, list[Any]]:
        """FROM and WHERE by which SQLite may choose the cheapest way, with parameters."""
        if self.found is not None:
            return _FOUND, [self.found]
        if self.kept < ORDER_KEYS:
            return self._sample()
        # The index on brands leads, where the query names one: looking up every hit of a
        # common word, or of a topic, takes ten times as long as going through a brand. What
        # few mentions have leads by itself.
        names = {*_names(self.node)}
        leads = {"brand", "topic"} <= names and not names & _RARE
        index = " INDEXED BY mention_facets" if leads else ""
        if self.compiled.match is None:
            return self._plain(index)
        # The plus keeps SQLite from beginning with the words. They are looked for before the
        # other conditions, of which some read the whole text.
        key = "+m.rowid" if "brand" in names else "m.rowid"
        found, parameters = self.compiled.found()
        inner = f"SELECT f.rowid FROM mention_text f WHERE {found}"  # noqa: S608 - compiled, values bound
        return (
            f"FROM mention m{index} WHERE {key} IN ({inner}) AND ({self.compiled.where})",
            [*parameters, *self.compiled.parameters],
        )

    def _plain(self, index: str = "") -> tuple[str, list[Any]]:
        return f"FROM mention m{index} WHERE ({self.compiled.where})", [*self.compiled.parameters]

    def _sample(self) -> tuple[str, list[Any]]:
        # The index has a sample side by side, with what is counted: no long row is read.
        where, parameters = self.compiled.where, self.compiled.parameters
        if self.compiled.match is None:
            sql = f"FROM mention m INDEXED BY mention_by_chance WHERE {_CHANCE_OF_M} < ?"
            return f"{sql} AND ({where})", [self.kept, *parameters]
        found, values = self.compiled.found(f"{_CHANCE_OF_F} < ?", self.kept)
        return f"FROM {_BY_TEXT_AND_CHANCE} WHERE {found} AND ({where})", [*values, *parameters]

    def keys(self) -> tuple[str, str, list[Any]]:
        """An order key's name, and FROM and WHERE that give these only, with parameters."""
        if self.found is not None:
            return "k.value", "FROM json_each(?) k", [self.found]
        if self.compiled.match is None or self.compiled.where != "1":
            return "m.rowid", *self.source()
        # The text index alone: no mention is looked up.
        chance = (f"{_CHANCE_OF_F} < ?", self.kept) if self.kept < ORDER_KEYS else ()
        found, parameters = self.compiled.found(*chance)
        return "f.rowid", f"FROM mention_text f WHERE {found}", parameters

    def newest_first(self) -> tuple[str, list[Any]]:
        """FROM and WHERE that give the newest hits early, with parameters."""
        if self.compiled.match is None:
            return self._plain()
        found, parameters = self.compiled.found()
        return (
            f"FROM {_BY_TEXT} WHERE {found} AND ({self.compiled.where})",
            [*parameters, *self.compiled.parameters],
        )

    @property
    def key(self) -> str:
        """The name of the order key in `newest_first`."""
        return "m.rowid" if self.compiled.match is None else "f.rowid"


def _names(node: Node | None) -> Iterator[str]:
    """Yield the fields that a query names for every hit, and `has:` with what is asked for."""
    for child in node.children if isinstance(node, And) else (node,):
        match child:
            case TextFilter(name):
                yield name
            case HasFilter(what):
                yield f"has:{what}"
            case TopicFilter():
                yield "topic"


def select(query: str, time_zone: str, topics: Collection[str] | None = None) -> Selection:
    """Parse and compile `query`; an empty one selects everything.

    Args:
        query: as a person types it.
        time_zone: IANA name of the zone whose days `date:` counts.
        topics: codes that `topic:` may name; None allows any.

    Raises:
        QueryError: the query cannot be understood.
    """
    node = parse(query, topics)
    return Selection(node, compile_query(node, time_zone=time_zone))


def search(
    connection: sqlite3.Connection,
    selection: Selection,
    order: Order,
    limit: int,
    after: str | None,
) -> SearchResult:
    """Return one page of hits; see `MentionIndex.search`."""
    if limit < 0:
        raise ValueError(f"limit is at least 0, not {limit}")
    ranked = order == "best" and selection.compiled.match is not None
    place = _place(after, ranked=ranked)
    with read_transaction(connection):
        total = known_count(connection, selection)
        few = _if_few(connection, selection) if total is None else None
        if total is None:
            total = read_count(connection, selection) if few is None else len(few)
        page: list[tuple[int, float | None]] = []
        if total and limit:
            # One more than asked for tells whether a page follows.
            find = _best if ranked else _newest
            page = find(connection, selection, few, place, limit + 1)
        words = selection.compiled.words
        hits = read_hits(connection, [rowid for rowid, _ in page[:limit]], words)
    scores = dict(page)
    return SearchResult(
        hits=tuple(replace(hit, relevance=scores[rowid]) for rowid, hit in hits),
        total=total,
        next=_token(page[limit - 1]) if limit and len(page) > limit else None,
    )


def count(connection: sqlite3.Connection, selection: Selection) -> int:
    """Return how many mentions match; of a sample, how many are in it."""
    is_whole = selection.kept == ORDER_KEYS and selection.found is None
    total = known_count(connection, selection) if is_whole else None
    return read_count(connection, selection) if total is None else total


def known_count(connection: sqlite3.Connection, selection: Selection) -> int | None:
    """Return how many mentions match where no mention has to be read for it, else None."""
    part = as_slice(selection.node)
    if part is not None and (total := part.total(connection)) is not None:
        return total
    compiled = selection.compiled
    if compiled.match is None or compiled.where != "1" or compiled.beside != "1":
        return None
    # In the text index alone a hit takes 0.05 µs.
    return read_count(connection, replace(selection, kept=ORDER_KEYS))


def read_count(connection: sqlite3.Connection, selection: Selection) -> int:
    """Return how many mentions match, or are in the sample, by looking at each."""
    _, sql, parameters = selection.keys()
    return int(connection.execute(f"SELECT count(*) {sql}", parameters).fetchone()[0])


def _if_few(connection: sqlite3.Connection, selection: Selection) -> list[int] | None:
    """Return all hits, the newest first, unless there are many."""
    key, sql, parameters = selection.keys()
    rows = connection.execute(f"SELECT {key} {sql} LIMIT ?", [*parameters, _FEW + 1]).fetchall()
    return None if len(rows) > _FEW else sorted((rowid for (rowid,) in rows), reverse=True)


def _newest(
    connection: sqlite3.Connection,
    selection: Selection,
    few: list[int] | None,
    place: tuple[float, int] | None,
    limit: int,
) -> list[tuple[int, float | None]]:
    if few is not None:
        found = [rowid for rowid in few if place is None or rowid < place[1]]
        return [(rowid, None) for rowid in found[:limit]]
    key, (sql, parameters) = selection.key, selection.newest_first()
    if place is not None:
        sql, parameters = f"{sql} AND {key} < ?", [*parameters, place[1]]
    rows = connection.execute(
        f"SELECT {key} {sql} ORDER BY {key} DESC LIMIT ?", [*parameters, limit]
    )
    return [(rowid, None) for (rowid,) in rows]


def _best(
    connection: sqlite3.Connection,
    selection: Selection,
    few: list[int] | None,
    place: tuple[float, int] | None,
    limit: int,
) -> list[tuple[int, float | None]]:
    if few is None:
        sql, parameters = selection.newest_first()
    else:
        # The plus keeps SQLite from starting the text search anew for each of them.
        sql = "FROM mention_text f WHERE mention_text MATCH ? AND +f.rowid IN "
        sql += "(SELECT value FROM json_each(?))"
        parameters = [selection.compiled.match, json.dumps(few[:RANKED])]
    # bm25() is negative, the better the smaller: https://www.sqlite.org/fts5.html#the_bm25_function
    rows = connection.execute(
        f"SELECT -bm25(mention_text), f.rowid {sql} ORDER BY f.rowid DESC LIMIT ?",
        [*parameters, RANKED],
    ).fetchall()
    rows.sort(reverse=True)
    if place is not None:
        rows = [row for row in rows if row < place]
    return [(rowid, score) for score, rowid in rows[:limit]]


def _token(place: tuple[int, float | None]) -> str:
    rowid, score = place
    return f"{rowid}" if score is None else f"{rowid}@{score!r}"


def _place(after: str | None, *, ranked: bool) -> tuple[float, int] | None:
    """Return the (score, rowid) that a page ended with."""
    if after is None:
        return None
    found = _TOKEN.fullmatch(after)
    if found is None or (found["score"] is not None) != ranked:
        raise QueryError("no_such_page")
    return float(found["score"] or 0), int(found["rowid"])


def read_hits(
    connection: sqlite3.Connection, rowids: Sequence[int], words: Sequence[Pattern]
) -> list[tuple[int, Hit]]:
    """Return (rowid, hit) in the order of `rowids`."""
    taggers = tagger_names(connection)
    rows = {row[0]: row for row in select_in(connection, _HITS, rowids)}
    return [(rowid, _hit(rows[rowid], taggers, words)) for rowid in rowids if rowid in rows]


def _hit(row: Sequence[Any], taggers: dict[int, Tagger], words: Sequence[Pattern]) -> Hit:
    stored = Stored._make(row[: len(Stored._fields)])
    mention = to_mention(field_values(stored))
    rest = row[len(Stored._fields) :]
    tagging, case = labels.to_labels(mention.id, taggers, rest)
    highlights = highlight(mention.text, stored.lang, words) if words else ()
    return Hit(mention, tagging, highlights, case=case, noise=labels.to_noise(rest))


def by_id(connection: sqlite3.Connection, mention_id: str) -> Hit | None:
    """Return one mention with its current tagging."""
    with read_transaction(connection):
        row = connection.execute("SELECT rowid FROM mention WHERE id = ?", (mention_id,)).fetchone()
        return None if row is None else read_hits(connection, row, ())[0][1]


def scan(connection: sqlite3.Connection, selection: Selection, batch: int) -> Iterator[Hit]:
    """Yield every hit, newest first, from one state of the store.

    Holds a read transaction on `connection` until it is exhausted or closed.
    """
    sql, parameters = selection.newest_first()
    statement = f"SELECT {selection.key} {sql} ORDER BY {selection.key} DESC"
    with read_transaction(connection):
        rowids = connection.execute(statement, parameters)
        while rows := rowids.fetchmany(batch):
            found = [rowid for (rowid,) in rows]
            for _, hit in read_hits(connection, found, selection.compiled.words):
                yield hit


def explain(connection: sqlite3.Connection, selection: Selection) -> dict[str, object]:
    """Return what a query was understood as, and the SQL and plan that answer it."""
    sql, parameters = selection.newest_first()
    statement = f"SELECT {selection.key} {sql} ORDER BY {selection.key} DESC"
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return {
        **compile_sqlite.explain(selection.node, selection.compiled),
        "sql": statement,
        "sql_parameters": parameters,
        "plan": [row[3] for row in plan],
    }
