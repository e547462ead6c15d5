"""What surveys make of their scores: NPS, CSAT and CES, each with a 95 % interval.

`scores` are (score, answers), as `index.service_counts.ValuePoint.counts`. Below `minimum`
answers there is not enough data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from answers.estimates import MINIMUM, Estimate, mean, net_sentiment, share

_PROMOTERS: Final = 9  # and above
_DETRACTORS: Final = 6  # and below
_SATISFIED: Final = 4  # and above

Scores = Iterable[tuple[float, int]]


def nps(scores: Scores, minimum: int = MINIMUM) -> Estimate:
    """Return the Net Promoter Score, −100 to 100: % of 9–10 minus % of 0–6.

    Reichheld, F. F. (2003), The one number you need to grow, Harvard Business Review 81(12),
    46–54. It is a difference of two shares of one sample, which exclude each other, so its
    interval is Tango's (`answers.intervals.net_share`). Rocks, B. (2016), Interval estimation
    for the "Net Promoter Score", The American Statistician 70, 365–372, compares intervals
    and finds the score interval among the best, and Wald's, from the standard error of the
    trinomial, not.
    """
    promoters = passives = detractors = 0
    for score, answers in scores:
        if score >= _PROMOTERS:
            promoters += answers
        elif score <= _DETRACTORS:
            detractors += answers
        else:
            passives += answers
    balance = net_sentiment(promoters, detractors, passives, minimum)
    return points(balance)


def csat(scores: Scores, minimum: int = MINIMUM) -> Estimate:
    """Return the share of satisfied customers, 0–1: those who gave 4 or 5 of 5.

    Known as the top-two-box score: Morgan, N. A. and Rego, L. L. (2006), The value of
    different customer satisfaction and loyalty metrics in predicting business performance,
    Marketing Science 25, 426–439. With Wilson's interval.
    """
    listed = list(scores)
    satisfied = sum(answers for score, answers in listed if score >= _SATISFIED)
    return share(satisfied, sum(answers for _, answers in listed), minimum)


def ces(scores: Scores, minimum: int = MINIMUM) -> Estimate:
    """Return the Customer Effort Score, 1–7: the mean, 7 is easiest.

    The question in the form of seven steps, "the company made it easy for me to handle my
    issue": Dixon, M., Toman, N. and DeLisi, R. (2013), The Effortless Experience, Portfolio,
    chapter 6. The mean, not the share of the upper boxes. With Student's interval.
    """
    return mean(dict(scores), minimum)


def points(balance: Estimate) -> Estimate:
    """Return a balance of −1 to 1 as −100 to 100."""
    parts = (balance.value, balance.low, balance.high)
    return Estimate(*(None if one is None else 100 * one for one in parts))
