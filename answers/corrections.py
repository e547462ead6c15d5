"""Corrections as people write them, and as labelled texts for evaluation and training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from index.base import Hit
from mention import SENTIMENTS, CodedError, Correction, SentenceTagging, Sentiment, Span

# What a topic is said to be where the mention does not speak of it.
ABSENT: Final = "none"
_SIGNS: Final = {"positive": "+", "neutral": "0", "negative": "-"}
_KEYS: Final = ("id", "sentiment", "topics", "sentence", "note", "author")

CheckTopics = Callable[[Iterable[str]], object]


class CorrectionError(CodedError):
    """A correction that cannot be made. The message is one sentence and the next step."""

    exit_code = 2
    sentences = MappingProxyType(
        {
            "correction_unknown_key": "there is no key '{key}'; write {known}",
            "correction_topics_misfit": '"topics" is an object such as {{"speed": "negative"}}',
            "correction_misfit": "'{key}' does not fit: {reason}",
            "correction_value": "'{label}' cannot be '{value}'; write one of {known}",
            "correction_value_near": "'{label}' cannot be '{value}'; did you mean {near}?",
            "correction_empty": "nothing is corrected; name a sentiment or a topic",
            "correction_no_topic": "a sentence is named, but no topic that it speaks of; name one",
            "correction_untagged_text": "the tagger left this text alone ({reason}); say its "
            "overall sentiment too, then its topics count",
            "correction_untagged": "the sentences are not known before the mention is tagged; "
            "run: molva tag",
            "correction_no_sentence": "there is no sentence {number}: it has 1 to {most}, "
            "as 'molva explain {mention}' numbers them",
        }
    )


def correction(
    hit: Hit,
    values: Mapping[str, Any],
    check_topics: CheckTopics,
    *,
    author: str | None = None,
) -> Correction:
    """Return the correction that a person or a line of a file asks for.

    Args:
        hit: the mention with the labels that hold now.
        values: `sentiment`; `topics`, polarities by topic; `sentence`, a number as
            `molva explain` has them; `note`; `author`. All may be missing, but not both
            of the first two.
        check_topics: raises `UserError` for a topic that there is not.
        author: who speaks where `values` do not say.

    Raises:
        UserError: a value does not fit.
    """
    unknown = next((name for name in values if name not in _KEYS), None)
    if unknown is not None:
        raise CorrectionError("correction_unknown_key", key=unknown, known=", ".join(_KEYS))
    topics = values.get("topics") or {}
    if not isinstance(topics, Mapping):
        raise CorrectionError("correction_topics_misfit")
    check_topics(topics)
    sentiment, sentence = values.get("sentiment"), values.get("sentence")
    if sentiment is not None and sentiment not in SENTIMENTS:
        raise _no_value("sentiment", sentiment, SENTIMENTS)
    if sentiment is None and not topics:
        raise CorrectionError("correction_empty")
    if sentence is not None and not topics:
        raise CorrectionError("correction_no_topic")
    if sentiment is None and hit.tagging is not None and hit.tagging.sentiment is None:
        reason = str(hit.tagging.untagged_reason)
        raise CorrectionError("correction_untagged_text", reason=reason)
    try:
        return Correction(
            mention_id=hit.mention.id,
            author=values.get("author") or author,
            sentiment=sentiment,
            topics={topic: _polarity(topic, value) for topic, value in topics.items()},
            span=None if sentence is None else _span(hit, sentence),
            note=values.get("note"),
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CorrectionError("correction_misfit", key=place, reason=first["msg"]) from None


def _polarity(topic: str, value: object) -> Sentiment | None:
    if value is None or value == ABSENT:
        return None
    if value not in SENTIMENTS:
        raise _no_value(topic, value, (*SENTIMENTS, ABSENT))
    return value


def _no_value(label: str, value: object, known: Sequence[str]) -> CorrectionError:
    written = str(value)
    near = get_close_matches(written.lower(), known, n=1)
    if near:
        return CorrectionError("correction_value_near", label=label, value=written, near=near[0])
    listed = ", ".join(known)
    return CorrectionError("correction_value", label=label, value=written, known=listed)


def _span(hit: Hit, number: object) -> Span:
    sentences = [one for one in hit.tagging.sentences if one.end] if hit.tagging else []
    if type(number) is not int or not 1 <= number <= len(sentences):
        if not sentences:
            raise CorrectionError("correction_untagged")
        raise CorrectionError(
            "correction_no_sentence",
            number=str(number),
            most=len(sentences),
            mention=hit.mention.id,
        )
    one = sentences[number - 1]
    return Span(field=one.field, start=one.start, end=one.end)


def labelled(hit: Hit, holding: Sequence[Correction]) -> dict[str, Any]:
    """Return a mention as a labelled text in the format of docs/evaluation.md.

    Only what a person has spoken of is a label: `sentiment` where somebody gave it,
    `topics` where somebody corrected one; whoever does that has looked at all of them.
    Topics count by sentence where each rests on a sentence of a text without a title.

    Args:
        hit: a mention with corrections in force.
        holding: these.
    """
    mention, tagging = hit.mention, hit.tagging
    assert tagging is not None  # noqa: S101 - no correction is in force before it is tagged
    by_sentence = mention.title is None and all(
        one.field == "text" and one.end for one in tagging.sentences
    )
    record: dict[str, Any] = {"id": mention.id, "lang": tagging.lang or mention.lang}
    whole = {"title": mention.title} if mention.title else {}
    whole["text"] = mention.text
    if any(one.sentiment for one in holding):
        record["sentiment"] = tagging.sentiment
    if not any(one.topics for one in holding):
        return record | whole
    labels = [
        (place, label.topic, _SIGNS[label.polarity])
        for place, sentence in enumerate(tagging.sentences)
        for label in sentence.topics
    ]
    if by_sentence:
        return record | {
            "sentences": [_words(mention.text, one) for one in tagging.sentences],
            "topics": [list(label) for label in labels],
        }
    pairs = dict.fromkeys((topic, sign) for _, topic, sign in labels)
    return record | whole | {"topics": [list(pair) for pair in pairs]}


def _words(text: str, sentence: SentenceTagging) -> str:
    return text[sentence.start : sentence.end]
