"""What is chosen on the development side for weights as they are stored.

So that what is shipped is what was measured: how much the wide part counts, the
temperatures and biases (least cross-entropy), and for each topic the probability from
which it is reported (best F1 of topic and polarity). What a topic chooses for itself is
drawn towards what is best for all topics, the more the rarer the topic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nlp.inference import Engine
from nlp.modeling import ReviewConfig
from nlp.training.public import PublicText

log = logging.getLogger(__name__)
MIXES = np.arange(0, 2.01, 0.1)
SHARES = np.arange(0, 1.01, 0.1)
TEMPERATURES = np.arange(0.5, 2.51, 0.05)
THRESHOLDS = np.arange(0.15, 0.76, 0.025)
# A topic with this many labelled sentences in dev trusts its own threshold by half.
PRIOR = 60
BIAS_PRIOR = 10.0
# What the tone may cost of the overall accuracy about companies.
TONE_COST = 0.004
TONE_THRESHOLDS = np.arange(0.5, 1.001, 0.05)


@dataclass(frozen=True)
class Logits:
    """Both parts' logits on a set of units, and the labels.

    Topics: (sentences, topics, 4); overall: (units, 4); tone: (units, 3); gold accordingly.
    `owner`: (sentences,) numbers of units; `toned`: (units,), whether the tone may count.
    """

    deep_topics: Tensor
    wide_topics: Tensor
    deep_overall: Tensor
    wide_overall: Tensor
    deep_tone: Tensor
    wide_tone: Tensor
    topics: Tensor
    overall: Tensor
    owner: Tensor
    toned: Tensor

    def mixed_topics(self, weight: float | list[float]) -> Tensor:
        """Return the topic logits, the wide part counted `weight` times, by topic or for all."""
        return self.deep_topics + torch.tensor(weight).reshape(-1, 1) * self.wide_topics

    def mixed_overall(self, weight: float) -> Tensor:
        """Return the overall logits with the wide part counted `weight` times."""
        return self.deep_overall + weight * self.wide_overall


def pair_f1(probabilities: Tensor, gold: Tensor, thresholds: Tensor | float) -> float:
    """Return micro-F1 of topic and polarity per sentence at the given thresholds."""
    present = 1 - probabilities[..., 0] >= thresholds
    state = probabilities[..., 1:].argmax(-1) + 1
    hit = int((present & (state == gold)).sum())
    return 2 * hit / max(1, int(present.sum()) + int((gold > 0).sum()))


def scaling(logits: Tensor, gold: Tensor) -> tuple[float, list[float]]:
    """Return the temperature and the biases of the least cross-entropy.

    The squared biases are counted with it, `BIAS_PRIOR` times: some classes are rare.
    """
    inverse, bias = torch.ones(1, requires_grad=True), torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.LBFGS([inverse, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(logits * inverse + bias, gold)
        value = value + BIAS_PRIOR * bias.square().sum() / len(gold)
        value.backward()
        return value

    optimizer.step(loss)
    inverse, bias = inverse.detach(), bias.detach()
    return round(1 / float(inverse), 3), [round(float(b), 3) for b in bias - bias.mean()]


def scaled(config: ReviewConfig, found: Logits) -> Tensor:
    """Return the overall logits as `Engine.run` makes probabilities of them."""
    mixed = found.mixed_overall(config.overall_wide_weight)
    return mixed / config.overall_temperature + torch.tensor(config.overall_bias)


def choose(config: ReviewConfig, dev: Logits) -> None:
    """Set mixes, temperatures and thresholds in `config` by what is best on `dev`."""

    def best_mix(score: Callable[[float], float]) -> float:
        return round(float(max(MIXES, key=lambda weight: score(float(weight)))), 2)

    def best_temperature(logits: Tensor, gold: Tensor) -> float:
        losses = [float(functional.cross_entropy(logits / t, gold)) for t in TEMPERATURES]
        return round(float(TEMPERATURES[int(np.argmin(losses))]), 2)

    def topic_score(weight: float) -> float:
        p = dev.mixed_topics(weight).softmax(-1)
        return max(pair_f1(p, dev.topics, float(t)) for t in THRESHOLDS)

    def overall_loss(weight: float) -> float:
        mixed = dev.mixed_overall(weight)
        t = best_temperature(mixed, dev.overall)
        return -float(functional.cross_entropy(mixed / t, dev.overall))

    common = best_mix(topic_score)
    config.wide_weight = []
    for topic in range(dev.topics.shape[1]):
        deep, wide, gold = (
            dev.deep_topics[:, topic],
            dev.wide_topics[:, topic],
            dev.topics[:, topic],
        )

        def topic_loss(weight: float) -> float:
            logits = deep + weight * wide  # noqa: B023  # used at once
            t = best_temperature(logits, gold)  # noqa: B023  # used at once
            return -float(functional.cross_entropy(logits / t, gold))  # noqa: B023  # used at once

        share = _trust(gold)
        config.wide_weight.append(round(share * best_mix(topic_loss) + (1 - share) * common, 3))
    config.overall_wide_weight = best_mix(overall_loss)
    mixed = dev.mixed_topics(config.wide_weight)
    config.topic_temperature = best_temperature(mixed.flatten(0, 1), dev.topics.flatten())
    config.overall_temperature, config.overall_bias = scaling(
        dev.mixed_overall(config.overall_wide_weight), dev.overall
    )
    p = (mixed / config.topic_temperature).softmax(-1)
    common = float(max(THRESHOLDS, key=lambda t: pair_f1(p, dev.topics, float(t))))
    config.thresholds = []
    for topic in range(p.shape[1]):
        here, gold = p[:, topic], dev.topics[:, topic]
        own = float(max(THRESHOLDS, key=lambda t: pair_f1(here, gold, float(t))))  # used at once
        share = _trust(gold)
        config.thresholds.append(round(share * own + (1 - share) * common, 3))


def choose_share(own: Tensor, other: Tensor, gold: Tensor) -> float:
    """Return with which share another model's topic logits are added to those of the first.

    The least cross-entropy decides, each share with its own temperature.
    """

    def loss(share: float) -> float:
        mixed = (own + share * other).flatten(0, 1)
        return min(float(functional.cross_entropy(mixed / t, gold.flatten())) for t in TEMPERATURES)

    losses = {round(float(share), 2): loss(float(share)) for share in SHARES}
    log.info("share of the other model: %s", losses)
    return min(losses, key=losses.__getitem__)


def mix_and_temperature(deep: Tensor, wide: Tensor, gold: Tensor) -> tuple[float, float]:
    """Return how often the wide logits count, and what divides both, by least cross-entropy.

    `deep`, `wide`: (texts, classes); `gold`: (texts,). Both are chosen at once: a deep part
    that is too sure of itself gets worse by whatever is added to it, and would stay alone.
    """
    losses = {
        (round(float(weight), 2), round(float(t), 2)): float(
            functional.cross_entropy((deep + weight * wide) / t, gold)
        )
        for weight in MIXES
        for t in TEMPERATURES
    }
    return min(losses, key=losses.__getitem__)


def _trust(gold: Tensor) -> float:
    """Return by how much a topic trusts what is best for it alone: the more, the more often met."""
    found = int((gold > 0).sum())
    return found / (found + PRIOR)


def choose_tone(config: ReviewConfig, engine: Engine, texts: list[PublicText], dev: Logits) -> None:
    """Set how the tone's two parts mix, its temperature, and when the tone counts.

    Mix and temperature are those that are best on public development texts. The threshold
    is the lowest at which the overall accuracy on `dev`, whose labels judge a
    company only, falls by no more than `TONE_COST`.
    """
    felt = [text for text in texts if text.tone is not None]
    if not felt:
        log.info("no public development text has a tone: it never counts")
        config.tone_threshold = engine.config.tone_threshold = 1.0
        return
    documents = [(text.text, [(0, len(text.text))]) for text in felt]
    deep = torch.stack([found.tone for found in engine.deep(documents)])
    wide = torch.stack([found.tone for found in engine.wide(documents)])
    gold = torch.tensor([text.tone for text in felt])
    config.tone_wide_weight, config.tone_temperature = mix_and_temperature(deep, wide, gold)
    tone = dev.deep_tone + config.tone_wide_weight * dev.wide_tone
    tone = (tone / config.tone_temperature).softmax(-1)
    overall = scaled(config, dev).softmax(-1)
    topics = (dev.mixed_topics(config.wide_weight) / config.topic_temperature).softmax(-1)
    spoken = (1 - topics[..., 0] >= torch.tensor(config.thresholds)).any(-1)
    open_ = dev.toned.clone()
    open_[dev.owner[spoken]] = False

    def accuracy() -> float:
        said = [
            (engine.with_tone(shares, feeling) if free else shares).argmax()
            for shares, feeling, free in zip(overall, tone, open_, strict=True)
        ]
        return float((torch.stack(said) == dev.overall).float().mean())

    engine.config.tone_threshold = 1.0
    whole = accuracy()
    for threshold in TONE_THRESHOLDS:
        config.tone_threshold = engine.config.tone_threshold = round(float(threshold), 2)
        reached = accuracy()
        log.info("tone from %.2f: overall accuracy %.4f of %.4f", threshold, reached, whole)
        if reached >= whole - TONE_COST:
            break


def figures(config: ReviewConfig, found: Logits) -> dict[str, float]:
    """Return the scores of the deep part, the wide part and both together."""
    thresholds = torch.tensor(config.thresholds)
    mixed = (found.mixed_topics(config.wide_weight) / config.topic_temperature).softmax(-1)
    best = [
        max(pair_f1(part.softmax(-1), found.topics, float(t)) for t in THRESHOLDS)
        for part in (found.deep_topics, found.wide_topics)
    ]

    def accuracy(logits: Tensor) -> float:
        return float((logits.argmax(-1) == found.overall).float().mean())

    scores = {
        "pair, deep alone at its best threshold": best[0],
        "pair, wide alone at its best threshold": best[1],
        "pair, both": pair_f1(mixed, found.topics, thresholds),
        "overall, deep alone": accuracy(found.deep_overall),
        "overall, wide alone": accuracy(found.wide_overall),
        "overall, both": accuracy(scaled(config, found)),
    }
    return {name: round(value, 4) for name, value in scores.items()}
