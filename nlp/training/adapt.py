"""Stage `adapt`: the pruned encoder reads reviews and learns to fill in words left out.

Masked language modelling (Devlin et al. 2019, https://arxiv.org/abs/1810.04805) on
the collected texts: fifteen words of a hundred are chosen, with all their
WordPieces; of those pieces 80 % become [MASK], 10 % another piece, 10 % stay. Only
chosen places go through the decoder, which is tied to the embeddings. Languages
are weighted as for the vocabulary: without it hardly any Lithuanian would be read.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import safetensors.torch
import torch
from torch import Tensor
from torch.nn import functional
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerBase,
)

from mention import UserError
from nlp.encoder import fast_bfloat16
from nlp.encoding import BATCH_TOKENS, WINDOW, Encoded, batches, row_length
from nlp.training import steps
from nlp.training.base import HEAD
from nlp.training.corpus import Corpus, Special
from nlp.training.examples import Example, unlabelled
from nlp.training.prune import LANGUAGES, SPECIAL
from nlp.training.split import Side, Unit
from nlp.training.texts import Allowed, Text, sample, sets

log = logging.getLogger(__name__)
LONGEST = 2000
# Characters taken of a set at most: without a limit, books and films would be half of all.
PER_SET = 1_500_000
NOTHING = (
    "there are no texts in Russian, English or Lithuanian: "
    "put sets named NAME.jsonl.xz into the folder train of --data"
)


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters.

    `steps`: how many batches are read at most; `share`: of words masked; `scale`: how many
    times the tokens of a processor's batch one holds.
    """

    steps: int = 2000
    minutes: float | None = None
    rate: float = 1e-4
    warm_up: float = 0.06
    weight_decay: float = 0.01
    share: float = 0.15
    seed: int = 17
    scale: int = 1
    checkpoint_seconds: float | None = 240.0


def read(data: Path, sides: dict[Side, list[Unit]]) -> list[Text]:
    """Return the texts to learn from: a fair choice of every set, dev and test left out."""
    allowed = Allowed(data, sides)
    return [
        text
        for name in sets(data)
        for text in sample(data, name, allowed, longest=LONGEST, most=PER_SET, size=len)
    ]


def plan(lengths: dict[str, dict[int, int]], settings: Settings) -> list[list[int]]:
    """Return the batches of the run, as numbers of texts.

    `lengths`: for each language the numbers of its texts and how many tokens they have.

    Each language fills its share of the rows (`LANGUAGES`; those of a language
    without texts fall to the others), with repeats where its texts are too few.
    """
    order = random.Random(settings.seed)  # noqa: S311  # an order, not a secret
    there = {language: lengths[language] for language in LANGUAGES if lengths.get(language)}
    if not there:
        raise UserError(NOTHING)
    whole = sum(LANGUAGES[language] for language in there)
    chosen: list[int] = []
    sizes: list[int] = []
    for language, texts in there.items():
        space = settings.steps * settings.scale * BATCH_TOKENS * LANGUAGES[language] / whole
        queue: list[int] = []
        while space > 0:
            if not queue:
                queue = list(texts)
                order.shuffle(queue)
            chosen.append(queue.pop())
            sizes.append(min(WINDOW, texts[chosen[-1]]))
            space -= row_length(sizes[-1])
    found = batches(sizes, order, settings.scale)
    return [[chosen[i] for i in batch] for batch in found[: settings.steps]]


class Mask:
    """Hides words from the model."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, share: float) -> None:
        pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        special = set(SPECIAL)
        self.share, self.mask = share, tokenizer.mask_token_id
        self.inside = torch.tensor([p.startswith("##") and len(p) > 2 for p in pieces])
        self.special = torch.tensor([piece in special for piece in pieces])
        self.ordinary = (~self.special).nonzero().squeeze(1)

    def to(self, device: torch.device) -> Self:
        """Move to a device: that of the rows."""
        self.inside, self.special = self.inside.to(device), self.special.to(device)
        self.ordinary = self.ordinary.to(device)
        return self

    def __call__(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the model reads, and which places it is asked about.

        `ids`: (rows, length) with special pieces; both results have its shape.
        Draws from torch's generator.
        """
        words = (~self.inside[ids]).cumsum(1)
        drawn = torch.rand(ids.shape[0], ids.shape[1] + 1, device=ids.device)
        drawn = drawn.gather(1, words) < self.share
        ordinary = ~self.special[ids]
        chosen = drawn & ordinary
        if not chosen.any():
            # A batch of one short text: ask about its first word.
            row = int(ordinary.any(1).int().argmax())
            first = words[row][ordinary[row]].min()
            chosen[row] = (words[row] == first) & ordinary[row]
        how = torch.rand(ids.shape, device=ids.device)
        others = self.ordinary[torch.randint(len(self.ordinary), ids.shape, device=ids.device)]
        hidden = ids.masked_fill(chosen & (how < 0.8), self.mask)
        return torch.where(chosen & (how >= 0.9), others, hidden), chosen


def adapt(
    encoder: Path, base: Path, target: Path, texts: Iterable[Text], settings: Settings
) -> None:
    """Train the encoder in `encoder` on `texts`; write it to `target` in the same layout.

    `base`: the folder whose `HEAD`, where there is one, is what the decoder begins from.
    Resumes from `target`/last.pt where that exists.
    """
    torch.manual_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    found: list[Example] = []
    languages: list[str] = []
    for text in texts:
        ids = tokenizer.backend_tokenizer.encode(text.text, add_special_tokens=False).ids
        if ids:
            found.append(unlabelled(Encoded(ids[:WINDOW], [-1] * len(ids[:WINDOW])), 0))
            languages.append(text.lang)
    if not found:
        raise UserError(NOTHING)
    model = masked_model(encoder, base, tokenizer)
    target.mkdir(parents=True, exist_ok=True)
    corpus = Corpus.of(found)
    learn(model, tokenizer, corpus, languages, settings, target / "last.pt")
    result = model.bert.cpu()
    result.config = BertConfig.from_pretrained(encoder)
    result.save_pretrained(target)
    tokenizer.save_pretrained(target)


def learn(  # noqa: PLR0917  # in the order of `adapt`
    model: BertForMaskedLM,
    tokenizer: PreTrainedTokenizerBase,
    corpus: Corpus,
    languages: Sequence[str],
    settings: Settings,
    checkpoint: Path | None = None,
) -> None:
    """Train `model` to fill in hidden words of `corpus`, whose texts are in `languages`."""
    where = torch.device(steps.device())
    model.to(where)
    corpus = corpus.to(where)
    lengths: dict[str, dict[int, int]] = {}
    for i, (language, length) in enumerate(zip(languages, corpus.lengths.tolist(), strict=True)):
        lengths.setdefault(language, {})[i] = length
    batches_ = plan(lengths, settings)
    pieces = {language: sum(found.values()) for language, found in lengths.items()}
    log.info("%s pieces of text, %s rows", pieces, sum(map(len, batches_)))
    special = Special.of(tokenizer)
    mask = Mask(tokenizer, settings.share).to(where)
    fast = where.type != "cpu" or fast_bfloat16()

    def loss_of(step: int) -> tuple[Tensor, int]:
        rows = corpus.rows(batches_[step], special)
        read, chosen = mask(rows.ids)
        with torch.autocast(where.type, torch.bfloat16, enabled=fast):
            hidden = model.bert(input_ids=read, attention_mask=rows.mask)
            found = model.cls(hidden.last_hidden_state[chosen])
        loss = functional.cross_entropy(found.float(), rows.ids[chosen])
        return loss, int(corpus.lengths[torch.tensor(batches_[step])].clamp(max=WINDOW).sum())

    plain = [p for p in model.parameters() if p.ndim == 1]
    matrices = [p for p in model.parameters() if p.ndim > 1]
    steps.run(
        model,
        [
            {"params": matrices, "lr": settings.rate, "weight_decay": settings.weight_decay},
            {"params": plain, "lr": settings.rate, "weight_decay": 0.0},
        ],
        loss_of,
        len(batches_),
        checkpoint=checkpoint,
        pace=steps.Pace(
            settings.warm_up,
            settings.seed,
            minutes=settings.minutes,
            checkpoint_seconds=settings.checkpoint_seconds,
        ),
    )


def masked_model(encoder: Path, base: Path, tokenizer: PreTrainedTokenizerBase) -> BertForMaskedLM:
    """Return the encoder with a decoder: the base's for these pieces where it fits, else new."""
    # sdpa's fast path has no dropout on CPU; the hidden states keep theirs.
    config = BertConfig.from_pretrained(encoder, attention_probs_dropout_prob=0.0)
    model = BertForMaskedLM(config)
    loaded = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
    model.bert.load_state_dict(loaded.state_dict())
    if not (base / HEAD).exists():
        log.info("%s has no %s: the decoder is new", base, HEAD)
        return model
    stored = safetensors.torch.load_file(base / HEAD)
    if stored["transform.dense.weight"].shape[0] != config.hidden_size:
        log.info("the decoder in %s has another width: a new one is made", base)
        return model
    places = {p: i for i, p in enumerate((base / "vocab.txt").read_text("utf-8").split("\n"))}
    whole = stored.pop("bias")
    bias = torch.zeros(config.vocab_size)
    for i, piece in enumerate(tokenizer.convert_ids_to_tokens(range(config.vocab_size))):
        if piece in places:
            bias[i] = whole[places[piece]]
    model.cls.predictions.load_state_dict(stored, strict=False)
    model.cls.predictions.bias.data.copy_(bias)
    return model
