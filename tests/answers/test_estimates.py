"""Numbers with intervals, and what sets two of them apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from answers.estimates import NOT_ENOUGH, Estimate, difference, mean, net_sentiment, share


@pytest.mark.parametrize(
    ("one", "other", "interval"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1)),
    ],
)
def test_the_examples_of_newcombe(
    one: tuple[int, int], other: tuple[int, int], interval: tuple[float, float]
) -> None:
    # Table II of Newcombe (1998), Statistics in Medicine 17, 873–890, method 10.
    found = difference(share(*one, minimum=1), share(*other, minimum=1))
    assert (found.low, found.high) == pytest.approx(interval, abs=5e-5)


@settings(deadline=None)  # the first call loads scipy
@given(st.lists(st.sampled_from([1.0, 1.5, 2, 3, 4.25, 5]), min_size=10, max_size=40))
def test_the_mean_of_counted_values_is_that_of_the_values(values: list[float]) -> None:
    found = mean({value: values.count(value) for value in values})
    assert found.value == pytest.approx(sum(values) / len(values))
    if len(set(values)) > 1:
        expected = ttest_1samp(values, 0).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)
    else:
        assert found.low == found.value == found.high


def test_the_sleep_of_student() -> None:
    # Hours gained by ten patients, Student (1908), Biometrika 6, 20; R: t.test(extra[1:10]).
    hours = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    found = mean(dict.fromkeys(hours, 1))
    assert (found.low, found.high) == pytest.approx((-0.5297804, 2.0297804), abs=5e-7)


def test_few_mentions_give_no_number() -> None:
    assert share(4, 9) == mean({5.0: 9}) == net_sentiment(4, 3, 2) == NOT_ENOUGH
    assert share(0, 0, minimum=0) == mean({5.0: 1}, minimum=1) == NOT_ENOUGH
    assert difference(share(4, 9), share(5, 10)) == NOT_ENOUGH
    assert difference(share(5, 10), share(4, 9)) == NOT_ENOUGH
    assert net_sentiment(4, 3, 3).value == pytest.approx(0.1)


def test_an_estimate_becomes_columns() -> None:
    row = Estimate(0.123456, -0.5, 1).as_row("share")
    assert row == {"share": 0.1235, "share_low": -0.5, "share_high": 1}
    assert NOT_ENOUGH.as_row("net") == {"net": None, "net_low": None, "net_high": None}
