"""Quantiles of counted values beside those of other programs, and their intervals."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from answers.estimates import NOT_ENOUGH
from answers.quantiles import quantile

VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=200)


def counted(values: list[int]) -> list[tuple[float, int]]:
    return sorted(Counter(values).items())


@given(values=VALUES, part=st.sampled_from([0.5, 0.9, 0.25]))
def test_value_is_that_of_hyndman_and_fan_definition_2(values: list[int], part: float) -> None:
    expected = np.quantile(values, part, method="averaged_inverted_cdf")
    assert quantile(counted(values), part, minimum=1).value == expected


@pytest.mark.parametrize(
    ("number", "low", "high"),
    # Ranks of Campbell and Gardner (1988), British Medical Journal 296, 1454–1456, table I.
    [(6, 1, 6), (10, 2, 9), (20, 6, 15), (30, 10, 21), (50, 18, 33), (100, 40, 61)],
)
def test_median_lies_between_the_ranks_of_the_table(number: int, low: int, high: int) -> None:
    found = quantile([(rank, 1) for rank in range(1, number + 1)], 0.5, minimum=1)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("number", range(1, 6))
def test_median_of_few_values_has_no_interval(number: int) -> None:
    found = quantile([(7, number)], 0.5, minimum=1)
    assert found.value == 7
    assert found.low is found.high is None


@pytest.mark.parametrize("number", [36, 50, 99, 100, 1000])
def test_interval_of_a_percentile_covers_what_it_promises_and_not_much_more(number: int) -> None:
    found = quantile([(rank, 1) for rank in range(1, number + 1)], 0.9)
    assert found.low is not None
    assert found.high is not None
    below = binom(number, 0.9)
    # The true percentile lies below the value of rank r with the chance that r or fewer … do.
    assert below.cdf(found.low - 1) <= 0.025 < below.cdf(found.low)
    assert below.sf(found.high - 1) <= 0.025 < below.sf(found.high - 2)


def test_bounds_that_few_values_do_not_give() -> None:
    found = quantile([(minutes, 1) for minutes in range(35)], 0.9)
    assert found.value == 31
    assert found.low is not None
    assert found.high is None


def test_too_few_values_are_not_enough() -> None:
    assert quantile([], 0.5, minimum=0) == quantile([(5, 9)], 0.5) == NOT_ENOUGH
