"""The record that every room of Molva shares: a `Mention` and its `Tagging`.

This module imports nothing of ours. Spiders and importers make mentions, the
tagger makes taggings, the store keeps both; nobody changes what another room
wrote. Both classes are frozen pydantic models: values are checked once, where
they enter, and can be trusted afterwards.

All times are UTC. All offsets count Unicode code points of `Mention.text`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    computed_field,
    field_validator,
    model_validator,
)

Kind = Literal["review", "post", "comment", "article", "message"]
Sentiment = Literal["positive", "neutral", "negative", "mixed"]
Polarity = Literal["positive", "neutral", "negative"]
FactKind = Literal["wait", "repeat_contact", "recommend", "resolved"]

KINDS: Final = ("review", "post", "comment", "article", "message")
SENTIMENTS: Final = ("positive", "neutral", "negative", "mixed")
POLARITIES: Final = ("positive", "neutral", "negative")
# What the value of a fact counts.
FACT_UNITS: Final[dict[FactKind, str]] = {
    "wait": "minutes",
    "repeat_contact": "contacts",
    "recommend": "1 yes, 0 no",
    "resolved": "1 yes, 0 no",
}

# How sure a label is that a person gave.
CERTAIN: Final = 1.0

# Survey scores and their scales, whole numbers. NPS: Reichheld, F. F. (2003), The one number
# you need to grow, Harvard Business Review 81(12). CES: Dixon, M., Freeman, K. and Toman, N.
# (2010), Stop trying to delight your customers, Harvard Business Review 88(7), in the later
# form of seven steps, in which 7 is easiest.
SCORES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}

# Elasticsearch refuses an `_id` of more than 512 bytes; the id is checked here
# so that a mention that SQLite accepts is never refused by the cluster.
MAX_ID_BYTES: Final = 512
# C0 and C1 control characters other than tab and newline can drive a terminal
# and break JSON readers; no review needs them. Bidirectional *overrides* and
# isolates can make a text read as something else; plain RTL text has no need.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u2069]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}\Z")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]*\Z")


class UserError(Exception):
    """Something that a person can put right. The message is one sentence and the next step.

    Every room derives its own errors from this class, so that the command line
    prints exactly these without a traceback.

    Attributes:
        exit_code: of the process; 1, or 2 where the command or query itself is wrong.
    """

    exit_code = 1


class CodedError(UserError):
    """An error of a known kind, so that it can be told in another language than English.

    A class derived from it has all its sentences; none is put together where it is raised.

    Attributes:
        sentences: what each kind is told as, by its code; names and pieces go into the braces.
        code: the kind.
        values: what went into the braces, by name.
        sentence: the sentence with them.
    """

    sentences: ClassVar[Mapping[str, str]] = {}

    def __init__(self, code: str, **values: str | int) -> None:
        self.code = code
        self.values: Mapping[str, str | int] = values
        self.sentence = self.sentences[code].format(**values)
        super().__init__(self.sentence)


def clean_text(text: str) -> str:
    """Return `text` without control characters, with Unix line ends, stripped.

    Line and paragraph structure survives: sentence splitting needs it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", _LONE_SURROGATE.sub("\ufffd", text)).strip()


def _clean_optional(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value) or None
    return value


def _utc(value: datetime) -> datetime:
    """Move an aware time to UTC; a time without a zone is taken as UTC."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    value = value.astimezone(UTC)
    if not 1970 <= value.year <= 2100:
        raise ValueError(f"the year {value.year} is not between 1970 and 2100")
    return value


Text = Annotated[str | None, BeforeValidator(_clean_optional)]
Time = Annotated[datetime, AfterValidator(_utc)]


def _score(name: str, meaning: str) -> Any:
    low, high = SCORES[name]
    return Field(default=None, ge=low, le=high, description=f"survey: {meaning}, {low} to {high}")


class Mention(BaseModel):
    """One public review, post, comment, article or message, as its platform gave it.

    Raises `pydantic.ValidationError` when a value is missing or out of range.
    `docs/record.md` explains every field; a test compares it with this class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="`source:native_id`; stable over runs, unique in a store")
    source: str = Field(description="name of the spider or import that brought it")
    kind: Kind = Field(default="review", description="what sort of text it is")
    url: Text = Field(default=None, description="address of the original, http or https")
    title: Text = Field(default=None, description="headline, where the platform has one")
    text: str = Field(
        default="", description="the body, plain text, cleaned of markup and control characters"
    )
    lang: str | None = Field(
        default=None, description="ISO 639-1 code as the platform states it; null when it does not"
    )
    rating: float | None = Field(default=None, description="rating as the platform gave it")
    rating_min: float = Field(default=1.0, description="lowest rating the platform allows")
    rating_max: float = Field(default=5.0, description="highest rating the platform allows")
    published_at: Time | None = Field(
        default=None, description="when it was published, UTC; null when the platform hides it"
    )
    updated_at: Time | None = Field(default=None, description="when it was last edited, UTC")
    collected_at: Time = Field(
        default_factory=lambda: datetime.now(UTC), description="when Molva fetched it, UTC"
    )
    author_id: Text = Field(
        default=None, description="salted hash of the platform's author id; never the name"
    )
    author_name: Text = Field(
        default=None, description="display name; stored only when the project turns it on"
    )
    brand: Text = Field(default=None, description="brand or company the text is about")
    product: Text = Field(default=None, description="product, app or service within the brand")
    location: Text = Field(default=None, description="branch, shop or city")
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2 code, upper case")
    version: Text = Field(default=None, description="version of the product that was reviewed")
    # More than a 64-bit integer holds neither SQLite nor Elasticsearch can keep.
    likes: int | None = Field(
        default=None, ge=0, le=2**63 - 1, description="likes or helpful votes"
    )
    reply_text: Text = Field(default=None, description="the company's answer, plain text")
    reply_at: Time | None = Field(default=None, description="when the company answered, UTC")
    parent_id: Text = Field(default=None, description="id of the mention that this one answers")
    nps: int | None = _score("nps", "would recommend")
    csat: int | None = _score("csat", "satisfaction")
    ces: int | None = _score("ces", "how easy it was")

    @field_validator("id", mode="before")
    @classmethod
    def _check_id(cls, value: object) -> object:
        """Make it one clean line: ids are typed, printed and compared."""
        return " ".join(clean_text(value).split()) if isinstance(value, str) else value

    @field_validator("source")
    @classmethod
    def _check_source(cls, value: str) -> str:
        if not _SOURCE.match(value):
            raise ValueError("a source is lower-case letters, digits, '_', '.' or '-'")
        return value

    @field_validator("text", mode="before")
    @classmethod
    def _check_text(cls, value: object) -> object:
        return clean_text(value) if isinstance(value, str) else value

    @field_validator("lang", mode="before")
    @classmethod
    def _check_lang(cls, value: object) -> object:
        """Keep the primary subtag: `ru-RU` and `RU` are `ru`; an unusable tag is unknown."""
        if not isinstance(value, str):
            return value
        primary = re.split("[-_]", value.strip().lower(), maxsplit=1)[0]
        return primary if _LANGUAGE_TAG.match(primary) else None

    @field_validator("country", mode="before")
    @classmethod
    def _check_country(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        code = value.strip().upper()
        return code if re.fullmatch("[A-Z]{2}", code) else None

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        """Refuse schemes that a page must never turn into a link, such as `javascript:`."""
        if value is not None and not re.match(r"https?://\S+$", value, re.IGNORECASE):
            raise ValueError("an address starts with http:// or https:// and has no spaces")
        return value

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        prefix = self.source + ":"
        if not self.id.startswith(prefix) or len(self.id) == len(prefix):
            raise ValueError(f"the id must be '{prefix}' and the platform's own id")
        if len(self.id.encode()) > MAX_ID_BYTES:
            raise ValueError(f"the id is longer than {MAX_ID_BYTES} bytes")
        figures = (self.rating, self.nps, self.csat, self.ces)
        if not self.text and not self.title and figures == (None, None, None, None):
            raise ValueError("there is no text, no title, no rating and no survey score")
        if not self.rating_min < self.rating_max:
            raise ValueError("rating_min must be below rating_max")
        if self.rating is not None and not self.rating_min <= self.rating <= self.rating_max:
            raise ValueError(
                f"the rating {self.rating:g} is outside {self.rating_min:g} to {self.rating_max:g}"
            )
        return self

    # The two ignores: mypy has no notion of a decorated property (python/mypy#14461).
    @computed_field(  # type: ignore[prop-decorator]
        description="rating moved linearly to 1–5; null without a rating"
    )
    @property
    def stars(self) -> float | None:
        """The rating on a scale of 1 to 5, rounded to hundredths."""
        if self.rating is None:
            return None
        share = (self.rating - self.rating_min) / (self.rating_max - self.rating_min)
        return round(1 + 4 * share, 2)

    @computed_field(  # type: ignore[prop-decorator]
        description="hash of title, text, rating, reply and survey scores; a change of it is a "
        "new version"
    )
    @property
    def content_hash(self) -> str:
        """32 hexadecimal digits over what a reader sees."""
        parts: tuple[object, ...] = (self.title, self.text, self.rating, self.reply_text)
        scores = (self.nps, self.csat, self.ces)
        if scores != (None, None, None):
            # Only then: what has none keeps the hash that stores and clusters know it by.
            parts += scores
        return content_hash(*parts)


def content_hash(*parts: object) -> str:
    """Return 32 hexadecimal digits that change when any of `parts` does."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()


class TopicLabel(BaseModel):
    """One topic that a sentence says something about, and whether it is good or bad news."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(description="code of the topic in the taxonomy, such as `speed`")
    polarity: Polarity = Field(description="good or bad news about the topic")
    confidence: float = Field(ge=0, le=1, description="calibrated probability of the label")


class SentenceTagging(BaseModel):
    """One sentence as a span of the text, with its topics. The span is the evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Literal["title", "text"] = Field(
        default="text", description="which field of the mention the offsets count in"
    )
    start: int = Field(ge=0, description="first character of the span")
    end: int = Field(ge=0, description="one past the last character of the span")
    topics: tuple[TopicLabel, ...] = Field(
        default=(), description="what the sentence speaks of; empty when it has no topic"
    )


class Fact(BaseModel):
    """Something about the service that a text states: how long it took, whether it was solved.

    `docs/facts.md` defines each kind; `FACT_UNITS` says what `value` counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FactKind = Field(description="what is stated")
    value: float = Field(ge=0, description="in the unit of the kind")
    field: Literal["title", "text"] = Field(
        default="text", description="which field of the mention the offsets count in"
    )
    start: int = Field(ge=0, description="first character of the words that state it")
    end: int = Field(ge=0, description="one past the last character of these words")


class Tagging(BaseModel):
    """What one version of the tagger says about one text.

    `sentiment` is null exactly when the text is untagged; `untagged_reason`
    then says why (`language`, `empty` …). A text is never guessed at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mention_id: str = Field(description="id of the mention")
    lang: str | None = Field(
        default=None, description="language as identified from the text; null if unidentified"
    )
    sentiment: Sentiment | None = Field(default=None, description="overall sentiment")
    score: float | None = Field(
        default=None, ge=-1, le=1, description="P(positive) − P(negative), from −1 to 1"
    )
    confidence: float | None = Field(
        default=None, ge=0, le=1, description="calibrated probability of `sentiment`"
    )
    sentences: tuple[SentenceTagging, ...] = Field(
        default=(), description="every sentence in order, with or without topics"
    )
    facts: tuple[Fact, ...] = Field(
        default=(), description="what the text states about the service, the title's first"
    )
    facts_version: int | None = Field(
        default=None, description="version of the rules that looked for facts; null: none did"
    )
    model: str = Field(description="name of the tagger")
    model_version: str = Field(description="version of its weights")
    taxonomy_version: str = Field(description="version of the topic list")
    untagged_reason: str | None = Field(default=None, description="why there is no sentiment")
    corrected: bool = Field(
        default=False, description="whether a person has put right or confirmed a label"
    )

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if (self.sentiment is None) == (self.untagged_reason is None):
            raise ValueError("a tagging has either a sentiment or the reason why it has none")
        return self


class Span(BaseModel):
    """A sentence of a mention, by where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: Literal["title", "text"] = Field(
        default="text", description="which field of the mention the offsets count in"
    )
    start: int = Field(ge=0, description="first character of the span")
    end: int = Field(gt=0, description="one past the last character of the span")


class Correction(BaseModel):
    """What a person says of the labels of one mention. It is added and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mention_id: str = Field(description="id of the mention")
    made_at: Time = Field(
        default_factory=lambda: datetime.now(UTC), description="when it was said, UTC"
    )
    author: Text = Field(default=None, description="who said it")
    sentiment: Sentiment | None = Field(
        default=None, description="the overall sentiment; null leaves it as it is"
    )
    topics: dict[str, Sentiment | None] = Field(
        default_factory=dict,
        description="by topic, what is said of it; null says that it is not spoken of",
    )
    span: Span | None = Field(
        default=None, description="the sentence that `topics` is about; null: the whole mention"
    )
    note: Text = Field(default=None, description="why, for colleagues")
    undoes: int | None = Field(
        default=None, description="number of the correction that is taken back"
    )

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        says_something = self.sentiment is not None or bool(self.topics)
        if says_something == (self.undoes is not None):
            raise ValueError("a correction names a sentiment, a topic, or what it takes back")
        if self.span is not None and not self.topics:
            raise ValueError("a sentence is named, but no topic that it speaks of")
        return self


class Reject(BaseModel):
    """Something that looked like a mention and could not become one. Kept, never dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="spider or import that met it")
    reason: str = Field(description="one sentence for a person")
    where: str | None = Field(default=None, description="address, or file and line")
    raw: str | None = Field(default=None, description="the beginning of what was read")
