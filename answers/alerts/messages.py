"""What is told of an event: words, the sentences behind it, and the query that opens them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Any, Final

from answers.alerts import wording
from answers.alerts.states import CLEARED, ESCALATED, FIRED, still_on
from index.base import DIGEST, AlertEvent, Hit, MentionIndex, QueryError
from mention import content_hash
from project.alerts import SEVERITIES

TOP: Final = 3
# Newest mentions of the window among which the surest sentences are looked for.
_LOOKED_AT: Final = 100
DIGEST_DAYS: Final[Mapping[str, int]] = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence behind an alert.

    Attributes:
        mention_id: of the mention that it stands in.
        text: as its author wrote it: not safe to print.
        confidence: calibrated probability of the label, 0 to 1; None where a person gave it.
        source: of the mention.
        day: when it was published, as far as that is known.
        url: of the original, where there is one.
    """

    mention_id: str
    text: str
    confidence: float | None
    source: str
    day: date
    url: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is told.

    Attributes:
        id: of the event; a receiver that has seen it may drop the message.
        kind: `fired`, `escalated`, `cleared` or `digest`.
        severity: info, warning or critical.
        title: one line.
        lines: sentences.
        evidence: the surest sentences of the mentions counted.
        query: finds these mentions; None for a digest.
        record: JSON values of the event.
    """

    id: str
    kind: str
    severity: str
    title: str
    lines: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    query: str | None
    record: Mapping[str, Any]


def message_of(event: AlertEvent, index: MentionIndex, zone: tzinfo = UTC) -> Message:
    """Return an event in words, with its evidence as the index has it now.

    What was erased since is not shown, and what was corrected is shown as corrected.

    Raises:
        StoreError: the index cannot be used.
    """
    record = event.record
    if event.kind == DIGEST:
        return Message(
            event.id,
            event.kind,
            record["severity"],
            record["title"],
            tuple(record["lines"]),
            (),
            None,
            record,
        )
    evidence = () if event.kind == CLEARED else top_sentences(index, record, zone)
    return Message(
        event.id,
        event.kind,
        record["severity"],
        wording.headline(event),
        wording.sentences(event),
        evidence,
        record["query"],
        record,
    )


def top_sentences(
    index: MentionIndex, record: Mapping[str, Any], zone: tzinfo
) -> tuple[Evidence, ...]:
    """Return the sentences of the window with the highest confidence, each text once."""
    try:
        hits = index.search(record["query"], limit=_LOOKED_AT).hits
    except QueryError:
        return ()  # of a topic that has been taken out of the project file since
    topic, polarity = record["topic"], record["polarity"]
    found = [one for hit in hits for one in _sentences(hit, topic, polarity, zone)]
    found.sort(key=lambda one: -1.0 if one.confidence is None else -one.confidence)
    distinct = {one.text.casefold(): one for one in reversed(found)}
    return tuple(one for one in found if distinct[one.text.casefold()] is one)[:TOP]


def _sentences(hit: Hit, topic: str | None, polarity: str, zone: tzinfo) -> Iterator[Evidence]:
    """Yield what a mention says of a topic, or the whole mention where there is no topic."""
    mention, tagging = hit.mention, hit.tagging
    if tagging is None:
        return
    day = (mention.published_at or mention.collected_at).astimezone(zone).date()
    if topic is None:
        text = mention.text or mention.title or ""
        yield Evidence(mention.id, text, tagging.confidence, mention.source, day, mention.url)
        return
    for sentence in tagging.sentences:
        text = (mention.title or "") if sentence.field == "title" else mention.text
        for label in sentence.topics:
            if label.topic == topic and polarity in ("any", label.polarity):
                yield Evidence(
                    mention.id,
                    text[sentence.start : sentence.end],
                    label.confidence,
                    mention.source,
                    day,
                    mention.url,
                )


def digest(
    span: str, on: date, events: Sequence[AlertEvent], latest: Mapping[str, AlertEvent]
) -> AlertEvent:
    """Return what was told in a day, a week or thirty days up to `on`, as one event.

    Args:
        span: a key of `DIGEST_DAYS`.
        on: the last day.
        events: of these days.
        latest: the newest event of every series.
    """
    first = on - timedelta(days=DIGEST_DAYS[span] - 1)
    counts = Counter(event.kind for event in events)
    on_then = [event for event in still_on(latest) if event.day <= on]
    severities = [event.record["severity"] for event in (*events, *on_then)]
    parts = (
        f"{counts[FIRED]} new",
        f"{counts[ESCALATED]} stronger",
        f"{counts[CLEARED]} back to usual",
        f"{len(on_then)} on",
    )
    lines = [f"{event.day}: {wording.headline(event)}" for event in events]
    told = {event.id for event in events}
    lines += [
        f"on since {event.since}: {wording.headline(event)}"
        for event in on_then
        if event.id not in told
    ]
    series = content_hash(DIGEST, span)
    record = {
        "severity": max(severities, key=SEVERITIES.index, default="info"),
        "title": f"Alerts from {first} to {on}: {', '.join(parts)}",
        "lines": lines,
        "first": first.isoformat(),
        "last": on.isoformat(),
        "events": [event.id for event in events],
    }
    return AlertEvent(f"{content_hash(series, on)}-{DIGEST}", series, DIGEST, on, on, record)
