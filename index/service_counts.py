"""What an index counts for service metrics: replies, survey scores, and facts from texts.

The measures made of them are in `answers/`; docs/metrics.md has their definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from index.values import Measure, Period, Split

# (value, how many), ascending by value.
Histogram = tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class ReplyPoint:
    """The replies to the mentions of one bucket and group, as far as they could be seen.

    A reply to a mention shows when Molva looks at it again, so what is known of a mention
    ends with its `collected_at`. `settled` and `day_seen` count those that were looked at
    late enough, replied or not: a share of them is not pulled down by what is still open.

    Attributes:
        start: first day of the bucket.
        group: value of the split, '' for mentions that have none; None without a split.
        mentions: all of the bucket and group, tagged or not.
        replied: those with a reply.
        settled: those last seen so many days after they were published as was asked for.
        settled_replied: those of `settled` with a reply.
        day_seen: those of a known time of publication, last seen 24 hours after it or later.
        day_replied: those of `day_seen` with a reply in less than 24 hours.
        day_untimed: those of `day_seen` with a reply after a time that is not known.
        reversed: replies dated before their mention: how long they took is not known.
        delays: (whole minutes from a mention to its reply, replies), where both times are
            known.
    """

    start: date
    group: str | None
    mentions: int = 0
    replied: int = 0
    settled: int = 0
    settled_replied: int = 0
    day_seen: int = 0
    day_replied: int = 0
    day_untimed: int = 0
    reversed: int = 0
    delays: Histogram = ()

    @property
    def timed(self) -> int:
        """Replies of which it is known how long they took."""
        return sum(replies for _, replies in self.delays)


@dataclass(frozen=True, slots=True)
class ValuePoint:
    """The survey scores, or the values of a fact, of the mentions of one bucket and group.

    Attributes:
        start: first day of the bucket.
        group: value of the split, '' for mentions that have none; None without a split.
        counts: (value, mentions that have it).
    """

    start: date
    group: str | None
    counts: Histogram = ()

    @property
    def total(self) -> int:
        """Mentions that have a value."""
        return sum(mentions for _, mentions in self.counts)


class ServiceCounts(Protocol):
    """The part of `index.base.MentionIndex` that counts for service metrics."""

    def replies(
        self,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
        days: int = 7,
    ) -> list[ReplyPoint]:
        """Count by bucket and group what was replied to and how soon, ordered by (group, start).

        `days`, at least 1, is the wait of `ReplyPoint.settled`. Buckets are as in `trends`.
        """
        ...

    def values(
        self,
        measure: Measure,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
    ) -> list[ValuePoint]:
        """Count the values of a measure by bucket and group, ordered by (group, start).

        A mention has one value at most; of stated waits and repeated contacts it is the
        largest, of what is answered by yes (1) or no (0) the last. Buckets run from the first
        to the last that has a value.
        """
        ...

    def sources_with_replies(self) -> list[str]:
        """Return the sources of which any mention has a reply, in order."""
        ...

    def ages(self, query: str, now: datetime, edges: Sequence[timedelta]) -> list[int]:
        """Count what `query` finds by age: younger than the first edge, …, than none.

        The age is that of publication or, where it is hidden, of the first collection, at
        `now` without its microseconds. `edges` ascend.
        """
        ...
