"""The log of a complaint: entries that are only added, and how a case stands after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from mention import Text, Time, clean_text

CaseStatus = Literal["open", "waiting", "done", "rejected"]
STATUSES: Final[tuple[CaseStatus, ...]] = get_args(CaseStatus)
CLOSED: Final = ("done", "rejected")


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


class CaseEvent(BaseModel):
    """One entry in the log of a complaint. It is added and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mention_id: str = Field(description="id of the mention")
    at: Time = Field(
        default_factory=lambda: datetime.now(UTC), description="when it was entered, UTC"
    )
    author: Text = Field(default=None, description="who entered it")
    status: CaseStatus | None = Field(
        default=None, description="the new status; null leaves it as it is"
    )
    owner: Annotated[str | None, BeforeValidator(_clean)] = Field(
        default=None, description="who takes care of it from now on; empty: nobody; null: as before"
    )
    note: Text = Field(default=None, description="what was done or agreed")


class Case(BaseModel):
    """How a complaint stands: what follows from the entries in its log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: CaseStatus = Field(description="open, waiting, done or rejected")
    owner: str | None = Field(default=None, description="who takes care of it")
    opened_at: Time = Field(description="when it was opened, or opened again, UTC")
    changed_at: Time = Field(description="time of the latest entry, UTC")
    closed_at: Time | None = Field(
        default=None, description="when it became done or rejected, UTC; null until then"
    )


def stand(events: Iterable[CaseEvent]) -> Case | None:
    """Return how a case stands after `events`, which come in their order; None without one.

    The first event opens the case, whatever else it says. A case that is closed and then
    gets another status counts as opened again at that time.
    """
    case: Case | None = None
    for event in events:
        case = _after(case, event)
    return case


def _after(case: Case | None, event: CaseEvent) -> Case:
    status = event.status or (case.status if case else "open")
    was_closed, is_closed = case is not None and case.closed_at is not None, status in CLOSED
    opened_at = event.at if case is None or (was_closed and not is_closed) else case.opened_at
    closed_at = None
    if is_closed:
        closed_at = case.closed_at if case is not None and was_closed else event.at
    owner = event.owner if event.owner is not None else (case.owner if case else None)
    changed_at = event.at if case is None else max(event.at, case.changed_at)
    return Case(
        status=status,
        owner=owner or None,
        opened_at=opened_at,
        changed_at=changed_at,
        closed_at=closed_at,
    )
