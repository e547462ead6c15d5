"""Stage `distil`: a small student learns from the labelled units and from a teacher's answers."""

from __future__ import annotations

from pathlib import Path

from nlp.modeling import ReviewModel
from nlp.training import pseudo
from nlp.training.corpus import Corpus
from nlp.training.examples import examples, without_accents
from nlp.training.loop import Settings, build, train
from nlp.training.split import Side, Unit

# Most of a student is new: it learns faster than a pretrained encoder, and evenly in all layers.
DEFAULTS = Settings(epochs=6, rate=5e-4, head_rate=1e-3, layer_decay=1.0, warm_up=0.03)


def distil(
    student: Path,
    shards: Path,
    work: Path,
    sides: dict[Side, list[Unit]],
    settings: Settings,
    *,
    most: int = 150_000,
) -> ReviewModel:
    """Train the encoder in `student`, every epoch on all units and `most` texts of `shards`.

    Units have hard labels; texts of the shards have the teacher's logits, for the
    sentences that the teacher saw. Resumes from `work/last.pt` where that exists;
    the result is `work/deep.pt`.
    """
    model, tokenizer = build(student, settings)
    topics = len(model.config.topics)
    units = [*sides["train"], *without_accents(sides["train"])]
    corpus = Corpus.of(
        examples(units, tokenizer, topics) + pseudo.examples(shards, tokenizer, most)
    )
    dev = Corpus.of(examples(sides["dev"], tokenizer, topics))
    epochs = [range(len(corpus))] * settings.epochs
    return train((model, tokenizer), corpus, epochs, settings, dev=dev, work=work)
