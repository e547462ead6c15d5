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
from collections.abc import Sequence
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


@dataclass
class Features:
    """Hashed n-grams of a list of units, in the form that `nn.EmbeddingBag` takes.

    `ids`, `weights`: shape (features,); `offsets`: shape (units,), where each
    unit begins.
    """

    ids: Tensor
    weights: Tensor
    offsets: Tensor


def ngrams(text: str) -> Counter[int]:
    """Return how often each bucket (0 to `BUCKETS` − 1) occurs in `text`."""
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text.lower().translate(_FOLDED))]
    grams = ["w" + word for word in words]
    grams.extend(f"b{a} {b}" for a, b in pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in (3, 4, 5):
            grams.extend(padded[i : i + size] for i in range(len(padded) - size + 1))
    return Counter(crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in grams)


def features(units: Sequence[Counter[int]], idf: NDArray[np.float32]) -> Features:
    """Weigh the n-grams of `units`; `idf` has shape (BUCKETS,), 0 for a bucket never trained."""
    sizes = np.fromiter(map(len, units), np.int64, len(units))
    ids = np.fromiter(chain.from_iterable(units), np.int64, sizes.sum())
    tf = np.fromiter(chain.from_iterable(u.values() for u in units), np.float32, sizes.sum())
    owner = np.repeat(np.arange(len(units)), sizes)
    weights = (1 + np.log(tf)) * idf[ids]
    known = weights > 0
    ids, weights, owner = ids[known], weights[known], owner[known]
    squares = np.bincount(owner, weights.astype(np.float64) ** 2, len(units))
    weights = (weights / np.sqrt(squares).clip(1e-9)[owner]).astype(np.float32)
    sizes = np.bincount(owner, minlength=len(units))
    offsets = np.cumsum(sizes) - sizes
    return Features(torch.from_numpy(ids), torch.from_numpy(weights), torch.from_numpy(offsets))
