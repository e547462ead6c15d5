"""A labelled text beside what the tagger says of it.

The tagger finds its own sentences; each counts for the labelled sentence that
it shares most characters with. A text whose topics have no sentence numbers
keeps the tagger's sentences, and is compared as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mention import Tagging
from nlp.evaluation.spellings import NUMBERED, POLARITIES, Record
from nlp.taxonomy import codes

if TYPE_CHECKING:
    from nlp.tagger import TagItem

# (sentence, topic, polarity); the sentence is -1 where the label names none.
Pair = tuple[int, str, str]


@dataclass(frozen=True)
class Scored:
    """One labelled text beside what the tagger said.

    Attributes:
        record: the labels in the normal form (`nlp.evaluation.spellings`).
        said_sentiment: what counts as said; None for an untagged text.
        confidence: of `said_sentiment`, 0 to 1.
        said: the topics said, with polarity, by sentence.
        gold: the topics labelled; None where topics were not labelled.
        confidences: of `said`, where they are known.
        tagging: what the tagger said in full.
        by_sign: whether `said_sentiment` follows from the sign of the score.
    """

    record: Record
    said_sentiment: str | None
    confidence: float
    said: frozenset[Pair]
    gold: frozenset[Pair] | None
    confidences: Mapping[Pair, float] = field(default_factory=dict)
    tagging: Tagging | None = None
    by_sign: bool = False

    @property
    def sentiment(self) -> str | None:
        """The overall sentiment as labelled, if it was."""
        value = self.record.get("sentiment")
        return None if value is None else str(value)

    @property
    def right(self) -> bool:
        """Whether the overall sentiment was labelled, and said so."""
        return self.sentiment is not None and self.said_sentiment == self.sentiment

    @property
    def by_sentence(self) -> bool:
        """Whether its topics were labelled, and sentence by sentence."""
        return self.gold is not None and "sentences" in self.record

    def is_right(self, pair: Pair) -> bool:
        """Tell whether a topic that was said is labelled, with its polarity."""
        return self._among(pair, self.gold or frozenset())

    def is_found(self, pair: Pair) -> bool:
        """Tell whether a topic that is labelled was said, with its polarity."""
        return self._among(pair, self.said)

    def _among(self, pair: Pair, others: frozenset[Pair]) -> bool:
        if self.by_sentence:
            return pair in others
        return any(pair[1:] == other[1:] for other in others)


def item_of(number: int, record: Record) -> TagItem:
    """Return the text of a record for the tagger; labelled sentences are joined by spaces."""
    from nlp.tagger import TagItem

    if "sentences" in record:
        return TagItem(str(number), " ".join(record["sentences"]), None, record.get("lang"))
    return TagItem(str(number), record["text"], record.get("title"), record.get("lang"))


def sentences_of(one: Scored) -> list[str]:
    """Return the sentences that the numbers of `one.said` count: as labelled, else as found."""
    if "sentences" in one.record:
        return list(one.record["sentences"])
    fields = {"title": one.record.get("title") or "", "text": one.record["text"]}
    found = one.tagging.sentences if one.tagging else ()
    return [fields[each.field][each.start : each.end] for each in found]


def score(record: Record, tagging: Tagging) -> Scored:
    """Compare one tagging with its labels, which are in the normal form."""
    known = codes()
    # Where several spans fall to one labelled sentence, the surest polarity of a topic counts.
    # A project's own topics are among no labels, and are not measured.
    surest: dict[tuple[int, str], tuple[float, str]] = {}
    for place, found in zip(_places(record, tagging), tagging.sentences, strict=True):
        for label in found.topics:
            sure, _ = surest.get((place, label.topic), (-1.0, ""))
            if label.topic in known and label.confidence > sure:
                surest[place, label.topic] = (label.confidence, label.polarity)
    confidences = {
        (place, topic, polarity): sure for (place, topic), (sure, polarity) in surest.items()
    }
    gold = None
    if record.get("topics") is not None:
        gold = frozenset(
            (one[0] if len(one) == NUMBERED else -1, one[-2], POLARITIES[one[-1]])
            for one in record["topics"]
        )
    return Scored(
        record,
        tagging.sentiment,
        tagging.confidence or 0.0,
        frozenset(confidences),
        gold,
        confidences,
        tagging,
    )


def _places(record: Record, tagging: Tagging) -> list[int]:
    """Return the number of the sentence that each sentence of the tagger counts for."""
    if "sentences" not in record:
        return list(range(len(tagging.sentences)))
    bounds, place = [], 0
    for sentence in record["sentences"]:
        bounds.append((place, place + len(sentence)))
        place += len(sentence) + 1
    places = []
    for found in tagging.sentences:
        shared = [min(found.end, end) - max(found.start, start) for start, end in bounds]
        places.append(max(range(len(shared)), key=shared.__getitem__))
    return places


def by_sign(scored: Sequence[Scored]) -> tuple[list[Scored], list[str]]:
    """Let the sign of the score decide where the labels have fewer classes than the tagger.

    Without any text labelled mixed, what was called mixed counts as positive or
    negative; without any labelled neutral either, so does what was called neutral.
    Returns the texts, and notes that say so.
    """
    labelled = {one.sentiment for one in scored} - {None}
    if not labelled or "mixed" in labelled:
        return list(scored), []
    names = ["mixed"] if "neutral" in labelled else ["mixed", "neutral"]
    counted, changed = [], 0
    for one in scored:
        score = one.tagging.score if one.tagging else None
        if one.sentiment is None or one.said_sentiment not in names or score is None:
            counted.append(one)
            continue
        changed += 1
        sign = "positive" if score > 0 else "negative"
        counted.append(replace(one, said_sentiment=sign, confidence=abs(score), by_sign=True))
    called = " or ".join(names)
    return counted, [
        f"no text is labelled {called}: what the tagger calls {called} counts as positive or "
        f"negative, by the sign of its score ({changed} texts; left out of the calibration)"
    ]
