"""Stage `finetune`: the deep part learns from the labelled units.

Cross-entropy over four states of every topic of every sentence, summed over
topics, plus cross-entropy of the overall sentiment. Units of like length share
a batch, so hardly any padding is computed; bfloat16 products are used where the
processor multiplies them itself. A checkpoint every few minutes makes the stage
resumable: the order of batches follows from the seed and the epoch alone.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from nlp.encoding import WINDOW, Encoded, batches, collate, encode_sentences
from nlp.modeling import ReviewConfig, ReviewModel, fast_bfloat16
from nlp.training.public import PublicText
from nlp.training.split import Side, Unit

log = logging.getLogger(__name__)
# What `cross_entropy` leaves out.
UNKNOWN = -100
BARE_LETTERS = str.maketrans("ąčęėįšųūžĄČĘĖĮŠŲŪŽ", "aceeisuuzACEEISUUZ")


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of the fine-tuning; the defaults made the shipped weights.

    `public_share`: part of the public texts that is mixed into each epoch;
    `start`: state dict of an earlier stage to begin from.
    """

    epochs: int = 3
    rate: float = 1e-4
    head_rate: float = 5e-4
    layer_decay: float = 0.9
    warm_up: float = 0.06
    weight_decay: float = 0.01
    overall_weight: float = 1.0
    smoothing: float = 0.05
    seed: int = 17
    public_share: float = 0.1
    start: Path | None = None
    checkpoint_seconds: float = 240.0


@dataclass(frozen=True)
class Example:
    """A tokenised unit with its labels: topics (sentences, topics), overall and tone class numbers.

    `UNKNOWN` stands for a label that the unit does not have; it is not trained on.
    """

    encoded: Encoded
    topics: Tensor
    overall: int
    tone: int = UNKNOWN


def examples(
    units: Iterable[Unit], tokenizer: PreTrainedTokenizerBase, topics: int
) -> list[Example]:
    """Tokenise units and turn their labels into tensors."""
    result = []
    for unit in units:
        labels = torch.zeros(len(unit.sentences), topics, dtype=torch.long)
        for i, found in enumerate(unit.topics):
            for topic, state in found.items():
                labels[i, topic] = state
        result.append(Example(encode_sentences(tokenizer, unit.sentences), labels, unit.sentiment))
    return result


def public_examples(
    texts: Iterable[PublicText], tokenizer: PreTrainedTokenizerBase, topics: int
) -> list[Example]:
    """Tokenise public texts; each is one piece, whose topics are mostly unknown."""
    result = []
    for text in texts:
        labels = torch.full((1, topics), UNKNOWN)
        for topic, state in text.topics.items():
            labels[0, topic] = state
        overall = UNKNOWN if text.overall is None else text.overall
        tone = UNKNOWN if text.tone is None else text.tone
        encoded = encode_sentences(tokenizer, [text.text])
        if encoded.ids:
            result.append(Example(encoded, labels, overall, tone))
    return result


def without_accents(units: Iterable[Unit]) -> Iterator[Unit]:
    """Yield the Lithuanian units as people type them on telephones: aeisuzc for ąčęėįšųūž."""
    for unit in units:
        if unit.lang == "lt":
            bare = tuple(sentence.translate(BARE_LETTERS) for sentence in unit.sentences)
            if bare != unit.sentences:
                yield replace(unit, sentences=bare)


def logits(
    model: ReviewModel, batch: list[Example], tokenizer: PreTrainedTokenizerBase
) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits of topics (sentences of all examples, topics, 4), overall and tone."""
    ids, mask = collate(
        [e.encoded.ids[:WINDOW] for e in batch],
        tokenizer.pad_token_id,
        tokenizer.cls_token_id,
        tokenizer.sep_token_id,
    )
    with torch.autocast("cpu", torch.bfloat16, enabled=fast_bfloat16()):
        rows = model.encode(ids, mask)
    kept, sentence, document, first = [], [], [], 0
    for row, example in enumerate(batch):
        numbers = torch.tensor(example.encoded.sentence[:WINDOW])
        inside = numbers >= 0
        kept.append(rows[row, 1 : 1 + len(numbers)][inside])
        sentence.append(numbers[inside] + first)
        document.append(torch.full((int(inside.sum()),), row))
        first += len(example.topics)
    return model.pool(torch.cat(kept), torch.cat(sentence), torch.cat(document), first, len(batch))


def _groups(model: ReviewModel, settings: Settings) -> list[dict[str, object]]:
    """Give lower layers lower rates: they hold what pretraining knows."""
    layers = model.config.encoder["num_hidden_layers"]
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if name.startswith("wide."):
            continue
        if name.startswith("encoder.encoder.layer."):
            depth = layers - 1 - int(name.split(".")[3])
            rate = settings.rate * settings.layer_decay**depth
        elif name.startswith("encoder."):
            rate = settings.rate * settings.layer_decay**layers
        else:
            rate = settings.head_rate
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": list_, "lr": rate, "weight_decay": decay}
        for (rate, decay), list_ in groups.items()
    ]


def build(pruned: Path, settings: Settings) -> tuple[ReviewModel, PreTrainedTokenizerBase]:
    """Return a `ReviewModel` around the pruned encoder and the tokenizer.

    Heads are new, or everything is as in `settings.start`.
    """
    torch.manual_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(pruned)
    encoder = json.loads((pruned / "config.json").read_text(encoding="utf-8"))
    names = ("vocab_size", "num_hidden_layers", "hidden_size", "num_attention_heads")
    names_of_text = (
        "intermediate_size",
        "max_position_embeddings",
        "type_vocab_size",
        "pad_token_id",
    )
    # sdpa's fast path has no dropout on CPU; the hidden states keep theirs.
    config = {name: encoder[name] for name in names + names_of_text} | {
        "attention_probs_dropout_prob": 0.0
    }
    model = ReviewModel(ReviewConfig(encoder=config, tone=True))
    loaded = type(model.encoder).from_pretrained(pruned, add_pooling_layer=False)
    model.encoder.load_state_dict(loaded.state_dict())
    for head in (model.topic_weights, model.overall_weights, model.tone_weights):
        # Attention starts as a plain mean.
        torch.nn.init.zeros_(head.weight)
    if settings.start:
        state = torch.load(settings.start, weights_only=True)
        state = {name: value for name, value in state.items() if not name.startswith("wide.")}
        lacking, _ = model.load_state_dict(state, strict=False)
        log.info(
            "from %s; new: %s", settings.start, [n for n in lacking if not n.startswith("wide.")]
        )
    return model, tokenizer


def finetune(
    pruned: Path,
    work: Path,
    sides: dict[Side, list[Unit]],
    public: Sequence[PublicText],
    settings: Settings,
) -> ReviewModel:
    """Train on the labelled units, with a share of the `public` texts mixed into each epoch.

    Resumes from `work/last.pt` where that exists; the result is `work/deep.pt`.
    """
    model, tokenizer = build(pruned, settings)
    topics = len(model.config.topics)
    units = [*sides["train"], *without_accents(sides["train"])]
    labelled = examples(units, tokenizer, topics)
    others = public_examples(public, tokenizer, topics)
    share = round(settings.public_share * len(others))
    plan = [
        labelled + others[epoch * share : (epoch + 1) * share] for epoch in range(settings.epochs)
    ]
    dev = examples(sides["dev"], tokenizer, topics)
    return train((model, tokenizer), plan, dev, work, settings)


def intermediate(
    pruned: Path,
    work: Path,
    sides: dict[Side, list[Unit]],
    public: Sequence[PublicText],
    settings: Settings,
) -> ReviewModel:
    """Train on the public texts alone; the result, `work/deep.pt`, is where `finetune` starts."""
    model, tokenizer = build(pruned, settings)
    topics = len(model.config.topics)
    plan = [public_examples(public, tokenizer, topics)] * settings.epochs
    dev = examples(sides["dev"], tokenizer, topics)
    return train((model, tokenizer), plan, dev, work, settings)


def train(
    start: tuple[ReviewModel, PreTrainedTokenizerBase],
    epochs: Sequence[list[Example]],
    dev: list[Example],
    work: Path,
    settings: Settings,
) -> ReviewModel:
    """Train over the examples of each epoch in turn; measure on `dev` after each."""
    model, tokenizer = start
    work.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(_groups(model, settings), fused=True)
    peak = [group["lr"] for group in optimizer.param_groups]
    plan: list[list[Example]] = []
    ends = set()
    for epoch, data in enumerate(epochs):
        order = random.Random(settings.seed + epoch)  # noqa: S311  # an order, not a secret
        lengths = [len(e.encoded.ids) for e in data]
        plan.extend([data[i] for i in batch] for batch in batches(lengths, order))
        ends.add(len(plan))
    usual = sum(map(len, plan)) / len(plan)
    step = _resume(work / "last.pt", model, optimizer)
    tokens = sum(len(e.encoded.ids) for batch in plan for e in batch)
    log.info("%d tokens, %d steps, from step %d", tokens, len(plan), step)
    saved = shown = time.monotonic()
    total = seen = 0.0
    model.train()
    while step < len(plan):
        batch = plan[step]
        for group, rate in zip(optimizer.param_groups, peak, strict=True):
            group["lr"] = rate * _schedule(step / len(plan), settings.warm_up)
        loss = _loss(logits(model, batch, tokenizer), batch, settings, usual)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        total += loss.item()
        seen += sum(len(e.encoded.ids) for e in batch)
        if step % 20 == 0:
            now = time.monotonic()
            log.info("step %d loss %.4f, %.0f tokens/s", step, total / 20, seen / (now - shown))
            total, seen, shown = 0.0, 0.0, now
        if time.monotonic() - saved > settings.checkpoint_seconds or step in ends:
            _save(work / "last.pt", model, optimizer, step)
            saved = time.monotonic()
        if step in ends:
            log.info("step %d dev %s", step, figures(model, dev, tokenizer))
            model.train()
            shown = time.monotonic()
    torch.save(model.state_dict(), work / "deep.pt")
    return model


def _loss(
    found: tuple[Tensor, Tensor, Tensor], batch: list[Example], settings: Settings, usual: float
) -> Tensor:
    """Return the mean loss; `usual` is the number of units that a batch has on average.

    A batch of short texts holds ten times the units of one of long texts. The
    square root lies between equal weight for units and equal weight for batches.
    """
    topics, overall, tone = found
    gold = torch.cat([e.topics for e in batch])
    known = max(1, int((gold != UNKNOWN).any(1).sum()))
    per_topic = functional.cross_entropy(
        topics.flatten(0, 1), gold.flatten(), ignore_index=UNKNOWN, reduction="sum"
    )
    loss: Tensor = per_topic / known
    for logit, values in ((overall, [e.overall for e in batch]), (tone, [e.tone for e in batch])):
        labels = torch.tensor(values)
        if (labels != UNKNOWN).any():
            loss = loss + settings.overall_weight * functional.cross_entropy(
                logit, labels, ignore_index=UNKNOWN, label_smoothing=settings.smoothing
            )
    scale: float = (len(batch) / usual) ** 0.5
    return loss * scale


def _schedule(done: float, warm_up: float) -> float:
    return min(done / warm_up, (1 - done) / (1 - warm_up)) if 0 < warm_up < 1 else 1 - done


def _save(path: Path, model: ReviewModel, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Write a checkpoint beside the old one, then replace it: a kill leaves one whole."""
    fresh = path.with_suffix(".new")
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, fresh)
    fresh.replace(path)


def _resume(path: Path, model: ReviewModel, optimizer: torch.optim.Optimizer) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def predict(
    model: ReviewModel, data: list[Example], tokenizer: PreTrainedTokenizerBase
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Yield (example number, topic logits, overall logits), in batches by length."""
    model.eval()
    with torch.inference_mode():
        for batch in batches([len(e.encoded.ids) for e in data]):
            topics, overall, _ = logits(model, [data[i] for i in batch], tokenizer)
            parts = topics.split([len(data[i].topics) for i in batch])
            yield from zip(batch, parts, overall, strict=True)


def figures(
    model: ReviewModel, data: list[Example], tokenizer: PreTrainedTokenizerBase
) -> dict[str, float]:
    """Return overall accuracy and micro-F1 of topics per text and of pairs per sentence."""
    right = 0
    review, pair = [0, 0, 0], [0, 0, 0]
    for i, topics, overall in predict(model, data, tokenizer):
        right += int(overall.argmax().item() == data[i].overall)
        found, gold = topics.argmax(-1), data[i].topics
        _count(pair, ((found == gold) & (gold > 0)).sum(), (found > 0).sum(), (gold > 0).sum())
        a, b = (found > 0).any(0), (gold > 0).any(0)
        _count(review, (a & b).sum(), a.sum(), b.sum())
    f1 = [2 * hit / max(1, said + meant) for hit, said, meant in (review, pair)]
    return {
        "overall": round(right / len(data), 4),
        "topic_per_review": round(f1[0], 4),
        "pair_per_sentence": round(f1[1], 4),
    }


def _count(counts: list[int], *values: Tensor) -> None:
    for place, value in enumerate(values):
        counts[place] += int(value)
