"""How sure a number is: intervals of counts, of shares, and of the ratio of two rates.

All are two-sided. `confidence` lies between 0 and 1: it is the part of all samples whose
interval holds the true value. Bounds are plain floats in the unit of what they bound.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
# Halvings of an interval of length 2 until its ends are as close as a float can tell.
_HALVINGS: Final = 52
# Steps that are tried before, and how close two of them are when the bound is found.
_STEPS: Final = 20
_CLOSE: Final = 1e-14
# Intervals that are remembered: a trend has the same small counts again and again.
_KEPT: Final = 1 << 16

Interval = tuple[float, float]


def wilson(hits: int, total: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the score interval of the share `hits` / `total`, within 0–1.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
    inference, Journal of the American Statistical Association 22, 209–212; without
    continuity correction, as method 3 of Newcombe, R. G. (1998), Two-sided confidence
    intervals for the single proportion, Statistics in Medicine 17, 857–872.

    Raises:
        ValueError: not 0 ≤ hits ≤ total, total is 0, or a confidence there is not.
    """
    _check_share(hits, total)
    z = _normal_quantile(confidence)
    center = hits + z * z / 2
    reach = z * math.sqrt(hits * (total - hits) / total + z * z / 4)
    # At the ends the bound is 0 or 1 itself, which rounding would miss by a little.
    lower = 0.0 if hits == 0 else (center - reach) / (total + z * z)
    upper = 1.0 if hits == total else (center + reach) / (total + z * z)
    return lower, upper


@lru_cache(_KEPT)
def poisson(count: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the exact interval of the expected count of which `count` was seen.

    Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28,
    437–442, by the quantiles of the gamma distribution.

    Raises:
        ValueError: the count is negative, or a confidence there is not.
    """
    from scipy.special import gammaincinv

    _check_count(count)
    tail = _tail(confidence)
    lower = float(gammaincinv(count, tail)) if count else 0.0
    return lower, float(gammaincinv(count + 1, 1 - tail))


@lru_cache(_KEPT)
def net_share(positive: int, negative: int, total: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval of (`positive` − `negative`) / `total`, within −1–1.

    The two shares are of the same `total` and exclude each other, as the discordant pairs
    of a matched sample do: the score interval of Tango, T. (1998), Equivalence test and
    confidence interval for the difference in proportions for the paired-sample design,
    Statistics in Medicine 17, 891–908.

    Raises:
        ValueError: a count is negative, the two are more than the total, the total is 0,
            or a confidence there is not.
    """
    _check_count(positive)
    _check_count(negative)
    _check_share(positive + negative, total)
    z = _normal_quantile(confidence)
    # The lower bound is the upper one of the mirrored question.
    return -_highest_net(negative, positive, total, z), _highest_net(positive, negative, total, z)


def _highest_net(positive: int, negative: int, total: int, z: float) -> float:
    """Return the greatest difference that lies at most `z` standard errors above what was seen."""
    seen = (positive - negative) / total

    def highest(difference: float) -> float:
        """Return what lies `z` standard errors, as they are under a difference, above `seen`."""
        # Tango's equations 5 and 6: the share of negatives that is the most likely one
        # under this difference, as the root of a quadratic.
        linear = -positive - negative + (2 * total - positive + negative) * difference
        rest = negative * difference * (1 - difference)
        # Where all are negative this is a square, which rounding can take below 0.
        root = math.sqrt(max(0.0, linear * linear + 8 * total * rest))
        share = (root - linear) / (4 * total)
        variance = max(0.0, 2 * share + difference * (1 - difference)) / total
        return seen + z * math.sqrt(variance)

    if highest(1.0) >= 1.0:
        return 1.0
    # The bound is where the two are the same. Where the standard error hardly depends on the
    # difference, as of more than a handful, a few steps from one to the other lead there.
    here = 1.0
    for _ in range(_STEPS):
        before, here = here, highest(here)
        if abs(here - before) < _CLOSE and here > seen:
            return here
    low, high = seen, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if highest(middle) >= middle else (low, middle)
    return low


def rate_ratio(
    before: tuple[int, float], after: tuple[int, float], confidence: float = CONFIDENCE
) -> Interval:
    """Return the exact interval of the rate `after` divided by the rate `before`.

    Given both counts together, the second is binomial: Przyborowski, J. and Wilenski, H.
    (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31,
    313–323, with the limits of Clopper, C. J. and Pearson, E. S. (1934), Biometrika 26,
    404–413. The upper bound is `math.inf` when nothing was counted before; with nothing
    counted at all, anything is possible: 0 to `math.inf`.

    Args:
        before: count of the first sample and its length, such as days, above 0.
        after: count and length of the second, in the same unit.
        confidence: see the module.

    Raises:
        ValueError: a count is negative, a length is not above 0, or a confidence there is not.
    """
    from scipy.special import betaincinv

    tail = _tail(confidence)
    (old, old_length), (new, new_length) = before, after
    _check_count(old)
    _check_count(new)
    if not (old_length > 0 and new_length > 0):
        raise ValueError(f"a rate needs a length above 0, not {old_length} and {new_length}")
    scale = old_length / new_length
    lower, upper = 0.0, math.inf
    if new:
        part = float(betaincinv(new, old + 1, tail))
        lower = part / (1 - part) * scale
    if old:
        part = float(betaincinv(new + 1, old, 1 - tail))
        upper = part / (1 - part) * scale
    return lower, upper


def _tail(confidence: float) -> float:
    """Return the probability left out at each end."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    return (1 - confidence) / 2


def _normal_quantile(confidence: float) -> float:
    return NormalDist().inv_cdf(1 - _tail(confidence))


def _check_count(count: int) -> None:
    if count < 0:
        raise ValueError(f"a count is not negative: {count}")


def _check_share(hits: int, total: int) -> None:
    if not (0 <= hits <= total and total > 0):
        raise ValueError(f"no share is {hits} of {total}")
