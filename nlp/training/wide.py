"""Stage `wide`: the n-gram part, a regularised logistic regression over hashed n-grams.

It learns alone: trained together, n-grams would learn the training texts by
heart first and leave the encoder no error to learn from. `export` chooses how
the two mix. One multinomial regression a topic for sentences and one for the
overall sentiment of units, all at once by L-BFGS; its weights go into
`WidePart` as they are.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from nlp.features import BUCKETS, features, ngrams
from nlp.outputs import SENTIMENTS, STATES, TONES
from nlp.training.public import PublicText
from nlp.training.split import Side, Unit
from nlp.training.steps import save

log = logging.getLogger(__name__)
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """The shipped weights' settings.

    `inverse_strength`: C of the regressions; n-grams that occur in fewer than
    `least` sentences are left out.
    """

    inverse_strength: float = 400.0
    overall_inverse_strength: float = 400.0
    tone_inverse_strength: float = 100.0
    least: int = 3
    iterations: int = 110


def inverse_frequency(sentences: Sequence[Counter[int]], least: int) -> Array:
    """Return ln((1 + n) / (1 + df)) + 1 per bucket, 0 below `least` sentences."""
    df = np.zeros(BUCKETS, np.int64)
    for sentence in sentences:
        df[list(sentence)] += 1
    idf = np.log((1 + len(sentences)) / (1 + df)) + 1
    return np.where(df >= least, idf, 0).astype(np.float32)


def matrix(units: Sequence[Counter[int]], idf: Array) -> csr_matrix:
    """Return the weighed n-grams of `units` as a sparse matrix (units, BUCKETS)."""
    found = features(units, idf)
    ends = np.append(found.offsets.numpy(), len(found.ids))
    return csr_matrix((found.weights.numpy(), found.ids.numpy(), ends), (len(units), BUCKETS))


def labels(units: Sequence[Unit], topics: int) -> NDArray[np.int64]:
    """Return the states of every sentence of `units`: (sentences, topics)."""
    rows = []
    for unit in units:
        for found in unit.topics:
            row = [0] * topics
            for topic, state in found.items():
                row[topic] = state
            rows.append(row)
    return np.array(rows, np.int64)


def regress(
    x: csr_matrix, gold: NDArray[np.int64], classes: int, c: float, iterations: int
) -> tuple[Array, Array]:
    """Fit one multinomial logistic regression for each column of `gold` (units, tasks).

    Returns weights (features, tasks, classes) and biases (tasks, classes). Minimises
    the summed cross-entropy plus squared weights / 2C.
    """
    tasks = gold.shape[1]
    hot = np.eye(classes, dtype=np.float32)[gold]
    size = x.shape[1] * tasks * classes
    xt = x.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat[:size].reshape(x.shape[1], -1).astype(np.float32)
        logits = (x @ w).reshape(-1, tasks, classes)
        logits += flat[size:].reshape(tasks, classes).astype(np.float32)
        logits -= logits.max(-1, keepdims=True)
        p = np.exp(logits)
        total = p.sum(-1, keepdims=True)
        value = float((np.log(total[..., 0]) - (logits * hot).sum(-1)).sum())
        p = p / total - hot
        gradient = (xt @ p.reshape(len(p), -1)) + w / c
        value += float(np.square(w, dtype=np.float64).sum()) / (2 * c)
        return value, np.concatenate([gradient.ravel(), p.sum(0).ravel()]).astype(np.float64)

    start = np.zeros(size + tasks * classes)
    options = {"maxiter": iterations, "maxcor": 6}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.astype(np.float32)
    return found[:size].reshape(-1, tasks, classes), found[size:].reshape(tasks, classes)


def train(
    sides: dict[Side, list[Unit]],
    public: Sequence[PublicText],
    target: Path,
    settings: Settings,
    topics: int,
) -> None:
    """Fit the regressions and write `WidePart`'s state dict to `target`.

    Topics are learned from labelled sentences; the overall sentiment from labelled
    units and the public texts that judge a company; the tone from public texts.
    """
    units = sides["train"]
    sentences = [[ngrams(s) for s in unit.sentences] for unit in units]
    flat = [s for unit in sentences for s in unit]
    others = [ngrams(text.text) for text in public]
    idf = inverse_frequency(flat + others, settings.least)
    log.info("%d sentences, %d texts, %d buckets", len(flat), len(others), int((idf > 0).sum()))
    judged = [(o, t.overall) for o, t in zip(others, public, strict=True) if t.overall is not None]
    whole = [sum(unit, Counter()) for unit in sentences] + [o for o, _ in judged]
    gold = [unit.sentiment for unit in units] + [label for _, label in judged]
    overall = regress(
        matrix(whole, idf),
        np.array(gold)[:, None],
        len(SENTIMENTS),
        settings.overall_inverse_strength,
        settings.iterations,
    )
    log.info("overall done")
    felt = [(o, t.tone) for o, t in zip(others, public, strict=True) if t.tone is not None]
    # Without a public set that says how writers feel, the tone says nothing.
    tone = (np.zeros((BUCKETS, 1, len(TONES)), np.float32), np.zeros((1, len(TONES)), np.float32))
    if felt:
        tone = regress(
            matrix([o for o, _ in felt], idf),
            np.array([label for _, label in felt])[:, None],
            len(TONES),
            settings.tone_inverse_strength,
            settings.iterations,
        )
    log.info("tone done")
    found = regress(
        matrix(flat, idf),
        labels(units, topics),
        len(STATES),
        settings.inverse_strength,
        settings.iterations,
    )
    state = {"idf": idf} | _referred(found, overall, tone)
    save(target, {name: torch.from_numpy(array) for name, array in state.items()})
    log.info("topics done")


def _referred(*fitted: tuple[Array, Array]) -> dict[str, Array]:
    """Subtract the first class from the others, as in `WidePart`; the softmax stays the same."""

    def others(values: Array) -> Array:
        return (values[..., 1:] - values[..., :1]).reshape(*values.shape[:-2], -1)

    return {
        "ngrams.weight": np.concatenate([others(weights) for weights, _ in fitted], -1),
        "bias": np.concatenate([others(biases) for _, biases in fitted], -1),
    }
