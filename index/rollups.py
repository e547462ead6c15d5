"""Counts of mentions by day, week and month, kept in step with the mentions themselves.

Every write collects in a `Delta` what it took away and what it added, and applies it in
its own transaction. `rebuild` makes the same counts from the mentions; `agree` compares
the two.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from index.base import Period
from index.rows import from_date, to_date

# As `bucket_start` has it, for SQL.
WEEK_START: Final = "{day} - ({day} + 3) % 7"
# Weeks are added up from days: they would make every write a third dearer.
KEPT_PERIODS: Final[tuple[Period, ...]] = ("day", "month")
DIMENSIONS: Final = ("all", "source", "brand", "lang")
# What the rows with topic '' say of mentions that have no sentiment.
PENDING: Final = "pending"
UNTAGGED: Final = "untagged"


class Facts(NamedTuple):
    """What the counts need to know of a mention. An absent brand or language is ''."""

    day: int
    source: str
    brand: str
    lang: str
    state: str  # a sentiment, 'untagged' or 'pending'


def state_of(tagger_id: int | None, sentiment: str | None) -> str:
    """Return under which polarity a mention counts as a whole."""
    return PENDING if tagger_id is None else sentiment or UNTAGGED


@lru_cache(maxsize=1 << 16)
def bucket_start(day: int, period: Period) -> int:
    """Return the first day of the bucket that `day` falls into.

    Weeks are those of ISO 8601: they begin on Monday and take no notice of the year.
    """
    if period == "day":
        return day
    if period == "week":
        # 1970-01-01 was a Thursday, three days after a Monday.
        return day - (day + 3) % 7
    return from_date(to_date(day).replace(day=1))


def next_bucket(start: int, period: Period) -> int:
    """Return the first day of the bucket after the one that begins on `start`."""
    if period != "month":
        return start + (1 if period == "day" else 7)
    first = to_date(start)
    return from_date(date(first.year + first.month // 12, first.month % 12 + 1, 1))


class Delta:
    """Changes of the counts, summed up in memory and applied at once."""

    def __init__(self) -> None:
        self._cells: Counter[tuple[Facts, str]] = Counter()

    def add(self, facts: Facts, topics: Iterable[tuple[str, str]] = (), times: int = 1) -> None:
        """Count a mention and its (topic, polarity) pairs `times` more, or less."""
        self._cells[facts, ""] += times
        for topic, polarity in topics:
            self._cells[facts._replace(state=polarity), topic] += times

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write the changes, inside the transaction that is open."""
        totals: Counter[tuple[str, str, str, str, int, str]] = Counter()
        for (facts, topic), number in self._cells.items():
            if not number:
                continue
            day, source, brand, lang, state = facts
            for period in KEPT_PERIODS:
                start = bucket_start(day, period)
                totals["all", period, "", topic, start, state] += number
                totals["source", period, source, topic, start, state] += number
                totals["brand", period, brand, topic, start, state] += number
                totals["lang", period, lang, topic, start, state] += number
        self._cells.clear()
        changes = [(key, number) for key, number in totals.items() if number]
        connection.executemany(
            "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions",
            [(*key, number) for key, number in changes],
        )
        connection.executemany(
            "DELETE FROM rollup WHERE dimension = ? AND period = ? AND value = ? AND topic = ?"
            " AND start = ? AND polarity = ? AND mentions = 0",
            [key for key, number in changes if number < 0],
        )


# The same counts from the mentions alone. Buckets are computed by SQLite, not by
# `bucket_start`, so that a comparison checks that too.
_FACTS: Final = """
    SELECT day, source, coalesce(brand, '') AS brand, coalesce(lang, '') AS lang, '' AS topic,
        coalesce(sentiment, iif(tagger_id IS NULL, 'pending', 'untagged')) AS polarity
    FROM mention
    UNION ALL
    SELECT m.day, m.source, coalesce(m.brand, ''), coalesce(m.lang, ''), mt.topic, mt.polarity
    FROM mention_topic mt CROSS JOIN mention m ON m.rowid = mt.mention_rowid
"""
_START: Final = {
    "day": "day",
    "month": "CAST(strftime('%s', day * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400",
}
_VALUE: Final = {"all": "''", "source": "source", "brand": "brand", "lang": "lang"}
_SELECTS: Final = " UNION ALL ".join(
    f"SELECT '{dimension}' AS dimension, '{period}' AS period, {_VALUE[dimension]} AS value,"  # noqa: S608 - our own constants
    f" topic, {_START[period]} AS start, polarity, sum(mentions) AS mentions"
    " FROM counted GROUP BY 3, 4, 5, 6"
    for dimension in DIMENSIONS
    for period in KEPT_PERIODS
)
_RECOUNT: Final = (
    "WITH counted AS MATERIALIZED (SELECT day, source, brand, lang, topic, polarity,"  # noqa: S608 - our own constants
    f" count(*) AS mentions FROM ({_FACTS}) GROUP BY 1, 2, 3, 4, 5, 6) {_SELECTS}"
)


def rebuild(connection: sqlite3.Connection) -> None:
    """Throw the counts away and make them again, inside the transaction that is open."""
    connection.execute("DELETE FROM rollup")
    connection.execute(f"INSERT INTO rollup {_RECOUNT}")


def move_days(connection: sqlite3.Connection) -> None:
    """Let days begin where the SQL function `day_of` says, inside the open transaction."""
    connection.execute(
        "UPDATE mention SET day = day_of(coalesce(published_at, first_collected_at))"
    )
    rebuild(connection)


def agree(connection: sqlite3.Connection) -> bool:
    """Say whether the counts are those of the mentions.

    Compares sums of hashes, so that no side has to be sorted or kept in memory: a wrong
    count goes unseen once in 2^60 times.
    """
    days = months = 0
    for dimension, period, value, topic, start, polarity, number in connection.execute(
        "SELECT * FROM rollup"
    ):
        if period == "day":
            days += hash((dimension, value, topic, start, polarity)) * number
            start = bucket_start(start, "month")  # noqa: PLW2901 - days add up to months
        else:
            number = -number  # noqa: PLW2901 - and these are the months
        months += hash((dimension, value, topic, start, polarity)) * number
    for day, source, brand, lang, topic, polarity in connection.execute(_FACTS):
        for key in (("all", ""), ("source", source), ("brand", brand), ("lang", lang)):
            days -= hash((*key, topic, day, polarity))
    return days == months == 0
