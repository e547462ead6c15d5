"""Collected texts without labels, for the stages that need many: none of a dev or test side.

A set is read from end to end, but only the texts with the lowest hashes of their
ids are kept, as many as were asked for: a fair choice, the same every time, in
bounded memory.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nlp.training.prune import LANGUAGES
from nlp.training.public import SOURCES, Record, held_out, place_of, records, runs, side_of
from nlp.training.split import Side, Unit, reviews, whole


@dataclass(frozen=True, slots=True)
class Text:
    """A collected text, title first; `place` is its place in a fair order, from 0 to 1."""

    id: str
    dataset: str
    lang: str
    text: str
    place: float


def sets(data: Path) -> list[str]:
    """Return the names of the sets in `data`/train."""
    return sorted(
        path.name.removesuffix(".jsonl.xz") for path in data.joinpath("train").glob("*.jsonl.xz")
    )


class Allowed:
    """Tells which records may be learned from: nothing of what is to stay unseen.

    Left out are the labelled development and test units, what shares twelve words
    in a row with one, other clauses of their reviews, and the public sets' own
    development and test texts. `labelled`: leave out the labelled training units too.
    """

    def __init__(
        self, data: Path, sides: dict[Side, list[Unit]], *, labelled: bool = False
    ) -> None:
        self._ids, self._runs = held_out(sides)
        self._review_of = reviews(data)
        self._reviews = {self._review_of[i] for i in self._ids if i in self._review_of}
        if labelled:
            self._ids = self._ids | {unit.id for unit in sides["train"]}

    def __call__(self, name: str, record: Record, text: str) -> bool:
        """Tell whether the record of the set `name`, whose whole text is `text`, is allowed."""
        identifier = record["id"]
        return (
            identifier not in self._ids
            and (name not in SOURCES or side_of(identifier) == "train")
            and self._review_of.get(identifier) not in self._reviews
            and runs(text).isdisjoint(self._runs)
        )


def sample(
    data: Path,
    name: str,
    allowed: Allowed,
    *,
    longest: int,
    most: int,
    size: Callable[[str], int] = lambda _: 1,
) -> list[Text]:
    """Return a fair choice from one set, in fair order.

    `longest`: most characters of a text; `most`: the sum of `size` (by default the
    number of texts) at which the choice is large enough.
    """
    # The highest place on top. The counter keeps texts with equal ids apart.
    heap: list[tuple[float, int, Text]] = []
    total = 0
    for number, record in enumerate(records(data, name)):
        text = whole(record)
        if record.get("lang") not in LANGUAGES or not text or len(text) > longest:
            continue
        place = place_of(record["id"])
        full = total >= most
        if (full and place >= -heap[0][0]) or not allowed(name, record, text):
            continue
        heapq.heappush(
            heap, (-place, number, Text(record["id"], name, record["lang"], text, place))
        )
        total += size(text)
        while total - size(heap[0][2].text) >= most:
            total -= size(heapq.heappop(heap)[2].text)
    return sorted((text for _, _, text in heap), key=lambda text: text.place)
