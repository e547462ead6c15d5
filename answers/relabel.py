"""How much of a change is in the mentions, and how much only in their labels.

After a re-tag the store still knows what the earlier tagger said, so both taggings can be
counted over the same mentions. `docs/comparison.md` has a worked example.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Final, Literal, get_args

from answers.estimates import MINIMUM, rounded
from answers.remarks import Remark
from answers.sides import Tally
from answers.trends import OVERALL
from index.base import MentionStore, Period
from index.label_pairs import LabelPair, TaggerUse
from index.query import parse
from mention import UserError

Measure = Literal["share_negative", "net_sentiment", "share"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)


class RelabelError(UserError):
    """There are not two taggings to compare, or not the ones asked for."""


@dataclass(slots=True)
class Labelled:
    """What one tagger says of some mentions about a topic.

    Attributes:
        tally: those that speak of the topic, by polarity.
        mentions: those with a sentiment, the base of shares.
    """

    tally: Tally = field(default_factory=Tally)
    mentions: int = 0

    def value(self, measure: Measure, minimum: int) -> float | None:
        """Return a measure; None where it rests on fewer than `minimum` mentions."""
        tally = self.tally
        hits, base = {
            "share": (tally.count, self.mentions),
            "share_negative": (tally.negative, tally.count),
            "net_sentiment": (tally.positive - tally.negative, tally.count - tally.neutral),
        }[measure]
        return hits / base if base >= max(minimum, 1) else None


@dataclass(slots=True)
class Bucket:
    """The labels of one topic in one period.

    Attributes:
        start: first day.
        before, after: what the two taggers say of the mentions that both have read.
        relabelled: those that they do not agree about.
        unread: what the later one says of the mentions that the earlier has not read.
    """

    start: date
    before: Labelled = field(default_factory=Labelled)
    after: Labelled = field(default_factory=Labelled)
    relabelled: int = 0
    unread: Labelled = field(default_factory=Labelled)

    def set_mentions(self, overall: Bucket) -> None:
        """Take the bases of shares from the overall sentiment of the same period."""
        self.before.mentions = overall.before.tally.count
        self.after.mentions = overall.after.tally.count
        self.unread.mentions = overall.unread.tally.count

    def values(self, measure: Measure, minimum: int) -> tuple[float | None, float | None]:
        """Return a measure by the earlier and by the later tagger, over the same mentions.

        Where too few have been read by both there is only that of the later one, over the
        others.
        """
        before = self.before.value(measure, minimum)
        after = self.after.value(measure, minimum)
        if before is None or after is None:
            return None, self.unread.value(measure, minimum)
        return before, after


@dataclass(frozen=True, slots=True)
class Change:
    """A measure that went from what was reported before to what is reported now.

    Attributes:
        total: its value by the later tagger in this period − its value by the earlier one
            in the period before.
        mentions: the part of it that the mentions make.
        labels: the part that the labels alone make.
    """

    total: float
    mentions: float
    labels: float


def split_change(
    earlier: tuple[float | None, float | None], later: tuple[float | None, float | None]
) -> Change | None:
    """Split the change of a measure between two periods; None where it cannot be known.

    With b for the earlier tagger, a for the later one, and periods 1 and 2, the change is
    a₂ − b₁. The labels alone make ((a₁ − b₁) + (a₂ − b₂)) / 2 of it, which is what the same
    mentions gained when they were tagged anew, and the mentions ((b₂ − b₁) + (a₂ − a₁)) / 2,
    which is what the measure gained under the same tagger: Kitagawa, E. M. (1955), Components
    of a difference between two rates, Journal of the American Statistical Association 50,
    1168–1194. Where the earlier tagger has not read period 2, they make a₁ − b₁ and a₂ − a₁.

    Args:
        earlier: the measure in period 1 by the earlier and by the later tagger.
        later: the same in period 2.
    """
    (before_1, after_1), (before_2, after_2) = earlier, later
    if before_1 is None or after_1 is None or after_2 is None:
        return None
    labels = after_1 - before_1
    if before_2 is not None:
        labels = (labels + after_2 - before_2) / 2
    total = after_2 - before_1
    return Change(total, total - labels, labels)


@dataclass(frozen=True, slots=True)
class Relabelling:
    """Two taggings of what a query finds.

    Attributes:
        before, after: the taggers.
        topics: the buckets of each topic in order; None is the overall sentiment.
    """

    before: TaggerUse
    after: TaggerUse
    topics: dict[str | None, list[Bucket]]

    def rows(self, measure: Measure, minimum: int = MINIMUM) -> list[dict[str, Any]]:
        """Return a row a topic and period, with the change from the row before."""
        rows = []
        for topic, buckets in self.topics.items():
            if topic is None and measure == "share":
                continue  # every mention has an overall sentiment
            last: tuple[float | None, float | None] = (None, None)
            for bucket in buckets:
                values = bucket.values(measure, minimum)
                rows.append(_row(topic, bucket, values, split_change(last, values)))
                last = values
        return rows


def relabelling(
    store: MentionStore,
    query: str = "",
    *,
    period: Period = "month",
    topics: Sequence[str] | None = None,
    before: str | None = None,
    after: str | None = None,
) -> Relabelling:
    """Count two taggings of what a query finds, over the same mentions.

    Args:
        store: what keeps both; a cluster has only the current labels.
        query: narrows the mentions, not by labels.
        period: length of a bucket.
        topics: codes; () for the overall sentiment alone; None for it and every topic.
        before: part of the earlier tagger's name; None for the one before the later.
        after: part of the later tagger's name; None for the last to begin.

    Raises:
        RelabelError: there are not two taggings, or none of that name.
        QueryError: the query cannot be understood, or chooses mentions by their labels.
    """
    parse(query)  # that it is wrong is said first
    uses = store.taggers()
    if len(uses) < 2:
        said = f"every label is of {uses[0].name}" if uses else "nothing is tagged"
        raise RelabelError(f"{said}, so there is nothing to compare; tag with another model first")
    later = _named(uses, after) if after else uses[-1]
    others = [one for one in uses if one != later]
    earlier_ones = [one for one in others if one.first_tagged_at <= later.first_tagged_at]
    earlier = _named(others, before) if before else (earlier_ones or others)[-1]
    pairs = store.label_pairs(query, earlier, later, period=period)
    return Relabelling(earlier, later, _buckets(pairs, topics))


def model_changes(store: MentionStore) -> list[tuple[date, Remark, Remark]]:
    """Return the day (UTC) on which each tagger but the first began, the one before, and it."""
    uses = store.taggers()
    return [(new.first_tagged_at.date(), _told(old), _told(new)) for old, new in pairwise(uses)]


def _told(use: TaggerUse) -> Remark:
    name = f"{use.model} {use.model_version}"
    return Remark("tagger", tagger=name, taxonomy=use.taxonomy_version)


def _named(uses: Sequence[TaggerUse], name: str) -> TaggerUse:
    found = [one for one in uses if name.casefold() in one.name.casefold()]
    if len(found) != 1:
        said = "several taggers have" if found else "no tagger has"
        raise RelabelError(
            f"{said} '{name}' in the name; there is {', '.join(one.name for one in uses)}"
        )
    return found[0]


def _buckets(
    pairs: Iterable[LabelPair], topics: Sequence[str] | None
) -> dict[str | None, list[Bucket]]:
    found: dict[str | None, dict[date, Bucket]] = {None: {}}
    # The overall sentiment comes first: it tells how many mentions there are.
    for pair in sorted(pairs, key=lambda one: (one.topic is not None, one.topic or "")):
        if pair.topic is None or topics is None or pair.topic in topics:
            series = found.setdefault(pair.topic, {})
            _count(series.setdefault(pair.start, Bucket(pair.start)), pair)
    for series in found.values():
        for start, whole in found[None].items():
            series.setdefault(start, Bucket(start)).set_mentions(whole)
    if topics:
        del found[None]
    return {topic: [series[start] for start in sorted(series)] for topic, series in found.items()}


def _count(bucket: Bucket, pair: LabelPair) -> None:
    if not pair.by_both:
        _add(bucket.unread, pair.after, pair.mentions)
        return
    _add(bucket.before, pair.before, pair.mentions)
    _add(bucket.after, pair.after, pair.mentions)
    if pair.before != pair.after:
        bucket.relabelled += pair.mentions


def _add(labelled: Labelled, polarity: str | None, mentions: int) -> None:
    if polarity is not None:
        tally = labelled.tally
        setattr(tally, polarity, getattr(tally, polarity) + mentions)


def _row(
    topic: str | None,
    bucket: Bucket,
    values: tuple[float | None, float | None],
    change: Change | None,
) -> dict[str, Any]:
    before, after = values
    alone = None if before is None or after is None else after - before
    return {
        "topic": topic or OVERALL,
        "start": bucket.start,
        "mentions_before": bucket.before.mentions,
        "mentions_after": bucket.after.mentions,
        "count_before": bucket.before.tally.count,
        "count_after": bucket.after.tally.count,
        "relabelled": bucket.relabelled,
        "only_after": bucket.unread.mentions,
        "value_before": rounded(before),
        "value_after": rounded(after),
        "labels_alone": rounded(alone),
        "change": rounded(change.total if change else None),
        "change_from_mentions": rounded(change.mentions if change else None),
        "change_from_labels": rounded(change.labels if change else None),
    }
