"""What is counted for service metrics, and of which mentions. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from answers.estimates import MINIMUM
from index.base import Measure, MentionIndex, Period, Split, TrendPoint
from index.query import HasFilter, Node, Or, TextFilter, narrowed
from index.service_counts import ReplyPoint, ValuePoint


@dataclass(frozen=True, slots=True)
class Asked:
    """What metrics are asked of.

    Attributes:
        query: narrows the mentions; empty for all.
        period: length of a bucket.
        split: a line for each of these; None for one line.
        days: a mention is settled, for the reply rate, when Molva has looked at it so many
            days after it was published.
        minimum: with fewer mentions there is not enough data.
    """

    query: str = ""
    period: Period = "month"
    split: Split | None = None
    days: int = 7
    minimum: int = MINIMUM


class Counted:
    """What an index counted for one question, each kind once, when it is first needed."""

    def __init__(self, mentions: MentionIndex, asked: Asked) -> None:
        self.asked = asked
        self._mentions = mentions
        self._facts: dict[Measure, dict[tuple[str | None, date], ValuePoint]] = {}

    @cached_property
    def replies(self) -> list[ReplyPoint]:
        """Replies to the mentions of sources that have replies."""
        return self._replies()

    @cached_property
    def replies_to_negative(self) -> list[ReplyPoint]:
        """Replies to those of them that are negative."""
        return self._replies(TextFilter("sentiment", "negative"))

    def _replies(self, *others: Node) -> list[ReplyPoint]:
        query = answerable(self._mentions, self.asked.query, *others)
        if query is None:
            return []
        asked = self.asked
        return self._mentions.replies(
            query, period=asked.period, split=asked.split, days=asked.days
        )

    def scores(self, measure: Measure) -> list[ValuePoint]:
        """Survey scores of one kind."""
        asked = self.asked
        return self._mentions.values(measure, asked.query, period=asked.period, split=asked.split)

    @cached_property
    def tagged(self) -> list[TrendPoint]:
        """Mentions whose text the tagger understood: those that could state something."""
        asked = self.asked
        return self._mentions.trends(asked.query, period=asked.period, topics=(), split=asked.split)

    def facts(self, measure: Measure) -> Iterator[tuple[TrendPoint, ValuePoint]]:
        """Yield every point of `tagged` with what its texts state."""
        asked = self.asked
        if measure not in self._facts:
            points = self._mentions.values(
                measure,
                narrowed(asked.query, HasFilter("sentiment")),
                period=asked.period,
                split=asked.split,
            )
            self._facts[measure] = {(point.group, point.start): point for point in points}
        for point in self.tagged:
            nothing = ValuePoint(point.start, point.group)
            yield point, self._facts[measure].get((point.group, point.start), nothing)


def answerable(mentions: MentionIndex, query: str, *others: Node) -> str | None:
    """Return a query as `narrowed` does, at sources of which any reply was ever read.

    Of other sources nobody can tell "not answered" from "not to be seen". None where there is
    no such source.
    """
    sources = [TextFilter("source", name) for name in mentions.sources_with_replies()]
    if not sources:
        return None
    either = sources[0] if len(sources) == 1 else Or(tuple(sources))
    return narrowed(query, *others, either)


def without_replies(mentions: MentionIndex, query: str) -> dict[str, int]:
    """Return {source: mentions that `query` finds} of the sources without any reply."""
    known = mentions.sources_with_replies()
    counts: Counter[str] = Counter()
    # Trends are counted beforehand, and facets are not.
    for point in mentions.trends(query, period="quarter", topics=(), split="source"):
        if point.group and point.group not in known:
            counts[point.group] += point.mentions + point.untagged + point.pending
    return dict(counts.most_common())
