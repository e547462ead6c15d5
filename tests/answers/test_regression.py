"""The regression behind `molva drivers`, beside statsmodels and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api
from scipy.sparse import csr_array
from statsmodels.stats.outliers_influence import variance_inflation_factor

from answers.indicators import Control, Layout, Opinion, Rows
from answers.regression import least_squares


def test_the_same_figures_as_statsmodels() -> None:
    chance = np.random.default_rng(3)
    table = (chance.random((400, 6)) < (0.5, 0.3, 0.1, 0.2, 0.4, 0.05)).astype(float)
    table[:, 0] = 1
    table[:, 2] = np.where(chance.random(400) < 0.8, table[:, 1], table[:, 2])  # alike
    noise = chance.normal(size=400) * (0.3 + table[:, 3])  # of unequal variance
    stars = 3 + table @ (0, -1, 0.5, 1, 0, -2) + noise
    fit = least_squares(csr_array(table), stars)
    other = statsmodels.api.OLS(stars, table).fit(cov_type="HC3", use_t=True)
    assert fit.kept.tolist() == list(range(6))
    assert fit.coefficients == pytest.approx(other.params)
    assert fit.errors == pytest.approx(other.bse)
    assert fit.freedom == other.df_resid
    assert fit.explained == pytest.approx(other.rsquared)
    factors = [variance_inflation_factor(table, column) for column in range(1, 6)]
    assert fit.inflation[1:] == pytest.approx(factors)
    assert factors[0] > 2


def test_two_groups_by_hand() -> None:
    # Means 4 and 2.5; the deviations are 1, 0, −1 and 0.5, −0.5. The leverage of a row is
    # one by the size of its group, so HC3 sums (e / (1 − 1/n))² / n².
    table = csr_array(np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1]]))
    fit = least_squares(table, np.array([5.0, 4, 3, 3, 2]))
    first = 2 * (1 / (1 - 1 / 3)) ** 2 / 9
    second = 2 * (0.5 / (1 - 1 / 2)) ** 2 / 4
    assert fit.coefficients == pytest.approx([4, -1.5])
    assert fit.errors == pytest.approx([math.sqrt(first), math.sqrt(first + second)])


def test_a_column_that_depends_on_others_is_left_out() -> None:
    table = np.array([[1.0, 1, 0, 0], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 1], [1, 1, 0, 1]])
    fit = least_squares(csr_array(table), np.array([1.0, 2, 3, 4, 5]))
    assert fit.kept.tolist() == [0, 1, 3]  # the third is one minus the second
    with pytest.raises(ValueError, match="too few"):
        least_squares(csr_array(table[:2, :2]), np.array([1.0, 2]))


def test_a_row_with_a_column_of_its_own_tells_no_variance() -> None:
    table = csr_array(np.array([[1.0, 0], [1, 0], [1, 0], [1, 1]]))
    fit = least_squares(table, np.array([1.0, 2, 3, 5]))
    assert np.isfinite(fit.errors).all()
    assert fit.coefficients == pytest.approx([2, 3])


def test_values_of_controls_become_columns() -> None:
    rows = Rows()
    for number, (source, opinion) in enumerate(
        [("shop", "speed")] * 4 + [("forum", "speed")] * 3 + [("rare", "price")] * 2
    ):
        rows.add([Control("source", source), Opinion(opinion, "negative")], number)
    layout = Layout(rows, minimum=3)
    # One, forum; the two rare rows count as shop; the complaint about speed.
    assert layout.width == 3
    assert layout.controls == ("source",)
    assert layout.rare == [(Opinion("price", "negative"), 2)]
    assert layout.opinions == {2: (Opinion("speed", "negative"), 7)}
    assert layout.table().toarray().tolist() == (
        [[1, 0, 1]] * 4 + [[1, 1, 1]] * 3 + [[1, 0, 0]] * 2
    )
    # With smaller values of a control together there are enough of them for a column.
    assert Layout(rows, minimum=2).width == 5
