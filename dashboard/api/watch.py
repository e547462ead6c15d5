"""What is watched for the whole project: alerts that are on, and how the sources are.

Both are told by the store that collects, whatever answers the questions about mentions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

import pipeline
from answers.remarks import ALARMS, Remark, read, read_ending
from collecting.jobs import jobs_of, label_of
from collecting.state import examine_sources
from dashboard.api.found import web_address
from dashboard.api.said import Said, all_as_said, as_said
from dashboard.settings import Asking, Desk
from index.base import Run
from project.alerts import SEVERITIES, Opinion, Severity

if TYPE_CHECKING:
    from answers.alerts.messages import Message
    from index.base import AlertEvent
    from index.sqlite import SqliteStore

router = APIRouter(tags=["overview"])

# Alerts, and sources, that are shown; there is trouble enough where there are more.
MOST_ALERTS: Final = 20
MOST_SOURCES: Final = 200


@contextmanager
def _own_store(desk: Desk) -> Iterator[SqliteStore | None]:
    """Give the store of this machine; None where a cluster answers and there is no store."""
    place = desk.settings.place
    if place.asks_cluster and not place.project.store.is_file():
        yield None
        return
    with pipeline.read_store(place.project) as store:
        yield store


# --- alerts ---------------------------------------------------------------------
class AlertEvidence(BaseModel):
    """A sentence behind an alert."""

    id: str = Field(description="of the mention that it stands in")
    text: str = Field(description="as its author wrote it")
    day: date = Field(description="when it was published, as far as that is known")
    source: str = Field(description="the spider or import that brought it")
    url: str | None = Field(description="address of the original, http or https")


class AlertFigures(BaseModel):
    """What an alert is about and by how much, to say it in any language. docs/alerts.md."""

    rule: str = Field(description="its name")
    kind: Literal["spike", "threshold"] = Field(description="what it looks for")
    measure: Literal["count", "share_negative", "net_sentiment"] = Field(
        description="what is compared"
    )
    above: float | None = Field(description="limit of a threshold")
    below: float | None = Field(description="limit of a threshold")
    polarity: Opinion = Field(description="of the mentions that are counted")
    topic: str | None = Field(description="code; null for whole mentions")
    group: str | None = Field(description="value of the rule's split; null without one")
    first: date = Field(description="first day of the window")
    last: date = Field(description="last day of the window")
    observed: int = Field(description="mentions counted; of a share, those it is a share of")
    expected: float | None = Field(description="what is usual in such a window; of a spike")
    value: float = Field(description="observed / expected of a spike, else the measure")
    low: float | None = Field(description="lower end of its 95 % interval")
    high: float | None = Field(description="upper end of its 95 % interval")
    p: float | None = Field(description="probability of so much in usual times; of a spike")
    q: float | None = Field(description="p adjusted for everything tested on the day")


class Alert(BaseModel):
    """An alert that is on."""

    headline: str = Field(description="what changed, and where")
    severity: Severity = Field(description="as the rule has it")
    since: date = Field(description="the day on which it fired")
    day: date = Field(description="the last day that was looked at")
    sentences: list[str] = Field(description="by how much it changed and how sure that is")
    query: str | None = Field(description="finds the mentions that were counted")
    evidence: list[AlertEvidence] = Field(description="the surest sentences among them")
    kind: Literal["fired", "escalated"] = Field(description="escalated: it got stronger since")
    figures: AlertFigures = Field(description="what the headline and the sentences say")


class Alerts(BaseModel):
    """What the alert log says."""

    looked_until: date | None = Field(
        description="the last day that `molva alerts` looked at; null: it never did"
    )
    on: list[Alert] = Field(description=f"the worst first, at most {MOST_ALERTS}")
    notes: list[Said] = Field(description="what else there is to know")


@router.get("/overview/alerts")
def alerts(desk: Asking) -> Alerts:
    """The alerts that are on, from the alert log; nothing is looked at anew."""
    from answers.alerts.evaluation import latest_events
    from answers.alerts.messages import message_of
    from answers.alerts.states import still_on

    with _own_store(desk) as store, desk.open() as mentions:
        if store is None:
            return Alerts(looked_until=None, on=[], notes=all_as_said([Remark("alerts_elsewhere")]))
        log, zone = store.alert_log(), ZoneInfo(store.time_zone)
        on = sorted(still_on(latest_events(log, desk.settings.project)), key=_worst_first)
        told = [(event, message_of(event, mentions, zone)) for event in on[:MOST_ALERTS]]
        looked_until = log.looked_until()
    more = len(on) - MOST_ALERTS
    return Alerts(
        looked_until=looked_until,
        on=[_alert(event, message) for event, message in told],
        notes=all_as_said([Remark("more_alerts", count=more)] if more > 0 else []),
    )


def _worst_first(event: AlertEvent) -> tuple[int, int]:
    return -SEVERITIES.index(event.record["severity"]), -event.day.toordinal()


def _alert(event: AlertEvent, message: Message) -> Alert:
    return Alert(
        headline=message.title,
        severity=event.record["severity"],
        since=event.since,
        day=event.day,
        sentences=list(message.lines),
        query=message.query,
        evidence=[
            AlertEvidence(
                id=one.mention_id,
                text=one.text,
                day=one.day,
                source=one.source,
                url=web_address(one.url),
            )
            for one in message.evidence
        ],
        kind="escalated" if message.kind == "escalated" else "fired",
        figures=AlertFigures.model_validate(message.record),
    )


# --- sources --------------------------------------------------------------------
class SourceState(BaseModel):
    """The last run of one source."""

    source: str = Field(description="the spider or import")
    arguments: str = Field(description="what it was asked for, shortened")
    started: AwareDatetime = Field(description="when it began")
    outcome: str = Field(description="running, finished, failed, stopped or interrupted")
    pages: int | None = Field(description="pages that it fetched; null for an import")
    items: int = Field(description="mentions that it read")
    new: int = Field(description="of these, the ones that were not known")
    rejects: int = Field(description="what it could not turn into mentions")
    message: Said | None = Field(description="why it ended so, where there is something to say")
    alarms: list[Said] = Field(description="what was unusual beside the runs before")
    in_trouble: bool = Field(description="whether somebody should look")


class Sources(BaseModel):
    """How the sources are."""

    sources: list[SourceState] = Field(
        description=f"those in trouble first, then the newest; at most {MOST_SOURCES}"
    )
    total: int = Field(description="how many there are")
    in_trouble: int = Field(description="how many of them are in trouble")
    problems: list[Said] = Field(description="what needs a person")
    notes: list[Said] = Field(description="what else there is to know")


@router.get("/overview/sources")
def sources(desk: Asking) -> Sources:
    """The last run of every source that has run on this store, and what is wrong with it."""
    with _own_store(desk) as store:
        if store is None:
            notes = all_as_said([Remark("runs_elsewhere")])
            return Sources(sources=[], total=0, in_trouble=0, problems=[], notes=notes)
        runs = store.last_runs()
    facts, problems = examine_sources(jobs_of(desk.settings.project), runs)
    ordered = sorted(runs, key=lambda run: not run.is_in_trouble)
    return Sources(
        sources=[_state(run) for run in ordered[:MOST_SOURCES]],
        total=len(runs),
        in_trouble=sum(run.is_in_trouble for run in runs),
        problems=all_as_said(problems),
        notes=all_as_said(facts),
    )


def _state(run: Run) -> SourceState:
    counts = run.counts
    # A store keeps texts; those that Molva itself made are told as what they say.
    ending = None if run.message is None else read_ending(run.message) or run.message
    return SourceState(
        source=run.source,
        arguments=label_of(run.arguments),
        started=run.started_at,
        outcome=run.outcome,
        pages=counts.get("pages"),
        items=counts.get("items", 0),
        new=counts.get("new", 0),
        rejects=counts.get("rejects", 0),
        message=as_said(ending),
        alarms=all_as_said(read(alarm, ALARMS) or alarm for alarm in run.alarms),
        in_trouble=run.is_in_trouble,
    )
