"""Synthetic histories of reviews: counts by day, and a store that has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from mention import Mention, SentenceTagging, Tagging, TopicLabel
from tests.contract.records import FillableIndex

LAST = date(2026, 5, 31)  # a Sunday
TEXT = "Доставка опоздала."
# From Monday: how a day differs from the mean.
WEEKDAYS = (1.1, 1.1, 1.0, 1.0, 1.2, 0.9, 0.7)

Counts = npt.NDArray[np.int64]


def noise(
    chance: np.random.Generator,
    days: int,
    mean: float = 5.0,
    dispersion: float = 1.3,
    last: date = LAST,
) -> Counts:
    """Return counts of so many days up to `last`: over-dispersed, with a weekday pattern."""
    first = last - timedelta(days=days - 1)
    weekdays = [(first + timedelta(days=day)).weekday() for day in range(days)]
    means = mean * np.array([WEEKDAYS[day] for day in weekdays])
    return chance.negative_binomial(means / (dispersion - 1), 1 / dispersion)


def fill(
    store: FillableIndex,
    counts: Mapping[tuple[str, str], Counts],
    last: date = LAST,
    *,
    text: str = TEXT,
    polarity: str = "negative",
) -> None:
    """Put mentions into a store: {(brand, topic): counts of the days up to `last`}."""
    for (brand, topic), series in counts.items():
        first = last - timedelta(days=len(series) - 1)
        mentions = [
            review(brand, topic, first + timedelta(days=day), one, text=text, polarity=polarity)
            for day, number in enumerate(series)
            for one in range(int(number))
        ]
        _add(store, mentions, topic, polarity)


def put(
    store: FillableIndex,
    brand: str,
    topic: str,
    day: date,
    numbers: Iterable[int],
    *,
    text: str = TEXT,
    polarity: str = "negative",
) -> None:
    """Put mentions of one day into a store, tagged, each with one sentence about the topic."""
    mentions = [
        review(brand, topic, day, number, text=text, polarity=polarity) for number in numbers
    ]
    _add(store, mentions, topic, polarity)


def review(brand: str, topic: str, day: date, number: int, *, text: str, polarity: str) -> Mention:
    """Return one mention of a day; the same numbers give the same id."""
    moment = datetime.combine(day, time(12), UTC)
    return Mention(
        id=f"shop:{brand}-{topic}-{polarity}-{day}-{number}",
        source="shop",
        text=text,
        brand=brand,
        published_at=moment,
        collected_at=moment + timedelta(hours=1),
    )


def _add(store: FillableIndex, mentions: Sequence[Mention], topic: str, polarity: str) -> None:
    label = TopicLabel.model_validate({"topic": topic, "polarity": polarity, "confidence": 0.9})
    store.upsert(mentions)
    store.add_taggings(
        [
            (
                one.content_hash,
                Tagging.model_validate(
                    {
                        "mention_id": one.id,
                        "lang": "ru",
                        "sentiment": polarity,
                        "score": 0.0,
                        "confidence": 0.9,
                        "sentences": (
                            SentenceTagging(start=0, end=len(one.text), topics=(label,)),
                        ),
                        "model": "tests",
                        "model_version": "1",
                        "taxonomy_version": "1",
                    }
                ),
            )
            for one in mentions
        ]
    )
