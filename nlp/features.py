"""Hashed word and character n-grams: the wide part's view of a text.

Words 1–2 and character 3–5-grams inside word boundaries, as in scikit-learn's
`char_wb` analyzer, lower-cased, ё as е, Lithuanian letters without their marks,
as many people type them. An n-gram's bucket is a CRC-32 of its
UTF-8 bytes, which is the same on every machine and in every release. Weights
are (1 + ln count) × inverse document frequency, scaled to length one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

BUCKETS = 1 << 17
_WORD = re.compile(r"\w+|[^\w\s]+")
# A link or a row of letters is no word: its n-grams would drown the rest.
_LONGEST_WORD = 40
_FOLDED = str.maketrans("ёąčęėįšųūž", "еaceeisuuz")
_SIZES = (3, 4, 5)
# The marks of a first byte by the length of its character (RFC 3629), and what CRC-32
# makes of each byte alone, from which it is continued byte by byte.
_FIRST_BYTE = np.array([0, 0, 0xC0, 0xE0, 0xF0], np.uint32)
_CRC = np.array([crc32(bytes([n ^ 0xFF])) ^ 0xFF000000 for n in range(256)], np.uint32)


@dataclass
class Features:
    """Hashed n-grams of a list of units, in the form that `nn.EmbeddingBag` takes.

    `ids`, `weights`: shape (features,); `offsets`: shape (units,), where each
    unit begins.
    """

    ids: Tensor
    weights: Tensor
    offsets: Tensor


@dataclass
class Grams:
    """Every n-gram of `units` units, as often as it occurs.

    `owner`: the unit of each; `ids`: its bucket; both of shape (n-grams,).
    """

    owner: NDArray[np.int64]
    ids: NDArray[np.int64]
    units: int

    def joined(self, sizes: Sequence[int]) -> Grams:
        """Return them for groups of units that follow one another, `sizes` units each."""
        return Grams(np.repeat(np.arange(len(sizes)), sizes)[self.owner], self.ids, len(sizes))

    def features(self, idf: NDArray[np.float32]) -> Features:
        """Count and weigh them; `idf` as for `features`."""
        keys, counts = np.unique(self.owner * BUCKETS + self.ids, return_counts=True)
        return _weigh(keys // BUCKETS, keys % BUCKETS, counts, self.units, idf)


def ngrams(text: str) -> Counter[int]:
    """Return how often each bucket (0 to `BUCKETS` − 1) occurs in `text`."""
    words = _words(text)
    grams = [*_whole_words(words)]
    for word in words:
        padded = f" {word} "
        for size in _SIZES:
            grams.extend(padded[i : i + size] for i in range(len(padded) - size + 1))
    return Counter(map(_bucket, grams))


def hashed(texts: Sequence[str]) -> Grams:
    """Return the n-grams that `ngrams` counts, of all texts at once, which is faster."""
    words = [_words(text) for text in texts]
    whole = [[_bucket(gram) for gram in _whole_words(one)] for one in words]
    inside, ids = _inside_words(list(chain.from_iterable(words)))
    owner = np.repeat(np.arange(len(texts)), [len(one) for one in words])[inside]
    outer = np.repeat(np.arange(len(texts)), [len(one) for one in whole])
    first = np.fromiter(chain.from_iterable(whole), np.int64, len(outer))
    return Grams(np.concatenate([outer, owner]), np.concatenate([first, ids]), len(texts))


def features(units: Sequence[Counter[int]], idf: NDArray[np.float32]) -> Features:
    """Weigh the n-grams of `units`; `idf` has shape (BUCKETS,), 0 for a bucket never trained."""
    sizes = np.fromiter(map(len, units), np.int64, len(units))
    ids = np.fromiter(chain.from_iterable(units), np.int64, sizes.sum())
    counts = np.fromiter(chain.from_iterable(u.values() for u in units), np.int64, sizes.sum())
    return _weigh(np.repeat(np.arange(len(units)), sizes), ids, counts, len(units), idf)


def _weigh(
    owner: NDArray[np.int64],
    ids: NDArray[np.int64],
    counts: NDArray[np.int64],
    units: int,
    idf: NDArray[np.float32],
) -> Features:
    """Weigh buckets `ids` that occur `counts` times in unit `owner`, in the order of units."""
    weights = (1 + np.log(counts.astype(np.float32))) * idf[ids]
    known = weights > 0
    ids, weights, owner = ids[known], weights[known], owner[known]
    squares = np.bincount(owner, weights.astype(np.float64) ** 2, units)
    weights = (weights / np.sqrt(squares).clip(1e-9)[owner]).astype(np.float32)
    sizes = np.bincount(owner, minlength=units)
    offsets = np.cumsum(sizes) - sizes
    return Features(torch.from_numpy(ids), torch.from_numpy(weights), torch.from_numpy(offsets))


def _words(text: str) -> list[str]:
    return [word[:_LONGEST_WORD] for word in _WORD.findall(text.lower().translate(_FOLDED))]


def _whole_words(words: list[str]) -> Iterator[str]:
    yield from ("w" + word for word in words)
    yield from (f"b{a} {b}" for a, b in pairwise(words))


def _bucket(gram: str) -> int:
    return crc32(gram.encode("utf-8", "replace")) % BUCKETS


def _inside_words(words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the word's number and the bucket of every character n-gram of `words`.

    The n-grams that start at all characters are hashed together, a byte at a time.
    """
    points = np.frombuffer("".join(f" {w} " for w in words).encode("utf-32-le", "replace"), "<u4")
    sizes = np.array([len(word) + 2 for word in words], np.int64)
    owner = np.repeat(np.arange(len(words)), sizes)
    left = np.cumsum(sizes)[owner] - np.arange(len(points))
    encoded = _utf8(points)
    owners, buckets = [], []
    starts = np.arange(len(points))
    state = np.full(len(points), 0xFFFFFFFF, np.uint32)
    for size in range(1, _SIZES[-1] + 1):
        within = left[starts] >= size
        starts, state = starts[within], state[within]
        for some, byte in encoded:
            more = _CRC[(state ^ byte[starts + size - 1]) & 0xFF] ^ (state >> 8)
            state = np.where(some[starts + size - 1], more, state)
        if size >= _SIZES[0]:
            owners.append(owner[starts])
            buckets.append((~state % BUCKETS).astype(np.int64))
    return np.concatenate(owners), np.concatenate(buckets)


def _utf8(points: NDArray[np.uint32]) -> list[tuple[NDArray[np.bool_], NDArray[np.uint32]]]:
    """Return, for the first byte of all characters, the second and so on: which have it, and it."""
    length = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000)
    found = []
    for i in range(int(length.max(initial=0))):
        shift = (6 * (length - 1 - i)).clip(0).astype(np.uint32)
        bits = points >> shift
        byte = bits & np.uint32(0x3F) | np.uint32(0x80) if i else bits | _FIRST_BYTE[length]
        found.append((length > i, byte))
    return found
