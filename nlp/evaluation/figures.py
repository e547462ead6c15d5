"""Figures with intervals: from counts per text to precision, recall, F1 and calibration.

Everything that is counted is a triple: right, said, labelled. The triples of
one text are a row; sums over texts give every figure, and sums over resampled
texts (whole texts, since sentences of one text are not independent) give its
95 % interval: percentiles of 1,000 resamplings. A figure that has no basis,
such as the precision of what was never said, is None; it is never taken for 0.

F1 is 2·right / (said + labelled). Of texts left untagged nothing was said, so
they lower accuracy and recall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mention import POLARITIES, SENTIMENTS
from nlp.evaluation.scoring import Scored
from nlp.taxonomy import codes

RESAMPLINGS: Final = 1000
BINS: Final = 10
# Draws held at once, in numbers: bounds memory for large files.
_CHUNK: Final = 4_000_000
RIGHT, SAID, LABELLED = 0, 1, 2

Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A figure with its 95 % interval; all None where the figure has no basis."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"

    def as_dict(self) -> dict[str, float | None]:
        """Return the numbers, rounded to four places."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {key: None if n is None else round(n, 4) for key, n in numbers.items()}


Figures = dict[str, int | Measure]


class Counts:
    """Triples of every text, (texts, columns, 3); and figures of them by resampling."""

    # Columns: sentiments; topics per text; topic and polarity per sentence, by topic;
    # topic and polarity per text.
    _TOPICS = len(SENTIMENTS)

    def __init__(self, scored: Sequence[Scored]) -> None:
        self.scored = scored
        topics = len(codes())
        self._pairs = self._TOPICS + topics
        self._text_pairs = self._pairs + topics
        columns = self._text_pairs + topics * len(POLARITIES)
        self._table = np.zeros((len(scored), columns, 3), np.float64)
        self._places = {code: place for place, code in enumerate(codes())}
        for row, one in zip(self._table, scored, strict=True):
            self._count(row, one)

    def _count(self, row: NDArray[np.float64], one: Scored) -> None:
        if one.sentiment is not None:
            row[SENTIMENTS.index(one.sentiment), LABELLED] = 1
            if one.said_sentiment is not None:
                place = SENTIMENTS.index(one.said_sentiment)
                row[place, SAID] = 1
                row[place, RIGHT] = one.right
        if one.gold is None:
            return
        width = len(POLARITIES)
        for column, pairs in ((SAID, one.said), (LABELLED, one.gold)):
            for topic in {topic for _, topic, _ in pairs}:
                row[self._TOPICS + self._places[topic], column] = 1
            for topic, polarity in {pair[1:] for pair in pairs}:
                place = self._places[topic] * width + POLARITIES.index(polarity)
                row[self._text_pairs + place, column] = 1
            if one.by_sentence:
                for _, topic, _ in pairs:
                    row[self._pairs + self._places[topic], column] += 1
        # Per text each is at most one, so it is right where both are.
        for part in (slice(self._TOPICS, self._pairs), slice(self._text_pairs, None)):
            row[part, RIGHT] = row[part, SAID] * row[part, LABELLED]
        if one.by_sentence:
            for _, topic, _ in one.said & one.gold:
                row[self._pairs + self._places[topic], RIGHT] += 1

    def overall(self, texts: Sequence[int]) -> Figures:
        """Return the main figures of a group: numbers of texts in this sequence."""
        table = self._table[np.asarray(texts, np.int64)]
        parts = (
            table[:, : self._TOPICS],
            table[:, self._TOPICS : self._pairs].sum(1, keepdims=True),
            table[:, self._text_pairs :].sum(1, keepdims=True),
            table[:, self._pairs : self._text_pairs].sum(1, keepdims=True),
        )
        measure = _Resampled(np.concatenate(parts, 1))
        group = [self.scored[text] for text in texts]
        classes = slice(0, self._TOPICS)
        return {
            "texts": len(group),
            "sentiment_texts": sum(one.sentiment is not None for one in group),
            "topic_texts": sum(one.gold is not None for one in group),
            "sentence_texts": sum(one.by_sentence for one in group),
            "accuracy": measure(_accuracy, classes),
            "macro_f1": measure(_macro_f1, classes),
            "weighted_f1": measure(_weighted_f1, classes),
            "topic_f1": measure(_f1, self._TOPICS),
            "text_pair_f1": measure(_f1, self._TOPICS + 1),
            "pair_f1": measure(_f1, self._TOPICS + 2),
        }

    def classes(self) -> dict[str, Figures]:
        """Return the figures of each sentiment."""
        measure = _Resampled(self._table[:, : self._TOPICS])
        return {name: measure.all(place) for place, name in enumerate(SENTIMENTS)}

    def topics(self) -> dict[str, tuple[Figures, dict[str, Figures]]]:
        """Return the figures of each topic, and of each of its polarities, per text."""
        measure = _Resampled(self._table[:, self._TOPICS :])
        shift = self._TOPICS
        found = {}
        for code, place in self._places.items():
            figures = measure.all(place)
            figures["pair_f1"] = measure(_f1, self._pairs - shift + place)
            first = self._text_pairs - shift + place * len(POLARITIES)
            signs = {name: measure.all(first + i) for i, name in enumerate(POLARITIES)}
            found[code] = (figures, signs)
        return found


class _Resampled:
    """Sums over all texts (columns, 3), and over each resampling (resamplings, columns, 3)."""

    def __init__(self, table: NDArray[np.float64]) -> None:
        texts = len(table)
        self.sums: Sums = table.sum(0)
        if not texts:
            self.samples: Sums = np.zeros((RESAMPLINGS, *self.sums.shape))
            return
        flat = table.reshape(texts, -1)
        generator = np.random.default_rng(17)
        step = max(1, min(RESAMPLINGS, _CHUNK // max(1, texts)))
        parts = []
        for start in range(0, RESAMPLINGS, step):
            rows = min(step, RESAMPLINGS - start)
            drawn = generator.integers(texts, size=(rows, texts))
            drawn += np.arange(rows)[:, None] * texts
            times = np.bincount(drawn.ravel(), minlength=rows * texts).reshape(rows, texts)
            parts.append(times.astype(np.float64) @ flat)
        self.samples = np.concatenate(parts).reshape(RESAMPLINGS, *self.sums.shape)

    def __call__(self, figure: Callable[[Sums], Sums], columns: int | slice) -> Measure:
        value = float(figure(self.sums[columns]))
        if np.isnan(value):
            return Measure()
        samples = figure(self.samples[:, columns])
        low, high = np.percentile(samples[~np.isnan(samples)], [2.5, 97.5])
        return Measure(value, float(low), float(high))

    def all(self, column: int) -> Figures:
        """Return how many were labelled and said, precision, recall and F1 of one column."""
        return {
            "texts": int(self.sums[column, LABELLED]),
            "said": int(self.sums[column, SAID]),
            "precision": self(_precision, column),
            "recall": self(_recall, column),
            "f1": self(_f1, column),
        }


def _ratio(part: Sums, whole: Sums) -> Sums:
    """Return part / whole, NaN where the whole is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _precision(sums: Sums) -> Sums:
    return _ratio(sums[..., RIGHT], sums[..., SAID])


def _recall(sums: Sums) -> Sums:
    return _ratio(sums[..., RIGHT], sums[..., LABELLED])


def _f1(sums: Sums) -> Sums:
    return _ratio(2 * sums[..., RIGHT], sums[..., SAID] + sums[..., LABELLED])


def _accuracy(sums: Sums) -> Sums:
    return _recall(sums.sum(-2))


def _macro_f1(sums: Sums) -> Sums:
    """Return the mean of F1 over the classes that are labelled."""
    there = sums[..., LABELLED] > 0
    return _ratio(np.where(there, _f1(sums), 0).sum(-1), there.sum(-1))


def _weighted_f1(sums: Sums) -> Sums:
    """Return the mean of F1 over classes, each weighted by how often it is labelled."""
    labelled = sums[..., LABELLED]
    return _ratio(np.where(labelled > 0, _f1(sums) * labelled, 0).sum(-1), labelled.sum(-1))


@dataclass(frozen=True)
class Bin:
    """Answers whose confidence is at least `low` and below `high` (the last one: up to 1)."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Calibration:
    """How far confidences are from the truth.

    `error` is the expected calibration error: the mean distance between confidence and
    accuracy over the bins, weighted by answers; None without answers
    (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
    """

    count: int
    error: float | None
    bins: tuple[Bin, ...]


def calibration(answers: Iterable[tuple[float, bool]]) -> Calibration:
    """Return the calibration of (confidence, whether it was right), in ten bins of equal width."""
    found = np.array([(confidence, right) for confidence, right in answers], float).reshape(-1, 2)
    place = np.minimum((found[:, 0] * BINS).astype(int), BINS - 1)
    bins, error = [], 0.0
    for number in range(BINS):
        here = found[place == number]
        confidence = accuracy = None
        if len(here):
            confidence, accuracy = float(here[:, 0].mean()), float(here[:, 1].mean())
            error += abs(accuracy - confidence) * len(here) / len(found)
        bins.append(Bin(number / BINS, (number + 1) / BINS, len(here), confidence, accuracy))
    return Calibration(len(found), error if len(found) else None, tuple(bins))
