"""One mention as a document of the index, and back.

`index/elastic/mapping.py` says what every field means. A document holds all that a
mention and its tagging hold, to the microsecond and to the last digit, with one
exception: **authors never go to the cluster**, neither name nor hashed id. What
`to_hit` returns has them as None.

Fields are for questions; what only the way back needs lies in `detail`, which the server
keeps and does not index. The way back reads the document as it was sent, so a date
field that compares milliseconds still returns microseconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from index.compile_sqlite import fold
from index.rows import microseconds, order_key, to_datetime, topic_polarities
from index.text import document_words, forms
from mention import Mention, SentenceTagging, Tagging

# Fields that Molva needs to search and to send, not to answer: leave them out of what
# the server returns (`source_excludes`), it is a third of the document.
UNREAD_FIELDS: Final = ("stems", "forms", "folded", "digest", "indexed_at")
# Names whose value a filter compares without regard to case, composition, and ё.
FOLDED_FIELDS: Final = {
    "brand": "brand",
    "product": "product",
    "location": "location",
    "product_version": "version",
    "url": "url",
}

# An external version is seconds of collection, then room for the time of tagging.
_VERSION_STEP: Final = 10**9
# No tagging is older; 32 years from here fit below _VERSION_STEP.
_FIRST_TAGGING: Final = 1_500_000_000

# Fields that stand in a document under the name that they have in Mention …
_PLAIN: Final = (
    "source", "kind", "url", "title", "text", "brand", "product", "location", "country",
    "likes", "reply_text", "parent_id",
)  # fmt: skip
# … or as a time.
_TIMES: Final = ("published_at", "updated_at", "collected_at", "reply_at")
_NUMBERS: Final = ("rating", "rating_min", "rating_max")

_SENTENCES: Final = TypeAdapter(tuple[SentenceTagging, ...])


@dataclass(frozen=True, slots=True)
class Entry:
    """One mention as it goes to the cluster.

    Attributes:
        mention: the newest version.
        tagging: its current tagging; None while it waits to be tagged.
        first_collected_at: decides place and day of a mention without `published_at`.
        tagged_at: when `tagging` was stored; None without one.
    """

    mention: Mention
    tagging: Tagging | None
    first_collected_at: datetime
    tagged_at: datetime | None

    @property
    def time(self) -> datetime:
        """The time by which the mention is ordered and counted."""
        return self.mention.published_at or self.first_collected_at


def version_of(entry: Entry) -> int:
    """Return the external version of a document: the higher one wins, an equal one is a replay.

    `seconds(collected_at) * 10^9`, plus 0 while it is untagged, else
    `1 + seconds(tagged_at) - 1,500,000,000`: a newer look at the page wins whatever was
    tagged, and of one look the later tagging wins. Always below the server's limit of
    9.2 * 10^18. Two states of one second have one version; `index/elastic/writing.py`
    tells them apart.
    """
    tagging = 0
    if entry.tagging is not None:
        since = _seconds(entry.tagged_at or entry.mention.collected_at) - _FIRST_TAGGING
        tagging = 1 + min(max(since, 0), _VERSION_STEP - 3)
    return _seconds(entry.mention.collected_at) * _VERSION_STEP + tagging


def deletion_version(deleted_at: datetime) -> int:
    """Return the external version of a deletion: above all that was collected until then."""
    return _seconds(deleted_at) * _VERSION_STEP + _VERSION_STEP - 1


def deletion_stamp(version: int) -> str:
    """Return the last time of collection, as documents have it, that a deletion is about."""
    return written(to_datetime(version // _VERSION_STEP * 1_000_000 + 999_999))


def to_document(entry: Entry, *, time_zone: str) -> dict[str, object]:
    """Return the document of a mention, without `indexed_at` and `digest`.

    Args:
        entry: the mention and what is known of it.
        time_zone: IANA name of the zone that decides `day`.

    An absent value is left out, so that the field does not exist for the server either.
    """
    mention, tagging = entry.mention, entry.tagging
    fields = mention.__dict__
    lang = (tagging and tagging.lang) or mention.lang
    words = document_words(mention.title, mention.text, mention.reply_text, lang)
    detail: dict[str, object] = {}
    document: dict[str, object] = {
        "id": mention.id,
        "order_key": order_key(microseconds(entry.time), mention.id),
        "day": _day(entry.time, time_zone),
        "first_collected_at": written(entry.first_collected_at),
        "lang": lang,
        "lang_stated": mention.lang,
        "product_version": mention.version,
        "stars": _finite(mention.stars),
        "has_reply": mention.reply_text is not None,
        # The same stems as `index.text.document_stems`.
        "stems": " ".join(words.stems),
        "forms": " ".join(forms(words)),
        "content_hash": mention.content_hash,
        "tagged": tagging is not None,
    }
    for name in _PLAIN:
        document[name] = fields[name]
    for name in _TIMES:
        document[name] = None if fields[name] is None else written(fields[name])
    document["date"] = document["published_at"] or document["first_collected_at"]
    for name in _NUMBERS:
        document[name] = _finite(fields[name])
        if fields[name] is not None and document[name] is None:
            # A scale without an end is no number in JSON.
            detail[name] = repr(fields[name])
    document["folded"] = {
        name: fold(fields[ours]) for name, ours in FOLDED_FIELDS.items() if fields[ours] is not None
    }
    if tagging is not None:
        detail["lang"] = tagging.lang
        detail["sentences"] = _SENTENCES.dump_python(tagging.sentences)
        document |= _tagging_fields(tagging, entry.tagged_at)
    document["detail"] = detail
    return {name: value for name, value in document.items() if value is not None and value != {}}


def to_hit(document: Mapping[str, object]) -> tuple[Mention, Tagging | None]:
    """Return the mention and the tagging of a document, as `to_document` got them.

    Args:
        document: what was sent, the fields `UNREAD_FIELDS` may be missing.

    Authors are None, whatever the mention had.
    """
    # The server returns what `to_document` wrote, so the types are those of the record.
    get = cast("Mapping[str, Any]", document).get
    detail: Mapping[str, Any] = get("detail") or {}
    values: dict[str, Any] = {name: get(name) for name in _PLAIN}
    for name in _TIMES:
        values[name] = _read(get(name))
    for name in _NUMBERS:
        number = get(name, detail.get(name))
        values[name] = None if number is None else float(number)
    # Not validated again, as for a row of the store: it was, where it came in.
    mention = Mention.model_construct(
        id=get("id"),
        lang=get("lang_stated"),
        version=get("product_version"),
        author_id=None,
        author_name=None,
        **{**values, "text": values["text"] or ""},
    )
    if not get("tagged"):
        return mention, None
    tagging = Tagging.model_construct(
        mention_id=mention.id,
        lang=detail.get("lang"),
        sentiment=get("sentiment"),
        score=get("sentiment_score"),
        confidence=get("sentiment_confidence"),
        sentences=_SENTENCES.validate_python(detail.get("sentences", ())),
        model=get("model"),
        model_version=get("model_version"),
        taxonomy_version=get("taxonomy_version"),
        untagged_reason=get("untagged_reason"),
    )
    return mention, tagging


def _tagging_fields(tagging: Tagging, tagged_at: datetime | None) -> dict[str, object]:
    polarities = topic_polarities(tagging)
    return {
        "topics": sorted(polarities) or None,
        "topic_sentiment": sorted(f"{topic}:{one}" for topic, one in polarities.items()) or None,
        "sentiment": tagging.sentiment,
        "sentiment_score": tagging.score,
        "sentiment_confidence": tagging.confidence,
        "untagged_reason": tagging.untagged_reason,
        "model": tagging.model,
        "model_version": tagging.model_version,
        "taxonomy_version": tagging.taxonomy_version,
        "tagged_at": None if tagged_at is None else written(tagged_at),
    }


def _seconds(time: datetime) -> int:
    return microseconds(time) // 1_000_000


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def written(time: datetime) -> str:
    """Return ISO 8601 in UTC with all six digits of the microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _read(time: str | None) -> datetime | None:
    return None if time is None else datetime.fromisoformat(time)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _day(time: datetime, time_zone: str) -> str:
    return time.astimezone(_zone(time_zone)).date().isoformat()
