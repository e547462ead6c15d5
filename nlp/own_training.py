"""Fits the heads of a project's own topics on some dozens of examples, and checks them.

Logistic regressions (`nlp.own_fit`) on what `nlp.own_heads` sees of a
sentence. The dimensions are many and the examples few, so the work is done in
the space that the examples span: the eigenvectors of their inner products.
How surely a topic is recognised is measured by cross-validation, five folds
three times; the same predictions, none of which saw its own sentence, turn
scores into probabilities (Platt 1999) and choose the threshold.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import safetensors.torch
import torch
from torch import Tensor

from nlp.features import Features
from nlp.own_fit import HeldOut, fit
from nlp.own_heads import POLARITIES, sentence_features, tone
from nlp.own_topics import MANIFEST, WEIGHTS, Example, OwnTopic, background, read_examples
from nlp.tagger import load_engine
from nlp.weights import digest, folder_of, read_config

# N-grams count for so much more than vectors: a topic is known by its words first. Chosen
# as the penalties in `nlp.own_fit`.
NGRAM_WEIGHT: Final = 10.0
# A background sentence that is taken for the topic as surely as this is shown to the user.
SUSPECT: Final = 0.5
# Buckets of n-grams that are unfolded at once.
BLOCK: Final = 8192


@dataclass(frozen=True, slots=True)
class Trained:
    """What the cross-validation of one topic found.

    `precision` and `recall` are of the topic in a sentence, `polarity` is the
    share of right polarities among sentences that speak of it; 0 to 1.
    `suspects`: sentences of the background that look as if they spoke of it.
    """

    topic: str
    examples: dict[str, int]
    precision: float
    recall: float
    polarity: float
    threshold: float
    suspects: tuple[str, ...]


def train(topics: Sequence[OwnTopic], folder: Path, model: str | Path = "default") -> list[Trained]:
    """Fit the heads of all `topics` and write them into `folder`; nothing of the old stays.

    Raises `OwnTopicError` for examples that cannot be used, `ModelError`.
    """
    examples = [read_examples(topic) for topic in topics]
    absent = background()
    texts = list(dict.fromkeys([one.text for part in examples for one in part] + absent))
    space = _Space.of(texts, model)
    heads: dict[str, Tensor] = {}
    entries: dict[str, dict[str, Any]] = {}
    results = []
    for topic, mine in zip(topics, examples, strict=True):
        head, result = _fit_topic(topic.code, mine, absent, space)
        results.append(result)
        heads |= {f"{topic.code}.{name}": tensor for name, tensor in head.items()}
        entries[topic.code] = {
            "digest": _digest(head, result.threshold),
            "examples_sha256": digest(topic.examples),
            **{name: value for name, value in asdict(result).items() if name != "topic"},
        }
    _write(folder, heads, entries, read_config(folder_of(model)))
    return results


@dataclass
class _Space:
    """All sentences as the heads see them, and as points of the space that they span.

    `points`: (texts, dimensions), whose inner products are those of the
    features; `tones`: (texts, 3); `row`: the number of each text.
    """

    row: dict[str, int]
    points: Tensor
    tones: Tensor
    dense: Tensor
    center: Tensor
    spread: Tensor
    grams: Features
    back: Tensor

    @classmethod
    def of(cls, texts: list[str], model: str | Path) -> _Space:
        engine = load_engine(model)
        found = engine.run([(text, [(0, len(text))]) for text in texts], vectors=True)
        vectors = torch.cat([one.vectors for one in found if one.vectors is not None]).double()
        center = vectors.mean(0)
        spread = (vectors.std(0) + 1e-6) * vectors.shape[1] ** 0.5
        dense = (vectors - center) / spread
        grams = sentence_features(texts, engine.idf)
        products = dense @ dense.T
        for _, weights in _blocks(grams, len(texts)):
            products += NGRAM_WEIGHT * (weights @ weights.T)
        values, directions = torch.linalg.eigh(products)
        kept = values > values.max() * 1e-9
        scale = values[kept].sqrt()
        return cls(
            row={text: i for i, text in enumerate(texts)},
            points=directions[:, kept] * scale,
            tones=torch.cat([tone(one.topics) for one in found]).double(),
            dense=dense,
            center=center,
            spread=spread,
            grams=grams,
            back=directions[:, kept] / scale,
        )

    def head(self, weights: Tensor, bias: Tensor) -> dict[str, Tensor]:
        """Return weights on points as weights on vectors and n-grams."""
        shares = self.back @ weights  # of each sentence in the weights
        dense = (self.dense.T @ shares) / self.spread[:, None]
        parts = [
            (buckets, NGRAM_WEIGHT * (grams.T @ shares))
            for buckets, grams in _blocks(self.grams, len(self.row))
        ]
        return {
            "dense": dense.float().contiguous(),
            "bias": (bias - self.center @ dense).float().contiguous(),
            "buckets": torch.cat([buckets for buckets, _ in parts]).int(),
            "ngrams": torch.cat([sums for _, sums in parts]).float().contiguous(),
        }


def _blocks(grams: Features, rows: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the n-grams of all sentences piece by piece: buckets, and (rows, buckets) weights."""
    sizes = torch.diff(grams.offsets, append=torch.tensor([len(grams.ids)]))
    owner = torch.arange(rows).repeat_interleave(sizes)
    buckets, place = grams.ids.unique(return_inverse=True)
    for start in range(0, len(buckets), BLOCK):
        part = buckets[start : start + BLOCK]
        inside = (place >= start) & (place < start + len(part))
        weights = torch.zeros(rows, len(part)).double()
        weights[owner[inside], place[inside] - start] = grams.weights[inside].double()
        yield part, weights


def _fit_topic(
    code: str, mine: list[Example], absent: list[str], space: _Space
) -> tuple[dict[str, Tensor], Trained]:
    given = {one.text for one in mine}
    others = [text for text in absent if text not in given]
    rows = [space.row[text] for text in (*(one.text for one in mine), *others)]
    numbers = {name: i for i, name in enumerate(POLARITIES)} | {"absent": -1}
    labels = torch.tensor([numbers[one.label] for one in mine] + [-1] * len(others))
    points, tones = space.points[rows], space.tones[rows]
    checked = HeldOut.of(points, labels, tones)
    slope, shift = checked.platt()
    surely = (checked.present.mean(0) * slope + shift).sigmoid()
    alike = (surely[len(mine) :] >= SUSPECT).tolist()
    precision, recall = checked.precision_recall()
    result = Trained(
        topic=code,
        examples=dict(Counter(one.label for one in mine)),
        precision=round(precision, 3),
        recall=round(recall, 3),
        polarity=round(checked.right_polarity(), 3),
        threshold=round(checked.threshold(), 4),
        suspects=tuple(text for text, like in zip(others, alike, strict=True) if like),
    )
    presence, polarity = fit(points, labels, tones)
    weights = torch.cat([presence[0] * slope, polarity[0]], 1)
    bias = torch.cat([presence[1] * slope + shift, polarity[1]])
    return space.head(weights, bias), result


def _digest(head: dict[str, Tensor], threshold: float) -> str:
    """Return 16 hexadecimal digits that change when a head's answers could."""
    total = hashlib.sha256(repr(threshold).encode())
    for name in sorted(head):
        total.update(head[name].numpy().tobytes())
    return total.hexdigest()[:16]


def _write(
    folder: Path,
    heads: dict[str, Tensor],
    entries: dict[str, dict[str, Any]],
    config: dict[str, Any],
) -> None:
    """Write both files; a kill between them is noticed, since one holds the other's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / f"{WEIGHTS}.new"
    weights.write_bytes(safetensors.torch.save(heads))
    manifest = {
        "model": config.get("model_name"),
        "model_version": config["model_version"],
        "weights_sha256": config["weights_sha256"],
        "heads_sha256": digest(weights),
        "topics": entries,
    }
    text = folder / f"{MANIFEST}.new"
    text.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    weights.replace(folder / WEIGHTS)
    text.replace(folder / MANIFEST)
