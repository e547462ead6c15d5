"""The training loop that every stage of the deep part shares.

Cross-entropy over four states of every topic of every sentence, summed over
topics, plus cross-entropy of the overall sentiment and of the tone; where a text
has a teacher's logits, the divergence from the teacher too. Texts of
like length share a batch, so hardly any padding is computed; bfloat16 products are
used where the processor multiplies them itself; a GPU is used where there is one.
The order of batches follows from the seed and the epoch alone, so that a stage can
be resumed (`nlp.training.steps`).
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from nlp.encoder import fast_bfloat16
from nlp.inference import Logits
from nlp.modeling import ReviewConfig, ReviewModel
from nlp.training import steps
from nlp.training.corpus import Batch, Corpus, Special
from nlp.training.examples import UNKNOWN

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of the fine-tuning; the defaults made the shipped weights.

    Rates rise over the part `warm_up` of all steps, then fall to `final` times the
    peak. `share`: part of the labelled units that is used, Molva's own always;
    `public_share`: part of the public texts that is mixed into each epoch;
    `start`: state dict of an earlier stage to begin from; `temperature`: what a
    teacher's logits and the student's are divided by; `scale`: how many times the tokens
    of a processor's batch one holds; `minutes`: limit of the stage; `checkpoint_seconds`:
    time between checkpoints, None for none; `frozen`: how many of the lowest layers stay as
    they are, and the embeddings with them, 0 for neither; `average`: see `steps.Pace`.
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
    scale: int = 1
    minutes: float | None = None
    checkpoint_seconds: float | None = 240.0
    frozen: int = 0
    average: float | None = None

    def pace(self) -> steps.Pace:
        """Return what the stepping needs to know."""
        return steps.Pace(
            self.warm_up,
            self.seed,
            self.final,
            self.minutes,
            self.checkpoint_seconds,
            self.average,
        )


def logits(model: ReviewModel, batch: Batch) -> Logits:
    """Return logits of topics (sentences of all texts, topics, 4), overall and tone."""
    fast = model.device.type != "cpu" or fast_bfloat16()
    with torch.autocast(model.device.type, torch.bfloat16, enabled=fast):
        said = model.encode(batch.rows.ids, batch.rows.mask)
    count = len(batch.overall)
    # One more sentence and text take what belongs nowhere, padding among it: to pick out
    # the other tokens would make the processor wait for a GPU.
    topics, overall, tone = model.pool(
        said[:, 1:-1].flatten(0, 1),
        batch.sentence.flatten(),
        batch.document.flatten(),
        batch.sentences + 1,
        count + 1,
    )
    return Logits(topics[:-1], overall[:-1], tone[:-1])


def _groups(model: ReviewModel, settings: Settings) -> list[dict[str, object]]:
    """Give lower layers lower rates: they hold what pretraining knows."""
    layers = model.config.encoder["num_hidden_layers"]
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        layer = int(name.split(".")[3]) if name.startswith("encoder.encoder.layer.") else None
        lowest = name.startswith("encoder.embeddings.") or (
            layer is not None and layer < settings.frozen
        )
        if name.startswith("wide.") or (settings.frozen and lowest):
            parameter.requires_grad_(False)
            continue
        if layer is not None:
            depth = layers - 1 - layer
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
    corpus: Corpus,
    epochs: Sequence[Sequence[int]],
    settings: Settings,
    *,
    dev: Corpus,
    work: Path,
) -> ReviewModel:
    """Train over the texts of each epoch in turn, numbers in `corpus`; measure on `dev` after each.

    The result stays on the device that trained and is written to `work/deep.pt`.
    """
    model, tokenizer = start
    model.to(steps.device())
    corpus, dev = corpus.to(model.device), dev.to(model.device)
    special = Special.of(tokenizer)
    work.mkdir(parents=True, exist_ok=True)
    plan: list[list[int]] = []
    ends = []
    for epoch, chosen in enumerate(epochs):
        order = random.Random(settings.seed + epoch)  # noqa: S311  # an order, not a secret
        plan.extend(corpus.plan(chosen, settings.scale, order))
        ends.append(len(plan))
    usual = sum(map(len, plan)) / len(plan)

    def loss_of(step: int) -> tuple[Tensor, int]:
        batch = corpus.batch(plan[step], special)
        found = _loss(logits(model, batch), batch, settings, usual)
        return found, int(corpus.lengths[torch.tensor(plan[step])].sum())

    def at_end(step: int) -> None:
        log.info("step %d dev %s", step, figures(model, dev, special))

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
    steps.save(work / "deep.pt", {name: value.cpu() for name, value in model.state_dict().items()})
    return model


def _loss(found: Logits, batch: Batch, settings: Settings, usual: float) -> Tensor:
    """Return the mean loss; `usual` is the number of texts that a batch has on average.

    A batch of short texts holds ten times the texts of one of long ones. The
    square root lies between equal weight for texts and equal weight for batches.
    """
    # Labelled and taught sentences count alike: one sum, one number of sentences.
    loss = functional.cross_entropy(
        found.topics.flatten(0, 1), batch.topics.flatten(), ignore_index=UNKNOWN, reduction="sum"
    )
    known = (batch.topics != UNKNOWN).any(1).sum()
    if batch.soft:
        taught = batch.taught[batch.owner]
        loss = loss + _divergence(found.topics, batch.soft.topics, taught, settings.temperature)
        known = known + taught.sum()
    loss = loss / known.clamp_min(1)
    heads = (
        (found.overall, batch.overall, batch.soft and batch.soft.overall),
        (found.tone, batch.tone, batch.soft and batch.soft.tone),
    )
    for logit, labels, aim in heads:
        part = functional.cross_entropy(
            logit,
            labels,
            ignore_index=UNKNOWN,
            label_smoothing=settings.smoothing,
            reduction="sum",
        )
        known = (labels != UNKNOWN).sum()
        if aim is not None:
            part = part + _divergence(logit, aim, batch.taught, settings.temperature)
            known = known + batch.taught.sum()
        loss = loss + settings.overall_weight * part / known.clamp_min(1)
    scale: float = (len(batch.overall) / usual) ** 0.5
    return loss * scale


def _divergence(found: Tensor, teacher: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Return the Kullback–Leibler divergence from the teacher's logits, summed where `taught`.

    The square of the temperature keeps its gradients as large as those of hard labels
    (Hinton et al. 2015, https://arxiv.org/abs/1503.02531).
    """
    aim = (teacher / temperature).log_softmax(-1)
    said = (found / temperature).log_softmax(-1)
    each = functional.kl_div(said, aim, reduction="none", log_target=True).flatten(1).sum(1)
    return (each * taught).sum() * temperature**2


@torch.inference_mode()
def predict(model: ReviewModel, data: Corpus, special: Special, scale: int = 1) -> Logits:
    """Return the logits of every sentence and text of `data`, in its order."""
    model.eval()
    first = (data.sentences.cumsum(0) - data.sentences).tolist()
    numbers: list[int] = []
    lines: list[int] = []
    parts: list[Logits] = []
    for chosen in data.plan(range(len(data)), scale):
        parts.append(logits(model, data.batch(chosen, special)))
        numbers.extend(chosen)
        for i in chosen:
            lines.extend(range(first[i], first[i] + int(data.sentences[i])))
    text, sentence = (torch.tensor(order).argsort().to(model.device) for order in (numbers, lines))
    return Logits(
        torch.cat([part.topics for part in parts])[sentence],
        torch.cat([part.overall for part in parts])[text],
        torch.cat([part.tone for part in parts])[text],
    )


def figures(model: ReviewModel, data: Corpus, special: Special) -> dict[str, float]:
    """Return overall accuracy and micro-F1 of topics per text and of pairs per sentence."""
    said = predict(model, data, special)
    found, gold = said.topics.argmax(-1), data.topics.long()
    owner = torch.arange(len(data)).repeat_interleave(data.sentences).to(found.device)
    spoken, meant = (
        torch.zeros(len(data), found.shape[1], device=found.device).index_add(
            0, owner, (state > 0).float()
        )
        > 0
        for state in (found, gold)
    )
    right = (said.overall.argmax(-1) == data.overall).float().mean()
    return {
        "overall": round(float(right), 4),
        "topic_per_review": _f1(spoken & meant, spoken, meant),
        "pair_per_sentence": _f1((found == gold) & (gold > 0), found > 0, gold > 0),
    }


def _f1(hits: Tensor, said: Tensor, meant: Tensor) -> float:
    return round(2 * int(hits.sum()) / max(1, int(said.sum()) + int(meant.sum())), 4)
