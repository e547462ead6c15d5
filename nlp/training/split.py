"""Which labelled units train, which choose (dev) and which judge (test). A fixed rule, no file.

A unit's side follows from a hash of its group, and a group holds all units
that share text: the same normalised text, a run of twelve words in common, or
clauses cut from one review. So no text of dev or test, nor a near copy of one,
is ever trained on, and the sides stay as they are when units are added.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from nlp.outputs import SENTIMENTS, STATES
from nlp.taxonomy import codes

Side = Literal["train", "dev", "test"]
FILES = ("train.jsonl", "written.jsonl")
# Labels that Molva brings along: texts written for it, and labels of texts in `data`.
MORE = Path(__file__).with_name("labels")
# Shares of (dev, test). Lithuanian and the texts written for Molva are few and
# are what is published, so more of them are kept off.
SHARES: dict[str, tuple[float, float]] = {
    "written": (0.08, 0.12),
    "lt_childcare_synth": (0.10, 0.18),
}
DEFAULT_SHARES = (0.045, 0.06)
RUN = 12
STATE_OF = {"-": "negative", "0": "neutral", "+": "positive"}


@dataclass(frozen=True)
class Unit:
    """One labelled review or mention.

    `sentiment` indexes `SENTIMENTS`; `topics[i]` maps the number of a topic to
    a number in `STATES` for sentence i.
    """

    id: str
    dataset: str
    lang: str
    domain: str
    sentences: tuple[str, ...]
    sentiment: int
    topics: tuple[dict[int, int], ...]
    train_only: bool = False


def read(labels: Path, data: Path | None = None, *, more: bool = True) -> list[Unit]:
    """Read the labelled units of the folder `labels`, then Molva's own (`MORE`) if `more`.

    `data`: where the texts are of which `MORE` holds the labels only.
    """
    units = [unit for name in FILES for unit in read_file(labels / name)]
    for path in sorted(MORE.glob("*.jsonl")) if more else ():
        units.extend(replace(unit, train_only=True) for unit in read_file(path, data))
    return units


def read_file(path: Path, data: Path | None = None) -> Iterator[Unit]:
    """Yield the units of one JSON Lines file in the labels' format.

    A line with `cuts` in place of `sentences` has no text: it is read from the
    set of the same name in `data`, title first, and cut at these (start, end) places. Without
    `data` such lines are passed over.
    """
    texts: dict[str, str] | None = None
    number = {code: i for i, code in enumerate(codes())}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if "cuts" in record:
                texts = _texts(data, record["dataset"]) if texts is None else texts
                if record["id"] not in texts:
                    continue
                text = texts[record["id"]]
                record["sentences"] = [text[start:end] for start, end in record["cuts"]]
            topics: list[dict[int, int]] = [{} for _ in record["sentences"]]
            for sentence, topic, polarity in record["topics"]:
                topics[sentence][number[topic]] = STATES.index(STATE_OF[polarity])
            yield Unit(
                record["id"],
                record["dataset"],
                record["lang"],
                record["domain"],
                tuple(record["sentences"]),
                SENTIMENTS.index(record["sentiment"]),
                tuple(topics),
            )


def whole(record: Mapping[str, Any]) -> str:
    """Return title and text of a record as one string, as the tagger reads them."""
    return f"{record.get('title') or ''}\n{record.get('text') or ''}".strip()


def _texts(data: Path | None, name: str) -> dict[str, str]:
    path = data / "train" / f"{name}.jsonl.xz" if data else None
    if path is None or not path.exists():
        return {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return {record["id"]: whole(record) for record in map(json.loads, lines)}


def record_of(unit: Unit) -> dict[str, Any]:
    """Return a unit in the labels' format, as `nlp.evaluation` reads it."""
    signs = {STATES.index(state): sign for sign, state in STATE_OF.items()}
    return {
        "id": unit.id,
        "dataset": unit.dataset,
        "lang": unit.lang,
        "domain": unit.domain,
        "sentences": list(unit.sentences),
        "sentiment": SENTIMENTS[unit.sentiment],
        "topics": [
            [i, codes()[topic], signs[state]]
            for i, found in enumerate(unit.topics)
            for topic, state in found.items()
        ],
    }


def divide(units: Iterable[Unit], data: Path | None = None) -> dict[Side, list[Unit]]:
    """Return the units of each side. `data` tells which clauses stem from one review.

    Units that are for training only are left out where they share text with a
    unit of another side.
    """
    units = list(units)
    sides: dict[Side, list[Unit]] = {"train": [], "dev": [], "test": []}
    groups = _groups(units, reviews(data))
    judged = set()
    for unit, group in zip(units, groups, strict=True):
        if not unit.train_only:
            digest = hashlib.blake2b(group.encode(), digest_size=8).digest()
            place = int.from_bytes(digest, "big") / 2**64
            dev, test = SHARES.get(unit.dataset, DEFAULT_SHARES)
            side: Side = "test" if place < test else "dev" if place < test + dev else "train"
            sides[side].append(unit)
            if side != "train":
                judged.add(group)
    sides["train"].extend(
        unit
        for unit, group in zip(units, groups, strict=True)
        if unit.train_only and group not in judged
    )
    return sides


def reviews(data: Path | None) -> dict[str, str]:
    """Map the id of a clause to the review it was cut from."""
    path = data / "train" / "gpb_clause_topics.jsonl.xz" if data else None
    if path is None or not path.exists():
        return {}
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return {r["id"]: f"gpb {r['review_no']}" for r in records if "review_no" in r}


def _groups(units: list[Unit], reviews: dict[str, str]) -> list[str]:
    """Return a name of the group of every unit: the smallest id in it."""
    parent = list(range(len(units)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    holders: dict[str, list[int]] = defaultdict(list)
    for i, unit in enumerate(units):
        words = re.findall(r"\w+", " ".join(unit.sentences).lower())
        keys = {" ".join(words[j : j + RUN]) for j in range(max(1, len(words) - RUN + 1))}
        if unit.id in reviews:
            keys.add(reviews[unit.id])
        for key in keys:
            holders[key].append(i)
    for members in holders.values():
        for member in members[1:]:
            parent[root(member)] = root(members[0])
    names: dict[int, str] = {}
    # Units for training only come last, and name a group only where nobody else does.
    for i, unit in enumerate(units):
        if not unit.train_only:
            names[root(i)] = min(names.get(root(i), unit.id), unit.id)
    for i, unit in enumerate(units):
        if unit.train_only:
            names.setdefault(root(i), unit.id)
    return [names[root(i)] for i in range(len(units))]
