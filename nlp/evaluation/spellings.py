"""One labelled text in its many spellings, brought into one normal form.

The normal form is a mapping with these keys:

* `id`, `lang`, `domain`, `dataset`: texts, where the line has them;
* `sentences`: the text in order, where labels may be counted by sentence; else
  `text` and, where there is one, `title`;
* `sentiment`: a name of `mention.SENTIMENTS`; absent where the line has none;
* `topics`: `[sentence number from 0, topic, sign]` beside `sentences`, `[topic, sign]`
  beside `text`; the sign is `+`, `-` or `0`. Absent where topics were not labelled.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from typing import Any, Final

from nlp.taxonomy import TopicError, check_topics

# JSON as it came, or in the normal form above.
Record = Mapping[str, Any]

POLARITIES: Final = {"+": "positive", "0": "neutral", "-": "negative"}
_SENTIMENTS: Final = {
    "positive": "positive",
    "pos": "positive",
    "negative": "negative",
    "neg": "negative",
    "neutral": "neutral",
    "neu": "neutral",
    "mixed": "mixed",
}
_SIGNS: Final = {"+": "+", "0": "0", "-": "-", "−": "-"} | {
    name: sign
    for name, meant in _SENTIMENTS.items()
    for sign, polarity in POLARITIES.items()
    if meant == polarity
}
# Length of a topic's entry that has a sentence number.
NUMBERED: Final = 3
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class UnusableError(ValueError):
    """What is wrong with one line, as the end of a sentence that begins with "line 7"."""


def normal(raw: Record, rating: float | None = None) -> dict[str, Any] | None:
    """Return one line in the normal form; None where only a middling rating labels it.

    `rating`: 1 to 5, in place of the sentiment. Raises `UnusableError` with what is wrong.
    """
    record: dict[str, Any] = {}
    for key in ("id", "domain", "dataset"):
        if isinstance(raw.get(key), str | int) and str(raw[key]).strip():
            record[key] = _clean(str(raw[key]))
    lang = raw.get("lang")
    if isinstance(lang, str) and lang.strip():
        record["lang"] = _clean(re.split("[-_]", lang.strip().lower())[0])
    record |= _text(raw)
    sentiment = _sentiment(raw) if rating is None else meaning(rating)
    if sentiment is not None:
        record["sentiment"] = sentiment
    if raw.get("topics") is not None:
        topics = _topics(raw["topics"], len(record.get("sentences", ())))
        if topics and len(topics[0]) != NUMBERED:
            count_per_text(record)
        record["topics"] = topics
    elif sentiment is None:
        if rating is not None:
            return None
        hint = "; --stars reads its rating" if "rating" in raw or "stars" in raw else ""
        raise UnusableError(f'has neither "sentiment" nor "topics"{hint}')
    return record


def count_per_text(record: dict[str, Any]) -> None:
    """Give a record in the normal form `text` in place of `sentences`."""
    if "sentences" in record:
        record["text"] = " ".join(record.pop("sentences"))


def _text(raw: Record) -> dict[str, Any]:
    """Return `sentences`, or `text` and `title`."""
    sentences, text, title = raw.get("sentences"), raw.get("text"), raw.get("title")
    found: dict[str, Any]
    if sentences is not None:
        if not isinstance(sentences, list) or not all(isinstance(one, str) for one in sentences):
            raise UnusableError('has "sentences" that are no list of texts')
        found = {"sentences": [_clean(one) for one in sentences]}
        words = " ".join(sentences)
    else:
        if not isinstance(text, str):
            raise UnusableError('has no "text" and no "sentences"')
        found = {"text": _clean(text)}
        words = text
        if isinstance(title, str) and title.strip():
            found["title"] = _clean(title)
            words += title
    if not words.strip():
        raise UnusableError("has an empty text")
    return found


def _sentiment(raw: Record) -> str | None:
    value = raw.get("sentiment")
    if value is None:
        return None
    name = _SENTIMENTS.get(value.strip().lower()) if isinstance(value, str) else None
    if name is None:
        raise UnusableError(
            f"has the sentiment {_shown(value)}; it is positive, negative, neutral or mixed"
        )
    return name


def rating_of(raw: Record) -> float | None:
    """Return the rating. What Molva exports has `stars`, the rating moved to 1 to 5."""
    value = raw.get("stars")
    value = raw.get("rating") if value is None else value
    if value is None:
        return None
    try:
        rating = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, TypeError, OverflowError):
        rating = 0.0
    if isinstance(value, bool) or not 1 <= rating <= 5:
        raise UnusableError(f"has the rating {_shown(value)}; it is a number from 1 to 5")
    return rating


def meaning(rating: float) -> str | None:
    """Return the sentiment that a rating of 1 to 5 stands for; None for one in the middle."""
    if rating <= 2:
        return "negative"
    return "positive" if rating >= 4 else None


def _topics(value: object, sentences: int) -> list[list[Any]]:
    """Return the topics in the normal form, all with a sentence number or none."""
    if isinstance(value, dict):
        value = list(value.items())
    if not isinstance(value, list):
        raise UnusableError('has "topics" that are no list')
    topics = [_topic(one, sentences) for one in value]
    if len({len(one) for one in topics}) > 1:
        raise UnusableError("has topics with and without a sentence number")
    return topics


def _topic(value: object, sentences: int) -> list[Any]:
    if isinstance(value, dict):
        value = [value.get("topic"), value.get("polarity")]
    *number, topic, polarity = value if isinstance(value, list | tuple) and value[1:] else (0, 0, 0)
    if not isinstance(topic, str) or len(number) > 1:
        raise UnusableError(f"has the topic {_shown(value)}; write [sentence, topic, polarity]")
    try:
        check_topics([code := topic.strip().lower()])
    except TopicError as error:
        raise UnusableError(f"has a topic that is unknown: {_clean(str(error))}") from None
    sign = _SIGNS.get(polarity.strip().lower()) if isinstance(polarity, str) else None
    if sign is None:
        raise UnusableError(f"has the polarity {_shown(polarity)}; it is +, - or 0")
    if number and not sentences:
        raise UnusableError('has topics with sentence numbers, and no "sentences"')
    if number and (
        not isinstance(number[0], int)
        or isinstance(number[0], bool)
        or not 0 <= number[0] < sentences
    ):
        raise UnusableError(
            f"has the sentence number {_shown(number[0])}; the last one is {sentences - 1}"
        )
    return [*number, code, sign]


def _clean(text: str) -> str:
    """Replace halves of a surrogate pair, which JSON can carry and no encoder accepts."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _shown(value: object) -> str:
    return _clean(reprlib.repr(value))
