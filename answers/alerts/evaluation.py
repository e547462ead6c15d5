"""Trying all rules on one day: what is counted once, what each rule finds, where it is silent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

import numpy as np

from answers.alerts.baseline import Bools
from answers.alerts.counts import Days, Question, count_days, topics_of
from answers.alerts.findings import Finding, Gap
from answers.alerts.spikes import HISTORY, MINIMUM_HISTORY, Candidate, find_spikes
from answers.alerts.thresholds import try_threshold
from index.alert_log import AlertLog
from index.base import AlertEvent, MentionIndex
from index.garbage import no_search_for_cycles
from project import Project
from project.alerts import AlertRule, AlertSplit

# (question, first day, last day) -> (group, day) -> why that day is not known.
UnknownDays: TypeAlias = Callable[[Question, date, date], Mapping[tuple[str | None, date], str]]

# Collectors bring sources and brands; a branch or a product is covered when everything is.
COLLECTED_BY: Final = ("brand", "source")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What trying the rules on one day gave.

    Attributes:
        on: the day.
        findings: one for each rule, topic and group that could be judged.
        gaps: what could not be judged, and why.
    """

    on: date
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


def rules_of(project: Project) -> tuple[AlertRule, ...]:
    """Return the rules of a project; those that are built in when it has none.

    These look for spikes of complaints and of compliments, in every topic of each of the
    project's own brands; of all brands where none is marked as own, and of everything
    where there are no brands.
    """
    if project.alerts:
        return project.alerts
    own = [brand.name for brand in project.brands if brand.own]
    groups = frozenset(own or [brand.name for brand in project.brands]) or None
    split: AlertSplit | None = "brand" if groups else None
    return (
        AlertRule("Complaints", polarity="negative", split=split, groups=groups),
        AlertRule("Compliments", polarity="positive", split=split, groups=groups, severity="info"),
    )


def latest_events(log: AlertLog, project: Project) -> dict[str, AlertEvent]:
    """Return the newest event of each series of the rules that there are now."""
    names = {rule.name for rule in rules_of(project)}
    return {
        series: event for series, event in log.latest().items() if event.record.get("rule") in names
    }


def evaluate(
    index: MentionIndex, rules: Sequence[AlertRule], on: date, unknown_days: UnknownDays
) -> Evaluation:
    """Try the rules on the days up to `on`, which is the last day of every window.

    Raises:
        QueryError: a rule's query cannot be understood.
        StoreError: the index cannot be used.
    """
    asking: dict[Question, list[AlertRule]] = defaultdict(list)
    for rule in rules:
        asking[Question.of(rule)].append(rule)
    first = {question: on - timedelta(days=_length(same) - 1) for question, same in asking.items()}
    with no_search_for_cycles():
        counted = {
            question: count_days(index, question, topics_of(asking[question]), begin, on)
            for question, begin in first.items()
        }
        unknown = {question: unknown_days(question, begin, on) for question, begin in first.items()}
    silent: Counter[tuple[str, str | None, str]] = Counter()
    candidates: list[Candidate] = []
    findings: list[Finding] = []
    for rule in rules:
        days, missing = counted[Question.of(rule)], unknown[Question.of(rule)]
        reasons = {
            group: _reasons(days, group if rule.split in COLLECTED_BY else None, missing)
            for group in days.groups(rule)
        }
        known = {
            group: np.array([reason is None for reason in every])
            for group, every in reasons.items()
        }
        silence = {
            group: _why_silent(rule, days.started.get(group, days.length), known[group], every[-1])
            for group, every in reasons.items()
        }
        for series in days.of(rule):
            if reason := silence[series.group]:
                silent[rule.name, series.group, reason] += 1
            elif rule.kind == "spike":
                since = days.started.get(series.group, days.length)
                history = known[series.group] & (np.arange(days.length) >= since)
                candidates.append(Candidate(rule, series, history))
            elif finding := try_threshold(rule, series, on):
                findings.append(finding)
            else:
                few = f"fewer than {max(rule.minimum, 1)} mentions to judge by"
                silent[rule.name, series.group, few] += 1
    findings += find_spikes(candidates, on)
    gaps = (Gap(*key, number) for key, number in silent.items())
    return Evaluation(on, tuple(findings), tuple(gaps))


def _length(rules: Sequence[AlertRule]) -> int:
    """Return how many days have to be counted for rules with the same question.

    Thresholds too need the days before: of a topic or branch that has fallen silent, only
    these tell that there is one.
    """
    return HISTORY + max(rule.window for rule in rules)


def _reasons(
    days: Days, group: str | None, unknown: Mapping[tuple[str | None, date], str]
) -> list[str | None]:
    """Return for each day why it is not known; None where it is."""
    every = (days.first + timedelta(days=column) for column in range(days.length))
    return [unknown.get((group, day)) for day in every]


def _why_silent(rule: AlertRule, started: int, known: Bools, last: str | None) -> str | None:
    """Return why a rule can say nothing about a group; None when it can."""
    if last is not None:
        return f"the last day is not known: {last}"
    if rule.kind == "threshold":
        return None if known[-rule.window :].all() else "a day of the window is not known"
    begin = max(started, len(known) - HISTORY - rule.window)
    before = int(known[begin : -rule.window].sum())
    if before >= MINIMUM_HISTORY:
        return None
    return f"{before} known days come before the window, {MINIMUM_HISTORY} are needed"
