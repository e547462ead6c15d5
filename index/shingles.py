"""How similar two texts are, and how texts that may be similar are found without comparing all.

A text is the set of its shingles: `WIDTH` stems in a row of title and text. The similarity
of two texts is the resemblance of these sets, shared / all (Broder, "On the resemblance and
containment of documents", 1997). Candidates share a band of their MinHashes, `ROWS` values
in a row: two texts of similarity s do with probability 1 − (1 − s^ROWS)^BANDS (Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4), which is 0.99 at 0.8 and
0.02 at 0.33. What a band finds is then compared exactly.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from index.text import ANALYSIS_VERSION, analyse

# Pairs of words: reviews are short, and with longer shingles one changed word of twenty would
# already tell two texts apart. Broder's four to ten words are for pages of the web.
WIDTH: Final = 2
# Shorter texts say the same without being copied: «Отлично, всем рекомендую!»
SHORTEST: Final = 8
# Chosen by the look-alikes in tests/index/test_shingles.py: it holds for one word changed in
# twenty and for a sentence of greeting added, and for no two texts about the same thing.
THRESHOLD: Final = 0.8
BANDS: Final = 16
ROWS: Final = 6

# Names everything that bands depend on. A store whose bands have another finds them anew.
VERSION: Final = f"minhash-affine32-1:{WIDTH}:{SHORTEST}:{BANDS}x{ROWS}:{ANALYSIS_VERSION}"

Shingles = frozenset[str]


@lru_cache(maxsize=2048)
def shingles(title: str | None, text: str) -> Shingles:
    """Return the shingles of title and text; empty for what is too short to be a copy.

    The language that a platform states makes no difference: the same text may come from two
    that state it differently.
    """
    stems = analyse(text, None).stems
    if title:
        stems = [*analyse(title, None).stems, *stems]
    if len(stems) < SHORTEST:
        return frozenset()
    return frozenset(" ".join(stems[at : at + WIDTH]) for at in range(len(stems) - WIDTH + 1))


def similarity(one: Shingles, other: Shingles) -> float:
    """Return the resemblance (Jaccard similarity) of two texts, 0–1; 0 for an empty one."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def bands(texts: Sequence[Shingles]) -> Iterator[tuple[int, ...]]:
    """Yield the hashes of the bands of each text, unsigned 32 bits; none for an empty one."""
    from datasketch import MinHash  # here: it takes a while to load, and few commands need it

    hashed = ([one.encode() for one in sorted(text)] for text in texts)
    sketches = MinHash.generator(
        hashed, num_perm=BANDS * ROWS, seed=1, hashfunc=zlib.crc32, scheme="affine32"
    )
    for text, sketch in zip(texts, sketches, strict=True):
        if not text:
            yield ()
            continue
        # Little-endian, so that a store may move to another machine.
        rows = sketch.hashvalues.astype("<u4").reshape(BANDS, ROWS)
        yield tuple(zlib.crc32(band.tobytes(), number) for number, band in enumerate(rows))
