"""`ReviewModel`: the network of `nlp.network` as a class of transformers, for training and others.

`AutoModel` and `AutoConfig` load a model's folder once this module is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, BertConfig, BertModel, PreTrainedConfig
from transformers import PreTrainedModel as _PreTrainedModel

from nlp.features import BUCKETS
from nlp.network import ReviewHeads
from nlp.outputs import SENTIMENTS
from nlp.taxonomy import codes
from nlp.weights import WEIGHTS, unpack


class ReviewConfig(PreTrainedConfig):  # type: ignore[misc]  # transformers is not typed
    """Shape of a `ReviewModel`, and what was chosen on the development set.

    `encoder` holds the arguments of `transformers.BertConfig`. `thresholds` are
    the least probabilities at which a topic is reported, one a topic, and
    `wide_weight` how much the wide part counts for it;
    `topic_temperature` and `overall_temperature` divide logits before the softmax so
    that a confidence of 0.8 is right four times in five, and `overall_bias` is added
    after (temperature and vector scaling of Guo et al. 2017,
    https://arxiv.org/abs/1706.04599). `tone` tells whether there is a head for the
    writer's feeling, with a mix and a temperature of its own; where it is surer than
    `tone_threshold` of a feeling, a text that says nothing about a company takes its
    sentiment from there. `ensemble` names
    another model, the SHA-256 of its weights, and the share with which its logits are
    added (`nlp.inference.Engine.member`); this class alone is without it.
    """

    model_type = "molva_review"

    def __init__(  # noqa: PLR0917  # transformers fills these by name from config.json
        self,
        encoder: dict[str, Any] | None = None,
        topics: list[str] | None = None,
        buckets: int = BUCKETS,
        wide_weight: list[float] | None = None,
        overall_wide_weight: float = 1.0,
        tone_wide_weight: float = 1.0,
        topic_temperature: float = 1.0,
        overall_temperature: float = 1.0,
        overall_bias: list[float] | None = None,
        thresholds: list[float] | None = None,
        tone: bool = False,
        tone_threshold: float = 1.0,
        tone_temperature: float = 1.0,
        model_name: str = "molva",
        model_version: str = "0",
        taxonomy_version: str = "",
        weights_sha256: str = "",
        ensemble: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.encoder = encoder or {}
        self.topics = topics if topics is not None else list(codes())
        self.buckets = buckets
        self.wide_weight = wide_weight if wide_weight is not None else [1.0] * len(self.topics)
        self.overall_wide_weight = overall_wide_weight
        self.tone_wide_weight = tone_wide_weight
        self.topic_temperature = topic_temperature
        self.overall_temperature = overall_temperature
        self.overall_bias = overall_bias if overall_bias is not None else [0.0] * len(SENTIMENTS)
        self.thresholds = thresholds if thresholds is not None else [0.5] * len(self.topics)
        self.tone = tone
        self.tone_threshold = tone_threshold
        self.tone_temperature = tone_temperature
        self.model_name = model_name
        self.model_version = model_version
        self.taxonomy_version = taxonomy_version
        self.weights_sha256 = weights_sha256
        self.ensemble = ensemble
        super().__init__(**kwargs)


class ReviewModel(_PreTrainedModel, ReviewHeads):  # type: ignore[misc]  # transformers is not typed
    """Encoder, label-wise attention and hashed n-grams; see the module's description."""

    config: ReviewConfig
    device: torch.device
    config_class = ReviewConfig
    base_model_prefix = "encoder"
    _supports_sdpa = True

    def __init__(self, config: ReviewConfig) -> None:
        super().__init__(config)
        bert = BertConfig(**config.encoder)
        bert._attn_implementation = "sdpa"  # the only way for a nested config
        self.encoder: Any = BertModel(bert, add_pooling_layer=False)
        self.dropout = nn.Dropout(0.1)
        self.add_heads(bert.hidden_size, len(config.topics), config.buckets, tone=config.tone)
        _PreTrainedModel.post_init(self)

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

    def hidden(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the encoder's last layer with dropout, (windows, tokens, width)."""
        found: Any = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        result: Tensor = self.dropout(found.last_hidden_state)
        return result


AutoConfig.register(ReviewConfig.model_type, ReviewConfig)
AutoModel.register(ReviewConfig, ReviewModel)
