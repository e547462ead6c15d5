"""What two taggers said about the same mentions: the store keeps every tagging.

Only the taggings of a mention's newest text are compared, and only as the taggers gave them:
what a person has corrected is the same whoever tags.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Final

from index.base import Period, QueryError
from index.connection import read_transaction
from index.label_pairs import LabelPair, TaggerUse
from index.query import HasFilter, Node, TextFilter, TopicFilter, walk
from index.rollups import bucket_start
from index.rows import joint_polarity, to_date, to_datetime
from index.searching import Selection

# What `has:` asks for that depends on labels.
_LABELLED: Final = frozenset({"tagging", "sentiment", "topic", "conflict"})
# Each looked up in the index on taggers; a join would read every tagging.
_USES: Final = (
    "SELECT g.model, g.model_version, g.taxonomy_version,"
    " (SELECT min(tagged_at) FROM tagging WHERE tagger_id = g.id) AS first,"
    " (SELECT max(tagged_at) FROM tagging WHERE tagger_id = g.id)"
    " FROM tagger g WHERE first IS NOT NULL ORDER BY first, g.id"
)
_TAGGER: Final = (
    "(SELECT id FROM tagger WHERE model = ? AND model_version = ? AND taxonomy_version = ?)"
)
_PAIRS: Final = (
    "SELECT hit.day, n.sentiment, n.sentences, o.id, o.sentiment, o.sentences FROM hit"  # noqa: S608 - our own names
    " CROSS JOIN tagging n ON n.mention_rowid = hit.mention_rowid AND n.revision = hit.revision"
    f" AND n.tagger_id = {_TAGGER}"
    " LEFT JOIN tagging o ON o.mention_rowid = hit.mention_rowid AND o.revision = hit.revision"
    f" AND o.tagger_id = {_TAGGER}"
)


def taggers(connection: sqlite3.Connection) -> list[TaggerUse]:
    """Return the taggers of which taggings are kept, the first to tag first."""
    return [
        TaggerUse(model, version, taxonomy, to_datetime(first), to_datetime(last))
        for model, version, taxonomy, first, last in connection.execute(_USES)
    ]


def label_pairs(
    connection: sqlite3.Connection,
    selection: Selection,
    before: TaggerUse,
    after: TaggerUse,
    period: Period,
) -> list[LabelPair]:
    """Count the labels of two taggers; see `MentionStore.label_pairs`."""
    if selection.node is not None:
        _refuse_labels(selection.node)
    sql, parameters = selection.source()
    statement = (
        "WITH hit AS MATERIALIZED (SELECT m.rowid AS mention_rowid, m.revision AS revision,"
        f" m.day AS day {sql}) {_PAIRS}"
    )
    for one in (after, before):
        parameters += [one.model, one.model_version, one.taxonomy_version]
    counts: Counter[tuple[int, str | None, bool, str | None, str | None]] = Counter()
    with read_transaction(connection):
        for day, new, new_sentences, read_id, old, old_sentences in connection.execute(
            statement, parameters
        ):
            start, by_both = bucket_start(day, period), read_id is not None
            counts[start, None, by_both, old, new] += 1
            new_topics = _polarities(new_sentences)
            old_topics = _polarities(old_sentences) if by_both else {}
            for topic in new_topics.keys() | old_topics.keys():
                pair = old_topics.get(topic), new_topics.get(topic)
                counts[start, topic, by_both, *pair] += 1
    return [
        LabelPair(to_date(start), topic, by_both, old, new, number)
        for (start, topic, by_both, old, new), number in sorted(
            counts.items(), key=lambda item: tuple(map(str, item[0]))
        )
    ]


def _refuse_labels(node: Node) -> None:
    """Refuse a query by labels: it would choose mentions by the labels of one tagger."""
    for one in _by_labels(node):
        raise QueryError("chosen_by_labels", one.position)


def _by_labels(node: Node) -> Iterator[TopicFilter | HasFilter | TextFilter]:
    for one in walk(node):
        match one:
            case TopicFilter():
                yield one
            case HasFilter(what) if what in _LABELLED:
                yield one
            case TextFilter("sentiment"):
                yield one


def _polarities(sentences: str) -> dict[str, str]:
    """Return {topic: polarity} of a mention, as `index.rows.topic_polarities`."""
    found: dict[str, set[str]] = {}
    for sentence in json.loads(sentences):
        for label in sentence["topics"]:
            found.setdefault(label["topic"], set()).add(label["polarity"])
    return {topic: joint_polarity(polarities) for topic, polarities in found.items()}
