"""BERT's encoder in plain torch, for tagging: starts in a third of the time of transformers'.

The parameters have the names and the meaning of `transformers.BertModel` (Devlin et
al. 2018, https://arxiv.org/abs/1810.04805), which training uses; a test holds both to
the same answers. Matrices may be kept in bfloat16, so that they are not converted
again for every batch; sums and layer norms stay in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def fast_bfloat16() -> bool:
    """Tell whether this processor multiplies bfloat16 itself; without, it is many times slower."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


class Linear(nn.Linear):
    """A matrix product in the type of the matrix."""

    def reset_parameters(self) -> None:
        """Leave the memory as it is: weights are loaded at once."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  # nn.Linear's name
        """Return (…, out) from (…, in), in the matrix' type."""
        return functional.linear(input.to(self.weight.dtype), self.weight, self.bias)


class Table(nn.Embedding):
    """An embedding whose weights are loaded at once."""

    def reset_parameters(self) -> None:
        """Leave the memory as it is."""


class Embeddings(nn.Module):
    """Sum of the vectors of a token's piece and place."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        width = shape["hidden_size"]
        self.word_embeddings = Table(shape["vocab_size"], width)
        self.position_embeddings = Table(shape["max_position_embeddings"], width)
        self.token_type_embeddings = Table(shape["type_vocab_size"], width)
        self.LayerNorm = nn.LayerNorm(width, eps=shape.get("layer_norm_eps", 1e-12))

    def forward(self, ids: Tensor) -> Tensor:
        """Return (windows, tokens, width) from ids (windows, tokens)."""
        places = self.position_embeddings.weight[: ids.shape[1]]
        words = self.word_embeddings(ids).float()
        total = words + places + self.token_type_embeddings.weight[0]
        normed: Tensor = self.LayerNorm(total)
        return normed


class Output(nn.Module):
    """A product, the sum with what went in before, and its layer norm."""

    def __init__(self, inner: int, width: int, eps: float) -> None:
        super().__init__()
        self.dense = Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, eps=eps)

    def forward(self, inner: Tensor, before: Tensor) -> Tensor:
        """Return (…, width), float32."""
        normed: Tensor = self.LayerNorm(self.dense(inner) + before)
        return normed


class Heads(nn.Module):
    """Queries, keys and values of all attention heads."""

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.count = count
        self.query, self.key, self.value = (Linear(width, width) for _ in range(3))

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """Return what each token takes from the others: (windows, tokens, width)."""
        queries, keys, values = (
            product(hidden).unflatten(-1, (self.count, -1)).transpose(1, 2)
            for product in (self.query, self.key, self.value)
        )
        found = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return found.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Heads and their output."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        width = shape["hidden_size"]
        self.self = Heads(width, shape["num_attention_heads"])
        self.output = Output(width, width, shape.get("layer_norm_eps", 1e-12))

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """Return (windows, tokens, width), float32."""
        result: Tensor = self.output(self.self(hidden, mask), hidden)
        return result


class Intermediate(nn.Module):
    """The widening half of the feed-forward part."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.dense = Linear(width, inner)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return (…, inner)."""
        return functional.gelu(self.dense(hidden))


class Layer(nn.Module):
    """Attention, then the feed-forward part."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        width, inner = shape["hidden_size"], shape["intermediate_size"]
        self.attention = Attention(shape)
        self.intermediate = Intermediate(width, inner)
        self.output = Output(inner, width, shape.get("layer_norm_eps", 1e-12))

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        """Return (windows, tokens, width), float32."""
        middle = self.attention(hidden, mask)
        result: Tensor = self.output(self.intermediate(middle), middle)
        return result


class Layers(nn.Module):
    """All layers, under the name that BERT's checkpoints give them."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(shape) for _ in range(shape["num_hidden_layers"]))


class Encoder(nn.Module):
    """BERT without a pooler; `shape` has the arguments of `transformers.BertConfig`."""

    def __init__(self, shape: Mapping[str, Any]) -> None:
        super().__init__()
        self.width = int(shape["hidden_size"])
        self.embeddings = Embeddings(shape)
        self.encoder = Layers(shape)

    def store_bfloat16(self) -> None:
        """Keep the matrices of all products in bfloat16 from now on.

        Vectors of pieces have 4 bits as they are stored: float16 holds them in half the room.
        """
        for module in self.modules():
            if isinstance(module, Linear):
                module.to(torch.bfloat16)
        self.embeddings.word_embeddings.to(torch.float16)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return (windows, tokens, width), float32, from ids and mask (windows, tokens)."""
        hidden = self.embeddings(ids)
        # Without padding there is nothing to hide, and attention is faster.
        seen = None if bool(mask.all()) else mask[:, None, None, :].bool()
        for layer in self.encoder.layer:
            hidden = layer(hidden, seen)
        result: Tensor = hidden
        return result
