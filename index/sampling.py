"""Choosing a sample of what a query finds, for answers that need not be exact.

A view asks several questions of one query: the counts of a trend, and whose labels they are.
What was chosen for the first serves the others, as long as nobody has written.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from index.rows import ORDER_KEYS
from index.searching import Selection, known_count, read_count

# Times as many hits as are wanted: fewer are read as fast as chosen from.
_GAIN: Final = 2
# Hits in the sample by which their number is guessed, where it is just worth to read fewer:
# then the guess is wrong by 6 %.
_PILOT: Final = 300
# Samples remembered, each of some hundreds of kilobytes at most.
_REMEMBERED: Final = 4

_Key = tuple[Selection, int]


class Samples:
    """Chooses samples, and remembers the last ones."""

    def __init__(self) -> None:
        self._chosen: OrderedDict[_Key, Selection] = OrderedDict()
        self._state: tuple[int, int] | None = None

    def take(
        self, connection: sqlite3.Connection, selection: Selection, most: int | None
    ) -> Selection:
        """Return a selection of about `most` of the hits, or of all where there is little to gain.

        Args:
            connection: always the same one, inside a transaction.
            selection: of all hits.
            most: hits that are enough; None for all.
        """
        if most is None:
            return selection
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if (state := (version, connection.total_changes)) != self._state:
            self._chosen.clear()
            self._state = state
        key = selection, most
        if key not in self._chosen:
            self._chosen[key] = _choose(connection, selection, most)
            while len(self._chosen) > _REMEMBERED:
                self._chosen.popitem(last=False)
        return self._chosen[key]


def _choose(connection: sqlite3.Connection, selection: Selection, most: int) -> Selection:
    total = known_count(connection, selection)
    if total is None:
        # A guess, from as small a sample as tells many hits from few.
        pilot = replace(selection, kept=min(_PILOT * ORDER_KEYS // (_GAIN * most), ORDER_KEYS))
        total = round(read_count(connection, pilot) / pilot.part)
    kept = ORDER_KEYS if total <= _GAIN * most else max(most * ORDER_KEYS // total, 1)
    chosen = replace(selection, kept=kept)
    if selection.compiled.match is None:
        return chosen
    # The text search takes most of the time, so it is asked once.
    key, sql, parameters = chosen.keys()
    rowids = connection.execute(f"SELECT {key} {sql}", parameters).fetchall()
    return replace(chosen, found=json.dumps([rowid for (rowid,) in rowids]))
