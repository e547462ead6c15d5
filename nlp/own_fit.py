"""Logistic regressions of one topic: fitted, and checked by cross-validation.

Each sentence is a point; what its coordinates mean is the business of
`nlp.own_training`. All numbers are double: the problems are small, and the
same examples then give the same head.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

FOLDS: Final = 5
ROUNDS: Final = 3
# One over the L2 penalty. Chosen on two topics with held-out sentences, alone and
# amid other sentences; a third or three times as much changed little.
STRENGTH: Final = 100.0
POLARITY_STRENGTH: Final = 10.0
POLARITY_COUNT: Final = 3
LEAST_SURE: Final = 0.3


@dataclass
class HeldOut:
    """Scores of sentences by heads that never saw them.

    `labels`: (sentences,), −1 absent, else the polarity's number; `fold`,
    `present`: (rounds, sentences); `polarity`: (rounds, sentences, 3).
    """

    labels: Tensor
    fold: Tensor
    present: Tensor
    polarity: Tensor

    @classmethod
    def of(cls, points: Tensor, labels: Tensor, tones: Tensor) -> HeldOut:
        """Fit on four fifths and apply to the rest in turn; arguments as of `fit`."""
        folds, present, polarity = [], [], []
        for number in range(ROUNDS):
            fold = _folds(labels.tolist(), random.Random(number))  # noqa: S311 - no secret
            there, how = torch.zeros(len(labels)).double(), torch.zeros(len(labels), 3).double()
            for part in range(FOLDS):
                seen, held = fold != part, fold == part
                (a, b), (c, d) = fit(points[seen], labels[seen], tones[seen])
                there[held] = (points[held] @ a + b).squeeze(1)
                how[held] = points[held] @ c + d + tones[held]
            folds.append(fold)
            present.append(there)
            polarity.append(how)
        return cls(labels, *map(torch.stack, (folds, present, polarity)))

    @property
    def there(self) -> Tensor:
        """Which sentences speak of the topic, (sentences,)."""
        return self.labels >= 0

    def platt(self) -> tuple[float, float]:
        """Return slope and shift that turn scores into logits of honest probabilities."""
        scores, there = self.present.mean(0), self.there
        yes, no = int(there.sum()), int((~there).sum())
        wanted = torch.where(there, (yes + 1) / (yes + 2), 1 / (no + 2)).double()

        def loss(values: Tensor) -> Tensor:
            logits = values[0].exp() * scores + values[1]
            return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")

        slope, shift = _minimum(loss, torch.zeros(2).double()).tolist()
        return float(np.exp(slope)), float(shift)

    def threshold(self) -> float:
        """Return the probability from which a topic is best reported."""
        slope, shift = self.platt()
        return _best_threshold((self.present.mean(0) * slope + shift).sigmoid(), self.there)

    def precision_recall(self) -> tuple[float, float]:
        """Return both; a fold's threshold is the best of the others, so that none helps itself."""
        slope, shift = self.platt()
        said = right = 0
        for fold, present in zip(self.fold, (self.present * slope + shift).sigmoid(), strict=True):
            for part in range(FOLDS):
                held = fold == part
                reported = present[held] >= _best_threshold(present[~held], self.there[~held])
                said += int(reported.sum())
                right += int((reported & self.there[held]).sum())
        return right / max(1, said), right / max(1, ROUNDS * int(self.there.sum()))

    def right_polarity(self) -> float:
        """Return the share of right polarities where the topic is there."""
        best = self.polarity[:, self.there].argmax(-1)
        return float((best == self.labels[self.there]).double().mean())


def _folds(labels: list[int], rng: random.Random) -> Tensor:
    """Deal the sentences of each label to the folds in turn, so that each fold has all."""
    fold = torch.zeros(len(labels), dtype=torch.long)
    dealt = 0
    for label in sorted(set(labels)):
        members = [i for i, one in enumerate(labels) if one == label]
        rng.shuffle(members)
        for i in members:
            fold[i] = dealt % FOLDS
            dealt += 1
    return fold


def _best_threshold(sure: Tensor, there: Tensor) -> float:
    """Return the probability between two sentences at which F1 is best; the widest gap of equals.

    Never less than `LEAST_SURE`: real texts speak of the topic more rarely than the
    examples do, and F1 on few examples would have too much reported.
    """
    ordered, order = sure.sort(descending=True)
    right = there[order].double().cumsum(0)
    said = torch.arange(1, len(sure) + 1).double()
    f1 = 2 * right / (said + there.sum())
    gaps = ordered - torch.cat([ordered[1:], ordered[-1:]])
    best = int(torch.where(f1 >= f1.max() - 1e-9, gaps, -1.0).argmax())
    return max(LEAST_SURE, float(ordered[best] - gaps[best] / 2))


Weights = tuple[Tensor, Tensor]


def fit(points: Tensor, labels: Tensor, tones: Tensor) -> tuple[Weights, Weights]:
    """Return weights and bias for presence, and for the three polarities beside the tone.

    `points`: (sentences, dimensions); `labels`: (sentences,), −1 where the topic is
    absent, else 0 to 2 for its polarity; `tones`: (sentences, 3) logits that are there
    already. Weights: (dimensions, 1) and (dimensions, 3).
    """
    there = labels >= 0

    def presence(values: Tensor) -> Tensor:
        logits = points @ values[:-1] + values[-1]
        loss = functional.binary_cross_entropy_with_logits(logits, there.double(), reduction="sum")
        return STRENGTH * loss + values[:-1].square().sum() / 2

    some, wanted, tone_there = points[there], labels[there], tones[there]

    def polarity(values: Tensor) -> Tensor:
        table: Tensor = values.unflatten(0, (-1, POLARITY_COUNT))
        logits = some @ table[:-1] + table[-1] + tone_there
        loss: Tensor = functional.cross_entropy(logits, wanted, reduction="sum")
        return POLARITY_STRENGTH * loss + table.square().sum() / 2

    size = points.shape[1] + 1
    one = _minimum(presence, torch.zeros(size).double())
    three = _minimum(polarity, torch.zeros(size * (POLARITY_COUNT)).double())
    table = three.unflatten(0, (size, POLARITY_COUNT))
    return (one[:-1, None], one[-1:]), (table[:-1], table[-1])


def _minimum(loss: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    """Return where a convex function is least."""
    values = start.requires_grad_()
    search = torch.optim.LBFGS(
        [values], max_iter=300, tolerance_grad=1e-5, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        search.zero_grad()
        found = loss(values)
        found.backward()
        return found

    search.step(closure)
    return values.detach()
