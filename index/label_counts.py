"""Counting the mentions that a query finds by who labelled them, in SQLite.

`most_first` holds for every back-end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from index.base import LabelCount
from index.connection import read_transaction
from index.searching import Selection
from index.taggings import tagger_names


def count_labels(connection: sqlite3.Connection, selection: Selection) -> list[LabelCount]:
    """Return the counts by tagger and language; see `MentionIndex.count_labels`."""
    sql, parameters = selection.source()
    with read_transaction(connection):
        names = tagger_names(connection)
        # The plus keeps SQLite from the index on taggers, which has no languages, so that it
        # takes `mention_facets` and reads no long rows.
        rows = connection.execute(
            f"SELECT m.tagger_id, m.lang, count(*) {sql} GROUP BY +m.tagger_id, m.lang", parameters
        ).fetchall()
    counts = []
    for tagger, lang, mentions in rows:
        model, version, taxonomy = (None, None, None) if tagger is None else names[tagger]
        counts.append(LabelCount(model, version, taxonomy, lang, mentions))
    return most_first(counts)


def most_first(counts: Iterable[LabelCount]) -> list[LabelCount]:
    """Return the counts in the order of `MentionIndex.count_labels`."""

    def order(one: LabelCount) -> tuple[int, str, str, str, str]:
        name = (one.model, one.model_version, one.taxonomy_version, one.lang)
        model, version, taxonomy, lang = (part or "" for part in name)
        return -one.mentions, model, version, taxonomy, lang

    return sorted(counts, key=order)
