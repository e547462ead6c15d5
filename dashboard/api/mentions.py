"""One mention: all that is known of it, and which words carried what it was taken to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from dashboard.api.found import Found, Offset, from_hit
from dashboard.errors import missing
from dashboard.settings import Asking
from index.base import Hit
from index.cases import CaseStatus
from index.ledger import Told
from index.rows import topic_polarities
from mention import MAX_ID_BYTES, Correction, Mention, Polarity, Sentiment, Span, Tagging
from nlp.attribution import METHOD, Attributor
from nlp.measured import Figure, measured

router = APIRouter(tags=["mentions"])

# Of what a mention was, and of what was said of it: the newest.
MOST_LISTED: Final = 100

MentionId = Annotated[
    str, Query(alias="id", min_length=1, max_length=MAX_ID_BYTES, description="of the mention")
]


class EarlierVersion(BaseModel):
    """What the mention said before it was edited."""

    title: str | None = Field(description="headline")
    text: str = Field(description="the body")
    collected_at: AwareDatetime = Field(description="when it was fetched, UTC")


class CorrectionMade(BaseModel):
    """What a person said of the labels."""

    number: int = Field(description="of the correction; a later one has a higher number")
    made_at: AwareDatetime = Field(description="UTC")
    author: str | None = Field(description="who said it")
    sentiment: Sentiment | None = Field(description="overall; null: left as it was")
    topics: dict[str, Sentiment | None] = Field(
        description="by code; null: that it is not spoken of"
    )
    span: Span | None = Field(description="the sentence; null: the mention as a whole")
    note: str | None = Field(description="why")
    undoes: int | None = Field(description="number of the correction that it takes back")
    in_force: bool = Field(description="whether it holds now")


class ModelSays(BaseModel):
    """What the tagger says, without what people said of it."""

    sentiment: Sentiment | None = Field(description="overall; null: it left the text alone")
    score: float | None = Field(description="P(positive) − P(negative), −1 to 1")
    topics: dict[str, str] = Field(description="polarity or `mixed`, by code")


class CaseEntry(BaseModel):
    """An entry in the log of a case."""

    at: AwareDatetime = Field(description="UTC")
    author: str | None = Field(description="who entered it")
    status: CaseStatus | None = Field(description="null: left as it was")
    owner: str | None = Field(description="from now on; empty: nobody; null: as before")
    note: str | None = Field(description="what was done")


class MeasuredAccuracy(BaseModel):
    """How well the tagger was measured to do in the language of the mention."""

    topic: str | None = Field(description="code; null: the overall sentiment")
    figure: Literal["accuracy", "F1"] = Field(description="which figure it is")
    value: float = Field(description="0–1")
    low: float = Field(description="lower end of its 95 % interval")
    high: float = Field(description="upper end")
    texts: int = Field(description="labelled texts that it was measured on")


class MentionAnswer(BaseModel):
    """A mention with all that is known of it."""

    mention: Found
    earlier: list[EarlierVersion] = Field(
        description=f"superseded versions, oldest first; the newest {MOST_LISTED}"
    )
    corrections: list[CorrectionMade] = Field(
        description=f"in the order they were made; the newest {MOST_LISTED}"
    )
    model_says: ModelSays | None = Field(description="only where a person corrected it")
    case_log: list[CaseEntry] = Field(description=f"in order; the newest {MOST_LISTED}")
    accuracy: list[MeasuredAccuracy] = Field(
        description="of its tagger, for its language and topics; only what was measured"
    )


class WhyWord(BaseModel):
    """A word of the sentence, or some in a row, and what it did for the label."""

    start: Offset = Field(description="first character, in the sentence's field")
    end: Offset = Field(description="one past the last character")
    weight: float = Field(
        ge=-1,
        le=1,
        description="what the label's probability loses without it; below 0: it spoke against",
    )


class WhyAnswer(BaseModel):
    """Which words of a sentence carried a label."""

    number: int = Field(description="of the sentence")
    topic: str = Field(description="code")
    polarity: Polarity = Field(description="what the label says of it")
    method: str = Field(description="leave_one_out: each word is left out in turn")
    words: list[WhyWord] = Field(description="in their order")


def _attributor(request: Request) -> Attributor:
    return cast(Attributor, request.app.state.attributor)


@router.get("/mention")
def show(
    desk: Asking,
    mention_id: MentionId,
) -> MentionAnswer:
    """All that is known of a mention; what a store alone knows is empty where a cluster answers."""
    place = desk.settings.place
    with desk.open() as mentions:
        hit = mentions.get(mention_id)
    if hit is None:
        raise missing(mention_id)
    told = place.told(mention_id)
    return MentionAnswer(
        mention=from_hit(hit),
        earlier=[_earlier(one) for one in place.history(mention_id)[-MOST_LISTED:]],
        corrections=[
            _made(number, one, in_force=number in told.in_force)
            for number, one in told.corrections[-MOST_LISTED:]
        ],
        model_says=_model_says(hit, told),
        case_log=[
            CaseEntry(
                at=one.at, author=one.author, status=one.status, owner=one.owner, note=one.note
            )
            for one in told.events[-MOST_LISTED:]
        ],
        accuracy=list(_accuracy(hit.mention, hit.tagging, place.project.model)),
    )


@router.get("/why")
def why(
    desk: Asking,
    attributor: Annotated[Attributor, Depends(_attributor)],
    mention_id: MentionId,
    number: Annotated[int, Query(ge=1, description="of the sentence, as it is shown")],
    topic: Annotated[str, Query(min_length=1, max_length=100, description="code of the topic")],
) -> WhyAnswer:
    """Which words of a sentence carried its label. The first time the model is loaded for it."""
    with desk.open() as mentions:
        hit = mentions.get(mention_id)
    if hit is None:
        raise missing(mention_id)
    found = attributor.words(hit.mention, hit.tagging, number, topic)
    return WhyAnswer(
        number=found.number,
        topic=found.label.topic,
        polarity=found.label.polarity,
        method=METHOD,
        words=[
            WhyWord(start=start, end=end, weight=round(weight, 4))
            for start, end, weight in found.words
        ],
    )


def _earlier(mention: Mention) -> EarlierVersion:
    return EarlierVersion(title=mention.title, text=mention.text, collected_at=mention.collected_at)


def _made(number: int, correction: Correction, *, in_force: bool) -> CorrectionMade:
    return CorrectionMade(
        number=number,
        made_at=correction.made_at,
        author=correction.author,
        sentiment=correction.sentiment,
        topics=correction.topics,
        span=correction.span,
        note=correction.note,
        undoes=correction.undoes,
        in_force=in_force,
    )


def _model_says(hit: Hit, told: Told) -> ModelSays | None:
    is_corrected = hit.tagging is not None and hit.tagging.corrected
    if told.tagging is None or not is_corrected:
        return None
    return ModelSays(
        sentiment=told.tagging.sentiment,
        score=told.tagging.score,
        topics=topic_polarities(told.tagging),
    )


def _accuracy(mention: Mention, tagging: Tagging | None, model: str) -> Iterator[MeasuredAccuracy]:
    """Yield what was measured of the tagger for what this mention's labels say."""
    if tagging is None:
        return
    found = measured(tagging.model, tagging.model_version, model)
    lang = tagging.lang or mention.lang or ""
    figures: list[tuple[str | None, Figure | None]] = [(None, found.accuracy.get(lang))]
    figures += [(topic, found.topics.get((lang, topic))) for topic in topic_polarities(tagging)]
    for topic, one in figures:
        if one is not None:
            yield MeasuredAccuracy(
                topic=topic,
                figure="accuracy" if topic is None else "F1",
                value=one.value,
                low=one.low,
                high=one.high,
                texts=one.texts,
            )
