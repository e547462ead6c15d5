"""Numbers with their intervals, and what sets two of them apart.

An estimate without a value says that there are too few mentions to tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from answers.intervals import CONFIDENCE, net_share, wilson

# Below so many mentions a share says nothing: of 10, the interval of 50 % is 24–76 %.
MINIMUM: Final = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval; all three are None where there is not enough data."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def as_row(self, name: str) -> dict[str, float | None]:
        """Return it as columns: `name`, `name_low`, `name_high`, to four digits."""
        return {
            name: rounded(self.value),
            f"{name}_low": rounded(self.low),
            f"{name}_high": rounded(self.high),
        }


NOT_ENOUGH: Final = Estimate()


def rounded(value: float | None) -> float | None:
    """Return a number as rows have it, to four digits."""
    return None if value is None else round(value, 4)


def share(hits: int, total: int, minimum: int = MINIMUM) -> Estimate:
    """Return `hits` / `total` with Wilson's interval, 0–1; not enough below `minimum` in total."""
    if total < max(minimum, 1):
        return NOT_ENOUGH
    return Estimate(hits / total, *wilson(hits, total))


def net_sentiment(positive: int, negative: int, mixed: int, minimum: int = MINIMUM) -> Estimate:
    """Return (positive − negative) / all with an opinion, with Tango's interval, −1–1.

    Not enough where fewer than `minimum` have an opinion. A mixed mention is an opinion
    that pulls neither way.
    """
    opinions = positive + negative + mixed
    if opinions < max(minimum, 1):
        return NOT_ENOUGH
    return Estimate((positive - negative) / opinions, *net_share(positive, negative, opinions))


def mean(counts: Mapping[float, int], minimum: int = MINIMUM) -> Estimate:
    """Return the mean of values, given how often each occurs, with Student's interval.

    Student (1908), The probable error of a mean, Biometrika 6, 1–25. Not enough below `minimum`
    values.
    """
    from scipy.special import stdtrit

    number = sum(counts.values())
    if number < max(minimum, 2):  # one value says nothing of its spread
        return NOT_ENOUGH
    middle = sum(value * times for value, times in counts.items()) / number
    squares = sum(times * (value - middle) ** 2 for value, times in counts.items())
    quantile = float(stdtrit(number - 1, (1 + CONFIDENCE) / 2))
    reach = quantile * math.sqrt(squares / (number - 1) / number)
    return Estimate(middle, middle - reach, middle + reach)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Return `one` − `other` of two samples that share nothing; not enough where either is.

    The interval puts the distances of the four bounds together by their squares: Zou, G. Y.
    and Donner, A. (2008), Construction of confidence limits about effect measures: a general
    approach, Statistics in Medicine 27, 1693–1702. For shares with Wilson's intervals this is
    method 10 of Newcombe, R. G. (1998), Interval estimation for the difference between
    independent proportions, Statistics in Medicine 17, 873–890.
    """
    if one.value is None or one.low is None or one.high is None:
        return NOT_ENOUGH
    if other.value is None or other.low is None or other.high is None:
        return NOT_ENOUGH
    apart = one.value - other.value
    return Estimate(
        apart,
        apart - math.hypot(one.value - one.low, other.high - other.value),
        apart + math.hypot(one.high - one.value, other.value - other.low),
    )
