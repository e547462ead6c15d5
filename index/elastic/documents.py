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
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from index.cases import Case
from index.compile_sqlite import fold
from index.noise import Noise
from index.query_fields import YES_OR_NO
from index.rows import (
    FACT_FIELDS,
    fact_values,
    microseconds,
    order_key,
    rating_conflict,
    reply_minutes,
    to_datetime,
    topic_polarities,
)
from index.text import document_words, forms
from mention import Fact, Mention, SentenceTagging, Tagging

# Fields that Molva needs to search and to send, not to answer: leave them out of what
# the server returns (`source_excludes`), it is a third of the document.
UNREAD_FIELDS: Final = ("stems", "forms", "folded", "digest", "indexed_at", "noted_at")
# Names whose value a filter compares without regard to case, composition, and ё.
FOLDED_FIELDS: Final = {
    "brand": "brand",
    "product": "product",
    "location": "location",
    "product_version": "version",
    "url": "url",
}

_DAY: Final = timedelta(days=1)

# An external version is seconds of collection, then room for the time of tagging.
_VERSION_STEP: Final = 10**9
# No tagging is older; 32 years from here fit below _VERSION_STEP.
_FIRST_TAGGING: Final = 1_500_000_000

# Fields that stand in a document under the name that they have in Mention …
_PLAIN: Final = (
    "source", "kind", "url", "title", "text", "brand", "product", "location", "country",
    "likes", "reply_text", "parent_id", "nps", "csat", "ces",
)  # fmt: skip
# … or as a time.
_TIMES: Final = ("published_at", "updated_at", "collected_at", "reply_at")
_NUMBERS: Final = ("rating", "rating_min", "rating_max")

_SENTENCES: Final = TypeAdapter(tuple[SentenceTagging, ...])
_FACTS: Final = TypeAdapter(tuple[Fact, ...])


@dataclass(frozen=True, slots=True)
class Entry:
    """One mention as it goes to the cluster.

    Attributes:
        mention: the newest version.
        tagging: its current tagging; None while it waits to be tagged.
        first_collected_at: decides place and day of a mention without `published_at`.
        tagged_at: when the tagger's labels were stored; None without them.
        case: how the complaint stands; None where nobody has opened one.
        corrected_at: when a person last spoke of the labels; None where nobody has.
        noise: whether it is a copy or an advert; None where it is neither.
        examined_at: when that was last found otherwise than before; None if never.
    """

    mention: Mention
    tagging: Tagging | None
    first_collected_at: datetime
    tagged_at: datetime | None
    case: Case | None = None
    corrected_at: datetime | None = None
    noise: Noise | None = None
    examined_at: datetime | None = None

    @property
    def noted_at(self) -> datetime | None:
        """When something was last added: a correction, an entry in the case's log, a finding."""
        times = (self.corrected_at, self.case and self.case.changed_at, self.examined_at)
        return max((time for time in times if time), default=None)

    @property
    def time(self) -> datetime:
        """The time by which the mention is ordered and counted."""
        return self.mention.published_at or self.first_collected_at


def version_of(entry: Entry) -> int:
    """Return the external version of a document: the higher one wins, an equal one is a replay.

    `seconds(collected_at) * 10^9`, plus 0 while nobody has said anything of it, else
    `1 + seconds(time) - 1,500,000,000`, where `time` is that of the tagging or of what a
    person or `molva noise` has noted since, whichever is later: a newer look at the page wins
    whatever was said, and of one look the latest word wins. Always below the server's limit of
    9.2 * 10^18. Two states of one second have one version; `index/elastic/writing.py`
    tells them apart.
    """
    tagged = None
    if entry.tagging is not None:
        tagged = entry.tagged_at or entry.mention.collected_at
    said = 0
    if last := max((time for time in (tagged, entry.noted_at) if time), default=None):
        since = _seconds(last) - _FIRST_TAGGING
        said = 1 + min(max(since, 0), _VERSION_STEP - 3)
    return _seconds(entry.mention.collected_at) * _VERSION_STEP + said


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
        "has_reply": mention.reply_text is not None or mention.reply_at is not None,
        "reply_minutes": reply_minutes(mention.published_at, mention.reply_at),
        "seen_days": (mention.collected_at - entry.time) // _DAY,
        # The same stems as `index.text.document_stems`.
        "stems": " ".join(words.stems),
        "forms": " ".join(forms(words)),
        "content_hash": mention.content_hash,
        "tagged": tagging is not None,
        "corrected": tagging is not None and tagging.corrected,
        "noted_at": None if entry.noted_at is None else written(entry.noted_at),
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
    folded = {
        name: fold(fields[ours]) for name, ours in FOLDED_FIELDS.items() if fields[ours] is not None
    }
    if entry.case is not None and entry.case.owner is not None:
        folded["case_owner"] = fold(entry.case.owner)
    document["folded"] = folded
    if entry.case is not None:
        document |= _case_fields(entry.case)
    if entry.noise is not None:
        document |= {
            "copy_of": entry.noise.copy_of,
            "noise": list(entry.noise.kinds),
            "noise_reasons": list(entry.noise.reasons),
        }
    if tagging is not None:
        detail["lang"] = tagging.lang
        detail["sentences"] = _SENTENCES.dump_python(tagging.sentences)
        if tagging.facts:
            detail["facts"] = _FACTS.dump_python(tagging.facts)
        document["rating_conflict"] = rating_conflict(mention.stars, tagging.sentiment)
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
        facts=_FACTS.validate_python(detail.get("facts", ())),
        facts_version=get("facts_version"),
        model=get("model"),
        model_version=get("model_version"),
        taxonomy_version=get("taxonomy_version"),
        untagged_reason=get("untagged_reason"),
        corrected=bool(get("corrected")),
    )
    return mention, tagging


def to_case(document: Mapping[str, object]) -> Case | None:
    """Return the case of a document, as `to_document` got it."""
    values = {name: document.get(f"case_{name}") for name in Case.model_fields}
    return None if values["status"] is None else Case.model_validate(values)


def to_noise(document: Mapping[str, object]) -> Noise | None:
    """Return whether a document is a copy or an advert, as `to_document` got it."""
    get = cast("Mapping[str, Any]", document).get
    kinds = get("noise")
    if kinds is None:
        return None
    return Noise(tuple(kinds), tuple(get("noise_reasons", ())), get("copy_of"))


def _case_fields(case: Case) -> dict[str, object]:
    return {
        f"case_{name}": written(value) if isinstance(value, datetime) else value
        for name, value in dict(case).items()
    }


def _tagging_fields(tagging: Tagging, tagged_at: datetime | None) -> dict[str, object]:
    polarities = topic_polarities(tagging)
    facts = fact_values(tagging)
    return {
        "facts": sorted(facts) or None,
        **{
            FACT_FIELDS[kind]: bool(value) if kind in YES_OR_NO else value
            for kind, value in facts.items()
        },
        "facts_version": tagging.facts_version,
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
