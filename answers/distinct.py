"""What people praise, or complain of, in one group and not in another, with the sentences.

Topics are counted by the index over all mentions. Words are read from the sentences that the
tagger found praise or complaints in, of the newest texts of each group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Literal

from answers.compare import in_groups
from answers.log_odds import Contrast, chance_levels, contrasts
from answers.sides import Comparison, Side
from index.base import Hit, MentionIndex
from index.query import HasFilter, Node, TextFilter, narrowed
from index.stemming import is_stop_word
from index.text import analyse
from mention import SentenceTagging

Tone = Literal["praise", "complaint"]
TONES: Final[dict[Tone, str]] = {"praise": "positive", "complaint": "negative"}
# Of what is called distinct, at most so large a part is expected to be so by chance.
FALSE_DISCOVERIES: Final = 0.05
# Texts of each group that words are read from.
TEXTS: Final = 2000
SHOWN: Final = 5
# Mentions that are read at a time: of what is not needed hardly any is.
_BATCH: Final = 250


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that shows a term.

    Attributes:
        mention_id: of the mention that has it.
        sentence: as it was written.
        confidence: of the surest label of the sentence.
    """

    mention_id: str
    sentence: str
    confidence: float

    def is_better_than(self, other: Example | None) -> bool:
        """Say whether it shows more: the tagger is surer of it, or it says it more shortly."""
        return other is None or self._merit > other._merit

    @property
    def _merit(self) -> tuple[float, int, str]:
        return round(self.confidence, 2), -len(self.sentence), self.mention_id


@dataclass(slots=True)
class Voice:
    """The praise, or the complaints, that were read of one group.

    Attributes:
        words: how many mentions have each word, by its stem.
        examples: a sentence for each word and for each topic (`topic:` and its code).
        written: the word of each stem as its example has it.
    """

    words: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Example] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DistinctTerm:
    """A topic or a word that one group has more often than what it is held against.

    Attributes:
        group: the group.
        against: what it is held against.
        tone: praise or complaint.
        kind: topic or word.
        term: code of the topic, or the word as the example has it.
        contrast: the figures.
        chance: rate of false discoveries among all that are as distinct, 0–1.
        example: a sentence; None where none of those that were read shows it.
    """

    group: str
    against: str
    tone: Tone
    kind: Literal["topic", "word"]
    term: str
    contrast: Contrast[Any]
    chance: float
    example: Example | None

    def as_row(self) -> dict[str, Any]:
        """Return it as columns."""
        return {
            "group": self.group,
            "against": self.against,
            "tone": self.tone,
            "kind": self.kind,
            "term": self.term,
            "mentions": self.contrast.here,
            "mentions_against": self.contrast.there,
            "log_odds": round(self.contrast.log_odds, 4),
            "z": round(self.contrast.z, 4),
            "chance": round(self.chance, 4),
            "example": self.example.sentence if self.example else None,
            "example_id": self.example.mention_id if self.example else None,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of the texts of each group.

    Attributes:
        voices: by group and tone.
        lang: language of the texts; words of two languages are not compared.
        texts: how many were read of each group.
        limit: how many are read at most.
    """

    voices: Mapping[tuple[str, Tone], Voice]
    lang: str | None
    texts: Mapping[str, int]
    limit: int


def read(index: MentionIndex, query: str, comparison: Comparison, *, texts: int = TEXTS) -> Reading:
    """Read the newest texts of each group of a comparison, at most `texts` of each.

    All are of one language, the most frequent one, since words of two tell nothing but the
    languages of the groups.
    """
    names = [side.name for side in comparison.sides]
    spoken: list[Node] = [HasFilter("topic")]
    within = narrowed(query, in_groups(comparison.by, *names), *spoken)
    langs = index.facets(within, ["lang"], limit=2)["lang"]
    lang = next((one.value for one in langs if one.value), None)
    voices = {(name, tone): Voice() for name in names for tone in TONES}
    number = dict.fromkeys(names, 0)
    if lang:
        spoken.append(TextFilter("lang", lang))
    for name in names:
        hits = index.scan(narrowed(query, in_groups(comparison.by, name), *spoken), batch=_BATCH)
        for hit in islice(hits, texts):
            number[name] += 1
            for tone in TONES:
                _listen(voices[name, tone], hit, tone)
    return Reading(voices, lang, number, texts)


def _listen(voice: Voice, hit: Hit, tone: Tone) -> None:
    """Count the words of a mention, each once, in its sentences of one tone."""
    seen: set[str] = set()
    for sentence in hit.tagging.sentences if hit.tagging else ():
        polarities = {label.polarity for label in sentence.topics} - {"neutral"}
        if polarities != {TONES[tone]}:
            continue
        example = _example(hit, sentence)
        words = analyse(example.sentence, hit.tagging.lang if hit.tagging else None)
        pairs = zip(words.stems, words.written, strict=True)
        terms = {stem: word for stem, word in pairs if not is_stop_word(word)}
        seen |= terms.keys()
        for term in (*terms, *(f"topic:{label.topic}" for label in sentence.topics)):
            if example.is_better_than(voice.examples.get(term)):
                voice.examples[term] = example
                voice.written[term] = terms.get(term, term).lower()
    voice.words.update(seen)


def _example(hit: Hit, sentence: SentenceTagging) -> Example:
    mention = hit.mention
    text = (mention.title or "") if sentence.field == "title" else mention.text
    surest = max(label.confidence for label in sentence.topics)
    return Example(mention.id, text[sentence.start : sentence.end], surest)


def distinct_terms(
    comparison: Comparison, reading: Reading, *, shown: int = SHOWN
) -> list[DistinctTerm]:
    """Return what each group has more often than what it is held against.

    Gives topics and words whose rate of false discoveries is at most `FALSE_DISCOVERIES`, the
    most distinct first, at most `shown` of each kind for each group and tone. Topics are
    tested together with topics, words of one tone with words of that tone, over all groups.
    """
    found = [*_topics(comparison, reading)]
    for tone in TONES:
        found += _words(comparison, reading, tone)
    kept: Counter[tuple[str, str, str]] = Counter()
    given = []
    for one in sorted(found, key=lambda one: -one.contrast.z):
        place = (one.group, one.tone, one.kind)
        kept[place] += 1
        if kept[place] <= shown:
            given.append(one)
    order = [side.name for side in comparison.sides]
    return sorted(given, key=lambda one: (order.index(one.group), list(TONES).index(one.tone)))


def _topics(comparison: Comparison, reading: Reading) -> Iterator[DistinctTerm]:
    tones: dict[str, Tone] = {polarity: tone for tone, polarity in TONES.items()}
    compared = [
        (side.name, other.name, contrasts(_opinions(side), _opinions(other)))
        for side, other in _pairs(comparison)
    ]
    for group, against, one, chance in _discoveries(compared):
        topic, polarity = one.term
        if polarity in tones:
            tone = tones[polarity]
            example = reading.voices[group, tone].examples.get(f"topic:{topic}")
            yield DistinctTerm(group, against, tone, "topic", topic, one, chance, example)


def _opinions(side: Side) -> dict[tuple[str, str], int]:
    """Return how many mentions have each topic with each polarity."""
    return {
        (topic, polarity): getattr(tally, polarity)
        for topic, tally in side.topics.items()
        for polarity in ("positive", "neutral", "negative", "mixed")
        if getattr(tally, polarity)
    }


def _words(comparison: Comparison, reading: Reading, tone: Tone) -> Iterator[DistinctTerm]:
    # That people name the brand they write about says nothing.
    named = {stem for side in comparison.sides for stem in analyse(side.name, reading.lang).stems}
    counts = {
        side.name: Counter(
            {
                stem: number
                for stem, number in reading.voices[side.name, tone].words.items()
                if stem not in named
            }
        )
        for side in comparison.sides
    }
    compared = []
    for side, other in _pairs(comparison):
        others = [one.name for one in comparison.sides if one is not side]
        if comparison.base is not None:
            others = [comparison.base]
        there = sum((counts[name] for name in others), Counter[str]())
        compared.append((side.name, other.name, contrasts(counts[side.name], there)))
    for group, against, one, chance in _discoveries(compared):
        voice = reading.voices[group, tone]
        yield DistinctTerm(
            group,
            against,
            tone,
            "word",
            voice.written[one.term],
            one,
            chance,
            voice.examples[one.term],
        )


def _pairs(comparison: Comparison) -> Iterator[tuple[Side, Side]]:
    for side in comparison.sides:
        other = comparison.other(side)
        if other is not None:
            yield side, other


def _discoveries(
    compared: Sequence[tuple[str, str, list[Contrast[Any]]]],
) -> Iterator[tuple[str, str, Contrast[Any], float]]:
    """Yield what is more frequent in a group than chance explains, of all tested together."""
    everything = [(group, other, one) for group, other, found in compared for one in found]
    levels = chance_levels([one.z for _, _, one in everything])
    for (group, other, one), chance in zip(everything, levels, strict=True):
        if one.z > 0 and chance <= FALSE_DISCOVERIES:
            yield group, other, one, chance
