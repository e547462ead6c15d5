"""The values that every back-end answers with, and the errors that it raises.

`index/base.py` has the protocols and gives these on: callers import both from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple, get_args

from index.cases import Case
from index.noise import Noise
from index.query_mistakes import SENTENCES
from mention import CodedError, Mention, Tagging, UserError

Order = Literal["newest", "best"]
Period = Literal["day", "week", "month", "quarter"]
Split = Literal["source", "brand", "location", "product", "lang", "stars"]
# What mentions have a number of: survey scores, and facts of `mention.FactKind`.
Measure = Literal["nps", "csat", "ces", "wait", "repeat_contact", "recommend", "resolved"]
Facet = Literal["source", "brand", "topic", "topic_sentiment", "sentiment", "stars", "lang"]
FACETS: Final[tuple[Facet, ...]] = get_args(Facet)


class StoreError(UserError):
    """A store that cannot be used. The message is one sentence and the next step."""


class QueryError(CodedError, ValueError):
    """A query that cannot be understood: what is wrong, where, and what to write instead.

    Attributes:
        position: index of the first wrong character in the query, from 0; None where the
            query as a whole asks too much.
    """

    exit_code = 2
    sentences = SENTENCES

    def __init__(self, code: str, position: int | None = None, **values: str | int) -> None:
        super().__init__(code, **values)
        self.position = position
        if position is not None:
            self.args = (f"{self.sentence} (character {position + 1} of the query)",)


class TooManyPointsError(UserError):
    """A trend of more points than were allowed. The message is one sentence and the next step."""


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
        case: how the complaint stands; None where nobody has opened one.
        noise: why it may be left out of counts; None where it is no copy and no advert.
    """

    mention: Mention
    tagging: Tagging | None
    highlights: tuple[tuple[int, int], ...] = ()
    relevance: float | None = None
    case: Case | None = None
    noise: Noise | None = None


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
        start: first day of the bucket (Monday for weeks; of January, April, July or
            October for quarters).
        topic: topic code, or None for the overall sentiment of mentions.
        group: value of the split, '' for mentions that have none; None without a split.
            Of stars it is "1" to "5": the nearest whole number, 2.5 counts as "3".
        positive, neutral, negative, mixed: mentions by polarity. `mixed` counts,
            for a topic, mentions whose sentences disagree about it.
        mentions: all mentions of the bucket and group that have a sentiment, the base of
            shares.
        rated: those among `count` that have stars.
        stars_total: sum of their stars, to the hundredth.
        untagged: mentions of the bucket and group that a tagger declined.
        pending: mentions of the bucket and group that no tagger has read yet.
        part: the part of all mentions that was counted; below 1, each of these counts is of a
            random sample.
    """

    start: date
    topic: str | None
    group: str | None
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    mixed: int = 0
    mentions: int = 0
    rated: int = 0
    stars_total: float = 0.0
    untagged: int = 0
    pending: int = 0
    part: float = 1.0

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

    @property
    def average_stars(self) -> float | None:
        """Mean stars, 1 to 5, of the counted mentions that have any; None without one."""
        return self.stars_total / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the mentions that a query finds have one value.

    Attributes:
        value: as a query writes it: `speed:negative` of `topic_sentiment`, `4.5` of
            `stars`; None for the mentions that have no value.
        mentions: how many. A mention with several topics counts for each of them.
        is_estimate: whether that was reckoned from a sample of the mentions.
    """

    value: str | None
    mentions: int
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many mentions one tagger has read in one language.

    Attributes:
        model, model_version, taxonomy_version: of the tagger; None for mentions that no
            tagger has read yet.
        lang: ISO 639-1 code; None where it is not known.
        mentions: how many.
        is_estimate: whether that was reckoned from a sample of the mentions.
    """

    model: str | None
    model_version: str | None
    taxonomy_version: str | None
    lang: str | None
    mentions: int
    is_estimate: bool = False


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
    # Everything that the source shows was read, if it was published between these times.
    covers: tuple[datetime, datetime] | None = None

    @property
    def is_in_trouble(self) -> bool:
        """Whether it failed, was broken off from outside, or finished in an unusual way."""
        return self.outcome in {"failed", "interrupted"} or bool(self.alarms)


class RunDigest(NamedTuple):
    """What a reckoning of thousands of runs needs of each.

    Times are microseconds since 1970, because so many of them are only compared.
    """

    source: str
    series: str | None
    started_at: int
    outcome: str  # as of `Run`
    covers_from: int | None
    covers_until: int | None
    items: int
    pages: int
    rejects: int
    alarms: tuple[str, ...]


DIGEST: Final = "digest"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that `molva alerts` has to tell, as the store remembers it.

    Attributes:
        id: the same for the same event, whoever finds it again.
        series: the same text for the same rule, topic and group.
        kind: `fired`, `escalated`, `cleared`, or `DIGEST`, which sums up others.
        day: the last day that was looked at.
        since: the day on which the alert fired.
        record: JSON values: what was found.
    """

    id: str
    series: str
    kind: str
    day: date
    since: date
    record: Mapping[str, Any]


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
