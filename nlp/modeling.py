"""`ReviewModel`: one encoding of a document, a decision for every sentence and for the whole.

Deep part: a BERT encoder reads the document in windows; each token casts a
score for every label and a weight for how much it counts, and a sentence (or
the document) is the weighted mean of the scores of its tokens, the label-wise
attention of Mullenbach et al. 2018 (https://arxiv.org/abs/1802.05695), here
over the tokens of one sentence in the context of the whole review.

Wide part: logistic regression over hashed word and character n-grams
(`nlp.features`). N-grams know topics by name; the encoder judges what is said.
Both give logits; `wide_weight` says how they mix (Cheng et al. 2016, https://arxiv.org/abs/1606.07792).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, BertConfig, BertModel, PreTrainedConfig
from transformers import PreTrainedModel as _PreTrainedModel

from nlp.features import BUCKETS, Features
from nlp.taxonomy import codes
from nlp.weights import WEIGHTS, unpack

SENTIMENTS = ("positive", "neutral", "negative", "mixed")
# Index 0 of a topic's four classes means that the sentence says nothing about it.
STATES = ("absent", "negative", "neutral", "positive")
# How the writer feels, whatever about: posts that speak of no company have a tone as well.
TONES = ("negative", "neutral", "positive")


class ReviewConfig(PreTrainedConfig):  # type: ignore[misc]  # transformers is not typed
    """Shape of a `ReviewModel`, and what was chosen on the development set.

    `encoder` holds the arguments of `transformers.BertConfig`. `thresholds` are
    the least probabilities at which a topic is reported, one a topic;
    `topic_temperature` and `overall_temperature` divide logits before the softmax so
    that a confidence of 0.8 is right four times in five (Guo et al. 2017,
    https://arxiv.org/abs/1706.04599). `tone` tells whether there is a head for the
    writer's feeling; where it is surer than `tone_threshold` of a feeling, a text
    that says nothing about a company takes its sentiment from there.
    """

    model_type = "molva_review"

    def __init__(  # noqa: PLR0917  # transformers fills these by name from config.json
        self,
        encoder: dict[str, Any] | None = None,
        topics: list[str] | None = None,
        buckets: int = BUCKETS,
        wide_weight: float = 1.0,
        overall_wide_weight: float = 1.0,
        topic_temperature: float = 1.0,
        overall_temperature: float = 1.0,
        thresholds: list[float] | None = None,
        tone: bool = False,
        tone_threshold: float = 1.0,
        model_name: str = "molva",
        model_version: str = "0",
        taxonomy_version: str = "",
        weights_sha256: str = "",
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {}
        self.topics = topics if topics is not None else list(codes())
        self.buckets = buckets
        self.wide_weight = wide_weight
        self.overall_wide_weight = overall_wide_weight
        self.topic_temperature = topic_temperature
        self.overall_temperature = overall_temperature
        self.thresholds = thresholds if thresholds is not None else [0.5] * len(self.topics)
        self.tone = tone
        self.tone_threshold = tone_threshold
        self.model_name = model_name
        self.model_version = model_version
        self.taxonomy_version = taxonomy_version
        self.weights_sha256 = weights_sha256
        super().__init__(**kwargs)


def fast_bfloat16() -> bool:
    """Tell whether this processor multiplies bfloat16 itself; without, it is many times slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


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
    """Logistic regressions over hashed n-grams: of topics for sentences, of the overall sentiment.

    The first class of each is the reference, whose logit is 0. `idf`:
    (buckets,), the inverse document frequency that weighs n-grams; `ngrams`:
    (buckets, topics × 3 + 3), the weights of the other classes.
    """

    idf: Tensor

    def __init__(self, buckets: int, topics: int) -> None:
        super().__init__()
        outputs = topics * (len(STATES) - 1) + len(SENTIMENTS) - 1
        self.register_buffer("idf", torch.zeros(buckets))
        self.ngrams = nn.EmbeddingBag(buckets, outputs, mode="sum")
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, sentences: Features, documents: Features) -> tuple[Tensor, Tensor]:
        """Return topic logits (sentences, topics, 4) and overall logits (documents, 4)."""
        own = 1 - len(SENTIMENTS)
        topics = self._sum(sentences)[:, :own].unflatten(-1, (-1, len(STATES) - 1))
        overall = self._sum(documents)[:, own:]
        return functional.pad(topics, (1, 0)), functional.pad(overall, (1, 0))

    def _sum(self, units: Features) -> Tensor:
        sums = self.ngrams(units.ids, units.offsets, per_sample_weights=units.weights)
        return cast("Tensor", sums) + self.bias


class ReviewModel(_PreTrainedModel):  # type: ignore[misc]  # transformers is not typed
    """Encoder, label-wise attention and hashed n-grams; see the module's description."""

    config_class = ReviewConfig
    base_model_prefix = "encoder"
    _supports_sdpa = True

    def __init__(self, config: ReviewConfig) -> None:
        super().__init__(config)
        bert = BertConfig(**config.encoder)
        bert._attn_implementation = "sdpa"  # the only way for a nested config
        self.encoder = BertModel(bert, add_pooling_layer=False)
        self.dropout = nn.Dropout(0.1)
        topics = len(config.topics)
        self.topic_scores = nn.Linear(bert.hidden_size, topics * len(STATES))
        self.topic_weights = nn.Linear(bert.hidden_size, topics, bias=False)
        self.overall_scores = nn.Linear(bert.hidden_size, len(SENTIMENTS))
        self.overall_weights = nn.Linear(bert.hidden_size, 1, bias=False)
        if config.tone:
            self.tone_scores = nn.Linear(bert.hidden_size, len(TONES))
            self.tone_weights = nn.Linear(bert.hidden_size, 1, bias=False)
        self.wide = WidePart(config.buckets, topics)
        self.post_init()

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *_: Any, config: ReviewConfig | None = None, **__: Any
    ) -> ReviewModel:
        """Load a model's folder, whose weights are stored packed (`nlp.weights`), as float32.

        Raises `FileNotFoundError` and `safetensors.SafetensorError`; `Tagger.load`
        turns them into `ModelError`. Hub ids are not resolved: nothing is downloaded.
        """
        folder = Path(folder)
        model = cls(config or ReviewConfig.from_pretrained(folder))
        model.load_state_dict(unpack(safetensors.torch.load_file(folder / WEIGHTS)))
        model.eval()
        return model

    @property
    def labels(self) -> int:
        """How many numbers `encode` gives for a token."""
        tone = len(TONES) + 1 if self.config.tone else 0
        return len(self.config.topics) * (len(STATES) + 1) + len(SENTIMENTS) + 1 + tone

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return what every token says: (windows, tokens, labels), topics before overall.

        The last axis holds the topic scores, their weights, the overall scores and
        their weight, and the same for the tone; `pool` takes them apart. Windows are
        independent, so a long document is encoded in as many as it needs.
        """
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        hidden = self.dropout(hidden)
        heads = [self.topic_scores, self.topic_weights, self.overall_scores, self.overall_weights]
        if self.config.tone:
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
        topics = len(self.config.topics)
        states = len(STATES)
        sizes = [topics * states, topics, len(SENTIMENTS), 1]
        scores, weights, overall, overall_weights = tokens[:, : sum(sizes)].split(sizes, dim=-1)
        topic_logits = segment_attention(
            scores.unflatten(-1, (topics, states)), weights, sentence, sentences
        )

        def whole(values: Tensor, mass: Tensor) -> Tensor:
            return segment_attention(values.unsqueeze(1), mass, document, documents).squeeze(1)

        tone = tokens.new_zeros(documents, len(TONES))
        if self.config.tone:
            tone = whole(*tokens[:, sum(sizes) :].split([len(TONES), 1], dim=-1))
        return topic_logits, whole(overall, overall_weights), tone


AutoConfig.register(ReviewConfig.model_type, ReviewConfig)
AutoModel.register(ReviewConfig, ReviewModel)
