"""Rules that compare a number of the last days with one that the user gave."""

from __future__ import annotations

from datetime import date, timedelta

from answers.alerts.counts import ALL, MIXED, NEGATIVE, POSITIVE, Series
from answers.alerts.findings import Finding
from answers.intervals import net_share, poisson, wilson
from project.alerts import AlertRule, Opinion


def try_threshold(rule: AlertRule, series: Series, on: date) -> Finding | None:
    """Return what the days up to `on` say; None when they are too few mentions to say anything.

    The measures are those of docs/trends.md, their intervals those of `answers.intervals`.
    """
    sums = series.values[:, -rule.window :].sum(axis=1)
    positive, negative, mixed, every = (int(sums[row]) for row in (POSITIVE, NEGATIVE, MIXED, ALL))
    opinions = positive + negative + mixed
    counted = int(series.counted(rule.polarity)[-rule.window :].sum())
    base = {"count": counted, "share_negative": every, "net_sentiment": opinions}[rule.measure]
    if rule.measure == "count":
        value = float(counted)
    elif base == 0 or base < rule.minimum:
        return None
    else:
        value = (negative if rule.measure == "share_negative" else positive - negative) / base
    is_beyond = _is_beyond(rule, value)
    low = high = None
    if is_beyond:
        low, high = {
            "count": lambda: poisson(counted),
            "share_negative": lambda: wilson(negative, base),
            "net_sentiment": lambda: net_share(positive, negative, base),
        }[rule.measure]()
    return Finding(
        rule=rule,
        topic=series.topic,
        group=series.group,
        first=on - timedelta(days=rule.window - 1),
        last=on,
        polarity=_evidence(rule),
        observed=base,
        expected=None,
        value=value,
        low=low,
        high=high,
        p=None,
        q=None,
        # Few mentions are no reason to keep silent about few mentions.
        holds=is_beyond and (base >= rule.minimum or rule.below is not None),
        is_usual=not is_beyond,
    )


def _is_beyond(rule: AlertRule, value: float) -> bool:
    if rule.above is not None:
        return value > rule.above
    return rule.below is not None and value < rule.below


def _evidence(rule: AlertRule) -> Opinion:
    """Return the polarity of the mentions that have moved the measure."""
    if rule.measure == "count":
        return rule.polarity
    is_bad = (rule.measure == "share_negative") == (rule.above is not None)
    return "negative" if is_bad else "positive"
