"""The protocols that the back-ends of Molva's index keep, and the values they answer with.

A `MentionIndex` answers questions: `index/sqlite.py`, the embedded back-end, and
`index/elastic/`, a cluster, which give the same answers. A `MentionStore` also keeps
everything, with history, runs and rejects: only the embedded one does. Both must pass the
suites in `tests/contract/`. Callers know only this module and the functions of `index`;
the values stand in `index/values.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self

from index.label_pairs import LabelPair, TaggerUse
from index.service_counts import ServiceCounts
from index.values import (
    DIGEST,
    FACETS,
    AlertEvent,
    Facet,
    FacetCount,
    Hit,
    LabelCount,
    Measure,
    Order,
    Period,
    QueryError,
    Run,
    RunDigest,
    SearchResult,
    Split,
    Stats,
    StoreError,
    TooManyPointsError,
    TrendPoint,
    UpsertResult,
)
from mention import Mention, Reject, Tagging

__all__ = [
    "DIGEST",
    "FACETS",
    "AlertEvent",
    "Facet",
    "FacetCount",
    "Hit",
    "LabelCount",
    "LabelPair",
    "Measure",
    "MentionIndex",
    "MentionStore",
    "Order",
    "Period",
    "QueryError",
    "Run",
    "RunDigest",
    "SearchResult",
    "ServiceCounts",
    "Split",
    "Stats",
    "StoreError",
    "TaggerUse",
    "TooManyPointsError",
    "TrendPoint",
    "UpsertResult",
]


class MentionIndex(ServiceCounts, Protocol):
    """A place that knows mentions and answers questions about them.

    Every method may raise `StoreError`; methods that take a query may raise `QueryError`.
    The same mentions give the same answers everywhere: the same ids in the same order,
    newest first, and the same counts. Only `order="best"` and `explain_query` differ.
    Days begin in `time_zone`, an IANA name.
    """

    time_zone: str

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def close(self) -> None:
        """Release the file or the connection; safe to call twice."""
        ...

    def get(self, mention_id: str) -> Hit | None:
        """Return one mention with its current tagging."""
        ...

    def search(
        self,
        query: str,
        *,
        order: Order = "newest",
        limit: int = 20,
        after: str | None = None,
    ) -> SearchResult:
        """Return one page of hits; `after` is `SearchResult.next` of the page before."""
        ...

    def scan(self, query: str = "", batch: int = 1000) -> Iterator[Hit]:
        """Yield every hit, newest first, in bounded memory, from one state of the index."""
        ...

    def explain_query(self, query: str) -> dict[str, object]:
        """Return the parsed tree, the expanded words and what the back-end runs."""
        ...

    def trends(
        self,
        query: str = "",
        *,
        period: Period = "month",
        topics: Sequence[str] | None = None,
        split: Split | None = None,
        limit: int | None = None,
        most: int | None = None,
    ) -> list[TrendPoint]:
        """Count mentions by bucket, topic and group, ordered by (topic, group, start).

        Buckets run from the first to the last that has a mention, tagged or not; those
        without one are given as zeros.

        Args:
            query: as a person types it.
            period: length of a bucket.
            topics: None for every topic that occurs; () for the overall sentiment instead
                (points with `topic=None`).
            split: a series for each of these; None for one.
            limit: of points.
            most: of more mentions than these, a random sample of about so many may be
                counted in place of all, where that is faster; None: all are.

        Raises:
            TooManyPointsError: there are more points than `limit`; none of them was made.
        """
        ...

    def facets(
        self,
        query: str = "",
        fields: Sequence[Facet] = FACETS,
        limit: int = 50,
        *,
        most: int | None = None,
    ) -> dict[str, list[FacetCount]]:
        """Count the mentions that `query` finds by the values of each of `fields`.

        Gives for every field at most `limit` values, those of the most mentions first; of
        equally many, in the order of the values, None last.

        Args:
            query: as a person types it.
            fields: whose values are counted.
            limit: of values for each field.
            most: of more mentions than these, a random sample of about so many may be
                counted in place of all, where that is faster; None: all are.

        Raises:
            ValueError: there is no such field, or a limit is below 1.
        """
        ...

    def count_labels(
        self, query: str = "", *, most: int | None = None, by_language: bool = True
    ) -> list[LabelCount]:
        """Count the mentions that `query` finds by tagger and language, most mentions first.

        Of more than `most` mentions the counts may be reckoned from a sample, as of facets.
        Without `by_language` every `lang` is None, which is faster where a store has the
        labels of one tagger.
        """
        ...

    def stats(self) -> Stats:
        """Count what the index holds."""
        ...

    def delete(self, ids: Iterable[str]) -> int:
        """Erase mentions with all that belongs to them. Returns how many existed."""
        ...


class MentionStore(MentionIndex, Protocol):
    """A `MentionIndex` that keeps everything and from which an index can be made anew.

    A write either happens whole or not at all; `delete` erases history and taggings too.
    """

    # --- writing -----------------------------------------------------------
    def upsert(self, mentions: Sequence[Mention]) -> UpsertResult:
        """Add mentions or replace them by id. An older `collected_at` never wins."""
        ...

    def add_taggings(self, taggings: Sequence[tuple[str, Tagging]]) -> int:
        """Store (content_hash, tagging) pairs and return how many were stored.

        Pairs for content that has changed since are dropped.
        """
        ...

    def add_rejects(self, rejects: Sequence[Reject], run_id: int | None = None) -> None:
        """Keep what could not become a mention, with the reason."""
        ...

    # --- runs --------------------------------------------------------------
    def start_run(
        self, source: str, arguments: dict[str, object], series: str | None = None
    ) -> int:
        """Note that a run began and return its number; secrets are not arguments.

        Args:
            source: the spider or import.
            arguments: are stored and shown.
            series: the same text for runs that may be compared; None: for none.
        """
        ...

    def finish_run(
        self,
        run_id: int,
        outcome: str,
        counts: Mapping[str, int],
        message: str | None = None,
        *,
        rejects: Mapping[str, int] | None = None,
        empty_fields: Mapping[str, int] | None = None,
        alarms: Sequence[str] = (),
        covers: tuple[datetime, datetime] | None = None,
    ) -> None:
        """Note how a run ended and what it counted; see `Run` for the values."""
        ...

    def runs(
        self, source: str | None = None, limit: int = 50, *, series: str | None = None
    ) -> list[Run]:
        """Return the latest runs of everything, a source or a series, newest first."""
        ...

    def last_runs(self) -> list[Run]:
        """Return the latest run of each series, and of each source without one, newest first."""
        ...

    def first_runs(self) -> dict[str, datetime]:
        """Return {series: when its first run began}."""
        ...

    def runs_between(self, begin: datetime, end: datetime) -> Iterator[RunDigest]:
        """Yield the runs that began from `begin` to before `end`, oldest first.

        In bounded memory; nothing may be written before the last one is read.
        """
        ...

    def state(self, spider: str) -> MutableMapping[str, Any]:
        """Return what a spider remembers from run to run; values are JSON."""
        ...

    def author_salt(self) -> str:
        """Return this store's secret for hashes of authors."""
        ...

    def compact(self) -> None:
        """Remove the last traces of what was erased."""
        ...

    # --- reading -----------------------------------------------------------
    def history(self, mention_id: str) -> list[Mention]:
        """Superseded versions of a mention, oldest first."""
        ...

    def taggers(self) -> list[TaggerUse]:
        """Return the taggers of which taggings are kept, the first to tag first."""
        ...

    def label_pairs(
        self, query: str, before: TaggerUse, after: TaggerUse, *, period: Period = "month"
    ) -> list[LabelPair]:
        """Count what `query` finds and `after` has read, by the labels of both taggers.

        Raises:
            QueryError: as everywhere, and where the query chooses mentions by their labels.
        """
        ...

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        """Return {id: content_hash} for those of `ids` that the store has."""
        ...

    def pending(
        self, model: str, model_version: str, taxonomy_version: str, batch: int = 512
    ) -> Iterator[list[Mention]]:
        """Yield batches of mentions whose labels are of another tagger, or that have none."""
        ...

    def with_older_facts(
        self, facts_version: int, batch: int = 512
    ) -> Iterator[list[tuple[Mention, Tagging]]]:
        """Yield mentions with what their tagger says, where older rules looked for facts.

        Taggings may be added between the batches; those yielded are without corrections.
        """
        ...

    def rejects(self, limit: int = 50) -> list[tuple[datetime, Reject]]:
        """Return the latest rejects, newest first."""
        ...

    def check(self) -> list[str]:
        """Return what is damaged or stale, one sentence each; empty when all is well."""
        ...
