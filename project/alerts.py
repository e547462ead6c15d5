"""Alert rules of a project file: what is watched, and what about it calls for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any, Final, Literal, get_args

from project.checks import ProjectError, refuse_unknown, text

RuleKind = Literal["spike", "threshold"]
Opinion = Literal["negative", "positive", "any"]
Measure = Literal["count", "share_negative", "net_sentiment"]
Severity = Literal["info", "warning", "critical"]
AlertSplit = Literal["brand", "source", "location", "product"]

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

_SETTINGS: Final = (
    "name",
    "query",
    "kind",
    "polarity",
    "topics",
    "split",
    "window",
    "minimum",
    "cooldown",
    "severity",
    "measure",
    "above",
    "below",
)
_ONLY_THRESHOLD: Final = ("measure", "above", "below")
# A baseline is half a year; a window of more than a month leaves it little to compare.
_BOUNDS: Final[Mapping[Measure, tuple[float, float]]] = {
    "count": (0, inf),
    "share_negative": (0, 1),
    "net_sentiment": (-1, 1),
}
_LONGEST_WINDOW: Final = 31
_LONGEST_COOLDOWN: Final = 366
_LARGEST_MINIMUM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One entry of `[[alerts]]`.

    Attributes:
        name: what it is called in messages; no two rules have the same.
        query: narrows what is counted; '' counts everything.
        kind: `spike` compares with what is usual, `threshold` with a number.
        polarity: which mentions are counted: complaints, compliments or any.
        topics: codes, a test for each; None for every topic that occurs; () for mentions
            as a whole.
        split: a test for each value of it; None for one test.
        groups: the only values of `split` that are tested; None for all.
        window: days that are looked at together.
        minimum: mentions below which nothing is told.
        cooldown: days after it fired in which the same does not fire again.
        severity: passed on; outputs may leave out the lower ones.
        measure: what a threshold is compared with.
        above, below: the threshold; exactly one is given for `threshold`.
    """

    name: str
    query: str = ""
    kind: RuleKind = "spike"
    polarity: Opinion = "negative"
    topics: tuple[str, ...] | None = None
    split: AlertSplit | None = None
    groups: frozenset[str] | None = None
    window: int = 3
    minimum: int = 5
    cooldown: int = 7
    severity: Severity = "warning"
    measure: Measure = "count"
    above: float | None = None
    below: float | None = None


def read_alerts(
    data: Mapping[str, Any], own_topics: Collection[str], file: Path
) -> tuple[AlertRule, ...]:
    """Return the alert rules of a project file.

    Args:
        data: the project file.
        own_topics: codes that rules may name beside the built-in ones.
        file: for messages.

    Raises:
        ProjectError: one is not as it should be.
    """
    entries = data.get("alerts", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProjectError(f"{file}: each alert rule begins with a line [[alerts]]")
    rules: dict[str, AlertRule] = {}
    for number, entry in enumerate(entries, start=1):
        rule = _rule(entry, number, own_topics, file)
        if rule.name in rules:
            raise ProjectError(f"{file}: the alert rule '{rule.name}' is there twice; rename one")
        rules[rule.name] = rule
    return tuple(rules.values())


def _rule(
    entry: Mapping[str, Any], number: int, own_topics: Collection[str], file: Path
) -> AlertRule:
    refuse_unknown(entry, _SETTINGS, file, f"setting of alert rule {number}:")
    name = " ".join((text(entry, "name", file) or "").split())
    if not name:
        raise ProjectError(
            f'{file}: alert rule {number} needs a name, such as name = "Delivery complaints"'
        )
    where = f"{file}: alert rule '{name}'"
    codes = _known_topics(own_topics)
    kind = _choice(entry, "kind", get_args(RuleKind), "spike", where)
    measure = _choice(entry, "measure", get_args(Measure), "count", where)
    above, below = (_limit(entry, setting, measure, where) for setting in ("above", "below"))
    _check_threshold(entry, kind, measure, where)
    return AlertRule(
        name=name,
        query=_query(entry, codes, where, file),
        kind=kind,
        polarity=_choice(entry, "polarity", get_args(Opinion), "negative", where),
        topics=_topics(entry, codes, where, file),
        split=_split(entry, where),
        window=_whole(entry, "window", 3, (1, _LONGEST_WINDOW), where),
        minimum=_whole(entry, "minimum", 5, (0, _LARGEST_MINIMUM), where),
        cooldown=_whole(entry, "cooldown", 7, (0, _LONGEST_COOLDOWN), where),
        severity=_choice(entry, "severity", SEVERITIES, "warning", where),
        measure=measure,
        above=above,
        below=below,
    )


def _known_topics(own_topics: Collection[str]) -> tuple[str, ...]:
    from nlp.taxonomy import codes

    return (*codes(), *own_topics)


def _query(entry: Mapping[str, Any], codes: Collection[str], where: str, file: Path) -> str:
    from index.base import QueryError
    from index.query import parse

    query = text(entry, "query", file) or ""
    try:
        parse(query, codes)
    except QueryError as error:
        raise ProjectError(f"{where}: {error}") from error
    return query


def _topics(
    entry: Mapping[str, Any], codes: Collection[str], where: str, file: Path
) -> tuple[str, ...] | None:
    value = entry.get("topics", "all")
    if value == "all":
        return None
    if value == "overall":
        return ()
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ProjectError(
            f'{where}: topics is "all", "overall" for mentions as a whole, '
            'or a list such as ["delivery", "speed"]'
        )
    refuse_unknown(value, codes, file, f"topic for '{entry['name']}':")
    return tuple(dict.fromkeys(value))


def _split(entry: Mapping[str, Any], where: str) -> AlertSplit | None:
    if "split" not in entry:
        return None
    split: AlertSplit = _choice(entry, "split", get_args(AlertSplit), None, where)
    return split


def _check_threshold(
    entry: Mapping[str, Any], kind: RuleKind, measure: Measure, where: str
) -> None:
    if kind == "spike":
        if wrong := [setting for setting in _ONLY_THRESHOLD if setting in entry]:
            raise ProjectError(
                f'{where}: {wrong[0]} belongs to a threshold; add kind = "threshold", or remove it'
            )
    elif ("above" in entry) == ("below" in entry):
        raise ProjectError(f"{where}: a threshold needs above or below, one of the two")
    if measure != "count" and "polarity" in entry:
        raise ProjectError(
            f"{where}: {measure} takes all polarities together; remove polarity, "
            'or write measure = "count"'
        )


def _choice(
    entry: Mapping[str, Any], setting: str, choices: tuple[str, ...], default: Any, where: str
) -> Any:
    value = entry.get(setting, default)
    if value not in choices:
        raise ProjectError(f"{where}: {setting} is one of {', '.join(choices)}")
    return value


def _whole(
    entry: Mapping[str, Any], setting: str, default: int, bounds: tuple[int, int], where: str
) -> int:
    value = entry.get(setting, default)
    least, most = bounds
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ProjectError(f"{where}: {setting} is a whole number from {least} to {most}")
    return value


def _limit(entry: Mapping[str, Any], setting: str, measure: Measure, where: str) -> float | None:
    value = entry.get(setting)
    if value is None:
        return None
    least, most = _BOUNDS[measure]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # A number that is none (nan) is not between any two.
    if not is_number or not least <= value <= most:
        bounds = f"from {least:g} to {most:g}" if isfinite(most) else "not below 0"
        raise ProjectError(
            f"{where}: {setting} of {measure} is a number {bounds}, such as {setting} = "
            f"{'20' if measure == 'count' else '0.4'}"
        )
    return float(value)
