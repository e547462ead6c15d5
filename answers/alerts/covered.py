"""Which days the rules must not judge: nothing was collected, or much waits to be tagged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final, Literal

from answers.alerts.counts import Question
from answers.alerts.evaluation import UnknownDays
from answers.collected import Scope
from answers.coverage import Coverage, coverage
from index.base import MentionStore
from project import Project

# With more waiting for the tagger than this, a count is too low to be compared.
MOST_PENDING: Final = 0.1

Missing = Mapping[tuple[str | None, date], str]


def unknown_days(store: MentionStore, project: Project) -> UnknownDays:
    """Return what tells the days that are not known, by the store's runs."""

    @cache
    def missing(
        query: str, split: Literal["source", "brand"] | None, first: date, last: date
    ) -> Missing:
        covered = coverage(
            store, project, period="day", split=split, query=query, begin=first, end=last
        )
        reasons = ((key, _reason(one)) for key, one in covered.items())
        return {key: reason for key, reason in reasons if reason is not None}

    def ask(question: Question, first: date, last: date) -> Missing:
        split = question.split
        # Many queries are about the same sources and brands, and these alone are collected.
        by: Literal["source", "brand"] | None = None
        if split == "source" or split == "brand":  # noqa: PLR1714 - mypy follows only this form
            by = split
        return missing(Scope.of(question.query).query, by, first, last)

    return ask


def _reason(one: Coverage) -> str | None:
    if not one.known:
        return one.reason or "it was not collected"
    if one.pending is not None and one.pending > MOST_PENDING:
        return f"{one.pending:.0%} of its mentions wait for 'molva tag'"
    return None
