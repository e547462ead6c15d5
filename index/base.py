"""The protocols that the back-ends of Molva's index keep, and the values they answer with.

A `MentionIndex` answers questions: `index/sqlite.py`, the embedded back-end, and
`index/elastic/`, a cluster, which give the same answers. A `MentionStore` also keeps
everything, with history, runs and rejects: only the embedded one does. Both must pass the
suites in `tests/contract/`. Callers know only this module and the functions of `index`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, Protocol, Self, get_args

from mention import Mention, Reject, Tagging, UserError

Order = Literal["newest", "best"]
Period = Literal["day", "week", "month"]
Split = Literal["source", "brand"]
Facet = Literal["source", "brand", "topic", "topic_sentiment", "sentiment", "stars", "lang"]
FACETS: Final[tuple[Facet, ...]] = get_args(Facet)


class StoreError(UserError):
    """A store that cannot be used. The message is one sentence and the next step."""


class QueryError(UserError, ValueError):
    """A query that cannot be understood: what is wrong, where, and what to write instead.

    Attributes:
        position: index of the first wrong character in the query, from 0.
    """

    exit_code = 2

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """What became of a batch of mentions. The four counts add up to the batch."""

    new: int = 0
    changed: int = 0  # same id, other content: a new version
    refreshed: int = 0  # same content, other likes, dates or labels of the platform
    same: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One mention that a query found.

    Attributes:
        mention: the newest version.
        tagging: its current tagging, or None while it is untagged.
        highlights: spans of `mention.text` (start, end) that matched the query's words.
        relevance: score for best-first order, higher is better; None for newest-first.
    """

    mention: Mention
    tagging: Tagging | None
    highlights: tuple[tuple[int, int], ...] = ()
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits.

    Attributes:
        hits: at most `limit` hits, in the order asked for.
        total: number of mentions that match, exact.
        next: value for `after` to get the following page; None on the last page.
    """

    hits: tuple[Hit, ...]
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One bucket of a trend. Formulas: `docs/trends.md`.

    Attributes:
        start: first day of the bucket (Monday for weeks).
        topic: topic code, or None for the overall sentiment of mentions.
        group: value of the split (a source or a brand); None without a split.
        positive, neutral, negative, mixed: mentions by polarity. `mixed` counts,
            for a topic, mentions whose sentences disagree about it.
        mentions: all tagged mentions of the bucket and group, the base of shares.
    """

    start: date
    topic: str | None
    group: str | None
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    mixed: int = 0
    mentions: int = 0

    @property
    def count(self) -> int:
        """Mentions that speak of the topic."""
        return self.positive + self.neutral + self.negative + self.mixed

    @property
    def share_negative(self) -> float | None:
        """Negative mentions / count; None when nothing was counted."""
        return self.negative / self.count if self.count else None

    @property
    def net_sentiment(self) -> float | None:
        """(positive − negative) / (positive + negative + mixed); None without an opinion."""
        opinions = self.positive + self.negative + self.mixed
        return (self.positive - self.negative) / opinions if opinions else None


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the mentions that a query finds have one value.

    Attributes:
        value: as a query writes it: `speed:negative` of `topic_sentiment`, `4.5` of
            `stars`; None for the mentions that have no value.
        mentions: how many. A mention with several topics counts for each of them.
    """

    value: str | None
    mentions: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a spider or an import, as the store remembers it."""

    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None  # None: still running, or killed
    outcome: str  # running, finished, failed, stopped, interrupted (its process is gone)
    arguments: dict[str, object] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # pages, items, new, rejects …
    message: str | None = None  # one sentence when it failed
    series: str | None = None  # runs of one series may be compared; None: with no other
    rejects: dict[str, int] = field(default_factory=dict)  # reason -> how many
    empty_fields: dict[str, int] = field(default_factory=dict)  # field -> mentions without it
    alarms: tuple[str, ...] = ()  # what was unusual beside the runs before, one sentence each

    @property
    def is_in_trouble(self) -> bool:
        """Whether it failed, was broken off from outside, or finished in an unusual way."""
        return self.outcome in {"failed", "interrupted"} or bool(self.alarms)


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds, for `molva doctor`."""

    mentions: int
    versions: int  # superseded versions kept as history; 0 where none is kept
    tagged: int
    untagged: int  # tagged as untaggable, with a reason
    pending: int  # not yet read by any tagger
    rejects: int  # 0 where none is kept
    first_day: date | None
    last_day: date | None
    by_source: dict[str, int] = field(default_factory=dict)
    by_language: dict[str, int] = field(default_factory=dict)  # "unknown" without a language
    by_model: dict[str, int] = field(default_factory=dict)  # "name version" -> taggings kept
    size_bytes: int = 0  # 0 where it may not be asked for


class MentionIndex(Protocol):
    """A place that knows mentions and answers questions about them.

    Every method may raise `StoreError`; methods that take a query may raise `QueryError`.
    The same mentions give the same answers everywhere: the same ids in the same order,
    newest first, and the same counts. Only `order="best"` and `explain_query` differ.
    """

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
    ) -> list[TrendPoint]:
        """Count mentions by bucket, topic and group, ordered by (topic, group, start).

        `topics=None` gives every topic that occurs; `topics=()` gives the overall
        sentiment instead (points with `topic=None`). Buckets without a mention
        between the first and the last of the answer are given as zero counts.
        """
        ...

    def facets(
        self, query: str = "", fields: Sequence[Facet] = FACETS, limit: int = 50
    ) -> dict[str, list[FacetCount]]:
        """Count the mentions that `query` finds by the values of each of `fields`.

        Gives for every field at most `limit` values, those of the most mentions first; of
        equally many, in the order of the values, None last.

        Raises:
            ValueError: there is no such field, or the limit is below 1.
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

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        """Return {id: content_hash} for those of `ids` that the store has."""
        ...

    def pending(
        self, model: str, model_version: str, taxonomy_version: str, batch: int = 512
    ) -> Iterator[list[Mention]]:
        """Yield batches of mentions whose labels are of another tagger, or that have none."""
        ...

    def rejects(self, limit: int = 50) -> list[tuple[datetime, Reject]]:
        """Return the latest rejects, newest first."""
        ...

    def check(self) -> list[str]:
        """Return what is damaged or stale, one sentence each; empty when all is well."""
        ...
