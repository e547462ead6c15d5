"""What is known of groups that stand beside each other, and the rows that it becomes.

`docs/comparison.md` has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from answers.estimates import MINIMUM, NOT_ENOUGH, Estimate, difference, mean, net_sentiment, share
from index.base import TrendPoint

By = Literal["brand", "location", "product", "source", "lang"]
COMPARABLE: Final[tuple[By, ...]] = get_args(By)


@dataclass(slots=True)
class Tally:
    """Mentions by polarity, added up; of a topic, or by their overall sentiment."""

    positive: int = 0
    neutral: int = 0
    negative: int = 0
    mixed: int = 0

    @property
    def count(self) -> int:
        """Mentions of any polarity."""
        return self.positive + self.neutral + self.negative + self.mixed

    def add(self, other: TrendPoint | Tally) -> None:
        """Add what another counted."""
        self.positive += other.positive
        self.neutral += other.neutral
        self.negative += other.negative
        self.mixed += other.mixed


@dataclass(slots=True)
class Side:
    """One of those compared.

    Attributes:
        name: its most frequent spelling; upper and lower case and ё make no difference.
        mentions: all of them, tagged or not.
        overall: those with a sentiment.
        topics: mentions that speak of each topic.
        stars: how many of those with a sentiment have so many stars.
    """

    name: str
    mentions: int = 0
    overall: Tally = field(default_factory=Tally)
    topics: dict[str, Tally] = field(default_factory=dict)
    stars: dict[float, int] = field(default_factory=dict)

    def add(self, other: Side) -> None:
        """Add all that another has."""
        self.mentions += other.mentions
        self.overall.add(other.overall)
        for topic, tally in other.topics.items():
            self.topics.setdefault(topic, Tally()).add(tally)
        for value, number in other.stars.items():
            self.stars[value] = self.stars.get(value, 0) + number

    def topic(self, name: str) -> Tally:
        """Return what was counted of a topic, which may be nothing."""
        return self.topics.get(name, Tally())

    def share_negative(self, minimum: int) -> Estimate:
        """Negative mentions of those with a sentiment."""
        return share(self.overall.negative, self.overall.count, minimum)

    def net_sentiment(self, minimum: int) -> Estimate:
        """(positive − negative) / all with an opinion."""
        tally = self.overall
        return net_sentiment(tally.positive, tally.negative, tally.mixed, minimum)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some groups of what a query finds, beside each other.

    Attributes:
        by: what tells the groups apart.
        sides: the groups, the one with the most mentions first.
        base: name of the one that the others are held against; None: each is held against
            all the others together.
        left_out: groups that are not among `sides`.
        minimum: below so many mentions a share is not given.
    """

    by: By
    sides: tuple[Side, ...]
    base: str | None = None
    left_out: int = 0
    minimum: int = MINIMUM

    @property
    def mentions(self) -> int:
        """All mentions of the groups compared: the base of the share of voice."""
        return sum(side.mentions for side in self.sides)

    def other(self, side: Side) -> Side | None:
        """Return what a group is held against; None for the base itself."""
        if self.base is not None:
            return None if side.name == self.base else self._named(self.base)
        rest = Side("the rest")
        for one in self.sides:
            if one is not side:
                rest.add(one)
        return rest

    def _named(self, name: str) -> Side:
        return next(side for side in self.sides if side.name == name)

    def group_rows(self) -> list[dict[str, Any]]:
        """Return a row a group: mentions, share of voice, sentiment and stars."""
        return [self._group_row(side) for side in self.sides]

    def _group_row(self, side: Side) -> dict[str, Any]:
        minimum, other = self.minimum, self.other(side)
        negative, net, stars = (
            side.share_negative(minimum),
            side.net_sentiment(minimum),
            mean(side.stars, minimum),
        )
        apart = (NOT_ENOUGH, NOT_ENOUGH, NOT_ENOUGH)
        if other is not None:
            apart = (
                difference(negative, other.share_negative(minimum)),
                difference(net, other.net_sentiment(minimum)),
                difference(stars, mean(other.stars, minimum)),
            )
        return {
            "group": side.name,
            "against": None if other is None else other.name,
            "mentions": side.mentions,
            **share(side.mentions, self.mentions, minimum).as_row("share_of_voice"),
            "tagged": side.overall.count,
            "positive": side.overall.positive,
            "neutral": side.overall.neutral,
            "negative": side.overall.negative,
            "mixed": side.overall.mixed,
            **negative.as_row("share_negative"),
            **apart[0].as_row("share_negative_difference"),
            **net.as_row("net_sentiment"),
            **apart[1].as_row("net_sentiment_difference"),
            "rated": sum(side.stars.values()),
            **stars.as_row("average_stars"),
            **apart[2].as_row("average_stars_difference"),
        }

    def topic_rows(self) -> list[dict[str, Any]]:
        """Return a row a topic and group: how many speak of it, and what share complains."""
        topics = sorted({topic for side in self.sides for topic in side.topics})
        others = [(side, self.other(side)) for side in self.sides]
        return [self._topic_row(topic, *pair) for topic in topics for pair in others]

    def _topic_row(self, topic: str, side: Side, other: Side | None) -> dict[str, Any]:
        tally = side.topic(topic)
        spoken = share(tally.count, side.overall.count, self.minimum)
        negative = share(tally.negative, tally.count, self.minimum)
        apart = (NOT_ENOUGH, NOT_ENOUGH)
        if other is not None:
            there = other.topic(topic)
            apart = (
                difference(spoken, share(there.count, other.overall.count, self.minimum)),
                difference(negative, share(there.negative, there.count, self.minimum)),
            )
        return {
            "topic": topic,
            "group": side.name,
            "against": None if other is None else other.name,
            "count": tally.count,
            "positive": tally.positive,
            "neutral": tally.neutral,
            "negative": tally.negative,
            "mixed": tally.mixed,
            **spoken.as_row("share"),
            **apart[0].as_row("share_difference"),
            **negative.as_row("share_negative"),
            **apart[1].as_row("share_negative_difference"),
        }
