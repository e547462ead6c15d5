"""From findings to events: an alert fires once, gets worse, and is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from answers.alerts.findings import Finding
from index.base import AlertEvent
from mention import content_hash

FIRED: Final = "fired"
ESCALATED: Final = "escalated"
CLEARED: Final = "cleared"
ON: Final = (FIRED, ESCALATED)


def decide(findings: Iterable[Finding], latest: Mapping[str, AlertEvent]) -> Iterator[AlertEvent]:
    """Yield what has to be told.

    Args:
        findings: of one day.
        latest: the newest event of each series. A series of which something later than
            the findings is known yields nothing: that day was judged when it was the last.
    """
    for finding in findings:
        before = latest.get(finding.series)
        if before is not None and before.day > finding.last:
            continue
        if before is None or before.kind not in ON:
            if finding.holds and not _cools_down(finding, before):
                yield _event(FIRED, finding, None)
        elif finding.holds:
            if _is_worse(finding, before):
                yield _event(ESCALATED, finding, before)
        elif finding.is_usual:
            yield _event(CLEARED, finding, before)


def still_on(latest: Mapping[str, AlertEvent]) -> list[AlertEvent]:
    """Return the events of the alerts that are on, given the newest event of each series."""
    return [event for event in latest.values() if event.kind in ON]


def _cools_down(finding: Finding, before: AlertEvent | None) -> bool:
    return before is not None and (finding.last - before.since).days < finding.rule.cooldown


def _is_worse(finding: Finding, before: AlertEvent) -> bool:
    """Whether the whole interval lies beyond what was told last."""
    told = float(before.record["value"])
    if finding.low is None or finding.high is None:
        return False
    return finding.high < told if finding.falls else finding.low > told


def _event(kind: str, finding: Finding, before: AlertEvent | None) -> AlertEvent:
    since = finding.last if before is None else before.since
    alert = content_hash(finding.series, since)
    suffix = f"-{finding.last}" if kind == ESCALATED else ""
    return AlertEvent(
        id=f"{alert}-{kind}{suffix}",
        series=finding.series,
        kind=kind,
        day=finding.last,
        since=since,
        record=_record(alert, finding),
    )


def _record(alert: str, finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "alert": alert,
        "rule": rule.name,
        "severity": rule.severity,
        "kind": rule.kind,
        "measure": rule.measure,
        "above": rule.above,
        "below": rule.below,
        "polarity": finding.polarity,
        "topic": finding.topic,
        "split": rule.split,
        "group": finding.group,
        "first": finding.first.isoformat(),
        "last": finding.last.isoformat(),
        "observed": finding.observed,
        "expected": finding.expected,
        "value": finding.value,
        "low": finding.low,
        "high": finding.high,
        "p": finding.p,
        "q": finding.q,
        "query": finding.query,
    }
