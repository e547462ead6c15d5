"""How corrections and cases are printed: what people have said about mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from output.rows import Column, print_rows, printable, shortened

if TYPE_CHECKING:
    from index.base import Hit
    from index.cases import Case, CaseEvent
    from index.ledger import Told
    from mention import Correction, Mention

_DAY: Final = timedelta(days=1)
# Longest beginning of a text in the table of cases; JSON and CSV have all of it.
_BEGINNING: Final = 80


def moment(value: Any) -> str:
    """Return a time to the minute; empty for none."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"


def beginning(value: Any) -> str:
    """Return the beginning of a text in one line."""
    return shortened(str(value), _BEGINNING)


# --- corrections ---------------------------------------------------------------------


def says(correction: Correction) -> str:
    """Return what a correction says, such as `negative; speed:negative, price:none`."""
    if correction.undoes is not None:
        return f"takes back no {correction.undoes}"
    topics = ", ".join(f"{topic}:{said or 'none'}" for topic, said in correction.topics.items())
    return "; ".join(part for part in (correction.sentiment, topics) if part)


def correction_row(
    number: int, correction: Correction, mention: Mention, *, in_force: bool
) -> dict[str, Any]:
    """Return a correction as one flat object."""
    span = correction.span
    sentence = None
    if span is not None:
        text = (mention.title or "") if span.field == "title" else mention.text
        sentence = text[span.start : span.end]
    return {
        "number": number,
        "id": correction.mention_id,
        "made_at": correction.made_at,
        "author": correction.author,
        "sentiment": correction.sentiment,
        "topics": correction.topics,
        "says": says(correction),
        "sentence": sentence,
        "note": correction.note,
        "undoes": correction.undoes,
        "in_force": in_force,
    }


def correction_rows(told: Told, mention: Mention) -> list[dict[str, Any]]:
    """Return every correction of a mention, the first first."""
    return [
        correction_row(number, one, mention, in_force=number in told.in_force)
        for number, one in told.corrections
    ]


_CORRECTIONS: Final = (
    Column("number", "no", right=True),
    Column("id", "id"),
    Column("made_at", "when", show=moment),
    Column("author", "who"),
    Column("says", "says"),
    Column("sentence", "of the sentence"),
    Column("note", "note"),
)
_IN_FORCE: Final = Column("in_force", "holds", show=lambda value: "yes" if value else "no")
_CORRECTION_KEYS: Final = tuple(
    Column(key, key)
    for key in (
        "number", "id", "made_at", "author", "sentiment", "topics", "sentence", "note", "in_force",
    )
)  # fmt: skip


def print_corrections(rows: Iterable[Mapping[str, Any]], output_format: str) -> int:
    """Print corrections that hold, and return how many there were."""
    columns = _CORRECTIONS if output_format == "table" else _CORRECTION_KEYS
    return print_rows(rows, output_format, columns)


# --- cases ---------------------------------------------------------------------------


def case_record(case: Case | None) -> dict[str, Any] | None:
    """Return how a case stands as an object; None without a case."""
    return None if case is None else case.model_dump(mode="json")


def case_row(hit: Hit, now: datetime) -> dict[str, Any]:
    """Return a mention with a case as one flat object; a closed one ages no more."""
    case, mention = hit.case, hit.mention
    assert case is not None  # noqa: S101 - it was asked for mentions with a case
    return {
        "id": mention.id,
        "status": case.status,
        "owner": case.owner,
        "age_days": round(((case.closed_at or now) - case.opened_at) / _DAY, 1),
        "opened_at": case.opened_at,
        "changed_at": case.changed_at,
        "closed_at": case.closed_at,
        "source": mention.source,
        "brand": mention.brand,
        "location": mention.location,
        "published_at": mention.published_at,
        "stars": mention.stars,
        "sentiment": hit.tagging.sentiment if hit.tagging else None,
        "title": mention.title,
        "text": mention.text,
        "url": mention.url,
    }


_CASES: Final = (
    Column("id", "id"),
    Column("status", "status"),
    Column("owner", "owner"),
    Column("age_days", "days", right=True),
    Column("opened_at", "opened", show=moment),
    Column("changed_at", "changed", show=moment),
    Column("text", "text", show=beginning),
)
_CASE_KEYS: Final = tuple(
    Column(key, key)
    for key in (
        "id", "status", "owner", "age_days", "opened_at", "changed_at", "closed_at", "source",
        "brand", "location", "published_at", "stars", "sentiment", "title", "text", "url",
    )
)  # fmt: skip


def print_cases(hits: Iterable[Hit], now: datetime, output_format: str) -> None:
    """Print mentions with a case, those that were opened first coming first."""
    rows = sorted((case_row(hit, now) for hit in hits), key=lambda row: row["opened_at"])
    columns = _CASES if output_format == "table" else _CASE_KEYS
    if not print_rows(rows, output_format, columns):
        click.echo("there is no such case; 'molva case ID' opens one", err=True)


_LOG: Final = (
    Column("at", "when", show=moment),
    Column("author", "who"),
    Column("status", "status"),
    Column("owner", "owner", show=lambda value: "(nobody)" if value == "" else value or ""),
    Column("note", "note"),
)


def event_rows(events: Sequence[CaseEvent]) -> Iterator[dict[str, Any]]:
    """Yield the entries of a case's log."""
    for event in events:
        yield event.model_dump(mode="json", exclude={"mention_id"}) | {"at": event.at}


def stands(mention_id: str, case: Case) -> str:
    """Return how a case stands as one line."""
    owner = f", owner {case.owner}" if case.owner else ", without an owner"
    since = f"since {moment(case.opened_at)}"
    until = f", closed {moment(case.closed_at)}" if case.closed_at else ""
    return f"{mention_id}: {case.status}{owner}, {since}{until}"


def print_case(mention_id: str, case: Case | None, told: Told, output_format: str) -> None:
    """Print the log of one case."""
    if output_format == "json":
        from output.rows import to_json

        record = {"id": mention_id, "case": case_record(case), "log": list(event_rows(told.events))}
        click.echo(to_json(record, indent=2))
        return
    if case is None:
        click.echo(f"there is no case of {printable(mention_id)}")
        return
    click.echo(printable(stands(mention_id, case)))
    print_rows(event_rows(told.events), "table", _LOG)


# --- explaining ----------------------------------------------------------------------


def print_told(told: Told, mention: Mention) -> None:
    """Print under an explanation who corrected what, what the model said, and the case's log."""
    if told.corrections:
        click.echo("\ncorrections")
        print_rows(correction_rows(told, mention), "table", (*_CORRECTIONS, _IN_FORCE))
    if told.events:
        click.echo("\ncase")
        print_rows(event_rows(told.events), "table", _LOG)
