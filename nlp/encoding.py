"""From text to token ids whose every token knows its sentence; windows for what is long."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# A token reads at most this far to either side across a window's edge.
OVERLAP = 64
# Tokens of a full batch, padding included: larger ones leave the processor's cache.
BATCH_TOKENS = 3360
# Rows have one of these lengths, so that texts of like length share a batch.
LENGTHS = tuple(n for n in range(12, 481) if BATCH_TOKENS % n == 0)
WINDOW = LENGTHS[-1] - 2


@dataclass(frozen=True)
class Encoded:
    """One document as tokens, without special ones.

    `ids`: WordPiece numbers; `sentence`: for each token the number of the
    sentence it lies in, or −1 when it lies in none.
    """

    ids: list[int]
    sentence: list[int]


def encode(tokenizer: Tokenizer, text: str, spans: Sequence[tuple[int, int]]) -> Encoded:
    """Tokenise `text` whole and give every token the number of its span, by offsets."""
    core = tokenizer.encode(text, add_special_tokens=False)
    starts = [start for start, _ in spans]
    sentence = []
    for start, _ in core.offsets:
        i = bisect_right(starts, start) - 1
        sentence.append(i if i >= 0 and start < spans[i][1] else -1)
    return Encoded(core.ids, sentence)


def encode_sentences(tokenizer: PreTrainedTokenizerBase, sentences: Sequence[str]) -> Encoded:
    """Tokenise sentences joined by spaces, as labelled units store them."""
    spans = []
    place = 0
    for sentence in sentences:
        spans.append((place, place + len(sentence)))
        place += len(sentence) + 1
    return encode(tokenizer.backend_tokenizer, " ".join(sentences), spans)


@dataclass(frozen=True)
class Window:
    """A run of a document's tokens that is encoded at once.

    Tokens `start` to `end` are read; the answers for `keep_start` to `keep_end`
    count, because a token in an overlap is read better by the other window.
    """

    document: int
    start: int
    end: int
    keep_start: int
    keep_end: int


def windows(document: int, length: int, limit: int = WINDOW) -> Iterator[Window]:
    """Yield windows of at most `limit` tokens that together keep every token once."""
    if length <= limit:
        yield Window(document, 0, length, 0, length)
        return
    kept = 0
    while kept < length:
        start = max(0, kept - OVERLAP)
        end = min(length, start + limit)
        keep_end = length if end == length else end - OVERLAP
        yield Window(document, start, end, kept, keep_end)
        kept = keep_end


def row_length(tokens: int) -> int:
    """Return the least length of a row that holds `tokens` tokens and the two special ones."""
    return next(length for length in LENGTHS if length >= tokens + 2)


def collate(
    parts: Sequence[Sequence[int]], pad: int, first: int, last: int
) -> tuple[Tensor, Tensor]:
    """Return ids and attention mask (parts, length), each part between `first` and `last`."""
    length = row_length(max(len(part) for part in parts))
    ids = torch.full((len(parts), length), pad, dtype=torch.long)
    mask = torch.zeros((len(parts), length), dtype=torch.long)
    for row, part in enumerate(parts):
        size = len(part) + 2
        ids[row, :size] = torch.tensor([first, *part, last])
        mask[row, :size] = 1
    return ids, mask


def batches(
    lengths: Sequence[int], rng: random.Random | None = None, scale: float = 1
) -> list[list[int]]:
    """Group numbers of parts by length into batches of `scale` × `BATCH_TOKENS` tokens.

    In the order of lengths, or shuffled with `rng`.
    """
    buckets: dict[int, list[int]] = {}
    for i, length in enumerate(lengths):
        buckets.setdefault(row_length(min(WINDOW, length)), []).append(i)
    result: list[list[int]] = []
    for length, members in sorted(buckets.items()):
        if rng:
            rng.shuffle(members)
        rows = max(1, int(scale * BATCH_TOKENS) // length)
        result.extend(members[i : i + rows] for i in range(0, len(members), rows))
    if rng:
        rng.shuffle(result)
    return result
