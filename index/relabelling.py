"""What follows from the facts of the ledger: the labels that hold, and how cases stand.

Functions work inside the transaction that is open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from index import labels as reading
from index.cases import CaseEvent, stand
from index.corrections import in_force, write_labels
from index.lookup import select_in, stored_by_id, topics_by_rowid
from index.overlay import overlaid
from index.rollups import Delta
from index.rows import TAGGING_COLUMNS, Stored, to_datetime, to_tagging, topic_polarities
from index.taggings import tagger_names
from index.touching import touch
from index.upserts import facts_of
from mention import Tagging

_RAW: Final = (
    f"SELECT id, tagger_id, {', '.join(TAGGING_COLUMNS)}"  # noqa: S608 - our own names
    " FROM tagging WHERE id IN ({keys})"
)
_EVENTS: Final = (
    "SELECT at, author, status, owner, note FROM case_event WHERE mention_rowid = ? ORDER BY id"
)
# Every mention of which the ledger has something, or of which something is said to follow.
_NOTED: Final = (
    "SELECT id FROM mention WHERE rowid IN (SELECT mention_rowid FROM correction"
    " UNION SELECT mention_rowid FROM case_event UNION SELECT mention_rowid FROM corrected"
    " UNION SELECT mention_rowid FROM case_state) ORDER BY rowid"
)
_LABELS: Final = (
    f"SELECT m.rowid, {reading.COLUMNS} FROM mention m {reading.JOIN} WHERE m.rowid IN ({{keys}})"  # noqa: S608 - our own names
)
_BATCH: Final = 500


def events_of(connection: sqlite3.Connection, row: Stored) -> list[CaseEvent]:
    """Return the log of a mention's case, in order."""
    return [
        CaseEvent(
            mention_id=row.id,
            at=to_datetime(at),
            author=author,
            status=status,
            owner=owner,
            note=note,
        )
        for at, author, status, owner, note in connection.execute(_EVENTS, (row.rowid,))
    ]


def said_by_taggers(connection: sqlite3.Connection, rows: Sequence[Stored]) -> dict[int, Tagging]:
    """Return by rowid what the current tagger says, without any correction."""
    by_tagging = {row.tagging_id: row for row in rows if row.tagging_id is not None}
    taggers = tagger_names(connection) if by_tagging else {}
    said = {}
    for tagging_id, tagger_id, *values in select_in(connection, _RAW, list(by_tagging)):
        row = by_tagging[tagging_id]
        said[row.rowid] = to_tagging(row.id, taggers[tagger_id], (*values, False))
    return said


def relabel(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Let labels and counts of mentions follow their corrections."""
    rows = list(stored_by_id(connection, ids).values())
    topics = topics_by_rowid(connection, [row.rowid for row in rows])
    said, spoken = said_by_taggers(connection, rows), in_force(connection, rows)
    labels, polarities, delta = {}, {}, Delta()
    for row in rows:
        if row.rowid not in said:
            continue  # it waits for a tagger, and so do the corrections
        holding = overlaid(said[row.rowid], [one for _, one in spoken.get(row.rowid, ())])
        labels[row.rowid] = holding
        delta.add(facts_of(row), topics.get(row.rowid, ()), -1)
        new = row._replace(sentiment=holding.sentiment)
        polarities[row.rowid] = topic_polarities(holding)
        delta.add(facts_of(new), polarities[row.rowid].items())
    write_labels(connection, rows, labels, polarities)
    connection.executemany(
        "UPDATE mention SET sentiment = ? WHERE rowid = ?",
        [(one.sentiment, rowid) for rowid, one in labels.items()],
    )
    delta.apply(connection)
    touch(connection, [row.rowid for row in rows if row.rowid not in labels])


def astray(connection: sqlite3.Connection) -> int:
    """Return how many mentions do not show what follows from the facts about them."""
    ids = [mention_id for (mention_id,) in connection.execute(_NOTED)]
    return sum(
        _astray(connection, ids[begin : begin + _BATCH]) for begin in range(0, len(ids), _BATCH)
    )


def _astray(connection: sqlite3.Connection, ids: Sequence[str]) -> int:
    rows = list(stored_by_id(connection, ids).values())
    said, spoken = said_by_taggers(connection, rows), in_force(connection, rows)
    topics = topics_by_rowid(connection, [row.rowid for row in rows])
    taggers = tagger_names(connection)
    shown = {
        rowid: reading.to_labels("", taggers, values)
        for rowid, *values in select_in(connection, _LABELS, [row.rowid for row in rows])
    }
    wrong = 0
    for row in rows:
        labels, case = shown[row.rowid]
        holding = None
        if row.rowid in said:
            holding = overlaid(said[row.rowid], [one for _, one in spoken.get(row.rowid, ())])
            holding = holding.model_copy(update={"mention_id": ""})
        polarities = {} if holding is None else topic_polarities(holding)
        wrong += (labels, case, dict(topics.get(row.rowid, ()))) != (
            holding,
            stand(events_of(connection, row)),
            polarities,
        )
    return wrong
