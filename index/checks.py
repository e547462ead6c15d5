"""What a store holds and whether it is sound, for `molva doctor`."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Final

from index import relabelling, rollups
from index.base import Stats
from index.rows import to_date
from index.taggings import tagger_names
from index.text_index import Analysis

# Mentions by polarity of the whole, from the counts: reading every row would take seconds.
_COUNTED: Final = (
    "SELECT value, sum(mentions) FROM rollup"
    " WHERE dimension = ? AND period = 'month' AND topic = '' GROUP BY 1"
)
# The derived columns of a mention against the tagging that they come from.
_STALE_COLUMNS: Final = """
    SELECT count(*) FROM mention m LEFT JOIN tagging t ON t.id = m.tagging_id
        LEFT JOIN corrected c ON c.mention_rowid = m.rowid
    WHERE t.mention_rowid IS NOT iif(m.tagging_id IS NULL, NULL, m.rowid)
        OR t.revision IS NOT iif(m.tagging_id IS NULL, NULL, m.revision)
        OR t.tagger_id IS NOT m.tagger_id OR coalesce(c.sentiment, t.sentiment) IS NOT m.sentiment
        OR coalesce(t.lang, m.lang_stated) IS NOT m.lang
"""


def stats(connection: sqlite3.Connection, path: Path) -> Stats:
    """Count what the store holds."""
    states: dict[str, int] = dict(
        connection.execute(
            "SELECT polarity, sum(mentions) FROM rollup WHERE dimension = 'all'"
            " AND period = 'month' AND topic = '' GROUP BY 1"
        ).fetchall()
    )
    pending, untagged = states.get(rollups.PENDING, 0), states.get(rollups.UNTAGGED, 0)
    total = sum(states.values())
    names = tagger_names(connection)
    by_model: dict[str, int] = {}
    for number, taggings in connection.execute(
        "SELECT tagger_id, count(*) FROM tagging GROUP BY 1"
    ):
        model = " ".join(names[number][:2])
        by_model[model] = by_model.get(model, 0) + taggings
    return Stats(
        mentions=total,
        versions=_one(connection, "SELECT count(*) FROM mention_revision"),
        tagged=total - pending - untagged,
        untagged=untagged,
        pending=pending,
        rejects=_one(connection, "SELECT count(*) FROM reject"),
        first_day=_day(connection, "min"),
        last_day=_day(connection, "max"),
        by_source=dict(connection.execute(_COUNTED, ("source",)).fetchall()),
        by_language={
            lang or "unknown": number for lang, number in connection.execute(_COUNTED, ("lang",))
        },
        by_model=by_model,
        size_bytes=sum(
            part.stat().st_size
            for suffix in ("", "-wal")
            if (part := path.with_name(path.name + suffix)).exists()
        ),
    )


def check(connection: sqlite3.Connection, analysis: Analysis, *, read_only: bool) -> list[str]:
    """Return what is damaged or stale, one sentence each.

    Reads the whole file: some fifteen seconds a million mentions.
    """
    damage = [line for (line,) in connection.execute("PRAGMA quick_check(10)") if line != "ok"]
    if damage:
        # Nothing else can be trusted then.
        return [f"the file is damaged ({line})" for line in damage]
    found = []
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        found.append(f"{len(orphans):,} rows belong to mentions that are gone")
    stale = _one(connection, _STALE_COLUMNS)
    if stale:
        found.append(f"{stale:,} mentions do not show what their current tagging says")
    wrong = relabelling.astray(connection)
    if wrong:
        found.append(f"{wrong:,} mentions do not show what people have said of them")
    if not read_only:
        try:
            connection.execute("INSERT INTO mention_text (mention_text) VALUES ('integrity-check')")
        except sqlite3.DatabaseError:
            found.append("the text index is damaged: rebuild it")
    found += analysis.problems(connection)
    if not rollups.agree(connection):
        found.append("the counts of trends differ from the mentions: count them anew")
    return found


def _day(connection: sqlite3.Connection, function: str) -> date | None:
    day = connection.execute(
        f"SELECT {function}(start) FROM rollup"  # noqa: S608 - min or max
        " WHERE dimension = 'all' AND period = 'day' AND value = '' AND topic = ''"
    ).fetchone()[0]
    return None if day is None else to_date(day)


def _one(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
