"""A table of ones and zeros: which opinions and which values of controls each mention has.

It is kept as numbers of columns, some 50 bytes a mention, and becomes a sparse table for
`answers.regression`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONTROLS: Final = ("source", "lang", "month", "brand")


@dataclass(frozen=True, order=True, slots=True)
class Opinion:
    """A column: the mention praises a topic (positive) or complains of it (negative)."""

    topic: str
    polarity: str


@dataclass(frozen=True, slots=True)
class Control:
    """A column: the mention has this value of a control."""

    control: str
    value: str


Column = Opinion | Control


class Rows:
    """Which columns are 1 in each row, and its stars; grows by some 50 bytes a row."""

    def __init__(self) -> None:
        # None is the column that is 1 in every row.
        self.columns: dict[Column | None, int] = {None: 0}
        self.ones = array("i")
        self.ends = array("q", [0])
        self.stars = array("d")

    def add(self, columns: Iterable[Column], stars: float) -> None:
        """Add a row that is 1 in these columns."""
        self.ones.append(0)
        for column in columns:
            self.ones.append(self.columns.setdefault(column, len(self.columns)))
        self.ends.append(len(self.ones))
        self.stars.append(stars)


class Layout:
    """Which columns the table has: a one, the controls, then the opinions.

    The most frequent value of a control is what its other values are compared with. Values
    that are rare are one value together, or that of the most frequent one.

    Attributes:
        width: columns of the table.
        opinions: by column of the table, with how many mentions have each.
        rare: opinions that fewer than `minimum` mentions have.
        controls: those that have a column.
    """

    def __init__(self, rows: Rows, minimum: int) -> None:
        ones = np.frombuffer(rows.ones, dtype=np.intc)
        self._rows = rows
        self._counts = np.bincount(ones, minlength=len(rows.columns)).tolist()
        self._place = np.full(len(rows.columns), -1, dtype=np.intc)
        self._place[0] = 0
        self.width = 1
        self.opinions: dict[int, tuple[Opinion, int]] = {}
        self.rare: list[tuple[Opinion, int]] = []
        self.controls = tuple(name for name in CONTROLS if self._place_control(name, minimum))
        for opinion, number in sorted(_opinions(rows)):
            if self._counts[number] < minimum:
                self.rare.append((opinion, self._counts[number]))
            else:
                self.opinions[self.width] = opinion, self._counts[number]
                self._add_column([number])

    def _place_control(self, name: str, minimum: int) -> bool:
        """Give the values of a control their columns; say whether it has any."""
        before = self.width
        values = [
            number
            for column, number in self._rows.columns.items()
            if isinstance(column, Control) and column.control == name
        ]
        values.sort(key=lambda number: (-self._counts[number], number))
        rare = [number for number in values[1:] if self._counts[number] < minimum]
        for number in values[1:]:
            if number not in rare:
                self._add_column([number])
        if sum(self._counts[number] for number in rare) >= minimum:
            self._add_column(rare)
        return self.width > before

    def _add_column(self, numbers: list[int]) -> None:
        self._place[numbers] = self.width
        self.width += 1

    def table(self) -> Any:
        """Return the table, a `scipy.sparse.csr_array` of floats."""
        from scipy.sparse import csr_array

        ones = np.frombuffer(self._rows.ones, dtype=np.intc)
        ends = np.frombuffer(self._rows.ends, dtype=np.int64)
        columns: NDArray[np.intc] = self._place[ones]
        is_kept = columns >= 0
        kept = np.concatenate([[0], np.cumsum(is_kept)])[ends]
        columns = columns[is_kept]
        return csr_array((np.ones(len(columns)), columns, kept), shape=(len(ends) - 1, self.width))


def _opinions(rows: Rows) -> list[tuple[Opinion, int]]:
    return [(one, number) for one, number in rows.columns.items() if isinstance(one, Opinion)]
