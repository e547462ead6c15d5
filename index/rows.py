"""How a `Mention` and a `Tagging` are laid out in rows, and what the store derives from them.

Rows are tuples in the order of `MENTION_COLUMNS`: a batch has thousands of them and
most of the time of an ingest goes into making, comparing and binding them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isnan
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from mention import Fact, FactKind, Mention, SentenceTagging, Tagging

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = EPOCH.toordinal()
_DAY: Final = 86_400_000_000  # microseconds
ORDER_BITS: Final = 20
# So many values these bits may have.
ORDER_KEYS: Final = 1 << ORDER_BITS

# Fields of Mention in the order of the table's first columns, after rowid.
MENTION_FIELDS: Final = (
    "id", "source", "kind", "brand", "product", "location", "country", "version", "lang",
    "rating", "rating_min", "rating_max", "published_at", "updated_at", "collected_at",
    "likes", "author_id", "author_name", "parent_id", "url", "reply_at",
    "title", "text", "reply_text", "nps", "csat", "ces",
)  # fmt: skip
_DERIVED: Final = (
    "revision", "content_hash", "first_collected_at", "day", "stars", "lang",
    "tagging_id", "tagger_id", "sentiment",
)  # fmt: skip
# The field `lang` is the column lang_stated; the column lang is the one that queries use.
MENTION_COLUMNS: Final = (
    "rowid",
    *("lang_stated" if name == "lang" else name for name in MENTION_FIELDS),
    *_DERIVED,
)
TAGGING_COLUMNS: Final = (
    "lang", "sentiment", "score", "confidence", "untagged_reason", "sentences", "facts",
    "facts_version",
)  # fmt: skip

_SENTENCES: Final = TypeAdapter(tuple[SentenceTagging, ...])
_FACTS: Final = TypeAdapter(tuple[Fact, ...])
_NO_FACTS: Final = "[]"  # most texts have none
# The names under which questions know the value of a kind of fact.
FACT_FIELDS: Final[dict[FactKind, str]] = {
    "wait": "wait_minutes",
    "repeat_contact": "repeat_contacts",
    "recommend": "recommends",
    "resolved": "resolved",
}
# Records read from rows are copies of these with other values, which takes half as long as
# `model_construct`. Not validated again: they were, where they came in, and a rule that is
# made stricter later must not make a store unreadable.
_BLANK_MENTION: Final = Mention.model_construct(**dict.fromkeys(MENTION_FIELDS))
_BLANK_TAGGING: Final = Tagging.model_construct(**dict.fromkeys(Tagging.model_fields))


class Stored(NamedTuple):
    """A row of the table `mention`, in the order of `MENTION_COLUMNS`."""

    rowid: int
    id: str
    source: str
    kind: str
    brand: str | None
    product: str | None
    location: str | None
    country: str | None
    version: str | None
    lang_stated: str | None
    rating: float | None
    rating_min: float
    rating_max: float
    published_at: int | None
    updated_at: int | None
    collected_at: int
    likes: int | None
    author_id: str | None
    author_name: str | None
    parent_id: str | None
    url: str | None
    reply_at: int | None
    title: str | None
    text: str
    reply_text: str | None
    nps: int | None
    csat: int | None
    ces: int | None
    revision: int
    content_hash: str
    first_collected_at: int
    day: int
    stars: float | None
    lang: str | None
    tagging_id: int | None
    tagger_id: int | None
    sentiment: str | None


def field_values(row: Stored) -> tuple[Any, ...]:
    """Return the values of `MENTION_FIELDS` that a row holds."""
    return tuple(row)[1 : 1 + len(MENTION_FIELDS)]


def microseconds(value: datetime) -> int:
    """Return `value` as microseconds since 1970, exactly."""
    delta = value - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def to_datetime(value: int) -> datetime:
    """Return the UTC time of `value` microseconds since 1970, exactly."""
    return EPOCH + timedelta(microseconds=value)


def day_counter(time_zone: str) -> Callable[[int], int]:
    """Return the function that turns microseconds into a day of that time zone.

    Days count from 1970-01-01. Raises `zoneinfo.ZoneInfoNotFoundError` or `ValueError`
    for a name that is not an IANA time zone.
    """
    if time_zone == "UTC":
        return lambda value: value // _DAY
    zone = ZoneInfo(time_zone)
    return lambda value: to_datetime(value).astimezone(zone).toordinal() - _EPOCH_ORDINAL


def to_date(day: int) -> date:
    """Return the date that is `day` days after 1970-01-01."""
    return date.fromordinal(_EPOCH_ORDINAL + day)


def from_date(value: date) -> int:
    """Return how many days after 1970-01-01 `value` is."""
    return value.toordinal() - _EPOCH_ORDINAL


def order_key(time: int, mention_id: str) -> int:
    """Return the key by which mentions are ordered: seconds * 2^20 + 20 bits of the id.

    Args:
        time: microseconds of `published_at`, else of the first `collected_at`.
        mention_id: breaks ties within a second, the same way in every back-end.
    """
    return (time // 1_000_000) << ORDER_BITS | zlib.crc32(mention_id.encode()) & 0xFFFFF


def reply_minutes(published_at: datetime | None, reply_at: datetime | None) -> int | None:
    """Return the whole minutes from a mention to its reply.

    None without both times, or where the reply is the earlier one: some platforms date a
    mention by its last edit.
    """
    if published_at is None or reply_at is None or reply_at < published_at:
        return None
    return (reply_at - published_at) // timedelta(minutes=1)


def mention_values(mention: Mention) -> tuple[Any, ...]:
    """Return the values of `MENTION_FIELDS` as the table keeps them."""
    # The dictionary of a pydantic model holds its fields; 27 attribute look-ups through
    # the class would take twice as long as everything else here.
    fields = mention.__dict__
    published, updated, replied = (
        fields["published_at"], fields["updated_at"], fields["reply_at"]
    )  # fmt: skip
    return (
        fields["id"],
        fields["source"],
        fields["kind"],
        fields["brand"],
        fields["product"],
        fields["location"],
        fields["country"],
        fields["version"],
        fields["lang"],
        fields["rating"],
        fields["rating_min"],
        fields["rating_max"],
        None if published is None else microseconds(published),
        None if updated is None else microseconds(updated),
        microseconds(fields["collected_at"]),
        fields["likes"],
        fields["author_id"],
        fields["author_name"],
        fields["parent_id"],
        fields["url"],
        None if replied is None else microseconds(replied),
        fields["title"],
        fields["text"],
        fields["reply_text"],
        fields["nps"],
        fields["csat"],
        fields["ces"],
    )


def to_mention(values: Sequence[Any]) -> Mention:
    """Return the mention of a row; `values` begin with those of `MENTION_FIELDS`."""
    fields = dict(zip(MENTION_FIELDS, values, strict=False))
    for name in ("published_at", "updated_at", "collected_at", "reply_at"):
        if fields[name] is not None:
            fields[name] = to_datetime(fields[name])
    return _BLANK_MENTION.model_copy(update=fields)


def hundredths(stars: float | None) -> int | None:
    """Return stars as a whole number of hundredths, which add up without an error.

    None without stars, and for those of a scale without an end, which are not a number.
    """
    return None if stars is None or isnan(stars) else round(stars * 100)


def rating_conflict(stars: float | None, sentiment: str | None) -> str | None:
    """Say how the stars of a mention contradict its text; None when they do not.

    Args:
        stars: the rating on a scale of 1 to 5.
        sentiment: overall, of the text.

    Returns:
        `rating_above_text`: 4 stars or more and a negative text; `rating_below_text`: 2
        stars or fewer and a positive text. `v_mentions` and `has:conflict` say the same.
    """
    if stars is None:
        return None
    if stars >= 4 and sentiment == "negative":
        return "rating_above_text"
    if stars <= 2 and sentiment == "positive":
        return "rating_below_text"
    return None


def sentences_json(tagging: Tagging) -> str:
    """Return the sentences of `tagging` as the table keeps them."""
    return _SENTENCES.dump_json(tagging.sentences).decode()


def facts_json(tagging: Tagging) -> str:
    """Return the facts of `tagging` as the table keeps them."""
    return _FACTS.dump_json(tagging.facts).decode() if tagging.facts else _NO_FACTS


def fact_values(tagging: Tagging) -> dict[FactKind, float]:
    """Return {kind: value} of a mention, one value a kind.

    Of waits and repeated contacts the largest; of what is answered by yes or no (1 or 0)
    what the text says last: a problem may be solved in the end.
    """
    values: dict[FactKind, float] = {}
    for fact in tagging.facts:
        value = fact.value
        if fact.kind in {"wait", "repeat_contact"}:
            value = max(value, values.get(fact.kind, value))
        values[fact.kind] = value
    return values


def to_tagging(mention_id: str, tagger: tuple[str, str, str], values: Sequence[Any]) -> Tagging:
    """Return the labels that hold.

    Args:
        mention_id: whose.
        tagger: (model, model_version, taxonomy_version).
        values: those of `TAGGING_COLUMNS`, then whether a person has corrected a label.
    """
    fields = dict(zip((*TAGGING_COLUMNS, "corrected"), values, strict=True))
    fields["corrected"] = bool(fields["corrected"])
    fields["sentences"] = _SENTENCES.validate_json(fields["sentences"])
    facts = fields["facts"]
    fields["facts"] = () if facts == _NO_FACTS else _FACTS.validate_json(facts)
    fields["mention_id"] = mention_id
    fields["model"], fields["model_version"], fields["taxonomy_version"] = tagger
    return _BLANK_TAGGING.model_copy(update=fields)


def topic_polarities(tagging: Tagging) -> dict[str, str]:
    """Return {topic: polarity} of a mention: what its sentences agree on, else `mixed`.

    A neutral sentence beside a positive or a negative one does not count.
    """
    found: dict[str, set[str]] = {}
    for sentence in tagging.sentences:
        for label in sentence.topics:
            found.setdefault(label.topic, set()).add(label.polarity)
    return {topic: joint_polarity(polarities) for topic, polarities in found.items()}


def joint_polarity(polarities: set[str]) -> str:
    """Return the polarity of a topic in a mention: what its sentences agree on, else `mixed`."""
    opinions = polarities - {"neutral"}
    if len(opinions) > 1:
        return "mixed"
    return opinions.pop() if opinions else "neutral"
