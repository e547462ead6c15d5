"""Adding mentions to a store, replacing them, and erasing them.

Each function does one batch in one transaction: rows, history, text index and counts
move together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from index.base import UpsertResult
from index.connection import write_transaction
from index.copies import release, wait
from index.lookup import hashes_by_id, rounds, select_in, stored_by_id, topics_by_rowid
from index.rollups import Delta, Facts, state_of
from index.rows import (
    MENTION_COLUMNS,
    MENTION_FIELDS,
    ORDER_BITS,
    Stored,
    field_values,
    hundredths,
    mention_values,
    microseconds,
    order_key,
    to_mention,
)
from index.text_index import Analysis, TextChanges
from index.touching import touch
from mention import Mention

_COLLECTED: Final = MENTION_FIELDS.index("collected_at")
_PUBLISHED: Final = MENTION_FIELDS.index("published_at")
_LANG: Final = MENTION_FIELDS.index("lang")
_INSERT: Final = (
    f"INSERT INTO mention ({', '.join(MENTION_COLUMNS)})"  # noqa: S608 - our own names
    f" VALUES ({', '.join('?' * len(MENTION_COLUMNS))})"
)
_UPDATE: Final = (
    f"UPDATE mention SET {', '.join(f'{name} = ?' for name in MENTION_COLUMNS)} WHERE rowid = ?"  # noqa: S608 - our own names
)
# How many neighbours of a taken order key are tried before the second after it.
_NEIGHBOURS: Final = 8


class _Incoming(NamedTuple):
    """A mention on its way in. `terms` is None until somebody needs it."""

    values: tuple[Any, ...]
    content_hash: str
    stars: float | None
    terms: str | None

    @property
    def id(self) -> str:
        return str(self.values[0])

    def order_time(self, first_collected: int) -> int:
        """Return the time that decides the place and the day of the mention."""
        published = self.values[_PUBLISHED]
        return first_collected if published is None else int(published)


def facts_of(row: Stored) -> Facts:
    """Return what the counts need to know of a row."""
    state = state_of(row.tagger_id, row.sentiment)
    stars = hundredths(row.stars)
    return Facts(row.day, row.source, row.brand or "", row.lang or "", state, stars)


class Upsert:
    """One batch of mentions on its way into the store."""

    def __init__(
        self, connection: sqlite3.Connection, day_of: Callable[[int], int], analysis: Analysis
    ) -> None:
        self._connection = connection
        self._day_of = day_of
        self._terms = analysis.terms
        self._text = TextChanges()
        self._delta = Delta()
        self._taken: set[int] = set()
        self._inserts: list[Stored] = []
        self._updates: list[tuple[Stored, Stored]] = []  # old, new
        self._touches: list[tuple[int, int]] = []  # collected_at, rowid

    def run(
        self, mentions: Sequence[Mention], require_unchanged: Callable[[], None]
    ) -> UpsertResult:
        """Write `mentions` in the order given; see `MentionStore.upsert`."""
        incoming = self._prepare(mentions)
        new = changed = refreshed = 0
        with write_transaction(self._connection):
            require_unchanged()
            for batch in rounds(incoming, lambda one: one.id):
                counts = self._round(list(batch.values()))
                new, changed, refreshed = (
                    new + counts[0],
                    changed + counts[1],
                    refreshed + counts[2],
                )
        return UpsertResult(new, changed, refreshed, len(mentions) - new - changed - refreshed)

    def _prepare(self, mentions: Sequence[Mention]) -> list[_Incoming]:
        """Do what needs no lock: most of the work of a batch is finding terms."""
        known = hashes_by_id(self._connection, [mention.id for mention in mentions])
        prepared = []
        for mention in mentions:
            values, content_hash = mention_values(mention), mention.content_hash
            terms = None
            if known.get(mention.id) != content_hash:
                terms = self._terms(mention.title, mention.text, mention.reply_text, mention.lang)
            prepared.append(_Incoming(values, content_hash, mention.stars, terms))
        return prepared

    def _round(self, batch: list[_Incoming]) -> tuple[int, int, int]:
        connection = self._connection
        existing = stored_by_id(connection, [one.id for one in batch])
        self._taken = self._taken_keys(batch)
        counts = [0, 0, 0]
        for one in batch:
            old = existing.get(one.id)
            if old is None:
                counts[0] += 1
                self._insert(one)
            elif one.values[_COLLECTED] < old.collected_at:
                continue  # an older look at the page never wins
            elif one.content_hash != old.content_hash:
                counts[1] += 1
                self._change(old, one)
            elif _differ(one.values, field_values(old)):
                counts[2] += 1
                self._refresh(old, one)
            elif one.values[_COLLECTED] > old.collected_at:
                self._touches.append((one.values[_COLLECTED], old.rowid))
        self._apply()
        return counts[0], counts[1], counts[2]

    def _insert(self, one: _Incoming) -> None:
        collected = one.values[_COLLECTED]
        row = self._row(one, first_collected=collected, revision=1)
        self._inserts.append(row)
        self._text.put_in(row.rowid, self._terms_of(row) if one.terms is None else one.terms)
        self._delta.add(facts_of(row))

    def _change(self, old: Stored, one: _Incoming) -> None:
        """New content: a new revision, which waits to be tagged."""
        new = self._row(one, old.first_collected_at, old.revision + 1, kept=old)
        self._updates.append((old, new))
        self._text.take_out(old.rowid, self._terms_of(old))
        self._text.put_in(new.rowid, self._terms_of(new) if one.terms is None else one.terms)

    def _refresh(self, old: Stored, one: _Incoming) -> None:
        """The same content: the tagging stays, and the language that it identified."""
        new = self._row(one, old.first_collected_at, old.revision, kept=old)
        lang = new.lang_stated
        if old.tagging_id is not None:
            (identified,) = self._connection.execute(
                "SELECT lang FROM tagging WHERE id = ?", (old.tagging_id,)
            ).fetchone()
            lang = identified or lang
        new = new._replace(
            lang=lang,
            tagging_id=old.tagging_id,
            tagger_id=old.tagger_id,
            sentiment=old.sentiment,
        )
        self._updates.append((old, new))
        if new.rowid != old.rowid or new.lang != old.lang:
            self._text.take_out(old.rowid, self._terms_of(old))
            self._text.put_in(new.rowid, self._terms_of(new))

    def _row(
        self, one: _Incoming, first_collected: int, revision: int, kept: Stored | None = None
    ) -> Stored:
        values = one.values
        time = one.order_time(first_collected)
        key = self._free_key(order_key(time, values[0]), kept)
        derived = (revision, one.content_hash, first_collected, self._day_of(time), one.stars)
        return Stored._make((key, *values, *derived, values[_LANG], None, None, None))

    def _terms_of(self, row: Stored) -> str:
        return self._terms(row.title, row.text, row.reply_text, row.lang)

    def _taken_keys(self, batch: list[_Incoming]) -> set[int]:
        """Return the order keys that the batch would like and others have."""
        wanted = [order_key(one.order_time(one.values[_COLLECTED]), one.id) for one in batch]
        select = "SELECT rowid FROM mention WHERE rowid IN ({keys})"
        return {row[0] for row in select_in(self._connection, select, wanted)}

    def _free_key(self, wanted: int, kept: Stored | None) -> int:
        """Return `wanted`, or the nearest order key that nobody has.

        A mention keeps the key it has as long as its second stays the same.
        """
        if kept is not None:
            if kept.rowid >> ORDER_BITS == wanted >> ORDER_BITS:
                return kept.rowid
            # Only the keys of new mentions were looked up beforehand.
            if self._exists(wanted):
                self._taken.add(wanted)
        key, attempt = wanted, 0
        while key in self._taken or (attempt and self._exists(key)):
            attempt += 1
            key = wanted + attempt % _NEIGHBOURS + (attempt // _NEIGHBOURS << ORDER_BITS)
        self._taken.add(key)
        return key

    def _exists(self, key: int) -> bool:
        row = self._connection.execute("SELECT 1 FROM mention WHERE rowid = ?", (key,))
        return row.fetchone() is not None

    def _apply(self) -> None:
        connection = self._connection
        self._inserts.sort()
        connection.executemany(_INSERT, self._inserts)
        self._apply_updates()
        connection.executemany("UPDATE mention SET collected_at = ? WHERE rowid = ?", self._touches)
        self._text.apply(connection)
        self._delta.apply(connection)
        wait(connection, self._to_examine())
        for gathered in (self._inserts, self._updates, self._touches):
            gathered.clear()

    def _to_examine(self) -> Iterator[int]:
        """Yield the rowids of what may be noise now and was not, or the other way round."""
        yield from (row.rowid for row in self._inserts)
        for old, new in self._updates:
            if (old.rowid, old.title, old.text) != (new.rowid, new.title, new.text):
                yield new.rowid

    def _apply_updates(self) -> None:
        connection = self._connection
        recounted = [
            (old, new)
            for old, new in self._updates
            if new.revision != old.revision or facts_of(old) != facts_of(new)
        ]
        topics = topics_by_rowid(connection, [old.rowid for old, _ in recounted])
        for old, new in recounted:
            old_topics = topics.get(old.rowid, [])
            self._delta.add(facts_of(old), old_topics, -1)
            self._delta.add(facts_of(new), old_topics if new.revision == old.revision else ())
        superseded = [(old, new) for old, new in self._updates if new.revision != old.revision]
        # Corrections stay as they were made; what held because of them waits for a tagger too.
        for table in ("mention_topic", "mention_fact", "corrected"):
            connection.executemany(
                f"DELETE FROM {table} WHERE mention_rowid = ?",  # noqa: S608 - our own names
                [(old.rowid,) for old, _ in superseded],
            )
        connection.executemany(
            "INSERT INTO mention_revision VALUES (?, ?, ?, ?, ?)",
            [
                (old.rowid, old.revision, old.content_hash, new.collected_at, _record(old))
                for old, new in superseded
            ],
        )
        # Last, since it may move the mention: the rows that refer to it then follow.
        connection.executemany(_UPDATE, [(*new, old.rowid) for old, new in self._updates])


def _differ(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Compare the fields of two mentions, all but the time of collection."""
    after = _COLLECTED + 1
    return one[:_COLLECTED] != other[:_COLLECTED] or one[after:] != other[after:]


def _record(row: Stored) -> str:
    return to_mention(field_values(row)).model_dump_json(exclude={"stars", "content_hash"})


def erase(
    connection: sqlite3.Connection,
    ids: Iterable[str],
    analysis: Analysis,
    require_unchanged: Callable[[], None],
) -> int:
    """Erase mentions and everything that hangs on them; return how many there were."""
    wanted = list(dict.fromkeys(ids))
    text, delta = TextChanges(), Delta()
    with write_transaction(connection):
        require_unchanged()
        rows = list(stored_by_id(connection, wanted).values())
        topics = topics_by_rowid(connection, [row.rowid for row in rows])
        for row in rows:
            text.take_out(row.rowid, analysis.terms(row.title, row.text, row.reply_text, row.lang))
            delta.add(facts_of(row), topics.get(row.rowid, ()), -1)
        text.apply(connection)
        now = microseconds(datetime.now(UTC))
        left = release(connection, [row.rowid for row in rows], now)
        # Revisions, taggings and topics go with their mention: ON DELETE CASCADE.
        connection.executemany(
            "DELETE FROM mention WHERE rowid = ?", [(row.rowid,) for row in rows]
        )
        touch(connection, left)
        delta.apply(connection)
    return len(rows)
