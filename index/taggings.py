"""Keeping what taggers say beside the mentions, and finding what a tagger has still to read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from index.connection import write_transaction
from index.corrections import in_force, write_labels
from index.lookup import STORED, rounds, stored_by_id, topics_by_rowid
from index.overlay import overlaid
from index.rollups import Delta
from index.rows import (
    TAGGING_COLUMNS,
    Stored,
    fact_values,
    facts_json,
    field_values,
    microseconds,
    sentences_json,
    to_mention,
    to_tagging,
    topic_polarities,
)
from index.text_index import Analysis, TextChanges
from index.upserts import facts_of
from mention import Mention, Tagging

Tagger = tuple[str, str, str]  # model, model_version, taxonomy_version

_INSERT: Final = "INSERT INTO tagging VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

# Led by the index over versions: where all is up to date nothing is read.
_OLDER_FACTS: Final = (
    f"SELECT {STORED}, t.tagger_id, {', '.join(f't.{name}' for name in TAGGING_COLUMNS)}"  # noqa: S608 - our own names
    " FROM tagging t CROSS JOIN mention m ON m.rowid = t.mention_rowid AND m.tagging_id = t.id"
    " WHERE t.facts_version IS ? AND t.mention_rowid < ? ORDER BY t.mention_rowid DESC LIMIT ?"
)


def add(
    connection: sqlite3.Connection,
    taggings: Sequence[tuple[str, Tagging]],
    analysis: Analysis,
    require_unchanged: Callable[[], None],
) -> int:
    """Store (content_hash, tagging) pairs; see `MentionStore.add_taggings`."""
    stored = 0
    with write_transaction(connection):
        require_unchanged()
        # Several taggings of one mention are stored one after the other.
        for batch in rounds(taggings, lambda pair: pair[1].mention_id):
            stored += _add_batch(connection, batch, analysis)
    return stored


def _add_batch(
    connection: sqlite3.Connection, batch: dict[str, tuple[str, Tagging]], analysis: Analysis
) -> int:
    rows = stored_by_id(connection, list(batch))
    current = [row for row in rows.values() if row.content_hash == batch[row.id][0]]
    topics = topics_by_rowid(connection, [row.rowid for row in current])
    taggers = _Taggers(connection)
    now = microseconds(datetime.now(UTC))
    (next_id,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM tagging").fetchone()
    text, delta = TextChanges(), Delta()
    spoken = in_force(connection, current)
    labels: dict[int, Tagging] = {}  # those that hold, by rowid
    polarities: dict[int, dict[str, str]] = {}
    inserts, replaced, updates = [], [], []
    for tagging_id, row in enumerate(current, start=next_id):
        tagging = batch[row.id][1]
        holding = overlaid(tagging, [one for _, one in spoken.get(row.rowid, ())])
        labels[row.rowid] = holding
        tagger_id = taggers.id_of((tagging.model, tagging.model_version, tagging.taxonomy_version))
        lang = tagging.lang or row.lang_stated
        new = row._replace(
            tagging_id=tagging_id, tagger_id=tagger_id, sentiment=holding.sentiment, lang=lang
        )
        delta.add(facts_of(row), topics.get(row.rowid, ()), -1)
        polarities[row.rowid] = topic_polarities(holding)
        delta.add(facts_of(new), polarities[row.rowid].items())
        if lang != row.lang:
            _write_terms_anew(row, new, text, analysis)
        replaced.append((row.rowid, row.revision, tagger_id))
        updates.append((tagging_id, tagger_id, holding.sentiment, lang, row.rowid))
        inserts.append(
            (
                tagging_id,
                row.rowid,
                row.revision,
                tagger_id,
                now,
                tagging.lang,
                tagging.sentiment,
                tagging.score,
                tagging.confidence,
                tagging.untagged_reason,
                sentences_json(tagging),
                facts_json(tagging),
                tagging.facts_version,
            )
        )
    connection.executemany(
        "DELETE FROM tagging WHERE mention_rowid = ? AND revision = ? AND tagger_id = ?", replaced
    )
    connection.executemany(_INSERT, inserts)
    write_labels(connection, current, labels, polarities)
    connection.executemany(
        "DELETE FROM mention_fact WHERE mention_rowid = ?", [(row.rowid,) for row in current]
    )
    connection.executemany(
        "INSERT INTO mention_fact VALUES (?, ?, ?)",
        [(row.rowid, *one) for row in current for one in fact_values(batch[row.id][1]).items()],
    )
    connection.executemany(
        "UPDATE mention SET tagging_id = ?, tagger_id = ?, sentiment = ?, lang = ? WHERE rowid = ?",
        updates,
    )
    text.apply(connection)
    delta.apply(connection)
    return len(current)


def _write_terms_anew(old: Stored, new: Stored, text: TextChanges, analysis: Analysis) -> None:
    """Follow a language that the tagger identified: Latin words have other stems then."""
    before = analysis.terms(old.title, old.text, old.reply_text, old.lang)
    after = analysis.terms(new.title, new.text, new.reply_text, new.lang)
    if before != after:
        text.take_out(old.rowid, before)
        text.put_in(new.rowid, after)


class _Taggers:
    """The numbers of taggers, made when a new one comes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[Tagger, int] = {
            (model, version, taxonomy): number
            for number, model, version, taxonomy in connection.execute("SELECT * FROM tagger")
        }

    def id_of(self, tagger: Tagger) -> int:
        if tagger not in self._ids:
            cursor = self._connection.execute(
                "INSERT INTO tagger (model, model_version, taxonomy_version) VALUES (?, ?, ?)",
                tagger,
            )
            self._ids[tagger] = int(cursor.lastrowid or 0)
        return self._ids[tagger]


def tagger_names(connection: sqlite3.Connection) -> dict[int, Tagger]:
    """Return {number: (model, model_version, taxonomy_version)}."""
    rows = connection.execute("SELECT id, model, model_version, taxonomy_version FROM tagger")
    return {number: (model, version, taxonomy) for number, model, version, taxonomy in rows}


def pending(connection: sqlite3.Connection, tagger: Tagger, batch: int) -> Iterator[list[Mention]]:
    """Yield what has labels of another tagger or none: first those of nobody, newest first."""
    others = [number for number, name in tagger_names(connection).items() if name != tagger]
    for other in (None, *others):
        yield from _tagged_by(connection, other, batch)


def _tagged_by(
    connection: sqlite3.Connection, tagger_id: int | None, batch: int
) -> Iterator[list[Mention]]:
    """Yield the mentions whose labels are those of one tagger, or of nobody.

    Batches are found by key, one statement each: taggings are added between them, and a
    statement that stayed open for hours would keep the log from being cut.
    """
    select = (
        f"SELECT {STORED} FROM mention m WHERE m.tagger_id IS ? AND m.rowid < ?"  # noqa: S608 - our own names
        " ORDER BY m.rowid DESC LIMIT ?"
    )
    last = 1 << 62
    while rows := connection.execute(select, (tagger_id, last, batch)).fetchall():
        last = rows[-1][0]
        yield [to_mention(field_values(Stored._make(row))) for row in rows]


def with_older_facts(
    connection: sqlite3.Connection, facts_version: int, batch: int
) -> Iterator[list[tuple[Mention, Tagging]]]:
    """Yield mentions with what their tagger says, where older rules or none looked for facts."""
    taggers = tagger_names(connection)
    for version in (None, *range(1, facts_version)):
        last = 1 << 62
        while rows := connection.execute(_OLDER_FACTS, (version, last, batch)).fetchall():
            last = rows[-1][0]
            found = []
            for row in rows:
                mention = to_mention(field_values(Stored._make(row[: len(Stored._fields)])))
                tagger_id, *values = row[len(Stored._fields) :]
                found.append(
                    (mention, to_tagging(mention.id, taggers[tagger_id], (*values, False)))
                )
            yield found
