"""What counts are usual on a day: a regression on the days before it, for many series at once.

The model is that of Farrington's flexible method for surveillance (A. Noufaily, D. G. Enki,
P. Farrington, P. Garthwaite, N. Andrews, A. Charlett, An improved algorithm for outbreak
detection in multiple surveillance systems, Statistics in Medicine 32, 2013, 1206–1222), kept
to days instead of weeks: a quasi-Poisson regression of the count on time and on the day of
the week, log μ = α + β·time + γ(weekday), Var y = φ·μ with φ ≥ 1. As there, days that stand
out are weighted down, so that an outbreak of last month does not pass for usual.

Four things differ. The effects of weekdays and time are shrunk towards none (a normal prior,
that is a ridge penalty), so that a series of three mentions a week needs no special case.
Days are weighted down by how rare their count is under a negative binomial, not by its
Anscombe residual, which takes the usual skewness of small counts for outliers and so makes
the dispersion too small; how widely counts scatter without an outbreak is taken from the
middle one of several spans of four weeks. A dispersion that was measured smaller than that
of most series is drawn towards theirs, because sparse series measure it badly; one that is
larger stays. And the dispersion of a window of several days is measured on such windows
where that is larger: what people write today is like what they wrote yesterday, and a trend
need not be straight.

All series are fitted together by iteratively reweighted least squares (P. McCullagh and
J. A. Nelder, Generalized Linear Models, 1989, chapter 2) in a few array operations; a
thousand series of half a year take about a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

# Standard deviations of the priors, in units of the logarithm: of a weekday against the
# others, and of the change from the first to the last day of the history.
WEEKDAY_SPREAD: Final = 0.5
TREND_SPREAD: Final = 1.0
# Noufaily et al. weight down Anscombe residuals above this; here it picks what is looked at.
OUTLIER: Final = 2.58
# Normal quantile of a count that comes once in a thousand days: rarer ones are weighted down.
RARE: Final = 3.09
# Days of the spans that are compared to see how widely counts scatter without an outbreak.
SPAN: Final = 28
# As many days as the dispersion of the other series counts for.
SHARED_DAYS: Final = 100

_REWEIGHTINGS: Final = 2
_ROUNDS: Final = 25
_PRECISE: Final = 1e-6
_LARGEST: Final = 20.0  # of a logarithm, to keep a first step from overflowing


@dataclass(frozen=True, slots=True)
class Expectation:
    """What was to be expected of each series in a window of days.

    Attributes:
        mean: expected count (series).
        variance: of the count about it, with the uncertainty of the mean (series).
        mean_variance: of the mean alone (series).
        dispersion: φ, the variance of the count divided by its mean (series).
    """

    mean: Floats
    variance: Floats
    mean_variance: Floats
    dispersion: Floats


class Baseline:
    """Regressions of many series on the same days.

    Args:
        counts: mentions (series × days), consecutive days, oldest first.
        known: which of them are known (series × days); the others are left out.
        first_weekday: of the first day, 0 for Monday.
    """

    def __init__(self, counts: Floats, known: Bools, first_weekday: int) -> None:
        self._counts = counts
        self._first_weekday = first_weekday
        self._length = counts.shape[1]
        self._design = self._rows(0, self._length)
        self._squares = np.einsum("dp,dq->dpq", self._design, self._design)
        weights = known.astype(np.float64)
        self._coefficients = self._level(weights)
        self._fit(weights)
        for _ in range(_REWEIGHTINGS):
            self._weights = self._outlier_weights(weights)
            self._fit(self._weights)
        self._share_dispersion()
        self._covariance = np.linalg.inv(self._information)

    def _rows(self, begin: int, end: int) -> Floats:
        """Return the design of days: 1, time in lengths of the history, one of seven weekdays."""
        days = np.arange(begin, end)
        weekdays = (days + self._first_weekday) % 7
        time = (days - self._length) / self._length
        columns = [np.ones(len(days)), time, *(weekdays == day for day in range(7))]
        return np.stack(columns, axis=1).astype(np.float64)

    def _level(self, weights: Floats) -> Floats:
        """Return coefficients for a level alone, from which fitting starts."""
        total = np.maximum(weights.sum(axis=1), 1.0)
        coefficients = np.zeros((len(self._counts), self._design.shape[1]))
        coefficients[:, 0] = np.log(((weights * self._counts).sum(axis=1) + 0.5) / total)
        return coefficients

    def _fit(self, weights: Floats) -> None:
        penalty = np.diag([1e-6, TREND_SPREAD**-2, *[WEEKDAY_SPREAD**-2] * 7])
        total, coefficients = weights.sum(axis=1), self._coefficients
        for _ in range(_ROUNDS):
            logs = np.clip(coefficients @ self._design.T, -_LARGEST, _LARGEST)
            fitted = np.exp(logs)
            scaled = weights * fitted
            information = np.tensordot(scaled, self._squares, axes=1) + penalty
            working = weights * (fitted * logs + self._counts - fitted)
            new = np.linalg.solve(information, (working @ self._design)[..., None])[..., 0]
            moved = np.abs(new - coefficients).max(initial=0.0)
            coefficients = new
            if moved < _PRECISE:
                break
        self._coefficients = coefficients
        self._fitted = np.exp(np.clip(coefficients @ self._design.T, -_LARGEST, _LARGEST))
        self._information = np.tensordot(weights * self._fitted, self._squares, axes=1) + penalty
        # As many parameters as the data, and not the priors, have settled.
        settled = np.trace(
            np.linalg.solve(self._information, self._information - penalty), axis1=1, axis2=2
        )
        squared = (self._counts - self._fitted) ** 2 / self._fitted
        free = np.maximum(total - settled, 1.0)
        self._dispersion = np.maximum((weights * squared).sum(axis=1) / free, 1.0)
        self._free = free

    def _share_dispersion(self) -> None:
        """Draw dispersions that are small by chance towards that of the series in the middle."""
        # The variance of Pearson's term (y − μ)² / μ of a Poisson count is 2 + 1/μ.
        days = self._free * 2 / (2 + 1 / self._fitted.mean(axis=1))
        middle = np.median(self._dispersion) if len(days) else 1.0
        shared = (days * self._dispersion + SHARED_DAYS * middle) / (days + SHARED_DAYS)
        self._dispersion = np.maximum(self._dispersion, shared)

    def _middle_dispersion(self, known: Floats) -> Floats:
        """Return φ of the middle one of several spans of days, which an outbreak does not move."""
        squared = known * (self._counts - self._fitted) ** 2 / self._fitted
        starts = np.arange(0, self._length, SPAN)
        days = np.add.reduceat(known, starts, axis=1)
        sums = np.add.reduceat(squared, starts, axis=1)
        share = self._free / np.maximum(known.sum(axis=1), 1.0)
        spans = np.where(days >= SPAN / 2, sums / np.maximum(days * share[:, None], 1.0), np.nan)
        spans[np.isnan(spans).all(axis=1)] = 1.0  # too few known days anywhere
        middle: Floats = np.maximum(np.nanmedian(spans, axis=1), 1.0)
        return middle

    def _outlier_weights(self, known: Floats) -> Floats:
        """Return weights of days: the rarer a large count, the less it weighs."""
        from scipy.special import ndtri

        weights, dispersion = known.copy(), self._middle_dispersion(known)
        residual = 1.5 * (self._counts ** (2 / 3) - self._fitted ** (2 / 3))
        residual /= self._fitted ** (1 / 6) * np.sqrt(dispersion)[:, None]
        # The exact probability is dear, so it is asked only of the few that may be rare.
        series, days = np.nonzero((residual > OUTLIER) & (known > 0))
        mean = self._fitted[series, days]
        chance = upper_tail(self._counts[series, days], mean, dispersion[series] * mean)
        distance = -ndtri(np.maximum(chance, 1e-300))
        weights[series, days] = (RARE / np.maximum(distance, RARE)) ** 2
        return weights

    def _window_dispersion(self, days: int) -> Floats:
        """Return φ of sums over so many days in a row, all known; at least that of one day."""
        single: Floats = self._dispersion
        if days == 1 or days > self._length:
            return single
        residuals = _sums(self._counts - self._fitted, days)
        means = _sums(self._fitted, days)
        weights = np.lib.stride_tricks.sliding_window_view(self._weights, days, axis=1).min(axis=2)
        total = weights.sum(axis=1)
        free = np.maximum(total * self._free / np.maximum(self._weights.sum(axis=1), 1.0), 1.0)
        measured: Floats = (weights * residuals**2 / means).sum(axis=1) / free
        together: Floats = np.maximum(measured, single)
        return together

    def expect(self, begin: int, end: int) -> Expectation:
        """Return what to expect from day `begin` to before `end`, 0 being the first day fitted."""
        design = self._rows(begin, end)
        daily = np.exp(np.clip(self._coefficients @ design.T, -_LARGEST, _LARGEST))
        mean = daily.sum(axis=1)
        slope = daily @ design
        dispersion = self._window_dispersion(end - begin)
        spread = np.einsum("sp,spq,sq->s", slope, self._covariance, slope)
        mean_variance = dispersion * spread
        return Expectation(mean, dispersion * mean + mean_variance, mean_variance, dispersion)


def _sums(values: Floats, days: int) -> Floats:
    """Return the sums over every so many days in a row."""
    ends: Floats = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    sums: Floats = ends[:, days:] - ends[:, :-days]
    return sums


def upper_tail(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the probability of at least `counts` under negative binomials.

    A negative binomial with this mean and variance has the shape r = mean² / (variance − mean)
    and P(Y ≥ y) = I(1 − mean / variance; y, r), the regularised incomplete beta function
    (F. W. J. Olver and others, NIST Handbook of Mathematical Functions, 2010, 8.17.24).
    Where the variance is not above the mean this is Poisson's, to six digits.
    """
    from scipy.special import betainc

    variance = np.maximum(variance, mean * (1 + 1e-6))
    tail: Floats = betainc(
        np.maximum(counts, 0.5), mean**2 / (variance - mean), 1 - mean / variance
    )
    tail[counts <= 0] = 1.0
    return tail
