"""Counts of mentions and sums of stars by day and month, in step with the mentions themselves.

Every write collects in a `Delta` what it took away and what it added, and applies it in
its own transaction. `rebuild` makes the same counts from the mentions; `agree` compares
the two.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from index.base import Period
from index.rows import from_date, to_date

# As `bucket_start` has it, for SQL.
WEEK_START: Final = "{day} - ({day} + 3) % 7"
# Quarters are added up from months, weeks from days: they would make every write dearer.
KEPT_PERIODS: Final[tuple[Period, ...]] = ("day", "month")
DIMENSIONS: Final = ("all", "source", "brand", "lang")
# `rows.hundredths` for SQL.
HUNDREDTHS: Final = "CAST(round(stars * 100) AS INTEGER)"
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
    stars: int | None  # in hundredths


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
    first = to_date(day).replace(day=1)
    if period == "quarter":
        first = first.replace(month=first.month - (first.month - 1) % 3)
    return from_date(first)


def next_bucket(start: int, period: Period) -> int:
    """Return the first day of the bucket after the one that begins on `start`."""
    if period in {"day", "week"}:
        return start + (1 if period == "day" else 7)
    first = to_date(start)
    months = first.month - 1 + (1 if period == "month" else 3)
    return from_date(date(first.year + months // 12, months % 12 + 1, 1))


# Mentions, those with stars and hundredths of their stars are added up as one number: with
# three, counting a batch would take a quarter longer.
_WIDTH: Final = 40  # bits; no count reaches half of 2^40, above or below 0
_HALF: Final = 1 << _WIDTH - 1


def _as_one(mentions: int, rated: int, stars_total: int) -> int:
    """Return three counts as one number, which adds up as they do."""
    return mentions + (rated << _WIDTH) + (stars_total << 2 * _WIDTH)


def _apart(counts: int) -> tuple[int, int, int]:
    """Return the three counts that `_as_one` has joined."""
    mentions = (counts + _HALF) % (2 * _HALF) - _HALF
    counts = counts - mentions >> _WIDTH
    rated = (counts + _HALF) % (2 * _HALF) - _HALF
    return mentions, rated, counts - rated >> _WIDTH


class Delta:
    """Changes of the counts, summed up in memory and applied at once."""

    def __init__(self) -> None:
        # By day, source, brand, lang, topic and polarity.
        self._cells: defaultdict[tuple[int, str, str, str, str, str], int] = defaultdict(int)

    def add(self, facts: Facts, topics: Iterable[tuple[str, str]] = (), times: int = 1) -> None:
        """Count a mention and its (topic, polarity) pairs `times` more, or less."""
        day, source, brand, lang, state, stars = facts
        counts = times if stars is None else times * _as_one(1, 1, stars)
        self._cells[day, source, brand, lang, "", state] += counts
        for topic, polarity in topics:
            self._cells[day, source, brand, lang, topic, polarity] += counts

    def apply(self, connection: sqlite3.Connection) -> None:
        """Write the changes, inside the transaction that is open."""
        totals: defaultdict[tuple[str, str, str, str, int, str], int] = defaultdict(int)
        for (day, source, brand, lang, topic, polarity), counts in self._cells.items():
            if not counts:
                continue
            for period in KEPT_PERIODS:
                start = bucket_start(day, period)
                totals["all", period, "", topic, start, polarity] += counts
                totals["source", period, source, topic, start, polarity] += counts
                totals["brand", period, brand, topic, start, polarity] += counts
                totals["lang", period, lang, topic, start, polarity] += counts
        self._cells.clear()
        changes = [(key, _apart(counts)) for key, counts in totals.items() if counts]
        connection.executemany(
            "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " mentions = mentions + excluded.mentions, rated = rated + excluded.rated,"
            " stars_total = stars_total + excluded.stars_total",
            [(*key, *counts) for key, counts in changes],
        )
        connection.executemany(
            "DELETE FROM rollup WHERE dimension = ? AND period = ? AND value = ? AND topic = ?"
            " AND start = ? AND polarity = ? AND mentions = 0",
            [key for key, (mentions, *_) in changes if mentions < 0],
        )


# The same counts from the mentions alone. Buckets are computed by SQLite, not by
# `bucket_start`, so that a comparison checks that too.
_FACTS: Final = f"""
    SELECT day, source, coalesce(brand, '') AS brand, coalesce(lang, '') AS lang, '' AS topic,
        coalesce(sentiment, iif(tagger_id IS NULL, 'pending', 'untagged')) AS polarity,
        {HUNDREDTHS} AS stars
    FROM mention
    UNION ALL
    SELECT m.day, m.source, coalesce(m.brand, ''), coalesce(m.lang, ''), mt.topic, mt.polarity,
        {HUNDREDTHS}
    FROM mention_topic mt CROSS JOIN mention m ON m.rowid = mt.mention_rowid
"""  # noqa: S608 - our own constants
_START: Final = {
    "day": "day",
    "month": "CAST(strftime('%s', day * 86400, 'unixepoch', 'start of month') AS INTEGER) / 86400",
}
_VALUE: Final = {"all": "''", "source": "source", "brand": "brand", "lang": "lang"}
_SELECTS: Final = " UNION ALL ".join(
    f"SELECT '{dimension}' AS dimension, '{period}' AS period, {_VALUE[dimension]} AS value,"  # noqa: S608 - our own constants
    f" topic, {_START[period]} AS start, polarity, sum(mentions), sum(rated), sum(stars_total)"
    " FROM counted GROUP BY 3, 4, 5, 6"
    for dimension in DIMENSIONS
    for period in KEPT_PERIODS
)
_RECOUNT: Final = (
    "WITH counted AS MATERIALIZED (SELECT day, source, brand, lang, topic, polarity,"  # noqa: S608 - our own constants
    " count(*) AS mentions, count(stars) AS rated, coalesce(sum(stars), 0) AS stars_total"
    f" FROM ({_FACTS}) GROUP BY 1, 2, 3, 4, 5, 6) {_SELECTS}"
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
    for dimension, period, value, topic, start, polarity, *counts in connection.execute(
        "SELECT * FROM rollup"
    ):
        number = _as_one(*counts)
        if period == "day":
            days += hash((dimension, value, topic, start, polarity)) * number
            start = bucket_start(start, "month")  # noqa: PLW2901 - days add up to months
        else:
            number = -number  # and these are the months
        months += hash((dimension, value, topic, start, polarity)) * number
    for day, source, brand, lang, topic, polarity, stars in connection.execute(_FACTS):
        number = _as_one(1, stars is not None, stars or 0)
        for key in (("all", ""), ("source", source), ("brand", brand), ("lang", lang)):
            days -= hash((*key, topic, day, polarity)) * number
    return days == months == 0
