"""The training loop that every stage of the deep part shares.

Cross-entropy over four states of every topic of every sentence, summed over
topics, plus cross-entropy of the overall sentiment and of the tone; where a text
has a teacher's logits in place of labels, the divergence from the teacher. Units of
like length share a batch, so hardly any padding is computed; bfloat16 products are
used where the processor multiplies them itself; a GPU is used where there is one.
The order of batches follows from the seed and the epoch alone, so that a stage can
be resumed (`nlp.training.steps`).
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from nlp.encoder import fast_bfloat16
from nlp.encoding import WINDOW, batches, collate
from nlp.modeling import ReviewConfig, ReviewModel
from nlp.training import steps
from nlp.training.examples import UNKNOWN, Example

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of the fine-tuning; the defaults made the shipped weights.

    Rates rise over the part `warm_up` of all steps, then fall to `final` times the
    peak. `share`: part of the labelled units that is used, Molva's own always;
    `public_share`: part of the public texts that is mixed into each epoch;
    `start`: state dict of an earlier stage to begin from; `temperature`: what a
    teacher's logits and the student's are divided by; `minutes`: limit of the stage.
    """

    epochs: int = 3
    rate: float = 1e-4
    head_rate: float = 5e-4
    layer_decay: float = 0.9
    warm_up: float = 0.06
    final: float = 0.0
    weight_decay: float = 0.01
    overall_weight: float = 1.0
    smoothing: float = 0.05
    seed: int = 17
    share: float = 1.0
    public_share: float = 0.08
    start: Path | None = None
    temperature: float = 1.5
    minutes: float | None = None
    checkpoint_seconds: float = 240.0

    def pace(self) -> steps.Pace:
        """Return what the stepping needs to know."""
        return steps.Pace(
            self.warm_up, self.seed, self.final, self.minutes, self.checkpoint_seconds
        )


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
    where = model.device
    fast = where.type != "cpu" or fast_bfloat16()
    with torch.autocast(where.type, torch.bfloat16, enabled=fast):
        rows = model.encode(ids.to(where), mask.to(where))
    kept, sentence, document, first = [], [], [], 0
    for row, example in enumerate(batch):
        numbers = torch.tensor(example.encoded.sentence[:WINDOW], device=where)
        inside = numbers >= 0
        kept.append(rows[row, 1 : 1 + len(numbers)][inside])
        sentence.append(numbers[inside] + first)
        document.append(torch.full((int(inside.sum()),), row, device=where))
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


def train(
    start: tuple[ReviewModel, PreTrainedTokenizerBase],
    epochs: Sequence[list[Example]],
    dev: list[Example],
    work: Path,
    settings: Settings,
) -> ReviewModel:
    """Train over the examples of each epoch in turn; measure on `dev` after each."""
    model, tokenizer = start
    model.to(steps.device())
    work.mkdir(parents=True, exist_ok=True)
    plan: list[list[Example]] = []
    ends = []
    for epoch, data in enumerate(epochs):
        order = random.Random(settings.seed + epoch)  # noqa: S311  # an order, not a secret
        lengths = [len(e.encoded.ids) for e in data]
        plan.extend([data[i] for i in batch] for batch in batches(lengths, order))
        ends.append(len(plan))
    usual = sum(map(len, plan)) / len(plan)

    def loss_of(step: int) -> tuple[Tensor, int]:
        batch = plan[step]
        found = _loss(logits(model, batch, tokenizer), batch, settings, usual)
        return found, sum(len(e.encoded.ids) for e in batch)

    def at_end(step: int) -> None:
        log.info("step %d dev %s", step, figures(model, dev, tokenizer))

    steps.run(
        model,
        _groups(model, settings),
        loss_of,
        len(plan),
        checkpoint=work / "last.pt",
        pace=settings.pace(),
        ends=ends,
        at_end=at_end,
    )
    steps.save(work / "deep.pt", model.cpu().state_dict())
    return model


def _loss(
    found: tuple[Tensor, Tensor, Tensor], batch: list[Example], settings: Settings, usual: float
) -> Tensor:
    """Return the mean loss; `usual` is the number of units that a batch has on average.

    A batch of short texts holds ten times the units of one of long texts. The
    square root lies between equal weight for units and equal weight for batches.
    """
    topics, overall, tone = found
    where = topics.device
    gold = torch.cat([e.topics for e in batch]).to(where)
    soft = [e.soft for e in batch if e.soft]
    taught = torch.tensor([e.soft is not None for e in batch], device=where)
    sizes = torch.tensor([len(e.topics) for e in batch], device=where)
    # Hard and soft sentences count alike: one sum, one number of sentences.
    loss = functional.cross_entropy(
        topics.flatten(0, 1), gold.flatten(), ignore_index=UNKNOWN, reduction="sum"
    )
    known = int((gold != UNKNOWN).any(1).sum())
    if soft:
        chosen = topics[taught.repeat_interleave(sizes)]
        loss = loss + _divergence(chosen, torch.cat([s.topics for s in soft]), settings.temperature)
        known += len(chosen)
    loss = loss / max(1, known)
    heads = (
        (overall, [e.overall for e in batch], [s.overall for s in soft]),
        (tone, [e.tone for e in batch], [s.tone for s in soft]),
    )
    for logit, values, taught_logits in heads:
        labels = torch.tensor(values, device=where)
        part = functional.cross_entropy(
            logit,
            labels,
            ignore_index=UNKNOWN,
            label_smoothing=settings.smoothing,
            reduction="sum",
        )
        if taught_logits:
            part = part + _divergence(
                logit[taught], torch.stack(taught_logits), settings.temperature
            )
        known = int((labels != UNKNOWN).sum()) + len(taught_logits)
        loss = loss + settings.overall_weight * part / max(1, known)
    scale: float = (len(batch) / usual) ** 0.5
    return loss * scale


def _divergence(found: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return the summed Kullback–Leibler divergence of `found` from the teacher's logits.

    The square of the temperature keeps its gradients as large as those of hard labels
    (Hinton et al. 2015, https://arxiv.org/abs/1503.02531).
    """
    aim = (teacher.to(found.device).float() / temperature).log_softmax(-1)
    said = (found / temperature).log_softmax(-1)
    return functional.kl_div(said, aim, reduction="sum", log_target=True) * temperature**2


def predict(
    model: ReviewModel, data: list[Example], tokenizer: PreTrainedTokenizerBase
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Yield (example number, topic logits, overall logits), in batches by length."""
    model.eval()
    with torch.inference_mode():
        for batch in batches([len(e.encoded.ids) for e in data]):
            topics, overall, _ = logits(model, [data[i] for i in batch], tokenizer)
            parts = topics.cpu().split([len(data[i].topics) for i in batch])
            yield from zip(batch, parts, overall.cpu(), strict=True)


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
