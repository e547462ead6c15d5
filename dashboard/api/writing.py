"""What people say of mentions: corrections, cases, and whether something is noise.

All of it is written into the store on this machine, as the commands `molva correct`,
`molva case` and `molva noise` do, each fact with what follows from it in one transaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

import pipeline
from answers.corrections import correction
from cluster import Place
from dashboard.api.found import Found, from_hit
from dashboard.api.said import Said, as_said
from dashboard.errors import WRITE_RESPONSES, ApiError, missing, responses
from dashboard.security import only_json
from dashboard.sending import Telling
from dashboard.settings import Asking
from index.base import Hit
from index.cases import CaseEvent, CaseStatus
from index.noise import Decision, Verdict
from index.sqlite import SqliteStore
from mention import MAX_ID_BYTES, Sentiment
from project.login import login_name

router = APIRouter(tags=["writing"], responses=WRITE_RESPONSES, dependencies=[Depends(only_json)])

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID_BYTES)]
Name = Annotated[str, StringConstraints(max_length=200)]
Remark = Annotated[str, StringConstraints(max_length=4000)]
Outcome = TypeVar("Outcome")


class Statement(BaseModel):
    """What every statement of a person has."""

    model_config = ConfigDict(extra="forbid")

    mention_id: Id = Field(description="id of the mention")
    note: Remark | None = Field(default=None, description="why, for colleagues")
    author: Name | None = Field(
        default=None,
        description="who says so; without it MOLVA_AUTHOR of the server, else its login",
    )

    def speaker(self) -> str | None:
        """Return who says so; None where nobody knows."""
        return self.author or os.environ.get("MOLVA_AUTHOR") or login_name()


class CorrectionSent(Statement):
    """What the labels of a mention, or of one of its sentences, should be."""

    sentiment: Sentiment | None = Field(default=None, description="of the whole mention")
    topics: Annotated[dict[Name, Sentiment | None], Field(max_length=100)] = Field(
        default_factory=dict,
        description="polarity by topic; null: the topic is not spoken of",
        examples=[{"speed": "negative", "price": None}],
    )
    sentence: int | None = Field(
        default=None,
        ge=1,
        description="number of the sentence that the topics are of; null: the whole mention",
    )
    version: Name | None = Field(
        default=None,
        description="of the mention as it was shown; where it has another by now, nothing is "
        "written (409); null: whichever it has",
    )


class CaseSent(Statement):
    """An entry in the log of a complaint; the first opens it."""

    status: CaseStatus | None = Field(default=None, description="null leaves it as it is")
    owner: Name | None = Field(
        default=None, description="who takes care of it; empty: nobody; null: as before"
    )


class VerdictSent(Statement):
    """Whether a mention is noise."""

    verdict: Decision = Field(description="keep: neither copy nor advert")


class Written(BaseModel):
    """The mention after what was written."""

    mention: Found
    note: Said | None = Field(
        description="why the cluster does not have it yet; null where it has, or there is none"
    )


class Undoing(Statement):
    """A correction to take back."""

    correction: int | None = Field(
        default=None, ge=1, description="its number; null: the latest that holds, whoever made it"
    )


class WrittenOnce(Written):
    """The mention after what was said, and whether that was new."""

    is_new: bool = Field(
        description="false where nothing was written: it only repeats what holds already, or "
        "there was nothing to take back"
    )


class Corrected(WrittenOnce):
    """The mention after a correction."""

    correction: int | None = Field(
        description="number of the correction, by which it can be taken back; null where nothing "
        "was written"
    )


@router.post("/corrections", responses=responses(409))
def correct(sent: CorrectionSent, desk: Asking, courier: Telling) -> Corrected:
    """Put labels right; it holds for every tagger from now on."""
    project = desk.settings.project

    def say(store: SqliteStore, hit: Hit) -> int | None:
        if sent.version not in (None, hit.mention.content_hash):
            # Its sentences may be others, with other numbers.
            raise ApiError(409, "refused", "mention_edited")
        values = sent.model_dump(include={"sentiment", "topics", "sentence", "note"})
        new = correction(hit, values, project.tagger.check_topics, author=sent.speaker())
        return store.ledger().correct(new)

    number, mention = _write(desk.settings.place, sent.mention_id, say)
    return Corrected(
        mention=mention, note=as_said(courier.send()), is_new=number is not None, correction=number
    )


@router.post("/corrections/undo")
def undo(sent: Undoing, desk: Asking, courier: Telling) -> WrittenOnce:
    """Take back a correction that holds."""

    def say(store: SqliteStore, _hit: Hit) -> bool:
        undone = store.ledger().undo(
            sent.mention_id, number=sent.correction, author=sent.speaker(), note=sent.note
        )
        return undone is not None

    was_one, mention = _write(desk.settings.place, sent.mention_id, say)
    return WrittenOnce(mention=mention, note=as_said(courier.send()), is_new=was_one)


@router.post("/cases")
def enter(sent: CaseSent, desk: Asking, courier: Telling) -> Written:
    """Open a case, hand it over, write into its log, close it."""

    def say(store: SqliteStore, _hit: Hit) -> None:
        event = sent.model_dump(include={"mention_id", "status", "owner", "note"})
        store.ledger().enter(CaseEvent.model_validate(event | {"author": sent.speaker()}))

    _, mention = _write(desk.settings.place, sent.mention_id, say)
    return Written(mention=mention, note=as_said(courier.send()))


@router.post("/noise")
def judge(sent: VerdictSent, desk: Asking, courier: Telling) -> WrittenOnce:
    """Say that a mention is a copy, an advert, or neither; it wins over the rules."""

    def say(store: SqliteStore, _hit: Hit) -> bool:
        verdict = sent.model_dump(include={"mention_id", "verdict", "note"})
        return store.noise().say(Verdict.model_validate(verdict | {"author": sent.speaker()}))

    is_new, mention = _write(desk.settings.place, sent.mention_id, say)
    return WrittenOnce(mention=mention, note=as_said(courier.send()), is_new=is_new)


def _write(
    place: Place, mention_id: str, say: Callable[[SqliteStore, Hit], Outcome]
) -> tuple[Outcome, Found]:
    """Write something about a mention; return what `say` does and the mention after it.

    Raises:
        ApiError: there is no such mention here.
        StoreError: the store cannot be used.
        UserError: it cannot be said.
    """
    with pipeline.open_store(place.project, create=False) as store:
        said = say(store, _hit(store, mention_id, place))
        return said, from_hit(_hit(store, mention_id, place))


def _hit(store: SqliteStore, mention_id: str, place: Place) -> Hit:
    hit = store.get(mention_id)
    if hit is not None:
        return hit
    if place.asks_cluster:
        # A cluster has mentions of other stores too.
        raise ApiError(404, "missing", "mention_elsewhere", mention=mention_id)
    raise missing(mention_id)
