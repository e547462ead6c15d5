"""What `molva alerts` has found, and what of it has still to reach somebody.

An event and the list of outputs that it has to reach are written in one transaction, so
that a process that is killed afterwards loses nothing. Delivery is at least once: one that
is killed between sending and noting it sends again, with the same id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from index.base import DIGEST, AlertEvent
from index.connection import Access, read_transaction, write_transaction
from index.rows import from_date, microseconds, to_date

# A process that has taken a delivery and not ended it for so long is taken to be gone.
LEASE: Final = timedelta(minutes=10)

_LOOKED: Final = "alerts_looked_until"
_COLUMNS: Final = "e.id, e.series, e.kind, e.day, e.since, e.record"


class AlertLog:
    """The events of one store, and their deliveries."""

    def __init__(self, reading: Access, writing: Access) -> None:
        self._reading = reading
        self._writing = writing

    def latest(self) -> dict[str, AlertEvent]:
        """Return the newest event of each series, digests left out."""
        with self._reading() as connection, read_transaction(connection):
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM alert_event e WHERE kind <> ?"  # noqa: S608 - our own names
                " ORDER BY day, noted_at, id",
                (DIGEST,),
            ).fetchall()
        return {event.series: event for event in map(_event, rows)}

    def between(self, first: date, last: date) -> list[AlertEvent]:
        """Return the events of these days, oldest first, digests left out."""
        with self._reading() as connection, read_transaction(connection):
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM alert_event e WHERE kind <> ? AND day BETWEEN ? AND ?"  # noqa: S608 - our own names
                " ORDER BY day, noted_at, id",
                (DIGEST, from_date(first), from_date(last)),
            ).fetchall()
        return [_event(row) for row in rows]

    def looked_until(self) -> date | None:
        """Return the last day that the rules were tried on; None where they never were."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (_LOOKED,)).fetchone()
        return None if row is None else date.fromisoformat(row[0])

    def look(self, day: date) -> None:
        """Note that the rules were tried on a day, whether anything came of it or not."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
                (_LOOKED, day.isoformat()),
            )

    def add(self, events: Iterable[tuple[AlertEvent, Sequence[str]]]) -> list[AlertEvent]:
        """Note events with the outputs that each has to reach; return those that were new."""
        new = []
        now = microseconds(datetime.now(UTC))
        with self._writing() as connection, write_transaction(connection):
            for event, outputs in events:
                row = (
                    event.id,
                    event.series,
                    event.kind,
                    from_date(event.day),
                    from_date(event.since),
                    now,
                    json.dumps(event.record, ensure_ascii=False),
                )
                cursor = connection.execute(
                    "INSERT INTO alert_event VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    row,
                )
                if not cursor.rowcount:
                    continue
                new.append(event)
                connection.executemany(
                    "INSERT INTO alert_delivery (event_id, output) VALUES (?, ?)",
                    [(event.id, output) for output in outputs],
                )
        return new

    def claim(self, output: str) -> AlertEvent | None:
        """Take the oldest event that has not reached an output; nobody else gets it meanwhile."""
        now = datetime.now(UTC)
        with self._writing() as connection, write_transaction(connection):
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM alert_delivery d JOIN alert_event e ON e.id = d.event_id"  # noqa: S608 - our own names
                " WHERE d.output = ? AND d.delivered_at IS NULL"
                " AND coalesce(d.claimed_at, 0) <= ? ORDER BY e.noted_at, e.id LIMIT 1",
                (output, microseconds(now - LEASE)),
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE alert_delivery SET claimed_at = ?, attempts = attempts + 1"
                " WHERE event_id = ? AND output = ?",
                (microseconds(now), row[0], output),
            )
        return _event(row)

    def delivered(self, event: AlertEvent, output: str) -> None:
        """Note that an event has reached an output."""
        now = microseconds(datetime.now(UTC))
        with self._writing() as connection:
            connection.execute(
                "UPDATE alert_delivery SET delivered_at = ?, claimed_at = NULL, error = NULL"
                " WHERE event_id = ? AND output = ?",
                (now, event.id, output),
            )

    def failed(self, event: AlertEvent, output: str, error: str) -> None:
        """Note that an output could not be reached; the event waits for the next run."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE alert_delivery SET claimed_at = NULL, error = ?"
                " WHERE event_id = ? AND output = ?",
                (error, event.id, output),
            )

    def waiting(self, outputs: Sequence[str]) -> int:
        """Return how many deliveries to these outputs have still to be made."""
        with self._reading() as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM alert_delivery WHERE delivered_at IS NULL"
                " AND output IN (SELECT value FROM json_each(?))",
                (json.dumps(list(outputs)),),
            ).fetchone()
        return int(number)


def _event(row: Sequence[Any]) -> AlertEvent:
    event_id, series, kind, day, since, record = row
    return AlertEvent(event_id, series, kind, to_date(day), to_date(since), json.loads(record))
