"""What came of trying a rule on one series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from index.query import DateFilter, HasFilter, Node, Not, TextFilter, TopicFilter, narrowed
from mention import content_hash
from project.alerts import AlertRule, Opinion


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule on one topic and group, in the window that says most.

    Attributes:
        rule: that was tried.
        topic: code; None for mentions as a whole.
        group: value of the rule's split; None without one.
        first, last: days of the window.
        polarity: of the mentions that are the evidence.
        observed: mentions counted; of a share, those it is a share of.
        expected: of a spike, what is usual in such a window; None for a threshold.
        value: what is compared: observed / expected of a spike, the measure of a threshold.
        low, high: its interval, 95 %; None where the rule does not hold.
        p: probability of so much or more in usual times; None for a threshold.
        q: p adjusted for all tests of the day, the smallest false discovery rate at which
            this is reported; None for a threshold.
        holds: whether the rule is broken: worth an alert.
        is_usual: whether an alert that was given may be taken back. Both are false in between.
    """

    rule: AlertRule
    topic: str | None
    group: str | None
    first: date
    last: date
    polarity: Opinion
    observed: int
    expected: float | None
    value: float
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    holds: bool
    is_usual: bool

    @property
    def series(self) -> str:
        """The same text for the same rule, topic and group on every day."""
        return content_hash(self.rule.name, self.topic, self.group)

    @property
    def query(self) -> str:
        """A query that finds the mentions that are the evidence."""
        rule = self.rule
        parts: list[Node] = [DateFilter(self.first, self.last)]
        if rule.split is not None and self.group is not None:
            # Mentions without a brand or a place are a group too.
            named = TextFilter(rule.split, self.group)
            parts.append(named if self.group else Not(HasFilter(rule.split)))
        if self.topic is not None:
            polarity = None if self.polarity == "any" else self.polarity
            parts.append(TopicFilter(self.topic, polarity))
        elif self.polarity != "any":
            parts.append(TextFilter("sentiment", self.polarity))
        return narrowed(rule.query, *parts)

    @property
    def falls(self) -> bool:
        """Whether worse means smaller."""
        return self.rule.below is not None


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a rule said nothing about some series: it neither fires on them nor clears.

    Attributes:
        rule: its name.
        group: value of the rule's split; None without one.
        reason: one sentence.
        series: how many.
    """

    rule: str
    group: str | None
    reason: str
    series: int
