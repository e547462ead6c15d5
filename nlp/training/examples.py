"""Texts with their labels as tensors, ready for training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from nlp.encoding import Encoded, encode_sentences
from nlp.inference import Logits
from nlp.training.public import PublicText
from nlp.training.split import Unit

# What `cross_entropy` leaves out.
UNKNOWN = -100
BARE_LETTERS = str.maketrans("ąčęėįšųūžĄČĘĖĮŠŲŪŽ", "aceeisuuzACEEISUUZ")


@dataclass(frozen=True)
class Example:
    """A tokenised unit with its labels: topics (sentences, topics), overall and tone class numbers.

    `UNKNOWN` stands for a label that the unit does not have; it is not trained on.
    `soft`: a teacher's logits, for a text that has no labels.
    """

    encoded: Encoded
    topics: Tensor
    overall: int
    tone: int = UNKNOWN
    soft: Logits | None = None


def unlabelled(encoded: Encoded, topics: int, sentences: int = 0) -> Example:
    """Return a text of `sentences` sentences without labels."""
    # One number for all of them takes no room.
    return Example(encoded, torch.tensor(UNKNOWN).expand(sentences, topics), UNKNOWN, UNKNOWN)


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
