"""Stage `together`: from the packed encoder to a teacher and its students, in one process on a GPU.

The same steps as `adapt`, `intermediate`, `finetune`, `pseudo` and `distil`, but nothing is read,
cut or tokenised twice, and each has a share of the time: all of it takes minutes. Teachers
that differ by their seed answer together; two students learn from the mean of their logits,
from the labelled texts and from the public sets:

* `accurate`: every second layer of the teacher, as in DistilBERT (Sanh et al. 2019,
  https://arxiv.org/abs/1910.01108);
* `small`: a new encoder with a vocabulary of its own (`nlp.training.student`).
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import safetensors.torch
import torch
from tokenizers import Tokenizer
from transformers import AutoModel, AutoTokenizer, BertConfig, PreTrainedTokenizerBase

from nlp.encoding import BATCH_TOKENS, encode
from nlp.inference import Logits
from nlp.modeling import ReviewModel
from nlp.taxonomy import codes
from nlp.training import adapt, steps
from nlp.training.corpus import Corpus, Special
from nlp.training.examples import unlabelled
from nlp.training.loop import Settings, build, predict, train
from nlp.training.pack import TEXTS, shrink, unpack_encoder
from nlp.training.student import Shape, new_encoder

log = logging.getLogger(__name__)
# Texts that one process tokenises at once.
CHUNK = 2000
# More than the time allows: the clock ends a step, and the rate falls by the clock.
ADAPT_TOKENS = 60_000_000
ACCURATE_EPOCHS, SMALL_EPOCHS = 5, 25


@dataclass(frozen=True)
class Plan:
    """How long each step may take, in minutes, and the rates that suit a GPU's batches.

    `seeds`: of the teachers; `layers`: of the accurate student;
    `public_share`: part of the public texts in each epoch over the labelled ones.
    """

    adapt: float = 1.6
    intermediate: float = 0.6
    teacher: float = 1.0
    accurate: float = 1.5
    small: float = 2.0
    seeds: tuple[int, ...] = (17, 18)
    layers: int = 6
    shape: Shape = field(default_factory=Shape)
    epochs: int = 4
    public_share: float = 0.15
    rate: float = 5e-5
    scale: int = 2

    def stretched(self, times: float) -> Self:
        """Return the plan with every step's time multiplied."""
        names = ("adapt", "intermediate", "teacher", "accurate", "small")
        return replace(self, **{name: times * getattr(self, name) for name in names})


def spread(layers: int, kept: int) -> list[int]:
    """Return the numbers of `kept` of the layers, the first and the last among them."""
    kept = min(layers, kept)
    return [round(i * (layers - 1) / max(1, kept - 1)) for i in range(kept)]


def _encode(job: tuple[str, list[str]]) -> bytes:
    file, lines = job
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(file)
    topics = len(codes())
    found = []
    for line in lines:
        text = json.loads(line)
        encoded = encode(tokenizer, text["text"], text["spans"])
        found.append(unlabelled(encoded, topics, len(text["spans"])))
    # As bytes: tensors would travel as files, of which a process may have too few.
    return safetensors.torch.save(Corpus.of(found).tensors())


def tokenise(texts: Path, tokenizers: Sequence[Path]) -> list[Corpus]:
    """Return the texts of the file once for each tokenizer's folder, by all processors.

    Call it before anything is on the GPU: processes are forked.
    """
    with texts.open(encoding="utf-8") as lines:
        every = list(lines)
    chunks = [every[i : i + CHUNK] for i in range(0, len(every), CHUNK)]
    jobs = [(str(f / "tokenizer.json"), chunk) for f in tokenizers for chunk in chunks]
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        parts = [Corpus(**safetensors.torch.load(b)) for b in pool.imap(_encode, jobs)]
    return [
        parts[i].joined(parts[i + 1 : i + len(chunks)]) for i in range(0, len(parts), len(chunks))
    ]


class Together:
    """The packed folder, the folder of results, and the steps in their order."""

    def __init__(self, packed: Path, work: Path, plan: Plan) -> None:
        self.packed, self.work, self.plan = packed, work, plan
        self.began = time.monotonic()
        work.mkdir(parents=True, exist_ok=True)
        names = [packed / "teacher", packed / "student"]
        self.plain = dict(zip(("teacher", "student"), tokenise(packed / TEXTS, names), strict=True))
        with (packed / TEXTS).open(encoding="utf-8") as lines:
            self.languages: list[str] = [json.loads(line)["lang"] for line in lines]
        self.settings = Settings(
            rate=plan.rate, scale=plan.scale, epochs=plan.epochs, checkpoint_seconds=None
        )
        self.say(f"{len(self.languages)} texts tokenised")

    def say(self, words: str) -> None:
        """Log what is done and when."""
        log.info("%4.0f s: %s", time.monotonic() - self.began, words)

    def part(self, who: str, name: str) -> Corpus:
        """Return a packed corpus, as `who`'s tokenizer reads it."""
        return Corpus(**safetensors.torch.load_file(self.packed / who / f"{name}.safetensors"))

    def adapted(self) -> Path:
        """Let the encoder read the texts, labelled ones too; return its folder."""
        target = self.work / "adapted"
        pruned = self.work / "pruned"
        unpack_encoder(self.packed, pruned)
        tokenizer = AutoTokenizer.from_pretrained(pruned)
        model = adapt.masked_model(pruned, self.packed, tokenizer)
        known = json.loads((self.packed / "languages.json").read_text("utf-8"))
        corpus = self.plain["teacher"].joined(
            [self.part("teacher", "labelled"), self.part("teacher", "bare")]
        )
        languages = [*self.languages, *known["labelled"], *known["bare"]]
        settings = adapt.Settings(
            steps=ADAPT_TOKENS // (4 * self.plan.scale * BATCH_TOKENS),
            minutes=self.plan.adapt,
            scale=4 * self.plan.scale,
            checkpoint_seconds=None,
        )
        adapt.learn(model, tokenizer, corpus, languages, settings)
        result = model.bert.cpu()
        result.config = BertConfig.from_pretrained(pruned)
        result.save_pretrained(target)
        tokenizer.save_pretrained(target)
        self.say("adapted")
        return target

    def teachers(self, encoder: Path) -> tuple[list[ReviewModel], PreTrainedTokenizerBase]:
        """Train on the public sets, then on the labelled texts, once for each seed."""
        dev = self.part("teacher", "dev")
        public = self.part("teacher", "public")
        first = self.work / "intermediate"
        settings = replace(self.settings, minutes=self.plan.intermediate)
        train(build(encoder, settings), public, [range(len(public))], settings, dev=dev, work=first)
        self.say("public sets learned")
        corpus, epochs = self.lessons("teacher", public)
        models = []
        for seed in self.plan.seeds:
            settings = replace(
                self.settings, seed=seed, minutes=self.plan.teacher, start=first / "deep.pt"
            )
            start = build(encoder, settings)
            work = self.work / f"teacher-{seed}"
            models.append(train(start, corpus, epochs, settings, dev=dev, work=work))
            self.say(f"teacher {seed} trained")
        return models, start[1]

    def lessons(self, who: str, public: Corpus) -> tuple[Corpus, list[list[int]]]:
        """Return the labelled texts with public ones behind them, and what each epoch reads."""
        labelled, bare = self.part(who, "labelled"), self.part(who, "bare")
        corpus = labelled.joined([bare, public])
        epochs = []
        for epoch in range(self.plan.epochs):
            order = random.Random(epoch)  # noqa: S311  # an order, not a secret
            second = range(len(labelled), len(labelled) + len(bare))
            third = range(second.stop, len(corpus))
            share = round(len(third) * self.plan.public_share)
            epochs.append(
                [
                    *range(len(labelled)),
                    *order.sample(second, len(bare) // 2),
                    *order.sample(third, share),
                ]
            )
        return corpus, epochs

    def answers(
        self, models: Sequence[ReviewModel], tokenizer: PreTrainedTokenizerBase, corpus: Corpus
    ) -> Logits:
        """Return the mean of the teachers' logits."""
        corpus = corpus.to(steps.device())
        special = Special.of(tokenizer)
        said = []
        for model in models:
            model.to(steps.device())
            said.append(predict(model, corpus, special, 4 * self.plan.scale))
        return Logits(
            torch.stack([s.topics for s in said]).mean(0).cpu(),
            torch.stack([s.overall for s in said]).mean(0).cpu(),
            torch.stack([s.tone for s in said]).mean(0).cpu(),
        )

    def accurate(
        self, teacher: ReviewModel, tokenizer: PreTrainedTokenizerBase, said: dict[str, Logits]
    ) -> None:
        """Distil into some of the teacher's own layers."""
        folder = self.work / "accurate"
        encoder = teacher.cpu().encoder
        layers = spread(teacher.config.encoder["num_hidden_layers"], self.plan.layers)
        state = {
            name: value
            for name, value in teacher.state_dict().items()
            if not name.startswith("encoder.encoder.layer.")
        }
        for place, layer in enumerate(layers):
            for name, value in encoder.encoder.layer[layer].state_dict().items():
                state[f"encoder.encoder.layer.{place}.{name}"] = value
        encoder.encoder.layer = torch.nn.ModuleList(
            encoder.encoder.layer[layer] for layer in layers
        )
        config = dict(teacher.config.encoder) | {"num_hidden_layers": len(layers)}
        encoder.config = BertConfig(**config)
        encoder.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        torch.save(state, folder / "start.pt")
        settings = replace(
            self.settings,
            minutes=self.plan.accurate,
            epochs=ACCURATE_EPOCHS,
            start=folder / "start.pt",
            layer_decay=1.0,
            head_rate=2e-4,
            scale=2 * self.plan.scale,
        )
        self.distil("teacher", folder, said, settings)

    def small(self, teacher: Path, said: dict[str, Logits]) -> None:
        """Distil into a new small encoder."""
        folder = self.work / "small"
        model = AutoModel.from_pretrained(teacher, add_pooling_layer=False)
        table = model.embeddings.word_embeddings.weight.data
        tokenizer = AutoTokenizer.from_pretrained(self.packed / "student")
        pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        known = AutoTokenizer.from_pretrained(teacher).get_vocab()
        new_encoder(pieces, known, table, self.plan.shape).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        settings = replace(
            self.settings,
            minutes=self.plan.small,
            epochs=SMALL_EPOCHS,
            rate=1e-3,
            head_rate=1e-3,
            layer_decay=1.0,
            scale=4 * self.plan.scale,
        )
        self.distil("student", folder, said, settings)

    def distil(self, who: str, folder: Path, said: dict[str, Logits], settings: Settings) -> None:
        """Train on plain and public texts with the teachers' answers, and on the labelled ones."""
        public = self.part(who, "public").taught_by(said["public"])
        plain = self.plain[who].taught_by(said["plain"])
        corpus = self.part(who, "labelled").joined([self.part(who, "bare"), public, plain])
        start = build(folder, settings)
        epochs = [range(len(corpus))] * settings.epochs
        model = train(
            start, corpus, epochs, settings, dev=self.part(who, "dev"), work=folder / "run"
        )
        state = {n: v for n, v in model.state_dict().items() if not n.startswith("wide.")}
        safetensors.torch.save_file(shrink(state), folder / "deep.safetensors")
        self.say(f"{folder.name} distilled")

    def run(self) -> None:
        """Take all steps."""
        encoder = self.adapted()
        models, tokenizer = self.teachers(encoder)
        said = {
            "public": self.answers(models, tokenizer, self.part("teacher", "public")),
            "plain": self.answers(models, tokenizer, self.plain["teacher"]),
        }
        self.say("teachers answered")
        self.small(encoder, said)
        self.accurate(models[0], tokenizer, said)
