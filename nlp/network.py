"""The network at work, in plain torch: one encoding of a document, decisions for every sentence.

Deep part: a BERT encoder reads the document in windows; each token casts a
score for every label and a weight for how much it counts, and a sentence (or
the document) is the weighted mean of the scores of its tokens, the label-wise
attention of Mullenbach et al. 2018 (https://arxiv.org/abs/1802.05695), here
over the tokens of one sentence in the context of the whole review.

Wide part: logistic regression over hashed word and character n-grams
(`nlp.features`). N-grams know topics by name; the encoder judges what is said.
Both give logits, which the engine mixes (Cheng et al. 2016, https://arxiv.org/abs/1606.07792).
`nlp.modeling` puts the same parts into a class of transformers, for training.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.encoder import Encoder
from nlp.features import Features
from nlp.outputs import SENTIMENTS, STATES, TONES
from nlp.weights import WEIGHTS, unpack

if TYPE_CHECKING:
    from collections.abc import Mapping


def segment_attention(scores: Tensor, weights: Tensor, segments: Tensor, count: int) -> Tensor:
    """Return for each segment the softmax-weighted mean of its tokens' scores.

    `scores`: (tokens, labels, classes); `weights`: (tokens, labels), unnormalised
    logarithms; `segments`: (tokens,) numbers below `count`. Result: (count,
    labels, classes); a segment without tokens has zeros.
    """
    # The clamp keeps exp finite; a spread of 40 is already a hard choice.
    mass = weights.clamp(-20, 20).exp()
    total = mass.new_zeros(count, mass.shape[1]).index_add(0, segments, mass)
    pooled = scores.new_zeros(count, *scores.shape[1:])
    pooled = pooled.index_add(0, segments, scores * mass.unsqueeze(-1))
    return pooled / total.clamp_min(1e-9).unsqueeze(-1)


class WidePart(nn.Module):
    """Logistic regressions over hashed n-grams: topics of sentences, overall and tone of texts.

    The first class of each is the reference, whose logit is 0. `idf`:
    (buckets,), the inverse document frequency that weighs n-grams; `ngrams`:
    (buckets, topics × 3 + 3 + 2), the weights of the other classes; without
    `tone` the last two are missing.
    """

    idf: Tensor

    def __init__(self, buckets: int, topics: int, *, tone: bool) -> None:
        super().__init__()
        self.sizes = [
            topics * (len(STATES) - 1),
            len(SENTIMENTS) - 1,
            len(TONES) - 1 if tone else 0,
        ]
        self.register_buffer("idf", torch.zeros(buckets))
        weights = torch.zeros(buckets, sum(self.sizes))
        self.ngrams = nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="sum")
        self.bias = nn.Parameter(torch.zeros(sum(self.sizes)))

    def forward(self, sentences: Features, documents: Features) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of topics, overall sentiment and tone.

        Shapes: (sentences, topics, 4), (documents, 4), (documents, 3).
        """
        topics = self._sum(sentences)[:, : self.sizes[0]].unflatten(-1, (-1, len(STATES) - 1))
        _, overall, tone = self._sum(documents).split(self.sizes, dim=-1)
        missing = len(TONES) - 1 - self.sizes[2]
        return (
            functional.pad(topics, (1, 0)),
            functional.pad(overall, (1, 0)),
            functional.pad(tone, (1, missing)),
        )

    def _sum(self, units: Features) -> Tensor:
        sums = self.ngrams(units.ids, units.offsets, per_sample_weights=units.weights)
        return cast("Tensor", sums) + self.bias


class ReviewHeads(nn.Module):
    """What stands on an encoder, and how it is asked. Subclasses say what encodes."""

    topics: int
    tone: bool

    def add_heads(self, width: int, topics: int, buckets: int, *, tone: bool) -> None:
        """Make the heads for `topics` topics on an encoder of `width`, and the wide part."""
        self.topics, self.tone = topics, tone
        self.topic_scores = nn.Linear(width, topics * len(STATES))
        self.topic_weights = nn.Linear(width, topics, bias=False)
        self.overall_scores = nn.Linear(width, len(SENTIMENTS))
        self.overall_weights = nn.Linear(width, 1, bias=False)
        if tone:
            self.tone_scores = nn.Linear(width, len(TONES))
            self.tone_weights = nn.Linear(width, 1, bias=False)
        self.wide = WidePart(buckets, topics, tone=tone)

    def hidden(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the encoder's last layer, (windows, tokens, width)."""
        raise NotImplementedError

    @property
    def labels(self) -> int:
        """How many numbers `encode` gives for a token."""
        tone = len(TONES) + 1 if self.tone else 0
        return self.topics * (len(STATES) + 1) + len(SENTIMENTS) + 1 + tone

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return what every token says: (windows, tokens, labels), topics before overall.

        The last axis holds the topic scores, their weights, the overall scores and
        their weight, and the same for the tone; `pool` takes them apart. Windows are
        independent, so a long document is encoded in as many as it needs.
        """
        hidden = self.hidden(input_ids, attention_mask)
        heads = [self.topic_scores, self.topic_weights, self.overall_scores, self.overall_weights]
        if self.tone:
            heads += [self.tone_scores, self.tone_weights]
        return torch.cat([head(hidden).float() for head in heads], dim=-1)

    def pool(
        self, tokens: Tensor, sentence: Tensor, document: Tensor, sentences: int, documents: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of topics, overall sentiment and tone.

        Shapes: (sentences, topics, 4), (documents, 4), (documents, 3).
        `tokens`: (tokens, labels) rows of `encode`, padding left out; `sentence`
        and `document`: (tokens,), where each token belongs. Without a tone head its
        logits are 0.
        """
        topics = self.topics
        states = len(STATES)
        sizes = [topics * states, topics, len(SENTIMENTS), 1]
        scores, weights, overall, overall_weights = tokens[:, : sum(sizes)].split(sizes, dim=-1)
        topic_logits = segment_attention(
            scores.unflatten(-1, (topics, states)), weights, sentence, sentences
        )

        def whole(values: Tensor, mass: Tensor) -> Tensor:
            return segment_attention(values.unsqueeze(1), mass, document, documents).squeeze(1)

        tone = tokens.new_zeros(documents, len(TONES))
        if self.tone:
            tone = whole(*tokens[:, sum(sizes) :].split([len(TONES), 1], dim=-1))
        return topic_logits, whole(overall, overall_weights), tone


class ReviewNetwork(ReviewHeads):
    """A shipped model at work; `config` is what its config.json holds."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.encoder = Encoder(config["encoder"])
        tone = bool(config.get("tone"))
        self.add_heads(self.encoder.width, len(config["topics"]), config["buckets"], tone=tone)

    @classmethod
    def load(cls, folder: Path, config: Mapping[str, Any], *, wide: bool = True) -> Self:
        """Load a model's folder, whose weights are stored packed (`nlp.weights`), as float32.

        Without `wide` that part stays empty: where only the deep one is asked.
        Raises `FileNotFoundError` and `safetensors.SafetensorError`.
        """
        import safetensors.torch

        network = cls(config)
        stored = safetensors.torch.load_file(folder / WEIGHTS)
        if not wide:
            stored = {name: part for name, part in stored.items() if not name.startswith("wide.")}
        network.load_state_dict(unpack(stored), assign=True, strict=wide)
        return network.eval()

    def hidden(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the encoder's last layer, (windows, tokens, width), float32."""
        result: Tensor = self.encoder(input_ids, attention_mask)
        return result
