"""What there is to know at a glance: what this week changed, and which complaints wait."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from answers.changes import Change
from answers.counted import without_replies
from answers.estimates import MINIMUM
from answers.remarks import Remark
from answers.spans import Span, last_whole_weeks
from answers.unanswered import AGE_NAMES, AGES
from answers.unanswered import unanswered as find_unanswered
from dashboard.api.found import Found, from_hit
from dashboard.api.narrowing import Narrowed, Narrowing
from dashboard.api.rows import ChangeRow, TopicChangeRow, encoded
from dashboard.api.said import Said, all_said
from dashboard.settings import Asking
from output.footers import coverage_sentence
from output.trending import Asked

router = APIRouter(tags=["overview"])


# --- the week -------------------------------------------------------------------
class Days(BaseModel):
    """Some days one after the other."""

    first: date = Field(description="the first of them")
    last: date = Field(description="included")


class Week(BaseModel):
    """The last whole week against the one before it."""

    before: Days = Field(description="the week before")
    after: Days = Field(description="the last week that is over, from Monday")
    total: ChangeRow | None = Field(
        description="whole mentions; null where nobody spoke in either week"
    )
    topics: list[TopicChangeRow] = Field(description="the one that changed most surely first")
    notes: list[Said] = Field(description="how far it holds")


@router.get("/overview/week", response_model=Week)
def week(narrowing: Narrowed, desk: Asking) -> Response:
    """What changed in the last whole week, in the store's time zone, and how surely."""
    topics = desk.settings.project.tagger.topic_codes()
    with desk.open() as mentions:
        # A store has a zone of its own, also where no project file names one.
        spans = last_whole_weeks(datetime.now(ZoneInfo(mentions.time_zone)).date())
        asked = Asked(desk.settings.place, mentions, narrowing.query(), "day", None, MINIMUM)
        answer = asked.changes(spans, (), topics)
    rows = sorted(answer.rows, key=lambda row: -row.surety)
    total = next((row for row in rows if row.after.row.point.topic is None), None)
    return encoded({
        "before": _days(spans[0]),
        "after": _days(spans[1]),
        "total": None if total is None else total.as_row(),
        "topics": [_topic(row) for row in rows if row is not total],
        "notes": all_said([
            Remark("coverage", coverage=coverage_sentence(answer.coverages)), *answer.notes
        ]),
    })  # fmt: skip


def _topic(row: Change) -> dict[str, Any]:
    return row.as_row() | {
        "complaints": row.opinion_row("negative"),
        "compliments": row.opinion_row("positive"),
    }


def _days(span: Span) -> dict[str, date]:
    return {"first": span.first, "last": span.last}


# --- what waits -----------------------------------------------------------------
class UnansweredArguments(Narrowing):
    """Which complaints, and which page of them."""

    limit: int = Field(default=20, ge=1, le=100, description="most mentions on the page")
    after: str | None = Field(default=None, max_length=200, description="`next` of the page before")


class Age(BaseModel):
    """How many have waited for so long."""

    name: str = Field(description="such as `1 to 3 days`")
    under_days: float | None = Field(description="up to this age; null for the oldest")
    mentions: int = Field(description="of that age")


class LeftOut(BaseModel):
    """A source at which replies cannot be seen."""

    source: str = Field(description="its name")
    mentions: int = Field(description="that the query finds there")


class Waiting(BaseModel):
    """Negative mentions without a reply."""

    query: str = Field(description="all that narrowed them, as one query")
    total: int = Field(description="how many there are")
    next: str | None = Field(description="`after` of the following page; null on the last")
    by_age: list[Age] = Field(description="the youngest first")
    hits: list[Found] = Field(description="the newest first")
    left_out: list[LeftOut] = Field(
        description="sources of which no reply was ever read, so that none can be missed"
    )


@router.get("/overview/unanswered")
def unanswered(arguments: Annotated[UnansweredArguments, Query()], desk: Asking) -> Waiting:
    """Complaints that nobody has answered, at sources where an answer would be seen."""
    query = arguments.query()
    with desk.open() as mentions:
        found = find_unanswered(
            mentions, query, datetime.now(UTC), limit=arguments.limit, after=arguments.after
        )
        hidden = without_replies(mentions, query)
    limits = [age.total_seconds() / 86400 for age in AGES]
    return Waiting(
        query=query,
        total=found.total,
        next=found.next,
        by_age=[
            Age(name=name, under_days=days, mentions=found.by_age[name])
            for name, days in zip(AGE_NAMES, [*limits, None], strict=True)
        ],
        hits=[from_hit(hit) for hit in found.hits],
        left_out=[LeftOut(source=source, mentions=number) for source, number in hidden.items()],
    )
