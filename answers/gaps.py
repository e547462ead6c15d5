"""Which buckets of a trend one source has covered, and why it has not covered the others.

Times are microseconds since 1970: a year of a project has tens of thousands of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from answers.remarks import Remark
from collecting.health import is_silence, misses_mentions
from index.base import Period, RunDigest
from index.rollups import bucket_start, next_bucket
from index.rows import from_date, microseconds, to_date, to_datetime

Span = tuple[int, int]

_BROKEN: Final = frozenset(("failed", "interrupted"))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The buckets of a trend.

    Attributes:
        starts: first day of each.
        bounds: when each begins, and when the last one ends.
        now: nobody can have read what is later.
        zone: where days begin.
    """

    starts: tuple[date, ...]
    bounds: tuple[int, ...]
    now: int
    zone: ZoneInfo

    @classmethod
    def of(cls, first: date, last: date, period: Period, zone: ZoneInfo, now: datetime) -> Calendar:
        """Return the buckets from that of the day `first` to that of the day `last`."""
        days = [bucket_start(from_date(first), period)]
        while days[-1] <= from_date(last):
            days.append(next_bucket(days[-1], period))
        starts = [to_date(day) for day in days]
        bounds = [
            microseconds(datetime(one.year, one.month, one.day, tzinfo=zone)) for one in starts
        ]
        return cls(tuple(starts[:-1]), tuple(bounds), microseconds(now), zone)

    def is_open(self, bucket: int) -> bool:
        """Whether the bucket is not over yet."""
        return self.bounds[bucket + 1] > self.now

    def span(self, bucket: int) -> Span:
        """Return when a bucket begins and ends, or until when it could have been read."""
        return self.bounds[bucket], min(self.bounds[bucket + 1], self.now)

    def moment(self, time: int) -> datetime:
        """Return a time in the zone in which days begin."""
        return to_datetime(time).astimezone(self.zone)


class Activity(NamedTuple):
    """What runs did that began in one bucket."""

    due: int = 0
    done: int = 0
    failed: int = 0
    pages: int = 0
    rejects: int = 0


@dataclass(slots=True)
class Log:
    """Counts of the runs of one source or file, for each bucket."""

    done: list[int]
    failed: list[int]
    pages: list[int]
    rejects: list[int]
    doubtful: list[int]  # runs with an alarm that mentions are missing

    @classmethod
    def empty(cls, buckets: int) -> Log:
        """Return one without any runs."""
        return cls(*([0] * buckets for _ in range(5)))

    def add(self, run: RunDigest, bucket: int) -> None:
        """Count one run."""
        stopped_short = run.outcome == "stopped" and run.covers_from is None
        if run.outcome in _BROKEN or stopped_short:
            self.failed[bucket] += 1
        elif run.outcome != "running":
            self.done[bucket] += 1
        if run.alarms and misses_mentions(run.alarms):
            self.doubtful[bucket] += 1
        self.pages[bucket] += run.pages
        self.rejects[bucket] += run.rejects


@dataclass(slots=True)
class Series:
    """One spider with its arguments: what all of its runs together have covered.

    Attributes:
        label: spider and arguments, for a person.
        source: the spider.
        brand: that all it brings is labelled with; '' for none.
        every: how often it is due; None: the project does not name it any more.
        first: when its first run began; None: it has never run.
        log: what its runs did.
        last: when its latest run began.
        spans: what they have covered, oldest first, none touching another.
    """

    label: str
    source: str
    brand: str
    every: int | None
    first: int | None
    log: Log
    last: int | None = None
    spans: list[Span] = field(default_factory=list)
    _fed: int | None = None  # when the latest run began that brought anything

    def add(self, run: RunDigest) -> None:
        """Take a run into account; call it in their order."""
        self.last = run.started_at
        if run.items:
            self._fed = run.started_at
        elif any(is_silence(alarm) for alarm in run.alarms):
            # Those before it that brought nothing were not yet suspicious; now they are.
            self.spans = [
                (begin, min(end, self._fed))
                for begin, end in self.spans
                if self._fed is not None and begin < self._fed
            ]
        if run.covers_from is not None and run.covers_until is not None:
            self._cover(run.covers_from, run.covers_until)

    def _cover(self, begin: int, end: int) -> None:
        while self.spans and self.spans[-1][1] >= begin:
            before = self.spans.pop()
            begin, end = min(begin, before[0]), max(end, before[1])
        self.spans.append((begin, end))

    def expected(self, bucket: int, calendar: Calendar) -> Span | None:
        """Return of which part of a bucket it should have been read; None for nothing.

        That is all of it, up to now, for a source of the project. Another one is expected
        only between its first and its latest run: nobody wants it any more.
        """
        begin, end = calendar.span(bucket)
        if self.every is None:
            if self.first is None or self.last is None:
                return None
            begin, end = max(begin, self.first), min(end, self.last)
        return (begin, end) if begin < end else None

    def read_until(self, begin: int) -> int:
        """Return up to when everything from `begin` on was read; `begin` for nothing."""
        for start, end in self.spans:
            if start <= begin < end:
                return end
        return begin

    def covers(self, span: Span) -> bool:
        """Whether everything of a span was read."""
        return self.read_until(span[0]) >= span[1]

    def due(self, bucket: int, calendar: Calendar) -> int:
        """Return how many runs should have begun in a bucket, by what the project says now.

        They are counted from the first run on, one each `every`. One that has never run is
        due now.
        """
        begin, end = calendar.span(bucket)
        if self.every is None:
            return 0
        if self.first is None:
            return int(calendar.is_open(bucket))
        begin = max(begin, self.first)
        if begin >= end:
            return 0
        # Rounded up: how many there were before a time.
        before, after = (-((self.first - time) // self.every) for time in (begin, end))
        return after - before

    def why(self, bucket: int, span: Span, calendar: Calendar) -> Remark:
        """Return why not all of a span was read, with the name of the source."""
        why = (self._what_is_missing(span, calendar), *self._troubles(bucket))
        return Remark("source_missing", source=self.label, why=why)

    def _what_is_missing(self, span: Span, calendar: Calendar) -> Remark:
        if self.first is None:
            return Remark("never_run")
        until = self.read_until(span[0])
        if until > span[0]:
            return Remark("read_up_to", until=calendar.moment(until))
        later = [begin for begin, _ in self.spans if begin > span[0]]
        if later and not any(end <= span[0] for _, end in self.spans):
            return Remark("read_back_to", since=calendar.moment(min(later)))
        if later and min(later) < span[1]:
            return Remark("read_from", since=calendar.moment(min(later)))
        if self.spans and not later:
            return Remark("not_read_after", until=calendar.moment(self.spans[-1][1]))
        return Remark("not_read")

    def _troubles(self, bucket: int) -> list[Remark]:
        found = []
        if failed := self.log.failed[bucket]:
            found.append(Remark("runs_failed", count=failed))
        if doubtful := self.log.doubtful[bucket]:
            found.append(Remark("runs_short", count=doubtful))
        return found


@dataclass(slots=True)
class Files:
    """What was imported under one name: it is never due, and covers what it contains.

    Attributes:
        source: the name.
        log: what the imports did.
        spans: from the oldest to the newest mention of each import.
    """

    source: str
    log: Log
    spans: list[Span] = field(default_factory=list)

    def add(self, run: RunDigest) -> None:
        """Take an import into account."""
        if run.covers_from is not None and run.covers_until is not None:
            self.spans.append((run.covers_from, run.covers_until))


def activity(members: Sequence[Series | Files], calendar: Calendar) -> list[Activity]:
    """Return what all of `members` did, for each bucket."""
    buckets = len(calendar.starts)
    due = [
        sum(one.due(bucket, calendar) for one in members if isinstance(one, Series))
        for bucket in range(buckets)
    ]
    columns = [
        [sum(column) for column in zip(*lists, strict=True)] if members else [0] * buckets
        for lists in (
            [one.log.done for one in members],
            [one.log.failed for one in members],
            [one.log.pages for one in members],
            [one.log.rejects for one in members],
        )
    ]
    return [Activity(*row) for row in zip(due, *columns, strict=True)]
