"""Stage `export`: join both parts, store them small, choose on dev what is to be chosen."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor
from transformers import AutoTokenizer

from nlp.inference import Engine
from nlp.language import TONED
from nlp.modeling import ReviewModel
from nlp.taxonomy import codes
from nlp.taxonomy import load as load_taxonomy
from nlp.training.choosing import Logits, choose, choose_share, choose_tone, figures
from nlp.training.loop import Settings, build
from nlp.training.public import PublicText
from nlp.training.split import Side, Unit
from nlp.weights import WEIGHTS, digest, pack, unpack

log = logging.getLogger(__name__)


def document(unit: Unit) -> tuple[str, list[tuple[int, int]]]:
    """Return a unit as text and the spans of its labelled sentences."""
    spans, place = [], 0
    for sentence in unit.sentences:
        spans.append((place, place + len(sentence)))
        place += len(sentence) + 1
    return " ".join(unit.sentences), spans


def gold_of(units: list[Unit]) -> Tensor:
    """Return the labelled states of every sentence, (sentences, topics)."""
    gold = torch.zeros(sum(len(u.sentences) for u in units), len(codes()), dtype=torch.long)
    for row, found in enumerate(topics for unit in units for topics in unit.topics):
        for topic, state in found.items():
            gold[row, topic] = state
    return gold


def compute(engine: Engine, units: list[Unit]) -> Logits:
    """Run both parts over `units`; the deep one together with the ensemble's other member."""
    documents = [document(unit) for unit in units]
    deep, wide = engine.deep(documents), engine.wide(documents)
    return Logits(
        torch.cat([found.topics for found in deep]),
        torch.cat([found.topics for found in wide]),
        torch.stack([found.overall for found in deep]),
        torch.stack([found.overall for found in wide]),
        torch.stack([found.tone for found in deep]),
        torch.stack([found.tone for found in wide]),
        gold_of(units),
        torch.tensor([unit.sentiment for unit in units]),
        torch.tensor([i for i, unit in enumerate(units) for _ in unit.sentences]),
        torch.tensor([unit.lang in TONED for unit in units]),
    )


def assemble(encoder: Path, deep: Path, wide: Path) -> ReviewModel:
    """Return the trained model of a `finetune` or `distil` result (or checkpoint) and a `wide` one.

    `encoder`: the folder of the encoder that `deep` was trained around.
    """
    model, _ = build(encoder, Settings())
    if deep.suffix == ".safetensors":
        state = unpack(safetensors.torch.load_file(deep))
    else:
        # A checkpoint of a GPU is read where there is none.
        state = torch.load(deep, map_location="cpu", weights_only=True)
        state = state.get("model", state)
    state = {name: value for name, value in state.items() if not name.startswith("wide.")}
    state |= {f"wide.{name}": value for name, value in torch.load(wide, weights_only=True).items()}
    model.load_state_dict(state)
    model.eval()
    return model


def export(
    encoder: Path,
    deep: Path,
    wide: Path,
    target: Path,
    sides: dict[Side, list[Unit]],
    *,
    public: list[PublicText],
    name: str,
    version: str,
    member: str | None = None,
) -> dict[str, dict[str, float]]:
    """Write a model's folder to `target`; return the figures on dev and test.

    `public`: development texts with a tone; `member`: name of a model beside `target`
    that judges together with it.
    """
    model = assemble(encoder, deep, wide)
    target.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    tokenizer.save_pretrained(target)
    config = model.config
    config.model_name, config.model_version = name, version
    config.taxonomy_version = load_taxonomy().version
    config.architectures = ["ReviewModel"]
    safetensors.torch.save_file(pack(model.state_dict()), target / WEIGHTS, {"format": "pt"})
    config.weights_sha256 = digest(target / WEIGHTS)
    config.save_pretrained(target)
    if member is not None:
        beside = target.resolve().parent / member
        documents = [document(unit) for unit in sides["dev"]]
        own, other = (
            torch.cat([found.topics for found in Engine(folder).deep_alone(documents)])
            for folder in (target, beside)
        )
        config.ensemble = {
            "model": member,
            "weights_sha256": digest(beside / WEIGHTS),
            "share": choose_share(own, other, gold_of(sides["dev"])),
        }
        config.save_pretrained(target)
    engine = Engine(target)
    dev = compute(engine, sides["dev"])
    choose(config, dev)
    choose_tone(config, engine, public, dev)
    config.save_pretrained(target)
    result = {"dev": figures(config, dev), "test": figures(config, compute(engine, sides["test"]))}
    log.info("%s", json.dumps(result, indent=2))
    return result
