"""The statistics behind spikes: calibrated without a crisis, and moved by one."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from answers.alerts.baseline import Baseline, upper_tail
from answers.alerts.spikes import HISTORY, Batch, adjust, judge_counts, windows_of
from tests.alerts.history import LAST, noise

LENGTH = HISTORY + 3
WEEKDAY = (LAST - timedelta(days=LENGTH - 1)).weekday()


def many(series: int, mean: float, dispersion: float = 1.5, seed: int = 7) -> Batch:
    chance = np.random.default_rng(seed)
    counts = np.stack([noise(chance, LENGTH, mean, dispersion) for _ in range(series)])
    return judge_counts(counts.astype(float), np.ones(counts.shape, dtype=bool), 3, WEEKDAY)


def test_tail_is_that_of_the_negative_binomial_and_of_poisson() -> None:
    counts, mean, variance = np.array([0.0, 1.0, 9.0, 40.0]), np.full(4, 5.0), np.full(4, 7.5)
    size, chance = 25 / 2.5, 5 / 7.5
    expected = stats.nbinom.sf(counts - 1, size, chance)
    assert upper_tail(counts, mean, variance) == pytest.approx(expected, rel=1e-9)
    poisson = stats.poisson.sf(counts - 1, 5.0)
    assert upper_tail(counts, mean, mean) == pytest.approx(poisson, rel=1e-3)


@pytest.mark.parametrize("mean", [1.0, 5.0, 30.0])
def test_probabilities_hold_when_nothing_has_happened(mean: float) -> None:
    """P(p ≤ α) ≤ α for discrete counts, and near it for many; four standard errors allowed."""
    batch = many(600, mean)
    for bound in (0.2, 0.05, 0.01):
        allowed = bound + 4 * np.sqrt(bound * (1 - bound) / 600)
        shares = (batch.p <= bound).mean(axis=0)
        assert (shares <= allowed).all(), (bound, shares)
    if mean > 20:
        assert stats.kstest(batch.p[:, 1], "uniform").pvalue > 0.001


def test_dispersion_and_weekdays_are_recovered() -> None:
    batch = many(300, 20.0, dispersion=2.5)
    ratio = batch.observed / batch.expected
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    chance = np.random.default_rng(1)
    counts = np.stack([noise(chance, HISTORY, 20.0, 2.5) for _ in range(200)]).astype(float)
    fitted = Baseline(counts, np.ones(counts.shape, dtype=bool), 0)
    usual = fitted.expect(HISTORY, HISTORY + 7)
    assert usual.dispersion.mean() == pytest.approx(2.5, rel=0.2)
    assert usual.mean.mean() == pytest.approx(20 * 7, rel=0.02)


def test_more_mentions_are_never_less_unusual() -> None:
    chance = np.random.default_rng(5)
    counts = np.tile(noise(chance, LENGTH).astype(float), (40, 1))
    counts[:, -1] = np.arange(40)
    batch = judge_counts(counts, np.ones(counts.shape, dtype=bool), 3, WEEKDAY)
    assert (np.diff(batch.p, axis=0) <= 0).all()
    assert (np.diff(batch.observed / batch.expected, axis=0) > 0).all()


def test_an_old_outbreak_does_not_pass_for_usual() -> None:
    chance = np.random.default_rng(11)
    calm = np.stack([noise(chance, LENGTH) for _ in range(60)]).astype(float)
    known = np.ones(calm.shape, dtype=bool)
    struck = calm.copy()
    struck[:, 100:107] *= 6
    before, after = (judge_counts(counts, known, 3, WEEKDAY) for counts in (calm, struck))
    # A plain mean would rise by 7 · 5 / 182, that is by 19 %.
    assert (after.expected / before.expected).mean() < 1.12


def test_days_that_are_not_known_are_left_out_of_the_baseline() -> None:
    chance = np.random.default_rng(13)
    counts = np.stack([noise(chance, LENGTH) for _ in range(60)]).astype(float)
    known = np.ones(counts.shape, dtype=bool)
    known[:, 60:120] = False
    silent = np.where(known, counts, 0.0)
    whole, gap = (
        judge_counts(counts, np.ones_like(known), 3, WEEKDAY),
        judge_counts(silent, known, 3, WEEKDAY),
    )
    assert (gap.expected / whole.expected).mean() == pytest.approx(1, abs=0.05)
    known[:, -2] = False
    windows = judge_counts(silent, known, 3, WEEKDAY).p
    assert not np.isnan(windows[:, 0]).any()
    assert np.isnan(windows[:, 1]).all(), "a window with an unknown day is not tested"


def test_all_rules_are_adjusted_as_one_family() -> None:
    """Benjamini and Hochberg 1995, section 3.2: of these 15, the first four are rejected at 5 %."""
    p = np.array(
        """0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344
        0.0459 0.3240 0.4262 0.5719 0.6528 0.7590 1.0000""".split(),
        dtype=float,
    )
    empty = np.zeros((5, 3))
    one = Batch((1, 2, 3), empty, empty, empty, p.reshape(5, 3))
    (q,) = adjust([one])
    assert (q.ravel() <= 0.05).sum() == 4
    halves = [
        Batch((1, 2, 3), empty, empty, empty, p[:6].reshape(2, 3)),
        Batch((1, 2, 3), empty, empty, empty, p[6:].reshape(3, 3)),
    ]
    assert np.concatenate([part.ravel() for part in adjust(halves)]) == pytest.approx(q.ravel())
    assert stats.false_discovery_control(p, method="bh") == pytest.approx(q.ravel())


def test_windows_end_with_the_one_of_the_rule() -> None:
    assert windows_of(1) == (1,)
    assert windows_of(2) == (1, 2)
    assert windows_of(3) == (1, 3)
    assert windows_of(7) == (1, 3, 7)
