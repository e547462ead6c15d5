"""Public sets with stars, sentiment or aspects, read as far as they can be taken for our labels.

Three kinds of signal, each used only where the set's rule is close to ours:

* `tone`: how the writer feels, whatever about (posts of RuSentiment, say). It
  has a head of its own, because our overall sentiment is about the company only.
* `overall`: stars and polarity towards a company. Three stars are left out: such
  texts are mixed, neutral or negative, as it falls.
* `topics`: aspect categories that mean one of our topics. Topics that the set
  never asks about, or means otherwise ("service"), count neither as there nor
  as absent.

A text that shares twelve words in a row with a labelled development or test
unit is left out, so that those stay unseen.
"""

from __future__ import annotations

import hashlib
import json
import logging
import lzma
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlp.outputs import SENTIMENTS, STATES, TONES
from nlp.taxonomy import codes
from nlp.training.split import RUN, Side, Unit, whole

log = logging.getLogger(__name__)
NEGATIVE, NEUTRAL, POSITIVE = (STATES.index(s) for s in ("negative", "neutral", "positive"))
# Longer texts are left out: they cost much and say the same.
LONGEST = 700
LONGEST_OF_ALL = 1500
# Shares of (dev, test) of every set.
SHARES = (0.05, 0.08)

Record = dict[str, Any]


@dataclass(frozen=True)
class PublicText:
    """A text with the part of the labels that its set gives.

    `overall` indexes `SENTIMENTS` and `tone` `TONES`, or is None. `topics`
    maps the number of each topic that the set asks about to a number in `STATES`.
    """

    id: str
    dataset: str
    lang: str
    text: str
    overall: int | None = None
    tone: int | None = None
    topics: dict[int, int] = field(default_factory=dict)


def _tone(record: Record) -> int | None:
    names = {"neg": "negative", "neu": "neutral", "pos": "positive"}
    name = names.get(record.get("sentiment") or "")
    return TONES.index(name) if name else None


def _feeling(record: Record) -> dict[str, Any]:
    return {"tone": _tone(record)}


def _opinion(record: Record) -> dict[str, Any]:
    """Read polarity towards a company: tone and overall sentiment are one."""
    tone = _tone(record)
    return {"tone": tone, "overall": None if tone is None else SENTIMENTS.index(TONES[tone])}


def _stars(record: Record) -> dict[str, Any]:
    if record.get("sentiment") not in ("neg", "pos") or record.get("rating") == 4:
        return {}
    return _opinion(record)


AIRLINE = {
    "Late Flight": "speed",
    "Lost Luggage": "delivery",
    "Damaged Luggage": "delivery",
    "Cancelled Flight": "quality",
}


def _airline(record: Record) -> dict[str, Any]:
    topic = AIRLINE.get(record.get("topic") or "")
    return _opinion(record) | {"topics": {topic: NEGATIVE} if topic else {}}


FAST_FOOD = {
    "RudeService": "politeness",
    "SlowService": "speed",
    "OrderProblem": "professionalism",
    "BadFood": "quality",
    "Filthy": "premises",
    "Cost": "price",
}


def _fast_food(record: Record) -> dict[str, Any]:
    named = record.get("topics") or []
    if not named or "na" in named:
        return {}
    # Low agreement among the set's raters makes absence doubtful: only what is named counts.
    return {"topics": {FAST_FOOD[name]: NEGATIVE for name in named if name in FAST_FOOD}}


# Category patterns, first match wins; None: near to a topic but not the same, so unknown.
RESTAURANT = (
    (r"price", "price"),
    (r"style_options|service|staff|misc", None),
    (r"^(food|drinks)\b", "quality"),
    (r"ambience", "premises"),
    (r"location", "convenience"),
)
HOTEL = (
    (r"price", "price"),
    (r"service|general$", None),
    (r"location", "convenience"),
    (r"food_drinks quality", "quality"),
    (r"^(rooms|facilities|room_amenities)|hotel (cleanliness|comfort|design)", "premises"),
)
PHONE = (
    (r"^price", "price"),
    (r"^logistics", "delivery"),
    (r"return", "returns"),
    (r"attitude$", None),
    (
        r"^(product quality|camera|screen|battery|performance|audio|ease of use|appearance)",
        "quality",
    ),
)
LAPTOP = (
    (r"#price", "price"),
    (r"^(support|company|out_of_scope|software|os)#", None),
    (r"^shipping", "delivery"),
    (r"^warranty", "returns"),
    (r"#", "quality"),
)
# What each kind of set asks about throughout, so that silence means absence.
ASKED = {
    "restaurant": (RESTAURANT, ("quality", "price", "premises")),
    "hotel": (HOTEL, ("price", "convenience", "premises")),
    "phone": (PHONE, ("price", "delivery")),
    "laptop": (LAPTOP, ("price", "quality")),
}
KINDS = {"rest14": "restaurant", "rest16": "restaurant", "lap14": "", "lap16": "laptop"}


def _aspects(record: Record) -> dict[str, Any]:
    kind = record.get("domain") or record.get("subset") or ""
    kind = KINDS.get(kind, kind)
    found = record.get("aspects")
    if kind not in ASKED or not found:
        return {}
    patterns, asked = ASKED[kind]
    topics: dict[str, int] = dict.fromkeys(asked, 0)
    unknown = set()
    for aspect in found:
        category = str(aspect["cat"]).lower()
        topic = next((t for p, t in patterns if re.search(p, category)), None)
        polarity = {"neg": NEGATIVE, "pos": POSITIVE, "mixed": NEUTRAL}.get(aspect["pol"])
        if topic is None:
            if "style" in category:
                unknown.add("quality")
        elif polarity is None:
            unknown.add(topic)
        elif topics.get(topic, 0) in (0, polarity):
            topics[topic] = polarity
        else:
            topics[topic] = NEUTRAL
    return {"topics": {t: s for t, s in topics.items() if t not in unknown}}


@dataclass(frozen=True)
class Source:
    """How a set is read, and how many of its training texts are used at most."""

    read: Callable[[Record], dict[str, Any]]
    most: int
    languages: tuple[str, ...] = ("ru", "en", "lt")


SOURCES: dict[str, Source] = {
    "rusentiment_vk": Source(_feeling, 14_000),
    "rusentitweet": Source(_feeling, 10_000),
    "sentirueval_tweets": Source(_feeling, 12_000),
    "tweeteval_sentiment": Source(_feeling, 3_000),
    "social_ru_human": Source(_feeling, 1_000),
    "us_airline_tweets": Source(_airline, 9_000),
    "mds_blitzer_amazon": Source(_stars, 4_000),
    "banks_ru_reviews": Source(_stars, 1_500),
    "otzovik_sberbank": Source(_stars, 1_200),
    "marketplace_ru": Source(_stars, 1_500),
    "tripadvisor_ru_restaurants": Source(_stars, 1_200),
    "lt_childcare_synth": Source(_stars, 1_000),
    "mcdonalds_yelp_topics": Source(_fast_food, 400),
    "m_absa_ru_en": Source(_aspects, 5_000),
    "semeval_absa": Source(_aspects, 4_000),
    "acos": Source(_aspects, 2_000),
}


def side_of(identifier: str) -> Side:
    """Return the side of a public text, by a hash of its id."""
    place = place_of(identifier)
    dev, test = SHARES
    return "test" if place < test else "dev" if place < test + dev else "train"


def runs(text: str) -> set[str]:
    """Return the runs of `RUN` words of a text; of a shorter one, all of it."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))}


def held_out(sides: dict[Side, list[Unit]]) -> tuple[set[str], set[str]]:
    """Return the ids and the word runs of the labelled development and test units."""
    units = [*sides["dev"], *sides["test"]]
    return {u.id for u in units}, {run for u in units for run in runs(" ".join(u.sentences))}


def read(
    data: Path,
    side: Side,
    sides: dict[Side, list[Unit]],
    names: Iterable[str] = SOURCES,
    *,
    limited: bool = True,
) -> Iterator[PublicText]:
    """Yield the texts of one side of the public sets in `data`/train.

    `limited`: for training as many as a processor can read in an hour, else all of them and
    longer ones too.
    """
    ids, seen_runs = held_out(sides)
    longest = LONGEST if limited else LONGEST_OF_ALL
    for name in names:
        source = SOURCES[name]
        found = []
        for record in records(data, name):
            text = whole(record)
            if (
                side_of(record["id"]) != side
                or len(text) > longest
                or record.get("lang") not in source.languages
                or record["id"] in ids
            ):
                continue
            labels = source.read(record)
            if not any(value is not None and value != {} for value in labels.values()):
                continue
            if side == "train" and not runs(text).isdisjoint(seen_runs):
                continue
            topics = {codes().index(t): state for t, state in labels.pop("topics", {}).items()}
            found.append(
                PublicText(record["id"], name, record["lang"], text, topics=topics, **labels)
            )
        # Files are often sorted by stars: a hash of the id gives a fair choice.
        found.sort(key=lambda text: place_of(text.id))
        yield from found[: source.most] if side == "train" and limited else found


def records(data: Path, name: str) -> Iterator[Record]:
    """Yield the records of one set in `data`/train; none, and a line in the log, without it."""
    if not (data / "train" / f"{name}.jsonl.xz").exists():
        log.info("there is no %s in %s: passed over", name, data / "train")
        return
    with lzma.open(data / "train" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def place_of(identifier: str) -> float:
    """Map an id to a number from 0 to 1: its place in a fair order."""
    digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
