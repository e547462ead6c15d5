"""What the outbox keeps in tables, and how it is read from them (`index/outbox.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from index import labels
from index.elastic.documents import Entry
from index.lookup import STORED
from index.rows import Stored, field_values, to_datetime, to_mention
from index.taggings import Tagger

_CORRECTED_AT: Final = "(SELECT max(made_at) FROM correction WHERE mention_rowid = m.rowid)"
_ENTRY: Final = f"{STORED}, t.tagged_at, {_CORRECTED_AT}, n.changed_at, {labels.COLUMNS}"
WAITING: Final = (
    f"SELECT o.number, {_ENTRY} FROM outbox o JOIN mention m ON m.rowid = o.mention_rowid"  # noqa: S608 - our own names
    f" {labels.JOIN} WHERE o.mention_rowid < ? AND o.number <= ?"
    " ORDER BY o.mention_rowid DESC LIMIT ?"
)
ALL: Final = (
    f"SELECT 0, {_ENTRY} FROM mention m {labels.JOIN}"  # noqa: S608 - our own names
    " WHERE m.rowid < ? ORDER BY m.rowid DESC LIMIT ?"
)
REFUSED: Final = (
    f"SELECT 0, {_ENTRY} FROM mention m {labels.JOIN} WHERE m.id IN"  # noqa: S608 - our own names
    " (SELECT mention_id FROM outbox_refused WHERE version IS NULL AND mention_id > ?"
    " ORDER BY mention_id LIMIT ?) ORDER BY m.id"
)
DELETED: Final = (
    "SELECT mention_id, version, number FROM outbox_deletion"
    " WHERE mention_id > ? AND number <= ? ORDER BY mention_id LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the cluster has to be told.

    Attributes:
        mention_id: whose.
        number: tells this change from a later one of the same mention.
        entry: the mention as it is now; None when it was erased, or when only what became of
            the change still matters.
        version: external version of a deletion; 0 for a mention.
        rowid: of the mention; 0 for a deletion.
    """

    mention_id: str
    number: int
    entry: Entry | None
    version: int = 0
    rowid: int = 0

    @property
    def is_deletion(self) -> bool:
        """Whether the mention was erased."""
        return self.version > 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What the cluster refused for good."""

    mention_id: str
    refused_at: datetime
    reason: str
    is_deletion: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What the store and its outbox hold, all from one moment.

    Attributes:
        mentions: in the store.
        waiting: mentions and deletions to be sent.
        refused: dead letters.
        refused_mentions: those of them that are no deletions.
    """

    mentions: int
    waiting: int
    refused: int
    refused_mentions: int


@dataclass(frozen=True, slots=True)
class State:
    """How far sending is.

    Attributes:
        target: what `set_target` was last told; None before.
        sent_at: when nothing was left to send; None before.
        rebuilding: the index that a rebuild fills, or None.
        rebuild_below: what `rebuilt` was last told; None at the beginning.
    """

    target: str | None
    sent_at: datetime | None
    rebuilding: str | None
    rebuild_below: int | None


def to_change(row: Sequence[Any], taggers: dict[int, Tagger]) -> Change:
    """Return the change of a row that `WAITING`, `ALL` or `REFUSED` found."""
    number, *values = row
    stored = Stored._make(values[: len(Stored._fields)])
    tagged_at, corrected_at, examined_at, *rest = values[len(Stored._fields) :]
    mention = to_mention(field_values(stored))
    tagging, case = labels.to_labels(mention.id, taggers, rest)
    entry = Entry(
        mention,
        tagging,
        to_datetime(stored.first_collected_at),
        None if tagged_at is None else to_datetime(tagged_at),
        case,
        None if corrected_at is None else to_datetime(corrected_at),
        labels.to_noise(rest),
        None if examined_at is None else to_datetime(examined_at),
    )
    return Change(mention.id, number, entry, rowid=stored.rowid)
