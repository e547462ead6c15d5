"""Intervals beside the worked examples of the papers that describe them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.intervals import (
    net_share,
    poisson,
    rate_ratio,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "total", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_share_has_the_wilson_interval_of_newcombe(
    hits: int, total: int, lower: float, upper: float
) -> None:
    assert wilson(hits, total) == pytest.approx((lower, upper), abs=5e-5)
    mirrored = wilson(total - hits, total)
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=5e-5)


@pytest.mark.parametrize("total", [1, 7, 1_000_000])
def test_share_of_none_or_all_has_an_exact_end(total: int) -> None:
    assert wilson(0, total)[0] == 0.0
    assert wilson(total, total)[1] == 1.0
    assert 0 < wilson(0, total)[1] < 1


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    [
        # Garwood (1936), as in Ulm (1990), American Journal of Epidemiology 131, 373–375,
        # and in the tables of Pearson and Hartley (1966), Biometrika Tables, table 40.
        (0, 0.0, 3.69),
        (1, 0.0253, 5.57),
        (5, 1.62, 11.67),
        (10, 4.80, 18.39),
        (50, 37.11, 65.92),
    ],
)
def test_count_has_the_exact_interval_of_garwood(count: int, lower: float, upper: float) -> None:
    assert poisson(count) == pytest.approx((lower, upper), abs=5e-3)


def test_net_share_has_the_interval_of_tango() -> None:
    # Airway reactivity before and after transplantation: 1 and 7 discordant pairs of 21.
    # Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33, 2850–2875.
    assert net_share(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    # R, PropCIs::scoreci.mp(25, 28, 618, 0.90).
    assert net_share(28, 25, 618, 0.90) == pytest.approx((-0.0148, 0.0247), abs=5e-5)


def test_net_share_of_one_voice_ends_at_the_end_of_the_scale() -> None:
    assert net_share(10, 0, 10)[1] == 1.0
    assert net_share(0, 10, 10)[0] == -1.0
    lower, upper = net_share(0, 0, 10)
    assert lower == -upper
    assert lower < 0 < upper


@given(
    positive=st.integers(0, 500),
    negative=st.integers(0, 500),
    rest=st.integers(0, 500),
    confidence=st.sampled_from([0.8, 0.95, 0.99]),
)
def test_net_share_holds_what_was_seen_and_mirrors(
    positive: int, negative: int, rest: int, confidence: float
) -> None:
    total = positive + negative + rest or 1
    lower, upper = net_share(positive, negative, total, confidence)
    assert -1 <= lower <= (positive - negative) / total <= upper <= 1
    assert net_share(negative, positive, total, confidence) == pytest.approx((-upper, -lower))


def test_rate_ratio_has_the_exact_interval() -> None:
    # Breast cancer after fluoroscopy: 41 cases in 28 010 person-years, 15 in 19 017.
    # Boice and Monson (1977); Stata manual, epitab, "iri 41 15 28010 19017".
    assert rate_ratio((15, 19_017), (41, 28_010)) == pytest.approx((1.005684, 3.609300), abs=5e-7)


def test_rate_ratio_without_a_count_is_open() -> None:
    lower, upper = rate_ratio((0, 30), (9, 30))
    assert lower > 1
    assert upper == math.inf
    assert rate_ratio((9, 30), (0, 30)) == pytest.approx((0.0, 1 / lower))
    assert rate_ratio((0, 30), (0, 30)) == (0.0, math.inf)


@pytest.mark.parametrize(("hits", "total"), [(0, 0), (-1, 5), (6, 5)])
def test_no_share_no_interval(hits: int, total: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, total)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_no_confidence_no_interval(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        poisson(3, confidence)


def test_numbers_that_cannot_be_have_no_interval() -> None:
    with pytest.raises(ValueError, match="not negative"):
        poisson(-1)
    with pytest.raises(ValueError, match="no share"):
        net_share(3, 3, 5)
    with pytest.raises(ValueError, match="length above 0"):
        rate_ratio((3, 0), (3, 1))
