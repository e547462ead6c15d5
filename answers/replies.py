"""How well a company answers: what share, how soon. Definitions: docs/metrics.md.

A reply shows only when Molva looks at a mention again. So each share counts the mentions that
were looked at late enough, whether they had a reply or not: what is still open is not late.
"""

from __future__ import annotations

from answers.estimates import MINIMUM, NOT_ENOUGH, Estimate, share
from answers.intervals import wilson
from answers.quantiles import quantile
from index.service_counts import ReplyPoint


def reply_rate(point: ReplyPoint, minimum: int = MINIMUM) -> Estimate:
    """Return the share of the settled mentions that has a reply, 0–1, with Wilson's interval."""
    return share(point.settled_replied, point.settled, minimum)


def within_a_day(point: ReplyPoint, minimum: int = MINIMUM) -> Estimate:
    """Return the share that was replied to in less than 24 hours, 0–1: at least so many.

    Replies of unknown speed may have come in time or not. The interval has room for both:
    it begins with Wilson's bound as if none had, and ends with the one as if all had, the
    worst-case bounds of Manski, C. F. (1989), Anatomy of the selection problem, Journal of
    Human Resources 24, 343–360. Where no reply has a known speed there is no share.
    """
    base = point.day_seen
    if base < max(minimum, 1) or (point.day_untimed and not point.timed):
        return NOT_ENOUGH
    possible = point.day_replied + point.day_untimed
    low, high = wilson(point.day_replied, base)[0], wilson(possible, base)[1]
    return Estimate(point.day_replied / base, low, high)


def first_response(point: ReplyPoint, part: float, minimum: int = MINIMUM) -> Estimate:
    """Return a quantile of the minutes from a mention to its reply, of replies of known speed.

    Mentions without a reply have no part in it, so for a bucket that is not settled it is
    that of the fast replies: read it beside the reply rate.
    """
    return quantile(point.delays, part, minimum)
