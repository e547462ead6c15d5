"""How good the tagger is on labelled texts, with intervals. What `molva evaluate` prints.

A record is one JSON object a line: `id`, `lang`, `domain`, `dataset` (the
last two optional), `sentences` (the text in order), `sentiment`, and `topics`:
a list of `[sentence number from 0, topic, polarity]` with polarity `+`, `-` or
`0`. The sentences are joined by spaces and tagged as any text; each sentence
that the tagger finds counts for the labelled sentence that it shares most
characters with.

A pair is a topic with its polarity in a sentence; a pair is right when the
labelled sentence has it. F1 is 2·right / (said + labelled), over all sentences
(micro). Intervals are 95 % percentiles of 1,000 resamplings of whole texts,
since sentences of one text are not independent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mention import SENTIMENTS, Tagging, TopicLabel, UserError
from nlp.taxonomy import codes

if TYPE_CHECKING:
    from nlp.tagger import Tagger

RESAMPLINGS = 1000
POLARITIES = {"+": "positive", "0": "neutral", "-": "negative"}
Pair = tuple[int, str, str]


class LabelError(UserError, ValueError):
    """A labelled file cannot be read; the message names the line."""


@dataclass(frozen=True)
class Scored:
    """One labelled text beside what the tagger said: pairs are (sentence, topic, polarity)."""

    record: dict[str, Any]
    said_sentiment: str | None
    confidence: float
    said: frozenset[Pair]
    gold: frozenset[Pair]

    @property
    def right(self) -> bool:
        """Whether the overall sentiment is right."""
        return bool(self.said_sentiment == self.record["sentiment"])


@dataclass(frozen=True)
class Measure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass
class Report:
    """Figures for all texts and for groups of them; see `tables` and `as_dict`."""

    model: str
    groups: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    topics: dict[str, dict[str, float]] = field(default_factory=dict)
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    calibration_error: float = 0.0
    untagged: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return every figure as plain numbers, for JSON."""

        def plain(value: Any) -> Any:
            if isinstance(value, Measure):
                numbers = (value.value, value.low, value.high)
                return dict(
                    zip(("value", "low", "high"), (round(n, 4) for n in numbers), strict=True)
                )
            return value

        groups = {
            kind: {
                name: {key: plain(value) for key, value in figures.items()}
                for name, figures in members.items()
            }
            for kind, members in self.groups.items()
        }
        return {
            "model": self.model,
            "groups": groups,
            "topics": self.topics,
            "confusion": self.confusion,
            "calibration_error": round(self.calibration_error, 4),
            "untagged": self.untagged,
        }

    def tables(self) -> list[tuple[str, list[str], list[dict[str, str]]]]:
        """Return (title, column names, rows) of each table; a row maps columns to text."""
        names = {
            "texts": "texts",
            "accuracy": "overall accuracy",
            "macro_f1": "overall macro-F1",
            "topic_f1": "topic per text F1",
            "pair_f1": "topic and polarity per sentence F1",
        }
        tables = []
        for kind, members in self.groups.items():
            rows = [
                {kind: name} | {names[key]: str(value) for key, value in figures.items()}
                for name, figures in members.items()
            ]
            tables.append((f"{self.model} by {kind}", [kind, *names.values()], rows))
        keys = ["precision", "recall", "f1", "pair_f1"]
        rows = [
            {"topic": code, "texts": str(int(scores["texts"]))}
            | {key: f"{scores[key]:.3f}" for key in keys}
            for code, scores in self.topics.items()
        ]
        tables.append(("topics (per text; pair_f1 per sentence)", ["topic", "texts", *keys], rows))
        rows = [
            {"labelled": gold} | {said: str(count) for said, count in row.items()}
            for gold, row in self.confusion.items()
        ]
        said = [*SENTIMENTS, "untagged"]
        tables.append(("overall sentiment, labelled and said", ["labelled", *said], rows))
        return tables


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read labelled records. Raises `LabelError` for a file or a line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'}); "
            "name a labelled file, JSON Lines in UTF-8"
        ) from error
    records = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            sentences, topics = record["sentences"], record["topics"]
            if record["sentiment"] not in SENTIMENTS:
                raise ValueError(f"sentiment {record['sentiment']!r}")
            for sentence, topic, polarity in topics:
                if topic not in codes() or polarity not in POLARITIES:
                    raise ValueError(f"topic {topic!r} with polarity {polarity!r}")
                if not 0 <= sentence < len(sentences):
                    raise ValueError(f"sentence number {sentence}")
        except (ValueError, KeyError, TypeError) as error:
            raise LabelError(
                f"line {number} of {path} is no labelled text ({error}); "
                "docs/model.md describes the format"
            ) from error
        records.append(record)
    if not records:
        raise LabelError(f"{path} has no labelled texts; docs/model.md describes the format")
    return records


def evaluate_file(path: Path, model: str | Path = "default") -> Report:
    """Measure a model on a labelled file. Raises `LabelError`, `ModelError`."""
    from nlp.tagger import Tagger

    records = read_records(path)
    return evaluate(records, Tagger.load(model))


def evaluate(records: Sequence[dict[str, Any]], tagger: Tagger) -> Report:
    """Tag labelled records and compare."""
    from nlp.tagger import TagItem

    items = [
        TagItem(str(i), " ".join(record["sentences"]), None, record.get("lang"))
        for i, record in enumerate(records)
    ]
    scored = [score(r, t) for r, t in zip(records, tagger.tag(items), strict=True)]
    return report(scored, f"{tagger.model} {tagger.model_version}")


def score(record: dict[str, Any], tagging: Tagging) -> Scored:
    """Compare one tagging of the joined sentences with their labels."""
    bounds, place = [], 0
    for sentence in record["sentences"]:
        bounds.append((place, place + len(sentence)))
        place += len(sentence) + 1
    # Where several spans fall to one labelled sentence, the surest polarity of a topic counts.
    surest: dict[tuple[int, str], TopicLabel] = {}
    for found in tagging.sentences:
        shared = [min(found.end, end) - max(found.start, start) for start, end in bounds]
        nearest = int(np.argmax(shared))
        for label in found.topics:
            other = surest.get((nearest, label.topic))
            if other is None or label.confidence > other.confidence:
                surest[nearest, label.topic] = label
    said = frozenset((i, topic, label.polarity) for (i, topic), label in surest.items())
    gold = frozenset((i, topic, POLARITIES[sign]) for i, topic, sign in record["topics"])
    return Scored(record, tagging.sentiment, tagging.confidence or 0.0, said, gold)


def report(scored: Sequence[Scored], model: str) -> Report:
    """Return the figures of texts already compared."""
    result = Report(model)
    kinds: dict[str, Callable[[Scored], str]] = {
        "language": lambda one: str(one.record.get("lang", "?")),
        "dataset": lambda one: str(one.record.get("dataset", "?")),
        "domain": lambda one: str(one.record.get("domain", "?")),
    }
    result.groups["all"] = {"all": _figures(scored)}
    for kind, key in kinds.items():
        members: dict[str, list[Scored]] = {}
        for one in scored:
            members.setdefault(key(one), []).append(one)
        ordered = sorted(members.items(), key=lambda item: -len(item[1]))
        result.groups[kind] = {name: _figures(group) for name, group in ordered}
    result.topics = {code: _topic(scored, code) for code in codes()}
    for gold in SENTIMENTS:
        row = dict.fromkeys([*SENTIMENTS, "untagged"], 0)
        for one in scored:
            if one.record["sentiment"] == gold:
                row[one.said_sentiment or "untagged"] += 1
        result.confusion[gold] = row
    result.untagged = sum(one.said_sentiment is None for one in scored)
    result.calibration_error = calibration_error(scored)
    return result


def f1(right: float, said: float, gold: float) -> float:
    """Return 2·right / (said + gold), 0 where nothing was said or labelled."""
    return 2 * right / (said + gold) if said + gold else 0.0


def _figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """Return the figures of a group, each with its interval."""
    counts = np.array([_counts(one) for one in scored], np.int64)
    classes = len(SENTIMENTS)

    def accuracy(sums: NDArray[np.int64]) -> float:
        return float(sums[:classes].sum() / max(1, sums[2 * classes : 3 * classes].sum()))

    def macro(sums: NDArray[np.int64]) -> float:
        right, said, gold = sums[: 3 * classes].reshape(3, classes)
        seen = [f1(*values) for values in zip(right, said, gold, strict=True) if values[2]]
        return float(np.mean(seen)) if seen else 0.0

    def topic(sums: NDArray[np.int64]) -> float:
        return f1(*sums[3 * classes : 3 * classes + 3].tolist())

    def pair(sums: NDArray[np.int64]) -> float:
        return f1(*sums[3 * classes + 3 :].tolist())

    draws = np.random.default_rng(17).integers(len(counts), size=(RESAMPLINGS, len(counts)))
    sums = np.stack([counts[draw].sum(0) for draw in draws])
    result: dict[str, Any] = {"texts": len(scored)}
    measures = {"accuracy": accuracy, "macro_f1": macro, "topic_f1": topic, "pair_f1": pair}
    for name, measure in measures.items():
        low, high = np.percentile([measure(row) for row in sums], [2.5, 97.5])
        result[name] = Measure(measure(counts.sum(0)), float(low), float(high))
    return result


def _counts(one: Scored) -> list[int]:
    """Return right, said and labelled of each sentiment, of topics in the text, of pairs."""
    row = [int(one.right and one.said_sentiment == sentiment) for sentiment in SENTIMENTS]
    row += [int(one.said_sentiment == sentiment) for sentiment in SENTIMENTS]
    row += [int(one.record["sentiment"] == sentiment) for sentiment in SENTIMENTS]
    said, gold = {pair[1] for pair in one.said}, {pair[1] for pair in one.gold}
    row += [len(said & gold), len(said), len(gold)]
    return [*row, len(one.said & one.gold), len(one.said), len(one.gold)]


def _topic(scored: Iterable[Scored], code: str) -> dict[str, float]:
    """Return precision, recall and F1 of one topic per text, and its F1 per sentence."""
    right = said = gold = pair_right = pair_said = pair_gold = 0
    for one in scored:
        here = {pair for pair in one.said if pair[1] == code}
        there = {pair for pair in one.gold if pair[1] == code}
        right += bool(here and there)
        said += bool(here)
        gold += bool(there)
        pair_right += len(here & there)
        pair_said += len(here)
        pair_gold += len(there)
    scores = {
        "precision": right / said if said else 0.0,
        "recall": right / gold if gold else 0.0,
        "f1": f1(right, said, gold),
        "pair_f1": f1(pair_right, pair_said, pair_gold),
    }
    return {"texts": float(gold)} | {name: round(value, 4) for name, value in scores.items()}


def calibration_error(scored: Iterable[Scored], bins: int = 10) -> float:
    """Return the expected calibration error of the overall sentiment.

    The mean distance between confidence and accuracy over equal-width bins of
    confidence, weighted by texts (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
    """
    tagged = [one for one in scored if one.said_sentiment is not None]
    if not tagged:
        return 0.0
    confidence = np.array([one.confidence for one in tagged])
    right = np.array([one.right for one in tagged], float)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))
