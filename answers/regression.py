"""Least squares over many rows of a few ones among zeros, with intervals that hold up.

`statsmodels` gives the same figures (a test compares them), but from a dense table: of a
million mentions and a hundred columns that is a gigabyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A column of which the others explain all but so small a part cannot be told from them.
_TOLERANCE: Final = 1e-8
# Rows that are dense at a time.
_CHUNK: Final = 8192


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted regression.

    Attributes:
        kept: numbers of the columns that it has, in order; those left out depend on the
            columns before them.
        coefficients: of the kept columns, in the unit of the outcome.
        errors: their standard errors, robust to unequal variances.
        inflation: by which factor each one's variance is greater than if its column had
            nothing to do with the others.
        freedom: rows − kept columns.
        explained: R², the part of the variance that the columns explain.
    """

    kept: NDArray[np.intp]
    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]
    inflation: NDArray[np.float64]
    freedom: int
    explained: float


def least_squares(columns: Any, outcome: NDArray[np.float64]) -> Fit:
    """Fit `outcome` by `columns` and return the figures.

    The errors are HC3: MacKinnon, J. G. and White, H. (1985), Some heteroskedasticity-
    consistent covariance matrix estimators with improved finite sample properties, Journal of
    Econometrics 29, 305–325; advised for small samples too by Long, J. S. and Ervin, L. H.
    (2000), The American Statistician 54, 217–224. The inflation is 1 / (1 − R²) of a column
    by the others: Belsley, D. A., Kuh, E. and Welsch, R. E. (1980), Regression Diagnostics.

    Args:
        columns: a `scipy.sparse.csr_array` of floats, the first column all ones.
        outcome: a value for each row.

    Raises:
        ValueError: there are not more rows than columns that can be told apart.
    """
    gram = (columns.T @ columns).toarray()
    kept = _independent(gram)
    rows, freedom = columns.shape[0], columns.shape[0] - len(kept)
    if freedom < 1:
        raise ValueError(f"{rows} rows are too few for {len(kept)} columns")
    table = columns[:, kept]
    inverse = np.linalg.inv(gram[np.ix_(kept, kept)])
    coefficients = inverse @ (table.T @ outcome)
    residuals = outcome - table @ coefficients
    scaled = table.copy()
    scaled.data *= np.repeat(residuals / _slack(table, inverse), np.diff(table.indptr))
    meat = (scaled.T @ scaled).toarray()
    variances = np.einsum("ij,jk,ki->i", inverse, meat, inverse)
    spread = np.diag(gram)[kept] - gram[0, kept] ** 2 / rows
    total = float(((outcome - outcome.mean()) ** 2).sum())
    return Fit(
        kept=kept,
        coefficients=coefficients,
        errors=np.sqrt(variances),
        inflation=np.diag(inverse) * spread,
        freedom=freedom,
        explained=1 - float((residuals**2).sum()) / total if total else 0.0,
    )


def _independent(gram: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the columns that do not depend on those before them: Cholesky, leaving out."""
    from scipy.linalg import solve_triangular

    kept: list[int] = []
    factor = np.zeros_like(gram)
    for column in range(len(gram)):
        number = len(kept)
        row = np.zeros(0)
        if kept:
            row = solve_triangular(factor[:number, :number], gram[kept, column], lower=True)
        rest = gram[column, column] - float(row @ row)
        if rest > _TOLERANCE * gram[column, column]:
            factor[number, :number] = row
            factor[number, number] = np.sqrt(rest)
            kept.append(column)
    return np.array(kept, dtype=np.intp)


def _slack(table: Any, inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 − leverage of each row; 1 where a row is fitted by a column of its own."""
    slack = np.empty(table.shape[0])
    for begin in range(0, len(slack), _CHUNK):
        chunk = table[begin : begin + _CHUNK]
        leverage = np.asarray(chunk.multiply(chunk @ inverse).sum(axis=1)).ravel()
        slack[begin : begin + _CHUNK] = 1 - leverage
    # Its residual is 0, which says nothing of the variance.
    slack[slack < _TOLERANCE] = 1.0
    return slack
