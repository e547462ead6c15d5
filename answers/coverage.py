"""Which buckets of a trend the collectors have covered: gaps are unknown, never zero.

`docs/coverage.md` has the rules as a table with examples; this module follows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final, Literal
from zoneinfo import ZoneInfo

from answers.collected import Scope, of_brand, read_runs
from answers.gaps import Calendar, Files, Series, Span, activity
from answers.remarks import Remark, joined
from index.base import MentionStore, Period, TrendPoint
from index.query import DateFilter, narrowed
from index.trends import check_number
from project import Project

# So many sources are named in a reason.
_NAMED: Final = 3

# `known`: all of the bucket was read. `partly`: some sources were read and others were not, or
# the bucket is not over ("so far"): counts are lower bounds. `unknown`: counts say nothing.
State = Literal["known", "partly", "unknown"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the collectors did about one bucket of publication days.

    Attributes:
        start: first day of the bucket.
        group: a source or a brand; None for everything.
        state: `known`, `partly` or `unknown`.
        reason: why it is not known, or None.
        missing: the sources that have not been read, as a person names them.
        runs_due: runs that should have begun in the bucket, by what the project says now.
        runs_done: runs that began in the bucket and read all that they were asked for.
        runs_failed: runs that began in the bucket and failed or were broken off.
        pages: pages that the runs of the bucket fetched.
        rejects: what these runs could not turn into mentions.
        untagged: share of the bucket's mentions that the tagger declined, 0 to 1; None
            without a mention.
        pending: share of the bucket's mentions that no tagger has read, 0 to 1; None
            without a mention.
    """

    start: date
    group: str | None
    state: State
    reason: Remark | None = None
    missing: tuple[str, ...] = ()
    runs_due: int = 0
    runs_done: int = 0
    runs_failed: int = 0
    pages: int = 0
    rejects: int = 0
    untagged: float | None = None
    pending: float | None = None

    @property
    def known(self) -> bool:
        """Whether zero mentions would be a true zero, and an alert may fire or clear."""
        return self.state == "known"


def coverage(
    store: MentionStore,
    project: Project,
    *,
    period: Period = "month",
    split: Literal["source", "brand"] | None = None,
    query: str = "",
    begin: date | None = None,
    end: date | None = None,
    now: datetime | None = None,
) -> Mapping[tuple[str | None, date], Coverage]:
    """Return the coverage of every group and bucket, ordered by group and start.

    Args:
        store: that the runs are recorded in; a cluster does not have them.
        project: names the sources and how often they are due.
        period: length of a bucket, in the store's time zone.
        split: a line for each source or brand; any other split of a trend has the coverage
            of everything, since a branch or a language is not collected by itself.
        query: of the trend: only sources, brands and days that it can find count.
        begin: a day of the first bucket; None: the query's first, else the first that has a
            mention or a run.
        end: a day of the last bucket; None: the query's last, at most today; the last
            mention's where the project collects nothing.
        now: when it is asked, with a time zone; None: now.

    Raises:
        QueryError: the query cannot be understood.
        StoreError: the store cannot be read.
    """
    scope = Scope.of(query)
    zone = ZoneInfo(store.time_zone)
    local = (now or datetime.now(UTC)).astimezone(zone)
    asked = (begin or scope.first, end or scope.last)
    found_by = scope.query
    if period == "day" and asked[0] is not None and asked[1] is not None and asked[0] <= asked[1]:
        # The rest of a long history would be counted for nothing.
        found_by = narrowed(scope.query, DateFilter(*asked))
    points = store.trends(found_by, period=period, topics=(), split=split)
    days = _days(store, project, points, asked, local)
    if days is None:
        return {}
    calendar = Calendar.of(*days, period, zone, local)
    collected, imported = read_runs(store, project, calendar, scope)
    found: dict[tuple[str | None, date], Coverage] = {}
    for group in _groups(split, points, collected, imported):
        series = _of_group(group, split, collected)
        files = [] if split == "brand" else [f for f in imported if group in (None, f.source)]
        own = [point for point in points if point.group == group]
        for one in _buckets(group, series, files, own, calendar):
            found[group, one.start] = one
    return found


def extend(
    points: Iterable[TrendPoint],
    coverages: Mapping[tuple[str | None, date], Coverage],
    *,
    limit: int | None = None,
) -> list[TrendPoint]:
    """Continue every series of a trend with empty buckets, as far as `coverages` go.

    A trend ends with its last mention. What was not collected afterwards would not be seen.

    Args:
        points: from `MentionIndex.trends`.
        coverages: from `coverage`, for the same periods.
        limit: as of `MentionIndex.trends`; None for any number.

    Raises:
        TooManyPointsError: there would be more points than `limit`.
    """
    starts = sorted({start for _, start in coverages})
    continued: list[TrendPoint] = []
    for (topic, group), series in groupby(points, lambda point: (point.topic, point.group)):
        continued += series
        last = continued[-1].start
        continued += (TrendPoint(start, topic, group) for start in starts if start > last)
        check_number(len(continued), limit)
    return continued


def _days(
    store: MentionStore,
    project: Project,
    points: Sequence[TrendPoint],
    asked: tuple[date | None, date | None],
    now: datetime,
) -> tuple[date, date] | None:
    """Return the first and the last day; None where there is nothing to cover."""
    first, last = asked
    counted = [point.start for point in points]
    if first is None:
        runs = [time.astimezone(now.tzinfo).date() for time in store.first_runs().values()]
        first = min((*counted, *runs), default=now.date() if project.sources else None)
    if last is None or last > now.date():
        last = now.date() if project.sources else max(counted, default=now.date())
    return None if first is None or first > last else (first, last)


def _groups(
    split: str | None,
    points: Iterable[TrendPoint],
    collected: Iterable[Series],
    imported: Iterable[Files],
) -> Sequence[str | None]:
    """Return the groups in their order: those collected, and those that only have mentions."""
    if split is None:
        return [None]
    groups = {point.group or "" for point in points}
    groups |= {one.source if split == "source" else one.brand for one in collected}
    if split == "source":
        groups |= {one.source for one in imported}
    return sorted(groups)


def _of_group(group: str | None, split: str | None, collected: Sequence[Series]) -> list[Series]:
    """Return the series that bring mentions of a group."""
    if split is None:
        return list(collected)
    if split == "source":
        return [one for one in collected if one.source == group]
    return of_brand(collected, lambda brand: brand == group)


def _buckets(
    group: str | None,
    series: Sequence[Series],
    files: Sequence[Files],
    points: Sequence[TrendPoint],
    calendar: Calendar,
) -> Iterator[Coverage]:
    """Yield the coverage of each bucket of one group."""
    given = [span for one in files for span in one.spans]
    if not series and not given and points:
        # Of how it came here there is no record: it is taken for a file.
        starts = {point.start for point in points if _all(point)}
        held = [calendar.span(n) for n, start in enumerate(calendar.starts) if start in starts]
        given = [(held[0][0], held[-1][1])] if held else []
    counted = {point.start: point for point in points}
    rows = enumerate(zip(calendar.starts, activity([*series, *files], calendar), strict=True))
    for bucket, (start, runs) in rows:
        state, reason, missing = _judge(series, given, bucket, calendar)
        point = counted.get(start)
        everything = 0 if point is None else _all(point)
        yield Coverage(
            start,
            group,
            state,
            reason,
            missing,
            *runs,
            None if point is None or not everything else point.untagged / everything,
            None if point is None or not everything else point.pending / everything,
        )


def _all(point: TrendPoint) -> int:
    return point.mentions + point.untagged + point.pending


def _judge(
    series: Sequence[Series], given: Sequence[Span], bucket: int, calendar: Calendar
) -> tuple[State, Remark | None, tuple[str, ...]]:
    """Return the state of a bucket, the reason, and which sources are missing."""
    whole = calendar.span(bucket)
    is_open = calendar.is_open(bucket)

    def was_read(one: Series, span: Span) -> bool:
        # Of a bucket that is not over, its beginning will do.
        return one.read_until(span[0]) > span[0] if is_open else one.covers(span)

    wanted = [(one, span) for one in series if (span := one.expected(bucket, calendar)) is not None]
    missing = [(one, span) for one, span in wanted if not was_read(one, span)]
    labels = tuple(one.label for one, _ in missing)
    # Of nobody expected, but there: sources of former times, and files with days of the bucket.
    others = [one for one in series if one.every is None and was_read(one, whole)]
    has_files = any(begin < whole[1] and end >= whole[0] for begin, end in given)
    if len(missing) == len(wanted) and not others and not has_files:
        unread = missing or [(one, whole) for one in series]
        if not unread:
            return "unknown", Remark("nothing_collected"), labels
        sources = _named(unread, bucket, calendar)
        return "unknown", Remark("sources_missing", sources=sources), labels
    if not missing and not is_open:
        return "known", None, ()
    reasons: list[Remark] = []
    if missing:
        reasons.append(Remark("without_sources", sources=_named(missing, bucket, calendar)))
    if is_open:
        found = [one.read_until(span[0]) for one, span in wanted if was_read(one, span)]
        found = found or [one.read_until(whole[0]) for one in others] or [calendar.now]
        reasons.insert(0, Remark("read_so_far", until=calendar.moment(min(found))))
    return "partly", joined(reasons), labels


def _named(
    missing: Sequence[tuple[Series, Span]], bucket: int, calendar: Calendar
) -> tuple[Remark, ...]:
    """Return some of the sources that were not read, each with the reason, and how many more."""
    # The same ones first, whether a project file or only the runs name them.
    ordered = sorted(missing, key=lambda pair: pair[0].label)
    named = [one.why(bucket, span, calendar) for one, span in ordered[:_NAMED]]
    if (more := len(missing) - _NAMED) > 0:
        named.append(Remark("more_sources", count=more))
    return tuple(named)
