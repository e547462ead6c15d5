"""What the page has to know before it asks: topics, days, who may write, what answers."""

from __future__ import annotations

from datetime import date, datetime
from importlib.metadata import version
from typing import Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dashboard.sessions import Access
from dashboard.settings import Asking
from nlp.taxonomy import load

router = APIRouter(tags=["about"])


class Topic(BaseModel):
    """A service topic."""

    code: str = Field(description="as queries name it, such as speed")
    names: dict[str, str] = Field(description="by language: ru, en, lt")
    definitions: dict[str, str] = Field(description="what it means, by language")


class About(BaseModel):
    """What is served."""

    version: str = Field(description="of Molva")
    answers_from: Literal["store", "elasticsearch"] = Field(description="what answers")
    access: Access = Field(description="what whoever asks may do: read or write")
    needs_token: bool = Field(description="whether reading needs a token")
    time_zone: str = Field(description="IANA name of the zone in which days begin")
    today: date = Field(description="today in that zone")
    topics: list[Topic] = Field(description="in the order of the taxonomy")


@router.get("/about")
def show(request: Request, desk: Asking) -> About:
    """What is served, and to whom."""
    project = desk.settings.project
    # A store has a zone of its own, also where no project file names one.
    with desk.open() as mentions:
        time_zone = mentions.time_zone
    return About(
        version=version("molva"),
        answers_from="elasticsearch" if desk.settings.place.asks_cluster else "store",
        access=request.state.access,
        needs_token=desk.settings.needs_token,
        time_zone=time_zone,
        today=datetime.now(ZoneInfo(time_zone)).date(),
        topics=[
            *(
                Topic(code=one.code, names=one.names, definitions=one.definitions)
                for one in load().topics
            ),
            *(
                Topic(code=one.code, names=dict(one.names), definitions={})
                for one in project.topics
            ),
        ],
    )
