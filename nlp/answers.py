"""What is said of one text, and its short form, from which it can be made again."""

from __future__ import annotations

from typing import Any

from mention import SentenceTagging, TopicLabel
from nlp import facts, sentences
from nlp.answer_cache import Key

# All of a tagging but the mention's id.
Answer = dict[str, Any]


class Document:
    """Title and text as one string, with the sentences of both.

    `places`: (field, start, end) within the field; `spans`: the same within `whole`.
    """

    def __init__(self, title: str, text: str) -> None:
        shift = len(title) + 1 if title else 0
        self.whole = f"{title}\n{text}" if title else text
        parts = [("title", span, 0) for span in sentences.split(title)]
        parts += [("text", span, shift) for span in sentences.split(text)]
        self.places: list[tuple[Any, int, int]] = [(f, a, b) for f, (a, b), _ in parts]
        self.spans = [(a + by, b + by) for _, (a, b), by in parts]


def shorten(answer: Answer) -> list[Any]:
    """Return an answer without what follows from the text: spans of sentences, and facts."""
    if "untagged_reason" in answer:
        return [answer["lang"], answer["untagged_reason"]]
    labels = [
        [number, label.topic, label.polarity, label.confidence]
        for number, sentence in enumerate(answer["sentences"])
        for label in sentence.topics
    ]
    return [answer["lang"], answer["sentiment"], answer["score"], answer["confidence"], labels]


def restore(key: Key, said: list[Any]) -> Answer:
    """Return the answer that `shorten` was given; `key`: of its text."""
    title, text, _ = key
    lang, *rest = said
    if len(rest) == 1:
        return {"lang": lang, "untagged_reason": rest[0]}
    sentiment, score, confidence, labels = rest
    places = Document(title or "", text).places
    topics: list[list[TopicLabel]] = [[] for _ in places]
    for number, topic, polarity, sure in labels:
        topics[number].append(TopicLabel(topic=topic, polarity=polarity, confidence=sure))
    return {
        "lang": lang,
        "facts": facts.find_in_mention(title, text, lang),
        "sentiment": sentiment,
        "score": score,
        "confidence": confidence,
        "sentences": tuple(
            SentenceTagging(field=field, start=start, end=end, topics=tuple(found))
            for (field, start, end), found in zip(places, topics, strict=True)
        ),
    }
