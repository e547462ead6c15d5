"""Which words of a sentence carried a label: what its probability loses when a word is left out.

The tagger is several models at once, so the words are found by a method that looks into none
of them: each word is taken out of the text in turn and the rest is read anew (occlusion: Zeiler
and Fergus 2014, "Visualizing and understanding convolutional networks", ECCV; of words: Li,
Monroe and Jurafsky 2016, "Understanding neural networks through representation erasure",
https://arxiv.org/abs/1612.08220). docs/model.md says what it means and what it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import BoundedSemaphore, Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mention import CERTAIN, CodedError, Mention, SentenceTagging, Tagging, TopicLabel
from nlp.document import Document

if TYPE_CHECKING:
    from nlp.tagger import Tagger
    from nlp.tagger_setup import TaggerSetup

METHOD: Final = "leave_one_out"
# At most so many texts are read for an answer, of so many characters together: some seconds.
MOST_TEXTS: Final = 64
MOST_CHARACTERS: Final = 20_000
# Of a long text, the sentence is read with its neighbours up to so many characters: those
# farther off hardly count, and the whole would be read dozens of times.
CONTEXT: Final = 800
# How long an answer waits for another, in seconds: one is reckoned at a time.
PATIENCE: Final = 20.0
# Answers that are reckoned or waited for. Each holds a thread of whoever asks, who needs some for
# other questions.
MOST_AT_ONCE: Final = 4
# Words, and marks that can say something: «!!!», «)))», «👍». Commas and full stops say nothing.
_WORD: Final = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s.,;:…«»„“”\"'’–—-]+")

_Span = tuple[int, int]


class AttributionError(CodedError):
    """Nobody can say which words carried a label. The message is one sentence."""

    sentences = MappingProxyType(
        {
            "why_untagged": "the mention is not tagged yet; run 'molva tag'",
            "why_busy": "others are being told why just now; ask again in a moment",
            "why_other_model": "the label was given by {given} and {installed} is installed, which "
            "may see it otherwise; 'molva tag' labels anew",
            "why_no_sentence": "there is no sentence {number}; there are {sentences}",
            "why_no_topic": "sentence {number} was not taken to speak of '{topic}'",
            "why_person": "a person gave this label, and only they can say why",
            "why_other_sentences": "the text is cut into other sentences by now; run 'molva tag'",
        }
    )


class WordWeight(NamedTuple):
    """A word of a sentence, or some in a row, and what it did for a label.

    `start` and `end` are offsets in the field of the sentence. `weight` is P(label) with the
    word less P(label) without it, −1 to 1: below 0, the word spoke against the label.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """Which words of a sentence carried a label.

    Attributes:
        number: of the sentence in the tagging, from 1.
        sentence: it, with its labels.
        label: which is asked about.
        words: in their order; of a long sentence, words in a row are taken together.
    """

    number: int
    sentence: SentenceTagging
    label: TopicLabel
    words: tuple[WordWeight, ...]


class Attributor:
    """Tells which words carried a label; loads the tagger when first asked. For any thread."""

    def __init__(self, setup: TaggerSetup) -> None:
        # Another model for the overall sentiment says nothing of topics.
        self._named, self._setup = setup, replace(setup, sentiment_model=None)
        self._loaded: tuple[tuple[str, str], Tagger] | None = None
        self._places, self._lock = BoundedSemaphore(MOST_AT_ONCE), Lock()

    def words(
        self, mention: Mention, tagging: Tagging | None, number: int, topic: str
    ) -> Attribution:
        """Return which words of a sentence carried what it was taken to say of a topic.

        Args:
            mention: as it was tagged.
            tagging: the labels that hold; None: not tagged yet.
            number: of the sentence in `tagging`, from 1.
            topic: of the label.

        Raises:
            AttributionError: there is no such label, a person gave it, or another tagger.
            ModelError, OwnTopicError: the tagger cannot be loaded.
        """
        if tagging is None:
            raise AttributionError("why_untagged")
        sentence, label = _label(tagging, number, topic)
        with self._turn():
            words = _weights(self._tagger(tagging), mention, sentence, label)
        return Attribution(number, sentence, label, words)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock, for which only so many wait, and for only so long."""
        busy = AttributionError("why_busy")
        if not self._places.acquire(blocking=False):
            raise busy
        try:
            if not self._lock.acquire(timeout=PATIENCE):
                raise busy
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._places.release()

    def _tagger(self, tagging: Tagging) -> Tagger:
        """Return the tagger, which has to be that of `tagging`; the lock is held."""
        wanted = (tagging.model, tagging.model_version)
        if self._loaded is None or self._loaded[0] != wanted:
            # Topics of the project's own may have been trained since.
            installed = self._named.verify()
            if installed != wanted:
                raise AttributionError(
                    "why_other_model", given=" ".join(wanted), installed=" ".join(installed)
                )
            self._loaded = installed, self._setup.load()
        return self._loaded[1]


def _label(tagging: Tagging, number: int, topic: str) -> tuple[SentenceTagging, TopicLabel]:
    sentences = tagging.sentences
    if not 1 <= number <= len(sentences):
        raise AttributionError("why_no_sentence", number=number, sentences=len(sentences))
    sentence = sentences[number - 1]
    labels = [one for one in sentence.topics if one.topic == topic]
    if not labels:
        raise AttributionError("why_no_topic", number=number, topic=topic)
    given = [one for one in labels if not (tagging.corrected and one.confidence == CERTAIN)]
    if not given or not sentence.end:
        raise AttributionError("why_person")
    return sentence, given[0]


def _weights(
    tagger: Tagger, mention: Mention, sentence: SentenceTagging, label: TopicLabel
) -> tuple[WordWeight, ...]:
    document = Document(mention.title or "", mention.text)
    place = (sentence.field, sentence.start, sentence.end)
    if place not in document.places:
        raise AttributionError("why_other_sentences")
    number = document.places.index(place)
    text, spans, number = _excerpt(document, number)
    start, end = spans[number]
    most = min(MOST_TEXTS, max(MOST_CHARACTERS // len(text), 2)) - 1
    words = _groups([found.span() for found in _WORD.finditer(text, start, end)], most)
    if not words:
        return ()
    texts = [(text, spans), *(_without(text, spans, number, word) for word in words)]
    whole, *rest = tagger.chances(texts, number, label.topic, label.polarity)
    if len(words) == 1:
        # Where nothing is left there is no sentence, and so no label.
        rest = [0.0]
    shift = sentence.start - start
    return tuple(
        WordWeight(a + shift, b + shift, whole - without)
        for (a, b), without in zip(words, rest, strict=True)
    )


def _excerpt(document: Document, number: int) -> tuple[str, list[_Span], int]:
    """Return a sentence amid its neighbours: the text, the spans in it, the sentence's number."""
    spans = document.spans
    first = last = number
    grows = True
    while grows:
        grows = False
        if first and spans[last][1] - spans[first - 1][0] <= CONTEXT:
            first, grows = first - 1, True
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= CONTEXT:
            last, grows = last + 1, True
    begin, end = spans[first][0], spans[last][1]
    kept = [(a - begin, b - begin) for a, b in spans[first : last + 1]]
    return document.whole[begin:end], kept, number - first


def _groups(words: Sequence[_Span], most: int) -> list[_Span]:
    """Return at most `most` spans that have the words, in rows of one or more."""
    size = -(-len(words) // most)
    rows = [words[i : i + size] for i in range(0, len(words), size or 1)]
    return [(row[0][0], row[-1][1]) for row in rows]


def _without(
    text: str, spans: Sequence[_Span], number: int, word: _Span
) -> tuple[str, list[_Span]]:
    """Return a text without a word of one of its sentences, and the spans in it."""
    start, end = word
    gone = end - start
    before, after = spans[:number], spans[number + 1 :]
    sentence = (spans[number][0], spans[number][1] - gone)
    shifted = [(a - gone, b - gone) for a, b in after]
    return text[:start] + text[end:], [*before, sentence, *shifted]
