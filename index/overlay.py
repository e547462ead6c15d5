"""The labels that hold: what a tagger says, with what people say laid over it.

Nothing that a tagger wrote is changed. The labels that hold are made anew whenever one of
the two speaks, and the latest word of a person wins over every tagger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mention import (
    CERTAIN,
    Correction,
    Polarity,
    SentenceTagging,
    Sentiment,
    Span,
    Tagging,
    TopicLabel,
    content_hash,
)

_SCORES: Final[Mapping[Sentiment, float]] = {
    "positive": 1.0,
    "neutral": 0.0,
    "negative": -1.0,
    "mixed": 0.0,
}


def text_hash(title: str | None, text: str) -> str:
    """Return what a correction is bound to: it holds for this title and this text only.

    Not for the rating or the reply: that a company has answered changes nothing in what
    the author said.
    """
    return content_hash(title, text)


def overlaid(tagging: Tagging, corrections: Sequence[Correction]) -> Tagging:
    """Return `tagging` with `corrections` over it, the later over the earlier.

    Args:
        tagging: of a tagger.
        corrections: those in force, in the order in which they were made.

    A topic said of the mention as a whole keeps the sentences that say the same, as its
    evidence; without one it stands in a last "sentence" with an empty span. A text that the
    tagger left alone has no topics, and takes them only together with a sentiment.
    """
    if not corrections:
        return tagging
    sentiment = next((one.sentiment for one in reversed(corrections) if one.sentiment), None)
    if tagging.sentiment is None and sentiment is None:
        return tagging
    sentences = _Sentences(tagging.sentences)
    for one in corrections:
        for topic, polarity in one.topics.items():
            sentences.say(topic, _polarities(polarity), one.span)
    said: dict[str, object] = {"sentences": sentences.labelled(), "corrected": True}
    if sentiment is not None:
        said |= {
            "sentiment": sentiment,
            "score": _SCORES[sentiment],
            "confidence": CERTAIN,
            "untagged_reason": None,
        }
    return tagging.model_copy(update=said)


def _polarities(polarity: Sentiment | None) -> tuple[Polarity, ...]:
    """Return the polarities that a topic has: none, one, or both where it is mixed."""
    if polarity is None:
        return ()
    return ("positive", "negative") if polarity == "mixed" else (polarity,)


class _Sentences:
    """The sentences of a tagging while labels are put right."""

    def __init__(self, sentences: Iterable[SentenceTagging]) -> None:
        self._sentences = list(sentences)
        # What is said of the mention as a whole and of no sentence.
        self._whole: list[TopicLabel] = []

    def say(self, topic: str, polarities: Sequence[Polarity], span: Span | None) -> None:
        """Let `topic` have exactly `polarities` within `span`, or everywhere."""
        missing = set(polarities)
        for place, sentence in enumerate(self._sentences):
            if span is None or _overlap(sentence, span):
                kept = tuple(
                    one
                    for one in sentence.topics
                    if one.topic != topic or one.polarity in polarities
                )
                self._sentences[place] = sentence.model_copy(update={"topics": kept})
                missing -= {one.polarity for one in kept if one.topic == topic}
        labels = tuple(
            TopicLabel(topic=topic, polarity=one, confidence=CERTAIN)
            for one in polarities
            if one in missing
        )
        if span is None:
            self._whole = [one for one in self._whole if one.topic != topic]
            self._whole += labels
        elif labels:
            self._add(span, labels)

    def _add(self, span: Span, labels: tuple[TopicLabel, ...]) -> None:
        place = next(
            (n for n, sentence in enumerate(self._sentences) if _key(sentence) == _key(span)), None
        )
        if place is not None:
            sentence = self._sentences[place]
            added = {"topics": (*sentence.topics, *labels)}
            self._sentences[place] = sentence.model_copy(update=added)
            return
        # Another tagger has cut the text elsewhere: the sentence comes in between.
        added_one = SentenceTagging(**span.model_dump(), topics=labels)
        before = [one for one in self._sentences if _key(one) < _key(span)]
        self._sentences.insert(len(before), added_one)

    def labelled(self) -> tuple[SentenceTagging, ...]:
        whole = (SentenceTagging(start=0, end=0, topics=tuple(self._whole)),) if self._whole else ()
        return (*self._sentences, *whole)


def _key(one: SentenceTagging | Span) -> tuple[bool, int, int]:
    return one.field == "text", one.start, one.end  # the title comes first


def _overlap(sentence: SentenceTagging, span: Span) -> bool:
    return sentence.field == span.field and sentence.start < span.end and span.start < sentence.end
