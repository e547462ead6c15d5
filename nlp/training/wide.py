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
from nlp.modeling import SENTIMENTS, STATES
from nlp.training.split import Side, Unit

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


def train(sides: dict[Side, list[Unit]], target: Path, settings: Settings, topics: int) -> None:
    """Fit the regressions and write `WidePart`'s state dict to `target`."""
    train_units = sides["train"]
    sentences = [[ngrams(s) for s in unit.sentences] for unit in train_units]
    flat = [s for unit in sentences for s in unit]
    idf = inverse_frequency(flat, settings.least)
    log.info("%d sentences, %d buckets in use", len(flat), int((idf > 0).sum()))
    whole = matrix([sum(unit, Counter()) for unit in sentences], idf)
    overall = np.array([[unit.sentiment] for unit in train_units])
    w_overall, b_overall = regress(
        whole, overall, len(SENTIMENTS), settings.overall_inverse_strength, settings.iterations
    )
    log.info("overall done")
    w_topics, b_topics = regress(
        matrix(flat, idf),
        labels(train_units, topics),
        len(STATES),
        settings.inverse_strength,
        settings.iterations,
    )
    state = {"idf": idf} | _referred(w_topics, b_topics, w_overall, b_overall)
    torch.save({name: torch.from_numpy(array) for name, array in state.items()}, target)
    log.info("topics done")


def _referred(
    w_topics: Array, b_topics: Array, w_overall: Array, b_overall: Array
) -> dict[str, Array]:
    """Subtract the first class from the others, as in `WidePart`; the softmax stays the same."""

    def others(values: Array) -> Array:
        return (values[..., 1:] - values[..., :1]).reshape(*values.shape[:-2], -1)

    return {
        "ngrams.weight": np.concatenate([others(w_topics), others(w_overall)], -1),
        "bias": np.concatenate([others(b_topics), others(b_overall)], -1),
    }
