"""NPS, CSAT and CES beside worked examples, with their sources."""

from __future__ import annotations

import math

import pytest

from answers.estimates import NOT_ENOUGH
from answers.survey import ces, csat, nps


def test_nps_is_promoters_minus_detractors() -> None:
    # 7 and 8 are passive: they are counted below the line only. Reichheld (2003).
    scores = [(0, 5), (6, 5), (7, 10), (8, 10), (9, 30), (10, 40)]
    assert nps(scores).value == pytest.approx(60)
    assert nps([(8, 20)]).value == 0
    assert nps([(10, 10)]).value == 100
    assert nps([(6, 10)]).value == -100


def test_nps_has_the_interval_of_tango() -> None:
    # 1 and 7 of 21: Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33, 2850–2875.
    found = nps([(3, 7), (7, 13), (10, 1)])
    assert (found.low, found.high) == pytest.approx((-51.7, -2.6), abs=0.05)


def test_csat_is_the_share_of_the_upper_two_of_five() -> None:
    # 81 of 263: Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3.
    found = csat([(1, 100), (3, 82), (4, 80), (5, 1)])
    assert found.value == pytest.approx(81 / 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_ces_is_the_mean_with_the_interval_of_student() -> None:
    # By hand: squares add up to 22, so s² = 22/7; 2.3646 is t of 7 degrees in Student's table.
    found = ces([(2, 1), (4, 1), (5, 1), (6, 2), (7, 3)], minimum=8)
    assert found.value == 5.5
    reach = 2.3646 * math.sqrt(22 / 7 / 8)
    assert (found.low, found.high) == pytest.approx((5.5 - reach, 5.5 + reach), abs=5e-4)


@pytest.mark.parametrize("formula", [nps, csat, ces])
def test_too_few_answers_are_not_enough(formula: object) -> None:
    assert callable(formula)
    assert formula([(5, 9)]) == formula([]) == NOT_ENOUGH
    assert formula([(5, 10)]) != NOT_ENOUGH
