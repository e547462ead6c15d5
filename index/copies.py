"""Which mentions are copies of which, in the store's tables.

In the order of their times a mention is a copy of the first original before it whose text
is similar enough; else it is an original itself. Only originals are compared with, so a
text that was posted ten thousand times costs no more than one that was posted once. What
comes later and is older takes its place: it becomes the original of those that it is older
than, and their copies wait to be compared with it.

Functions work inside the transaction that is open. Rowids are in the order of time
(index/schema.sql).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from index.lookup import select_in
from index.shingles import THRESHOLD, Shingles, shingles, similarity

# Texts that a new one is compared with: those that share most bands with it. Two texts that are
# similar enough share 4 of 16 on average; only a flood of texts from one pattern has more of them.
CANDIDATES: Final = 20

_SHARING: Final = (
    "SELECT t.mention_rowid FROM noise_band b JOIN noise_text t ON t.id = b.text_id"
    " WHERE b.hash IN ({marks}) AND t.mention_rowid <> ?"
    " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?"
)
_COPIES: Final = "SELECT mention_rowid FROM noise WHERE original_rowid = ? ORDER BY mention_rowid"
_BANDS: Final = (
    "SELECT b.hash FROM noise_text t JOIN noise_band b ON b.text_id = t.id"
    " WHERE t.mention_rowid = ?"
)
_FOLLOW: Final = (
    "INSERT INTO noise (mention_rowid, original_rowid, similarity, changed_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET original_rowid = excluded.original_rowid,"
    " similarity = excluded.similarity, changed_at = excluded.changed_at"
)


class Original(NamedTuple):
    """What a mention is a copy of.

    Attributes:
        rowid: of the original.
        similarity: of the two texts, `THRESHOLD` to 1.
    """

    rowid: int
    similarity: float


class Placing:
    """Places mentions among the others, one after the other.

    Attributes:
        changed: rowids of other mentions of which something else holds now.
    """

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self._now = now
        self.changed: set[int] = set()

    def place(self, rowid: int, text: Shingles, bands: Collection[int]) -> Original | None:
        """Return what a mention is a copy of; None, where it is none, makes it comparable.

        Args:
            rowid: of the mention.
            text: its shingles; none where it is too short to be a copy or an original.
            bands: from `index.shingles.bands`.
        """
        was_original = self._forget_changed(rowid, bands)
        if not bands:
            return None
        alike = self._alike(rowid, text, bands)
        if alike and alike[0].rowid < rowid:
            self._hand_over(rowid, alike[0].rowid)
            return alike[0]
        if not was_original:
            self._remember(rowid, bands)
        for later in alike:
            self._hand_over(later.rowid, rowid)
            self._connection.execute(_FOLLOW, (later.rowid, rowid, later.similarity, self._now))
            self.changed.add(later.rowid)
        return None

    def _forget_changed(self, rowid: int, bands: Collection[int]) -> bool:
        """Let copies go whose original has another text or date now; say if it is still one."""
        known = {hash_ for (hash_,) in self._connection.execute(_BANDS, (rowid,))}
        if not known:
            return False
        copies = [copy for (copy,) in self._connection.execute(_COPIES, (rowid,))]
        if known == set(bands) and (not copies or copies[0] > rowid):
            return True
        self.changed |= release(self._connection, [rowid], self._now)
        self._connection.execute("DELETE FROM noise_text WHERE mention_rowid = ?", (rowid,))
        return False

    def _remember(self, rowid: int, bands: Collection[int]) -> None:
        text_id = self._connection.execute(
            "INSERT INTO noise_text (mention_rowid) VALUES (?)", (rowid,)
        ).lastrowid
        self._connection.executemany(
            "INSERT OR IGNORE INTO noise_band VALUES (?, ?)", [(text_id, band) for band in bands]
        )

    def _hand_over(self, original: int, to: int) -> None:
        """Give the copies of one original to another, with which they wait to be compared."""
        copies = [copy for (copy,) in self._connection.execute(_COPIES, (original,))]
        self._connection.execute(
            "UPDATE noise SET original_rowid = ?, similarity = NULL, changed_at = ?"
            " WHERE original_rowid = ?",
            (to, self._now, original),
        )
        wait(self._connection, copies)
        self.changed.update(copies)
        self._connection.execute("DELETE FROM noise_text WHERE mention_rowid = ?", (original,))

    def _alike(self, rowid: int, text: Shingles, bands: Collection[int]) -> list[Original]:
        """Return the originals, the earliest first, whose text is similar enough."""
        sharing = self._connection.execute(
            _SHARING.format(marks=",".join("?" * len(bands))), (*bands, rowid, CANDIDATES)
        )
        rows = select_in(
            self._connection,
            "SELECT rowid, title, text FROM mention WHERE rowid IN ({keys})",
            [other for (other,) in sharing],
        )
        compared = [
            Original(other, similarity(text, shingles(title, body))) for other, title, body in rows
        ]
        return sorted(one for one in compared if one.similarity >= THRESHOLD)


def wait(connection: sqlite3.Connection, rowids: Iterable[int]) -> None:
    """Let mentions be examined (again) the next time that anything is."""
    connection.executemany(
        "INSERT OR IGNORE INTO noise_waiting VALUES (?)", [(rowid,) for rowid in rowids]
    )


def release(connection: sqlite3.Connection, originals: Sequence[int], now: int) -> set[int]:
    """Let the copies of some originals get along without them: the earliest is the next original.

    All copies wait to be compared anew. Returns the rowids of those that `originals` leave.
    """
    released: set[int] = set()
    leaving = set(originals)
    for original in originals:
        found = connection.execute(_COPIES, (original,))
        copies = [copy for (copy,) in found if copy not in leaving]
        if not copies:
            continue
        connection.execute(
            "UPDATE noise SET original_rowid = nullif(?1, mention_rowid), similarity = NULL,"
            " changed_at = ?2 WHERE original_rowid = ?3",
            (copies[0], now, original),
        )
        wait(connection, copies)
        released.update(copies)
    return released
