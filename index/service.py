"""Counting replies, scores, facts and ages in SQLite. Definitions: docs/metrics.md.

`reply_points` and `value_points` make the answers of every back-end from its counts.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final, Protocol, get_args

from index.base import Measure, Period, Split
from index.compile_sqlite import REPLIED
from index.rollups import bucket_start
from index.rows import microseconds, to_date
from index.searching import Selection
from index.service_counts import ReplyPoint, ValuePoint
from index.trends import Question, bucket_starts, group_sql
from mention import SCORES

# Replies in fewer whole minutes came within the day.
DAY_MINUTES: Final = 24 * 60

# (any day of the bucket, group or '', name of a count in ReplyPoint, number)
Count = tuple[int, str, str, int]
# (any day of the bucket, group or '', value, number)
Value = tuple[int, str, float, int]

# (first day of the bucket, group or '', replied, settled, day_seen, minutes to the reply)
_State = tuple[int, str, int, int, int, int | None]

# As `rows.reply_minutes` has it; -1 where the reply is the earlier one.
_MINUTES: Final = "iif(m.reply_at < m.published_at, -1, (m.reply_at - m.published_at) / 60000000)"
_SEEN_DAYS: Final = (
    "(m.collected_at - coalesce(m.published_at, m.first_collected_at)) / 86400000000"
)


def replies(
    connection: sqlite3.Connection, selection: Selection, question: Question, days: int
) -> list[ReplyPoint]:
    """Return the points of `MentionIndex.replies`."""
    check_days(days)
    sql, parameters = selection.source()
    rows = connection.execute(
        f"SELECT m.day, {group_sql(question.split)}, {REPLIED}, {_SEEN_DAYS} >= ?,"
        f" m.published_at IS NOT NULL AND {_SEEN_DAYS} >= 1, {_MINUTES}, count(*)"
        f" {sql} GROUP BY 1, 2, 3, 4, 5, 6",
        [days, *parameters],
    ).fetchall()
    delays = []
    # Most rows differ only in day and minutes: states are added up before they are told apart.
    states: Counter[_State] = Counter()
    for day, group, replied, settled, day_seen, minutes, number in rows:
        if minutes is not None and minutes >= 0:
            delays.append((day, group, minutes, number))
            minutes = 0 if minutes < DAY_MINUTES else DAY_MINUTES  # noqa: PLW2901 - all that still matters
        start = bucket_start(day, question.period)
        states[start, group, replied, settled, day_seen, minutes] += number
    return reply_points(_counts(states), delays, question)


def _counts(states: Mapping[_State, int]) -> Iterator[Count]:
    for (day, group, replied, settled, day_seen, minutes), number in states.items():
        timed = minutes is not None and minutes >= 0
        holds = {
            "mentions": True,
            "replied": replied,
            "settled": settled,
            "settled_replied": settled and replied,
            "day_seen": day_seen,
            "day_replied": day_seen and minutes is not None and 0 <= minutes < DAY_MINUTES,
            "day_untimed": day_seen and replied and not timed,
            "reversed": minutes is not None and not timed,
        }
        for name, counts in holds.items():
            if counts:
                yield day, group, name, number


def values(
    connection: sqlite3.Connection, selection: Selection, question: Question, measure: Measure
) -> list[ValuePoint]:
    """Return the points of `MentionIndex.values`."""
    check_measure(measure)
    sql, parameters = selection.source()
    if measure in SCORES:
        value, condition, kinds = f"m.{measure}", f"m.{measure} IS NOT NULL", []
    else:
        facts = "SELECT {what} FROM mention_fact WHERE kind = ?"
        value = f"({facts.format(what='value')} AND mention_rowid = m.rowid)"
        condition, kinds = f"m.rowid IN ({facts.format(what='mention_rowid')})", [measure]
    rows = connection.execute(
        f"SELECT m.day, {group_sql(question.split)}, {value}, count(*) {sql}"
        f" AND {condition} GROUP BY 1, 2, 3",
        [*kinds, *parameters, *kinds],
    )
    return value_points(rows, question)


def ages(
    connection: sqlite3.Connection,
    selection: Selection,
    now: datetime,
    edges: Sequence[timedelta],
) -> list[int]:
    """Return the counts of `MentionIndex.ages`."""
    moments = [microseconds(moment) for moment in age_moments(now, edges)]
    sql, parameters = selection.source()
    time = "coalesce(m.published_at, m.first_collected_at)"
    # The number of moments that lie after a mention is that of its span.
    passed = " + ".join(["0", *(f"({time} < ?)" for _ in moments)])
    rows = connection.execute(
        f"SELECT {passed}, count(*) {sql} GROUP BY 1",
        [*moments, *parameters],
    )
    counted = dict(rows.fetchall())
    return [counted.get(place, 0) for place in range(len(moments) + 1)]


class _Store(Protocol):
    """What `ServiceAnswers` needs of a store."""

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]: ...
    def _select(self, query: str) -> Selection: ...


class ServiceAnswers:
    """The methods of `SqliteStore` that count for service metrics."""

    def replies(
        self: _Store,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
        days: int = 7,
    ) -> list[ReplyPoint]:
        """Count by bucket and group what was replied to, and how soon; see `MentionIndex`."""
        question = Question(period, (), split)
        with self._reading() as connection:
            return replies(connection, self._select(query), question, days)

    def values(
        self: _Store,
        measure: Measure,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
    ) -> list[ValuePoint]:
        """Count the values of a measure by bucket and group; see `MentionIndex.values`."""
        question = Question(period, (), split)
        with self._reading() as connection:
            return values(connection, self._select(query), question, measure)

    def sources_with_replies(self: _Store) -> list[str]:
        """Return the sources of which any mention has a reply, in order."""
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT source FROM mention m WHERE {REPLIED} ORDER BY 1"  # noqa: S608 - our own condition
            )
            return [source for (source,) in rows]

    def ages(self: _Store, query: str, now: datetime, edges: Sequence[timedelta]) -> list[int]:
        """Count by age the mentions that `query` finds; see `MentionIndex.ages`."""
        with self._reading() as connection:
            return ages(connection, self._select(query), now, edges)


# --- for every back-end ----------------------------------------------------
def reply_points(
    counts: Iterable[Count], delays: Iterable[Value], question: Question
) -> list[ReplyPoint]:
    """Return a point for every group and bucket, ordered by them."""
    named: dict[str, dict[int, Counter[str]]] = {}
    for day, group, name, number in counts:
        start = bucket_start(day, question.period)
        named.setdefault(group, {}).setdefault(start, Counter())[name] += number
    timed = _histograms(delays, question.period)
    return [
        ReplyPoint(
            start=to_date(start),
            group=None if question.split is None else group,
            delays=tuple(sorted(timed.get(group, {}).get(start, {}).items())),
            **dict(named[group].get(start, Counter())),
        )
        for group, start in _places(named, question)
    ]


def value_points(rows: Iterable[Value], question: Question) -> list[ValuePoint]:
    """Return a point for every group and bucket, ordered by them."""
    found = _histograms(rows, question.period)
    return [
        ValuePoint(
            start=to_date(start),
            group=None if question.split is None else group,
            counts=tuple(sorted(found[group].get(start, {}).items())),
        )
        for group, start in _places(found, question)
    ]


def _histograms(rows: Iterable[Value], period: Period) -> dict[str, dict[int, Counter[float]]]:
    """Return {group: {start: {value: how many}}}."""
    found: dict[str, dict[int, Counter[float]]] = {}
    for day, group, value, number in rows:
        start = bucket_start(day, period)
        found.setdefault(group, {}).setdefault(start, Counter())[value] += number
    return found


def _places(
    found: dict[str, dict[int, Counter[str]]] | dict[str, dict[int, Counter[float]]],
    question: Question,
) -> Iterator[tuple[str, int]]:
    if not found:
        return
    starts = list(bucket_starts(found.values(), question.period))
    for group in sorted(found):
        for start in starts:
            yield group, start


def age_moments(now: datetime, edges: Sequence[timedelta]) -> list[datetime]:
    """Return the moments that lie the ages `edges` before `now`, to the whole second.

    Raises:
        ValueError: the ages do not ascend.

    A mention is older than an age when it came before that moment. Moments are whole
    seconds, so that comparing milliseconds, as a cluster does, is exact.
    """
    if list(edges) != sorted(set(edges)):
        raise ValueError("ages are given in ascending order, each once")
    return [(now - edge).replace(microsecond=0) for edge in edges]


def check_days(days: int) -> None:
    """Raise `ValueError` for a wait that no mention has."""
    if days < 1:
        raise ValueError(f"a reply is waited for at least 1 day, not {days}")


def check_measure(measure: str) -> None:
    """Raise `ValueError` for a measure that there is not."""
    if measure not in get_args(Measure):
        known = ", ".join(get_args(Measure))
        raise ValueError(f"a measure is one of {known}, not {measure!r}")
