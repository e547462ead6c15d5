"""Stages `intermediate` and `finetune`: the deep part learns from public sets, then from labels."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from mention import UserError
from nlp.modeling import ReviewModel
from nlp.training.corpus import Corpus
from nlp.training.examples import examples, public_examples, without_accents
from nlp.training.loop import Settings, build, train
from nlp.training.public import PublicText
from nlp.training.split import Side, Unit


def finetune(
    encoder: Path,
    work: Path,
    sides: dict[Side, list[Unit]],
    public: Sequence[PublicText],
    settings: Settings,
) -> ReviewModel:
    """Train `encoder` on the labelled units, a share of the `public` texts mixed into each epoch.

    Resumes from `work/last.pt` where that exists; the result is `work/deep.pt`.
    """
    model, tokenizer = build(encoder, settings)
    topics = len(model.config.topics)
    order = random.Random(settings.seed)  # noqa: S311  # an order, not a secret
    bare = list(without_accents(sides["train"]))
    units = [unit for unit in sides["train"] if unit.train_only or order.random() < settings.share]
    units += order.sample(bare, len(bare) // 2)
    labelled = examples(units, tokenizer, topics)
    others = public_examples(order.sample(list(public), len(public)), tokenizer, topics)
    share = round(settings.public_share * len(others))
    corpus = Corpus.of(labelled + others[: share * settings.epochs])
    first = len(labelled)
    epochs = [
        [
            *range(first),
            *range(first + epoch * share, min(len(corpus), first + (epoch + 1) * share)),
        ]
        for epoch in range(settings.epochs)
    ]
    dev = Corpus.of(examples(sides["dev"], tokenizer, topics))
    return train((model, tokenizer), corpus, epochs, settings, dev=dev, work=work)


def intermediate(
    encoder: Path,
    work: Path,
    sides: dict[Side, list[Unit]],
    public: Sequence[PublicText],
    settings: Settings,
) -> ReviewModel:
    """Train on the public texts alone; the result, `work/deep.pt`, is where `finetune` starts.

    Raises `UserError` when there are none.
    """
    if not public:
        raise UserError(
            "there are no texts of the public sets: put some of those in nlp/training/public.py "
            "into the folder train of --data, or go on with finetune"
        )
    model, tokenizer = build(encoder, settings)
    topics = len(model.config.topics)
    corpus = Corpus.of(public_examples(public, tokenizer, topics))
    dev = Corpus.of(examples(sides["dev"], tokenizer, topics))
    epochs = [range(len(corpus))] * settings.epochs
    return train((model, tokenizer), corpus, epochs, settings, dev=dev, work=work)
