"""The heads of a project's own topics at work: sentence vectors and n-grams to labels.

A head is linear. It sees a sentence as the mean of what the encoder's middle
layer makes of its tokens, and as hashed n-grams (`nlp.features`). Its first
output is the logit that the topic is there; three more, of negative, neutral
and positive, are added to what the built-in topics say of the sentence's tone,
so that a few examples only have to correct what the tagger knows already.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mention import TopicLabel
from nlp.features import BUCKETS, Features, features, ngrams
from nlp.own_topics import WEIGHTS, OwnTopic, check_heads, in_use, version

if TYPE_CHECKING:
    from nlp.inference import Logits

# As in `nlp.modeling.STATES`, without the first.
POLARITIES = ("negative", "neutral", "positive")
OUTPUTS = 1 + len(POLARITIES)


def tone(topics: Tensor) -> Tensor:
    """Return the logarithms (sentences, 3) of how negative, neutral, positive a sentence is.

    `topics`: probabilities (sentences, topics, 4) of the built-in topics; what
    they say together counts, however unlikely each is.
    """
    shares = topics[:, :, 1:].sum(1) + 1e-6
    return (shares / shares.sum(-1, keepdim=True)).log()


def sentence_features(sentences: Sequence[str], idf: NDArray[np.float32]) -> Features:
    """Return the weighed n-grams of each sentence."""
    return features([ngrams(sentence) for sentence in sentences], idf)


class OwnHeads:
    """The trained heads of a project.

    `codes`: the topics in the order of the outputs; `version`: what the
    tagger's version gets appended.
    """

    def __init__(
        self, codes: Sequence[str], thresholds: Sequence[float], heads: dict[str, Tensor], name: str
    ) -> None:
        self.codes = tuple(codes)
        self.version = name
        self._thresholds = thresholds
        self._dense = torch.cat([heads[f"{code}.dense"] for code in codes], 1)
        self._bias = torch.cat([heads[f"{code}.bias"] for code in codes])
        # One table for all heads; its last row stands for n-grams that no head knows.
        buckets = torch.cat([heads[f"{code}.buckets"].long() for code in codes]).unique()
        self._row = torch.full((BUCKETS,), len(buckets))
        self._row[buckets] = torch.arange(len(buckets))
        self._table = torch.zeros(len(buckets) + 1, OUTPUTS * len(codes))
        for number, code in enumerate(codes):
            rows = self._row[heads[f"{code}.buckets"].long()]
            columns = slice(OUTPUTS * number, OUTPUTS * (number + 1))
            self._table[rows, columns] = heads[f"{code}.ngrams"]

    @classmethod
    def load(cls, topics: Sequence[OwnTopic], folder: Path, weights_sha256: str) -> Self | None:
        """Load the heads of the declared topics that are trained; None when none is.

        `weights_sha256`: of the tagger that is to use them. Raises `OwnTopicError`
        when they were fitted on another tagger's encoder, or are damaged.
        """
        manifest = check_heads(topics, folder, weights_sha256)
        if manifest is None:
            return None
        codes = in_use(topics, folder)
        thresholds = [float(manifest.topics[code]["threshold"]) for code in codes]
        heads = safetensors.torch.load_file(folder / WEIGHTS)
        return cls(codes, thresholds, heads, str(version(topics, folder)))

    def labels(
        self, documents: Sequence[Sequence[str]], found: Sequence[Logits], idf: NDArray[np.float32]
    ) -> list[list[tuple[TopicLabel, ...]]]:
        """Return the labels of each sentence of each document.

        `documents`: their sentences; `found`: what `Engine.run` gave, with vectors.
        """
        return [
            [self._sentence(*one) for one in zip(present.tolist(), polarity.tolist(), strict=True)]
            for present, polarity in self.shares(documents, found, idf)
        ]

    @torch.inference_mode()
    def shares(
        self, documents: Sequence[Sequence[str]], found: Sequence[Logits], idf: NDArray[np.float32]
    ) -> list[tuple[Tensor, Tensor]]:
        """Return for each document what its sentences say, as probabilities.

        `documents`: their sentences; `found`: what `Engine.run` gave, with vectors. The first
        is that a topic is there, (sentences, codes); the second that it is negative, neutral
        or positive where it is there, (sentences, codes, 3).
        """
        sizes = [len(document) for document in documents]
        sentences = [sentence for document in documents for sentence in document]
        if not sentences:
            nothing = torch.zeros(0, len(self.codes))
            return [(nothing, nothing.unsqueeze(-1).expand(-1, -1, len(POLARITIES)))] * len(sizes)
        grams = sentence_features(sentences, idf)
        vectors = torch.cat([one.vectors for one in found if one.vectors is not None])
        scores = vectors @ self._dense + self._bias
        scores = scores + functional.embedding_bag(
            self._row[grams.ids],
            self._table,
            grams.offsets,
            mode="sum",
            per_sample_weights=grams.weights,
        )
        scores = scores.unflatten(1, (len(self.codes), OUTPUTS))
        tones = torch.cat([tone(one.topics) for one in found])
        present = scores[:, :, 0].sigmoid()
        polarity = (scores[:, :, 1:] + tones[:, None]).softmax(-1)
        return list(zip(present.split(sizes), polarity.split(sizes), strict=True))

    def _sentence(
        self, present: list[float], polarity: list[list[float]]
    ) -> tuple[TopicLabel, ...]:
        labels = []
        for code, least, there, shares in zip(
            self.codes, self._thresholds, present, polarity, strict=True
        ):
            if there >= least:
                best = max(range(len(shares)), key=shares.__getitem__)
                labels.append(
                    TopicLabel.model_validate(
                        {
                            "topic": code,
                            "polarity": POLARITIES[best],
                            "confidence": there * shares[best],
                        }
                    )
                )
        return tuple(labels)
