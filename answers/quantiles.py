"""Quantiles of values that are counted: response times in minutes, stated waits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate

from answers.estimates import MINIMUM, NOT_ENOUGH, Estimate
from answers.intervals import CONFIDENCE


def quantile(counts: Iterable[tuple[float, int]], part: float, minimum: int = MINIMUM) -> Estimate:
    """Return the value below which `part` of the values lie, with its interval.

    Exact, from every value: definition 2 of Hyndman, R. J. and Fan, Y. (1996), Sample
    quantiles in statistical packages, The American Statistician 50, 361–365, which for a
    part of 0.5 is the median of textbooks. The interval needs no shape of the distribution:
    its bounds are two of the values, by binomial ranks; Hahn, G. J. and Meeker, W. Q. (1991),
    Statistical Intervals, section 5.2. A bound that so few values do not give is None: of
    the median it takes 6 values, of the 90th percentile 36.

    Args:
        counts: (value, how often), ascending by value.
        part: between 0 and 1.
        minimum: with fewer values there is not enough data.
    """
    from scipy.special import bdtr, bdtrik

    listed = list(counts)
    reached = list(accumulate(times for _, times in listed))
    number = reached[-1] if reached else 0
    if number < max(minimum, 1):
        return NOT_ENOUGH

    def ranked(rank: int) -> float:
        """Return the value of a rank, from 1."""
        place = next(place for place, below in enumerate(reached) if below >= rank)
        return float(listed[place][0])

    # A part such as 0.9 is not exact in binary; a millionth of a rank is.
    exact = round(part * number, 6)
    rank = math.ceil(exact)
    value = ranked(rank) if rank != exact else (ranked(rank) + ranked(min(rank + 1, number))) / 2
    tail = (1 - CONFIDENCE) / 2
    low = high = None
    if bdtr(0, number, part) <= tail:
        low = ranked(math.floor(bdtrik(tail, number, part)) + 1)
    if bdtr(number - 1, number, part) >= 1 - tail:
        high = ranked(math.ceil(bdtrik(1 - tail, number, part)) + 1)
    return Estimate(value, low, high)
