"""What an index counted, day by day, as arrays that rules are tried on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from index.base import MentionIndex
from index.query import DateFilter, narrowed
from project.alerts import AlertRule, AlertSplit, Opinion

if TYPE_CHECKING:
    from answers.alerts.baseline import Floats

# Rows of `Series.values`.
POSITIVE, NEGATIVE, MIXED, ALL = range(4)
_ROW: Final[Mapping[Opinion, int]] = {"positive": POSITIVE, "negative": NEGATIVE, "any": ALL}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the index at once, for all rules that need the same."""

    query: str
    split: AlertSplit | None
    overall: bool

    @classmethod
    def of(cls, rule: AlertRule) -> Question:
        """Return the question whose answer has what a rule needs."""
        return cls(rule.query, rule.split, rule.topics == ())


@dataclass(frozen=True, slots=True)
class Series:
    """The days of one topic in one group.

    Attributes:
        topic: its code; None for mentions as a whole.
        group: value of the split; None without one.
        values: positive, negative, mixed and all mentions (4 × days).
    """

    topic: str | None
    group: str | None
    values: Floats

    def counted(self, polarity: Opinion) -> Floats:
        """Return the mentions of each day that a rule with this polarity counts."""
        row: Floats = self.values[_ROW[polarity]]
        return row


@dataclass(frozen=True, slots=True)
class Days:
    """The answer to a question.

    Attributes:
        first: the day of the first column.
        length: how many days.
        series: by (topic, group).
        started: for each group, the first column with a mention of any kind.
    """

    first: date
    length: int
    series: Mapping[tuple[str | None, str | None], Series]
    started: Mapping[str | None, int]

    def groups(self, rule: AlertRule) -> list[str | None]:
        """Return the groups that a rule is tried on."""
        groups: list[str | None] = list(self.started) or ([] if rule.split else [None])
        return [one for one in groups if rule.groups is None or one in rule.groups]

    def of(self, rule: AlertRule) -> list[Series]:
        """Return the series that a rule is tried on, zeros for a topic that does not occur.

        Topics that nobody names are left out where they do not occur.
        """
        groups = self.groups(rule)
        if rule.topics is None:
            return [one for one in self.series.values() if one.group in groups]
        topics: Sequence[str | None] = rule.topics or (None,)
        nothing = np.zeros((4, self.length))
        return [
            self.series.get((topic, group), Series(topic, group, nothing))
            for group in groups
            for topic in topics
        ]


def topics_of(rules: Iterable[AlertRule]) -> tuple[str, ...] | None:
    """Return the topics that rules with the same question need; None for every one."""
    named = [rule.topics for rule in rules]
    if any(topics is None for topics in named):
        return None
    return tuple(sorted({topic for topics in named for topic in topics or ()}))


def count_days(
    index: MentionIndex,
    question: Question,
    topics: Sequence[str] | None,
    first: date,
    last: date,
) -> Days:
    """Count the mentions of every day from `first` to `last`.

    Args:
        index: that is asked.
        question: what about; if it is about mentions as a whole, `topics` is empty.
        topics: codes; None for every topic that occurs.
        first, last: days, both included.

    Raises:
        QueryError: the query of the rules cannot be understood.
    """
    length = (last - first).days + 1
    query = narrowed(question.query, DateFilter(first, last))
    points = index.trends(query, period="day", split=question.split, topics=topics)
    values: dict[tuple[str | None, str | None], npt.NDArray[np.float64]] = {}
    started: dict[str | None, int] = {}
    for point in points:
        column = (point.start - first).days
        key = (point.topic, point.group)
        if key not in values:
            values[key] = np.zeros((4, length))
        if count := point.count:
            values[key][:, column] = (point.positive, point.negative, point.mixed, count)
        if point.mentions or point.untagged or point.pending:
            started[point.group] = min(started.get(point.group, length), column)
    series = {key: Series(*key, rows) for key, rows in values.items()}
    return Days(first, length, series, started)
