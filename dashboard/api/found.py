"""A mention as the page gets it: what was written, what it was taken to say, what became of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

from index.base import Hit
from index.cases import Case
from index.noise import NoiseKind
from index.rows import rating_conflict
from mention import FACT_UNITS, FactKind, Kind, Sentiment, Tagging, TopicLabel

FieldName = Literal["title", "text"]
# Offsets count Unicode code points; the end is one past the last.
Offset = Annotated[int, Field(ge=0)]
# A page must never turn anything else, such as `javascript:`, into a link.
_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)


class FoundSentence(BaseModel):
    """A sentence with its topics."""

    number: int = Field(ge=1, description="in the mention, as corrections name it")
    field: FieldName = Field(description="the field that the offsets count in")
    start: Offset = Field(description="first character, in Unicode code points")
    end: Offset = Field(
        description="one past the last character; start and end are 0 where a person spoke of the "
        "mention as a whole"
    )
    topics: tuple[TopicLabel, ...] = Field(description="what the sentence speaks of")


class FoundFact(BaseModel):
    """Something about the service that the text states."""

    kind: FactKind = Field(description="what is stated")
    value: float = Field(description="in the unit")
    unit: str = Field(description="minutes, contacts, or `1 yes, 0 no`")
    field: FieldName = Field(description="the field that the offsets count in")
    start: Offset = Field(description="first character, in Unicode code points")
    end: Offset = Field(description="one past the last character")


class FoundNoise(BaseModel):
    """Why a mention may be left out of counts."""

    kinds: tuple[NoiseKind, ...] = Field(description="advert, copy or both")
    reasons: tuple[str, ...] = Field(description="names of the rules, or `person`")
    copy_of: str | None = Field(description="id of the mention that it is a copy of")


class Found(BaseModel):
    """A mention with the labels that hold, its case and its noise."""

    id: str = Field(description="`source:native_id`")
    version: str = Field(description="of the content; another after the text was edited")
    source: str = Field(description="the spider or import that brought it")
    kind: Kind = Field(description="what sort of text it is")
    url: str | None = Field(description="address of the original, http or https")
    title: str | None = Field(description="headline")
    text: str = Field(description="the body, plain text")
    lang: str | None = Field(description="ISO 639-1 code, as read from the text, else as stated")
    stars: float | None = Field(description="the rating moved to 1–5")
    rating: float | None = Field(description="as the platform gave it")
    rating_min: float | None = Field(description="lowest rating; null for a scale without an end")
    rating_max: float | None = Field(description="highest rating; null for a scale without an end")
    published_at: AwareDatetime | None = Field(description="UTC; null where it is not known")
    collected_at: AwareDatetime = Field(description="when it was fetched, UTC")
    brand: str | None = Field(description="what it is about")
    product: str | None = Field(description="product within the brand")
    location: str | None = Field(description="branch, shop or city")
    likes: int | None = Field(description="likes or helpful votes")
    reply_text: str | None = Field(description="the company's answer")
    reply_at: AwareDatetime | None = Field(description="when the company answered, UTC")
    sentiment: Sentiment | None = Field(description="overall; null while it has no tagging")
    score: float | None = Field(description="P(positive) − P(negative), −1 to 1")
    confidence: float | None = Field(description="calibrated probability of the sentiment")
    untagged_reason: str | None = Field(description="why the tagger left it alone")
    corrected: bool = Field(description="whether a person put a label right or confirmed it")
    conflict: str | None = Field(
        description="rating_above_text or rating_below_text, where stars and text disagree"
    )
    model: str | None = Field(description="name and version of the tagger; null: not tagged yet")
    taxonomy_version: str | None = Field(description="of the topic list")
    sentences: tuple[FoundSentence, ...] = Field(description="every sentence, in order")
    facts: tuple[FoundFact, ...] = Field(description="what the text states about the service")
    highlights: tuple[tuple[Offset, Offset], ...] = Field(
        description="[start, end] of the words of `text` that the query found, in code points"
    )
    case: Case | None = Field(description="how the complaint stands; null: nobody opened one")
    noise: FoundNoise | None = Field(description="null where it is no copy and no advert")
    relevance: float | None = Field(description="only where the best come first; higher is better")


def web_address(url: str | None) -> str | None:
    """Return an address that a page may link to; None for any but http and https."""
    return url if url and _ADDRESS.fullmatch(url) else None


def from_hit(hit: Hit) -> Found:
    """Return a hit as the page gets it.

    Args:
        hit: of any index.
    """
    mention, tagging, noise = hit.mention, hit.tagging, hit.noise
    stars, sentiment = _finite(mention.stars), tagging.sentiment if tagging else None
    return Found(
        id=mention.id,
        version=mention.content_hash,
        source=mention.source,
        kind=mention.kind,
        url=web_address(mention.url),
        title=mention.title,
        text=mention.text,
        lang=tagging.lang if tagging and tagging.lang else mention.lang,
        stars=stars,
        rating=_finite(mention.rating),
        rating_min=_finite(mention.rating_min),
        rating_max=_finite(mention.rating_max),
        published_at=mention.published_at,
        collected_at=mention.collected_at,
        brand=mention.brand,
        product=mention.product,
        location=mention.location,
        likes=mention.likes,
        reply_text=mention.reply_text,
        reply_at=mention.reply_at,
        sentiment=sentiment,
        score=tagging.score if tagging else None,
        confidence=tagging.confidence if tagging else None,
        untagged_reason=tagging.untagged_reason if tagging else None,
        corrected=tagging.corrected if tagging else False,
        conflict=rating_conflict(stars, sentiment),
        model=f"{tagging.model} {tagging.model_version}" if tagging else None,
        taxonomy_version=tagging.taxonomy_version if tagging else None,
        sentences=tuple(_sentences(tagging)),
        facts=tuple(_facts(tagging)),
        highlights=hit.highlights,
        case=hit.case,
        noise=None
        if noise is None
        else FoundNoise(kinds=noise.kinds, reasons=noise.reasons, copy_of=noise.copy_of),
        relevance=hit.relevance,
    )


def _sentences(tagging: Tagging | None) -> Iterator[FoundSentence]:
    for number, one in enumerate(tagging.sentences if tagging else (), start=1):
        yield FoundSentence(
            number=number, field=one.field, start=one.start, end=one.end, topics=one.topics
        )


def _facts(tagging: Tagging | None) -> Iterator[FoundFact]:
    for one in tagging.facts if tagging else ():
        yield FoundFact(
            kind=one.kind,
            value=one.value,
            unit=FACT_UNITS[one.kind],
            field=one.field,
            start=one.start,
            end=one.end,
        )


def _finite(number: float | None) -> float | None:
    """Return a number, None for what JSON cannot say: the end of an endless scale."""
    return number if number is not None and math.isfinite(number) else None
