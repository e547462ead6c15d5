"""Counting the mentions that a query finds by who labelled them, in SQLite.

`most_first` holds for every back-end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from index.base import LabelCount
from index.connection import read_transaction
from index.sampling import Samples
from index.searching import Selection, count, known_count
from index.taggings import Tagger, tagger_names


def count_labels(
    connection: sqlite3.Connection,
    selection: Selection,
    samples: Samples,
    most: int | None,
    *,
    by_language: bool,
) -> list[LabelCount]:
    """Return the counts by tagger and language; see `MentionIndex.count_labels`."""
    with read_transaction(connection):
        tagger = None if by_language else _only_tagger(connection)
        if tagger is None or known_count(connection, selection) is None:
            selection = samples.take(connection, selection, most)
        if tagger is not None:
            return _of_one(connection, selection, tagger)
        sql, parameters = selection.source()
        names = tagger_names(connection)
        lang = "m.lang" if by_language else "NULL"
        # The plus keeps SQLite from the index on taggers, which has no languages, so that it
        # takes `mention_facets` and reads no long rows.
        rows = connection.execute(
            f"SELECT m.tagger_id, {lang}, count(*) {sql} GROUP BY +m.tagger_id, 2", parameters
        ).fetchall()
    counts = []
    for number, lang, mentions in rows:
        model, version, taxonomy = (None, None, None) if number is None else names[number]
        counts.append(LabelCount(model, version, taxonomy, lang, *_estimate(mentions, selection)))
    return most_first(counts)


def _estimate(mentions: int, selection: Selection) -> tuple[int, bool]:
    """Return how many of all mentions so many of a sample stand for, and whether they do."""
    return round(mentions / selection.part), selection.part < 1


def _only_tagger(connection: sqlite3.Connection) -> Tagger | None:
    """Return the tagger of every mention that one has read; None where there is not just one."""
    # Both ends of an index: no mention is read.
    first, last = connection.execute(
        "SELECT (SELECT min(tagger_id) FROM mention), (SELECT max(tagger_id) FROM mention)"
    ).fetchone()
    return tagger_names(connection)[first] if first is not None and first == last else None


def _of_one(
    connection: sqlite3.Connection, selection: Selection, tagger: Tagger
) -> list[LabelCount]:
    """Return the counts where no other tagger has read anything."""
    pending = 0
    # An index knows at once that nothing waits, which is the rule.
    if connection.execute("SELECT 1 FROM mention WHERE tagger_id IS NULL LIMIT 1").fetchone():
        sql, parameters = selection.source()
        statement = f"SELECT count(*) {sql} AND m.tagger_id IS NULL"
        pending = connection.execute(statement, parameters).fetchone()[0]
    labelled = count(connection, selection) - pending
    counts = (
        LabelCount(*tagger, None, *_estimate(labelled, selection)),
        LabelCount(None, None, None, None, *_estimate(pending, selection)),
    )
    return most_first(one for one in counts if one.mentions)


def most_first(counts: Iterable[LabelCount]) -> list[LabelCount]:
    """Return the counts in the order of `MentionIndex.count_labels`."""

    def order(one: LabelCount) -> tuple[int, str, str, str, str]:
        name = (one.model, one.model_version, one.taxonomy_version, one.lang)
        model, version, taxonomy, lang = (part or "" for part in name)
        return -one.mentions, model, version, taxonomy, lang

    return sorted(counts, key=order)
