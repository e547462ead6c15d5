"""The fields of the index, its templates and its name, each defined once.

`FIELDS` is the source of the mapping, of the descriptions inside it (`_meta.fields`) and
of the data dictionary. A change of it that is more than a new field raises
`SCHEMA_VERSION`: an index keeps the mapping that it was made with, so that a new schema
is a new index (`index/elastic/aliases.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from index.text import ANALYSIS_VERSION

SCHEMA_VERSION: Final = 1

# The analyzers of the server that title, text and reply are indexed with as well.
LANGUAGE_ANALYZERS: Final = {"ru": "russian", "en": "english", "lt": "lithuanian"}
STEMS_ANALYZER: Final = "molva_stems"
BEGINNINGS_ANALYZER: Final = "molva_beginnings"
# Fewest and most letters of the beginnings that are indexed.
BEGINNINGS: Final = (2, 3)

# A term has at most 32,766 bytes and a character at most four. What is longer is kept and
# shown, but not found; without this limit the server would refuse the whole document.
_LONGEST_TERM: Final = 8191
# Above the templates that come with the server (100 and 200 at most).
_PRIORITY: Final = 500
_LONGEST_NAME: Final = 255

Body = dict[str, object]

_KEYWORD: Final[Body] = {"type": "keyword", "ignore_above": _LONGEST_TERM}
_CODE: Final[Body] = {"type": "keyword"}
# Read from the index before the first question after a refresh, not during it.
_COUNTED: Final[Body] = {**_KEYWORD, "eager_global_ordinals": True}
_FOLDED: Final[Body] = {**_KEYWORD, "doc_values": False}
_KEPT: Final[Body] = {"type": "keyword", "index": False, "doc_values": False}
# Compared to the millisecond; what the document holds and gives back has microseconds.
_TIME: Final[Body] = {"type": "date", "format": "strict_date_optional_time"}
_TEXT: Final[Body] = {
    "type": "text",
    "fields": {
        code: {"type": "text", "analyzer": analyzer}
        for code, analyzer in LANGUAGE_ANALYZERS.items()
    },
}
# Two or three letters may begin tens of thousands of words, more than the server looks for
# beside other words, so these beginnings are indexed themselves: an eighth of the index's
# size. Not by `index_prefixes`, which counts bytes, two of them in a Cyrillic letter.
_WORDS: Final[Body] = {
    "type": "text",
    "analyzer": STEMS_ANALYZER,
    "fields": {
        "beginnings": {
            "type": "text",
            "analyzer": BEGINNINGS_ANALYZER,
            "search_analyzer": STEMS_ANALYZER,
            "norms": False,
        }
    },
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the index.

    Attributes:
        name: with a dot inside an object.
        mapping: what the server is told.
        description: for people.
        unit: of the value; None where it has none.
    """

    name: str
    mapping: Body
    description: str
    unit: str | None = None


_ISO: Final = "UTC, ISO 8601, sent to the microsecond and compared to the millisecond"

FIELDS: Final[tuple[Field, ...]] = (
    Field("id", _CODE, "source:native_id, the same as _id; stable, one document a mention"),
    Field(
        "order_key",
        {"type": "long"},
        "newest-first order, the same as in the store: sort by it descending",
        "seconds of `date` since 1970, times 2^20, plus 20 bits of a hash of the id",
    ),
    Field("date", _TIME, "published_at, else first_collected_at: the time trends count by", _ISO),
    Field(
        "day",
        {"type": "date", "format": "strict_date"},
        "day of `date` in the project's time zone (_meta.time_zone of this mapping)",
        "yyyy-MM-dd",
    ),
    Field("published_at", _TIME, "when it was published; absent when the platform hides it", _ISO),
    Field("updated_at", _TIME, "when it was last edited", _ISO),
    Field("collected_at", _TIME, "when Molva last fetched it", _ISO),
    Field("first_collected_at", _TIME, "when Molva first fetched it", _ISO),
    Field("source", _CODE, "spider or import that brought it"),
    Field("kind", _CODE, "review, post, comment, article or message"),
    Field("brand", _KEYWORD, "brand or company the text is about"),
    Field("product", _KEYWORD, "product, app or service within the brand"),
    Field("location", _KEYWORD, "branch, shop or city"),
    Field("country", _CODE, "country", "ISO 3166-1 alpha-2, upper case"),
    Field("product_version", _KEYWORD, "version of the product that was reviewed"),
    Field("lang", _CODE, "language as identified, else as stated", "ISO 639-1"),
    Field("lang_stated", _CODE, "language as the platform states it", "ISO 639-1"),
    Field("rating", {"type": "double"}, "as the platform gave it", "rating_min to rating_max"),
    Field("rating_min", {"type": "double"}, "lowest rating the platform allows"),
    Field("rating_max", {"type": "double"}, "highest rating the platform allows"),
    Field("stars", {"type": "double"}, "rating moved linearly to one scale", "1 to 5"),
    Field("likes", {"type": "long"}, "likes or helpful votes", "votes"),
    Field("url", _KEYWORD, "address of the original"),
    Field("parent_id", _KEYWORD, "id of the mention that this one answers"),
    Field("reply_at", _TIME, "when the company answered", _ISO),
    Field("has_reply", {"type": "boolean"}, "whether the company answered"),
    Field(
        "reply_minutes",
        {"type": "long"},
        "from published_at to reply_at; absent without both, or where the reply is the earlier",
        "whole minutes",
    ),
    Field(
        "seen_days",
        {"type": "long"},
        "from `date` to collected_at: so long a reply would have been seen",
        "whole days",
    ),
    Field("nps", {"type": "long"}, "survey: would recommend", "0 to 10"),
    Field("csat", {"type": "long"}, "survey: satisfaction", "1 to 5"),
    Field("ces", {"type": "long"}, "survey: how easy it was, 7 is easiest", "1 to 7"),
    Field("title", _TEXT, "headline; title.ru, title.en, title.lt by language"),
    Field("text", _TEXT, "the body; text.ru, text.en, text.lt by language"),
    Field("reply_text", _TEXT, "the company's answer; reply_text.ru, .en, .lt by language"),
    Field(
        "stems",
        _WORDS,
        "Molva's own stems of title, text and reply, which its queries search; "
        "stems.beginnings has the first two and the first three letters of each",
    ),
    Field(
        "forms",
        _WORDS,
        "the words behind `stems`, one for one: lower case, no diacritics on Latin letters, "
        "ё as е; Molva finds beginnings of words in it, short ones in forms.beginnings",
    ),
    Field("topics", _COUNTED, "topics that a sentence speaks of, by code"),
    Field(
        "topic_sentiment",
        _COUNTED,
        "topic:polarity, one each topic; polarity positive, neutral, negative, or mixed "
        "when sentences disagree",
    ),
    Field("facts", _COUNTED, "kinds of facts that the text states: see docs/facts.md"),
    Field(
        "wait_minutes",
        {"type": "double"},
        "longest time that the text says it waited or something took",
        "minutes",
    ),
    Field(
        "repeat_contacts",
        {"type": "double"},
        "largest number of times that the text says it asked",
        "contacts",
    ),
    Field(
        "recommends", {"type": "boolean"}, "whether the text recommends; absent if it says nothing"
    ),
    Field("resolved", {"type": "boolean"}, "whether it was resolved, as the text says last"),
    Field("facts_version", {"type": "long"}, "version of the rules that looked for facts"),
    Field("sentiment", _CODE, "overall: positive, neutral, negative, mixed; absent if untagged"),
    Field(
        "rating_conflict",
        _CODE,
        "rating_above_text: 4 stars or more and a negative text; rating_below_text: 2 or fewer "
        "and a positive one; absent otherwise",
    ),
    Field("sentiment_score", {"type": "float"}, "P(positive) − P(negative)", "-1 to 1"),
    Field("sentiment_confidence", {"type": "float"}, "probability of `sentiment`", "0 to 1"),
    Field("untagged_reason", _KEYWORD, "why a tagger gave no sentiment: language, empty"),
    Field("tagged", {"type": "boolean"}, "whether a tagger has read this version of the text"),
    Field("model", _KEYWORD, "name of the tagger"),
    Field("model_version", _KEYWORD, "version of its weights"),
    Field("taxonomy_version", _KEYWORD, "version of the topic list"),
    Field("tagged_at", _TIME, "when the tagging was stored", _ISO),
    Field("corrected", {"type": "boolean"}, "whether a person has put right or confirmed a label"),
    Field("case_status", _CODE, "of the complaint: open, waiting, done, rejected; absent without"),
    Field("case_owner", _KEYWORD, "who takes care of the complaint"),
    Field("case_opened_at", _TIME, "when the case was opened, or opened again", _ISO),
    Field("case_changed_at", _TIME, "time of the latest entry in the case's log", _ISO),
    Field("case_closed_at", _TIME, "when the case became done or rejected", _ISO),
    Field("noise", _CODE, "advert, copy or both, see docs/noise.md; absent where it is neither"),
    Field("noise_reasons", _CODE, "rules about adverts, and how a copy stands to its original"),
    Field("copy_of", _KEYWORD, "id of the mention that it is a copy of"),
    Field(
        "noted_at",
        _TIME,
        "when a person last corrected a label or wrote into the log of the case, or it became or "
        "ceased to be noise",
        _ISO,
    ),
    Field(
        "content_hash", _CODE, "changes with title, text, rating, reply or score", "32 hex digits"
    ),
    Field("indexed_at", _TIME, "when the document was sent to the cluster", _ISO),
    Field("folded.brand", _FOLDED, "brand without regard to case, composition and ё"),
    Field("folded.product", _FOLDED, "product, likewise"),
    Field("folded.location", _FOLDED, "location, likewise"),
    Field("folded.product_version", _FOLDED, "product_version, likewise"),
    Field("folded.url", _FOLDED, "url, likewise"),
    Field("folded.case_owner", _FOLDED, "case_owner, likewise"),
    Field("digest", _KEPT, "tells two states of one version apart", "32 hex digits"),
    Field(
        "detail",
        {"type": "object", "enabled": False},
        "kept, not searchable: sentences (span in characters of title or text, topics with "
        "polarity and confidence), lang as identified, numbers that JSON has not",
    ),
)


def _properties(fields: Iterable[Field] = FIELDS) -> dict[str, Body]:
    properties: dict[str, Body] = {}
    for field in fields:
        outer, dot, inner = field.name.partition(".")
        if dot:
            whole = properties.setdefault(outer, {"dynamic": "strict", "properties": {}})
            inside = whole["properties"]
            assert isinstance(inside, dict)  # noqa: S101 - made two lines above
            inside[inner] = field.mapping
        else:
            properties[field.name] = field.mapping
    return properties


def _meta() -> Body:
    described = {
        field.name: {
            "description": field.description,
            **({"unit": field.unit} if field.unit else {}),
        }
        for field in FIELDS
    }
    return {"application": "molva", "schema_version": SCHEMA_VERSION, "fields": described}


# Strict: a field that is not described here is a mistake, not a new field.
MAPPING: Final[Body] = {"dynamic": "strict", "_meta": _meta(), "properties": _properties()}

ANALYSIS: Final[Body] = {
    "analysis": {
        "analyzer": {
            STEMS_ANALYZER: {"type": "custom", "tokenizer": "whitespace"},
            BEGINNINGS_ANALYZER: {
                "type": "custom",
                "tokenizer": "whitespace",
                "filter": [BEGINNINGS_ANALYZER],
            },
        },
        "filter": {
            BEGINNINGS_ANALYZER: {
                "type": "edge_ngram",
                "min_gram": BEGINNINGS[0],
                "max_gram": BEGINNINGS[1],
            }
        },
    }
}

SETTINGS: Final[Body] = {
    "number_of_shards": 1,
    # One copy as soon as there is a second machine, and a green cluster of one without.
    "auto_expand_replicas": "0-1",
    # What a search that names no field looks at.
    "query.default_field": [
        f"{part}{sub}"
        for part in ("title", "text", "reply_text")
        for sub in ("", *(f".{code}" for code in LANGUAGE_ANALYZERS))
    ],
}


# What the templates say of themselves.
TEMPLATE_META: Final[Body] = {"application": "molva", "schema_version": SCHEMA_VERSION}


def component_templates(index: str) -> dict[str, Body]:
    """Return {name: template} of the three component templates of `index`.

    Fields of type `text` stand with their analyzers: the server checks each template alone.
    """
    texts = [field for field in FIELDS if field.mapping["type"] == "text"]
    others = [field for field in FIELDS if field not in texts]
    analysis: Body = {"settings": ANALYSIS, "mappings": {"properties": _properties(texts)}}
    mappings: Body = {**MAPPING, "properties": _properties(others)}
    return {
        f"{index}-settings": {"settings": {"index": SETTINGS}},
        f"{index}-mappings": {"mappings": mappings},
        f"{index}-analysis": analysis,
    }


def index_template(index: str) -> Body:
    """Return the template of every index of this schema behind the alias `index`.

    It holds for the aliases' names as well, and forbids that a write makes an index: a
    deletion sent to an alias that is missing would otherwise make an index in its place.
    """
    return {
        "index_patterns": [
            f"{index}-v{SCHEMA_VERSION}-*", index, f"{index}-write", f"{index}-next",
        ],
        "composed_of": list(component_templates(index)),
        "priority": _PRIORITY,
        "allow_auto_create": False,
    }  # fmt: skip


def state_meta(model_version: str, time_zone: str, created_at: str) -> Body:
    """Return the `_meta` of one index: what its documents depend on, beside the fields."""
    return {
        **_meta(),
        "analysis_version": ANALYSIS_VERSION,
        "model_version": model_version,
        "time_zone": time_zone,
        "created_at": created_at,
    }


def index_name(prefix: str, model_version: str, day: date) -> str:
    """Return `<prefix>-v<schema>-<model>-<date>`, lower-case and legal for the server.

    Args:
        prefix: the alias, checked by `ClusterSettings`.
        model_version: of the tagger; every character that a name may not have becomes '-'.
        day: on which the index is made.
    """
    model = re.sub(r"[^a-z0-9._]+", "-", model_version.lower()).strip("-._") or "untagged"
    begin, end = f"{prefix}-v{SCHEMA_VERSION}-", f"-{day:%Y.%m.%d}"
    # Room for a suffix as well, where the name is taken.
    return f"{begin}{model[: _LONGEST_NAME - len(begin) - len(end) - 4]}{end}"


def is_index_of(prefix: str, name: str) -> bool:
    """Say whether `name` is an index, of any schema, that `index_name` made for `prefix`."""
    return (
        re.fullmatch(rf"{re.escape(prefix)}-v\d+-.+-\d{{4}}\.\d\d\.\d\d(-\d+)?", name) is not None
    )


def data_dictionary() -> str:
    """Return the fields as a Markdown table for analysts."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield "| field | type | unit | meaning |"
    yield "|---|---|---|---|"
    for field in FIELDS:
        kind = _kind(field.mapping)
        description = field.description.replace("|", "\\|")
        yield f"| `{field.name}` | {kind} | {field.unit or ''} | {description} |"


def _kind(mapping: Mapping[str, object]) -> str:
    kind = str(mapping["type"])
    if mapping.get("enabled") is False or mapping.get("index") is False:
        return f"{kind}, not searchable"
    if mapping.get("doc_values") is False:
        return f"{kind}, not for aggregations"
    return kind
