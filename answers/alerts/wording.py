"""Alerts in words: what changed, by how much, how sure. Plain text, not yet safe to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from answers.alerts.states import CLEARED, ESCALATED
from index.base import AlertEvent

_COUNTED: Final = {
    "negative": ("complaints about {}", "negative mentions"),
    "positive": ("compliments on {}", "positive mentions"),
    "any": ("mentions of {}", "mentions"),
}
_MEASURES: Final = {"share_negative": "share negative", "net_sentiment": "net sentiment"}
# q below which it is called so, and how it is called otherwise.
_SURE: Final = ((0.0001, "almost certain"), (0.001, "very sure"))
_LEAST_SURE: Final = "sure"
_DAYS_A_YEAR: Final = 365.25


def headline(event: AlertEvent) -> str:
    """Return one line: what changed, and where."""
    record = event.record
    group = f": {record['group']}" if record["group"] else ""
    if event.kind == CLEARED:
        return f"Back to usual: {_subject(record)}{group}"
    worse = "Getting stronger: " if event.kind == ESCALATED else ""
    if record["kind"] == "spike":
        return f"{worse}More {_subject(record)} than usual{group}"
    return f"{worse}{record['rule']}: {_subject(record)} {_limit(record)}{group}"


def sentences(event: AlertEvent) -> tuple[str, ...]:
    """Return by how much it changed and how sure that is, a sentence each."""
    record = event.record
    days = record["last"]
    if record["first"] != record["last"]:
        days = f"{record['first']} to {record['last']}"
    since = f" The alert was on since {event.since}." if event.kind == CLEARED else ""
    if record["kind"] == "spike":
        amount = (
            f"{record['observed']} {_subject(record)} ({days}), "
            f"{_number(record['expected'])} are usual: {_number(record['value'])} times as many"
        )
        amount += f" (95 % interval {_number(record['low'])} to {_number(record['high'])})."
        return (amount + since,) if event.kind == CLEARED else (amount, how_sure(record))
    interval = ""
    if record["low"] is not None:
        low, high = (_value(record, record[bound]) for bound in ("low", "high"))
        interval = f" (95 % interval {low} to {high})"
    base = "" if record["measure"] == "count" else f" of {record['observed']} mentions"
    value = _value(record, record["value"])
    state = "no longer " if event.kind == CLEARED else ""
    return (
        f"{_subject(record)} ({days}): {value}{base}{interval}, {state}{_limit(record)}.{since}",
    )


def how_sure(record: Mapping[str, Any]) -> str:
    """Return what p and q of a spike mean."""
    p, q = record["p"], record["q"]
    word = next((word for bound, word in _SURE if q <= bound), _LEAST_SURE)
    return (
        f"{word.capitalize()}: chance makes so many {_rarely(p)} here (p = {p:.2g}); among all "
        f"that was tested together, at most {_share(q)} of alerts like this are false "
        f"(q = {q:.2g})."
    )


def _rarely(p: float) -> str:
    """Return how often a day of such a probability comes."""
    years = 1 / (max(p, 1e-12) * _DAYS_A_YEAR)
    if years > 1000:
        return "less than once in 1,000 years"
    if years >= 2:
        return f"about once in {years:.0f} years"
    return f"about once in {years * _DAYS_A_YEAR:.0f} days"


def _share(q: float) -> str:
    return f"{q:.0%}" if q >= 0.01 else f"{max(q * 10_000, 1):.0f} in 10,000"


def _subject(record: Mapping[str, Any]) -> str:
    topic = record["topic"]
    if record["measure"] != "count":
        return _MEASURES[record["measure"]] + (f" of {topic}" if topic else "")
    about, overall = _COUNTED[record["polarity"]]
    return about.format(topic) if topic else overall


def _limit(record: Mapping[str, Any]) -> str:
    side = "above" if record["above"] is not None else "below"
    return f"{side} {_value(record, record[side])}"


def _value(record: Mapping[str, Any], value: float) -> str:
    if record["measure"] == "share_negative":
        return f"{value:.0%}"
    return f"{value:+.2f}" if record["measure"] == "net_sentiment" else _number(value)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"
