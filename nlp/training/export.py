"""Stage `export`: join both parts, store them small, choose on dev what is to be chosen.

Everything is chosen for the weights as they are stored, so that what is shipped
is what was measured: how much the wide part counts, the temperatures (least
cross-entropy on dev), and for each topic the probability from which it is
reported (best F1 of topic and polarity on dev, drawn towards the threshold that
is best for all topics, the more the rarer the topic).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer

from nlp.inference import Engine
from nlp.modeling import ReviewConfig, ReviewModel
from nlp.taxonomy import load as load_taxonomy
from nlp.training.finetune import Settings, build
from nlp.training.split import Side, Unit
from nlp.weights import WEIGHTS, digest, pack

log = logging.getLogger(__name__)
MIXES = np.arange(0, 2.01, 0.1)
TEMPERATURES = np.arange(0.5, 2.51, 0.05)
THRESHOLDS = np.arange(0.15, 0.76, 0.025)
# A topic with this many labelled sentences in dev trusts its own threshold by half.
PRIOR = 60


@dataclass(frozen=True)
class Logits:
    """Both parts' logits on a set of units, and the labels.

    Topics: (sentences, topics, 4); overall: (units, 4); gold accordingly.
    """

    deep_topics: Tensor
    wide_topics: Tensor
    deep_overall: Tensor
    wide_overall: Tensor
    topics: Tensor
    overall: Tensor

    def mixed_topics(self, weight: float) -> Tensor:
        """Return the topic logits with the wide part counted `weight` times."""
        return self.deep_topics + weight * self.wide_topics

    def mixed_overall(self, weight: float) -> Tensor:
        """Return the overall logits with the wide part counted `weight` times."""
        return self.deep_overall + weight * self.wide_overall


def document(unit: Unit) -> tuple[str, list[tuple[int, int]]]:
    """Return a unit as text and the spans of its labelled sentences."""
    spans, place = [], 0
    for sentence in unit.sentences:
        spans.append((place, place + len(sentence)))
        place += len(sentence) + 1
    return " ".join(unit.sentences), spans


def compute(engine: Engine, units: list[Unit]) -> Logits:
    """Run both parts over `units`."""
    documents = [document(unit) for unit in units]
    deep, wide = engine.deep(documents), engine.wide(documents)
    count = len(engine.model.config.topics)
    gold = torch.zeros(sum(len(u.sentences) for u in units), count, dtype=torch.long)
    for row, found in enumerate(topics for unit in units for topics in unit.topics):
        for topic, state in found.items():
            gold[row, topic] = state
    return Logits(
        torch.cat([found.topics for found in deep]),
        torch.cat([topics for topics, _ in wide]),
        torch.stack([found.overall for found in deep]),
        torch.stack([overall for _, overall in wide]),
        gold,
        torch.tensor([unit.sentiment for unit in units]),
    )


def pair_f1(probabilities: Tensor, gold: Tensor, thresholds: Tensor | float) -> float:
    """Return micro-F1 of topic and polarity per sentence at the given thresholds."""
    present = 1 - probabilities[..., 0] >= thresholds
    state = probabilities[..., 1:].argmax(-1) + 1
    hit = int((present & (state == gold)).sum())
    return 2 * hit / max(1, int(present.sum()) + int((gold > 0).sum()))


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

    config.wide_weight = best_mix(topic_score)
    config.overall_wide_weight = best_mix(overall_loss)
    mixed = dev.mixed_topics(config.wide_weight)
    config.topic_temperature = best_temperature(mixed.flatten(0, 1), dev.topics.flatten())
    config.overall_temperature = best_temperature(
        dev.mixed_overall(config.overall_wide_weight), dev.overall
    )
    p = (mixed / config.topic_temperature).softmax(-1)
    common = float(max(THRESHOLDS, key=lambda t: pair_f1(p, dev.topics, float(t))))
    config.thresholds = []
    for topic in range(p.shape[1]):
        here, gold = p[:, topic], dev.topics[:, topic]
        own = float(max(THRESHOLDS, key=lambda t: pair_f1(here, gold, float(t))))  # used at once
        share = int((gold > 0).sum()) / (int((gold > 0).sum()) + PRIOR)
        config.thresholds.append(round(share * own + (1 - share) * common, 3))


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
        "overall, both": accuracy(found.mixed_overall(config.overall_wide_weight)),
    }
    return {name: round(value, 4) for name, value in scores.items()}


def assemble(pruned: Path, deep: Path, wide: Path) -> ReviewModel:
    """Return the trained model of a `finetune` result (or checkpoint) and a `wide` result."""
    model, _ = build(pruned, Settings())
    state = torch.load(deep, weights_only=True)
    state = state.get("model", state)
    state = {name: value for name, value in state.items() if not name.startswith("wide.")}
    state |= {f"wide.{name}": value for name, value in torch.load(wide, weights_only=True).items()}
    model.load_state_dict(state)
    model.eval()
    return model


def export(
    pruned: Path,
    deep: Path,
    wide: Path,
    target: Path,
    sides: dict[Side, list[Unit]],
    *,
    name: str,
    version: str,
) -> dict[str, dict[str, float]]:
    """Write a model's folder to `target`; return the figures on dev and test."""
    model = assemble(pruned, deep, wide)
    target.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(pruned)
    tokenizer.save_pretrained(target)
    config = model.config
    config.model_name, config.model_version = name, version
    config.taxonomy_version = load_taxonomy().version
    config.architectures = ["ReviewModel"]
    safetensors.torch.save_file(pack(model.state_dict()), target / WEIGHTS, {"format": "pt"})
    config.weights_sha256 = digest(target / WEIGHTS)
    config.save_pretrained(target)
    engine = Engine(target)
    dev = compute(engine, sides["dev"])
    choose(config, dev)
    config.save_pretrained(target)
    result = {"dev": figures(config, dev), "test": figures(config, compute(engine, sides["test"]))}
    log.info("%s", json.dumps(result, indent=2))
    return result
