"""Queries of many kinds, such as people type, for the corpus of `benchmarks.store`."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from benchmarks.store import BRANDS, TOPICS


def mixed_queries(texts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield queries without end, made of words that stand in the texts."""
    chance = random.Random(2)
    while True:
        words = chance.choice([text for text in texts if len(text) >= 8])
        place = chance.randrange(len(words) - 5)
        one, two, three = words[place : place + 3]
        other = chance.choice(chance.choice(texts))
        brand, topic, month = chance.choice(BRANDS), chance.choice(TOPICS), chance.randint(1, 12)
        yield from (
            one,
            f"{one} {other}",
            f"{one} OR {other}",
            f'"{one} {two} {three}"',
            f'{one} brand:"{brand}"',
            f"topic:{topic}:negative date:2024-{month:02}",
            f"{other[:5]}* topic:{topic}",
            f"{one} NEAR/5 {three}",
            f"sentiment:negative rating:<=2 NOT {two}",
            f'brand:"{brand}" source:vk',
        )
