"""What the collectors of a project have brought: its sources, removed ones and imported files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from answers.gaps import Calendar, Files, Log, Series
from collecting.jobs import jobs_of, label_of
from index.base import MentionStore
from index.query import And, DateFilter, Node, Or, TextFilter, parse, to_string
from index.rows import microseconds, to_datetime
from index.slices import matches
from project import Project

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a project that a query can find anything of.

    Attributes:
        sources, brands: filters of which one of each has to hold; none: all.
        first, last: days, both included; None: without end.
    """

    sources: tuple[TextFilter, ...] = ()
    brands: tuple[TextFilter, ...] = ()
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, query: str) -> Self:
        """Return the scope of a query. Only what all of its mentions have narrows it.

        Raises:
            QueryError: the query cannot be understood.
        """
        node = parse(query)
        nodes = node.children if isinstance(node, And) else () if node is None else (node,)
        filters = {name: _filters(nodes, name) for name in ("source", "brand")}
        dates = [one for one in nodes if isinstance(one, DateFilter)]
        return cls(
            filters["source"],
            filters["brand"],
            max((one.first for one in dates if one.first is not None), default=None),
            min((one.last for one in dates if one.last is not None), default=None),
        )

    @property
    def query(self) -> str:
        """A query for everything of these sources and brands."""
        parts = tuple(
            Or(either) if len(either) > 1 else either[0]
            for either in (self.sources, self.brands)
            if either
        )
        return "" if not parts else to_string(And(parts) if len(parts) > 1 else parts[0])

    def series(self, found: Iterable[Series]) -> list[Series]:
        """Return the series that bring what the query can find."""
        of_source = [one for one in found if _holds(self.sources, one.source)]
        if not self.brands:
            return of_source
        return of_brand(of_source, lambda brand: _holds(self.brands, brand))

    def files(self, found: Iterable[Files]) -> list[Files]:
        """Return the imports that the query can find something of; their brands are not noted."""
        return [one for one in found if not self.brands and _holds(self.sources, one.source)]


def of_brand(found: Sequence[Series], is_wanted: Callable[[str], bool]) -> list[Series]:
    """Return the series that bring mentions of a brand.

    One that none is labelled with can come from those without a label: pages name brands.
    """
    labelled = [one for one in found if one.brand and is_wanted(one.brand)]
    return labelled or [one for one in found if not one.brand]


def _filters(nodes: Sequence[Node], name: str) -> tuple[TextFilter, ...]:
    """Return the filters of one field of which one has to hold; none where that is not plain."""
    for node in nodes:
        either = node.children if isinstance(node, Or) else (node,)
        filters = tuple(one for one in either if isinstance(one, TextFilter) and one.name == name)
        if len(filters) == len(either):
            return filters
    return ()


def _holds(filters: Sequence[TextFilter], value: str) -> bool:
    return not filters or any(matches(value, one) for one in filters)


def read_runs(
    store: MentionStore, project: Project, calendar: Calendar, scope: Scope
) -> tuple[list[Series], list[Files]]:
    """Return what was collected, by series, and what was imported, by name.

    Raises:
        StoreError: the store cannot be read.
    """
    buckets = len(calendar.starts)
    series = _series(store, project, buckets)
    files: dict[str, Files] = {}
    bucket = 0
    begin, now = to_datetime(calendar.bounds[0]), to_datetime(calendar.now)
    for run in store.runs_between(begin, now):
        while bucket < buckets and run.started_at >= calendar.bounds[bucket + 1]:
            bucket += 1
        known = None if run.series is None else series.get(run.series)
        one = known or files.setdefault(run.source, Files(run.source, Log.empty(buckets)))
        one.add(run)
        if bucket < buckets:
            one.log.add(run, bucket)
    return scope.series(series.values()), scope.files(files.values())


def _series(store: MentionStore, project: Project, buckets: int) -> dict[str, Series]:
    """Return the sources of the project, and others that have run, without their runs."""
    first = {name: microseconds(time) for name, time in store.first_runs().items()}
    found: dict[str, Series] = {}

    def add(
        name: str, source: str, arguments: Mapping[str, object], every: timedelta | None
    ) -> None:
        label = label_of(arguments)
        found[name] = Series(
            label=f"{source} ({label})" if label else source,
            source=source,
            brand=str(arguments.get("brand") or ""),
            every=None if every is None else every // _MICROSECOND,
            first=first.get(name),
            log=Log.empty(buckets),
        )

    for job in jobs_of(project):
        add(job.series, job.spider, job.shown, job.every)
    for run in store.last_runs():
        if run.series is not None and run.series not in found:
            add(run.series, run.source, run.arguments, None)
    return found
