"""Hashed word and character n-grams: the wide part's view of a text.

Words 1–2 and character 3–5-grams inside word boundaries, as in scikit-learn's
`char_wb` analyzer, lower-cased, ё as е. An n-gram's bucket is a CRC-32 of its
UTF-8 bytes, which is the same on every machine and in every release. Weights
are (1 + ln count) × inverse document frequency, scaled to length one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

BUCKETS = 1 << 17
_WORD = re.compile(r"\w+|[^\w\s]+")
# A link or a row of letters is no word: its n-grams would drown the rest.
_LONGEST_WORD = 40


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
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text.lower().replace("ё", "е"))]
    grams = ["w" + word for word in words]
    grams.extend(f"b{a} {b}" for a, b in pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in (3, 4, 5):
            grams.extend(padded[i : i + size] for i in range(len(padded) - size + 1))
    return Counter(crc32(gram.encode("utf-8", "replace")) % BUCKETS for gram in grams)


def features(units: Sequence[Counter[int]], idf: NDArray[np.float32]) -> Features:
    """Weigh the n-grams of `units`; `idf` has shape (BUCKETS,), 0 for a bucket never trained."""
    ids: list[NDArray[np.int64]] = []
    weights: list[NDArray[np.float32]] = []
    for counts in units:
        buckets = np.fromiter(counts.keys(), np.int64, len(counts))
        tf = np.fromiter(counts.values(), np.float32, len(counts))
        weight = (1 + np.log(tf)) * idf[buckets]
        known = weight > 0
        weight = weight[known]
        ids.append(buckets[known])
        weights.append(weight / max(1e-9, float(np.linalg.norm(weight))))
    sizes = [len(part) for part in ids]
    offsets = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0)
    return Features(
        torch.from_numpy(np.concatenate(ids) if ids else np.zeros(0, np.int64)),
        torch.from_numpy(
            np.concatenate(weights).astype(np.float32) if ids else np.zeros(0, np.float32)
        ),
        torch.from_numpy(offsets.astype(np.int64)),
    )
