"""Runs of spiders and imports, and what they could not turn into mentions."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from index.base import Run, RunDigest, StoreError
from index.connection import write_transaction
from index.rows import microseconds, to_datetime
from mention import Reject

OUTCOMES: Final = ("running", "finished", "failed", "stopped")
RAW_CHARACTERS: Final = 2000
# A run on another machine that has not written for this long counts as interrupted.
_SILENT_SECONDS: Final = 3600
_HEARTBEAT_SECONDS: Final = 30
_HIDDEN: Final = "***"
_SECRETS: Final = "key|token|secret|passw(?:or)?d|pass|credentials?|authorization|cookies?"
_SECRET_NAME: Final = re.compile(rf"(?:^|[_-])(?:{_SECRETS})(?:$|[_-])", re.IGNORECASE)
_USER_INFO: Final = re.compile(r"://[^/@\s]+@")  # https://name:password@host
_SECRET_PARAMETER: Final = re.compile(
    rf"([?&](?:[a-z]+[_-])?(?:{_SECRETS})=)[^&#\s]+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended; the fields are those of `index.base.Run`."""

    outcome: str
    counts: Mapping[str, int]
    message: str | None
    rejects: Mapping[str, int]
    empty_fields: Mapping[str, int]
    alarms: Sequence[str]
    covers: tuple[datetime, datetime] | None


def start(
    connection: sqlite3.Connection,
    source: str,
    arguments: Mapping[str, object],
    series: str | None,
) -> int:
    """Note that a run began; return its number."""
    now = microseconds(datetime.now(UTC))
    kept = {name: without_secret(name, value) for name, value in arguments.items()}
    with write_transaction(connection):
        cursor = connection.execute(
            "INSERT INTO run (source, started_at, outcome, arguments, counts, process, host,"
            " alive_at, series) VALUES (?, ?, 'running', ?, '{}', ?, ?, ?, ?)",
            (source, now, _json(kept), os.getpid(), socket.gethostname(), now, series),
        )
    return int(cursor.lastrowid or 0)


def finish(connection: sqlite3.Connection, run_id: int, end: End) -> None:
    """Note how a run ended. Raises `StoreError` when there is no such run."""
    if end.outcome not in OUTCOMES:
        known = ", ".join(OUTCOMES)
        raise ValueError(f"the outcome of a run is one of {known}, not {end.outcome!r}")
    covers_from, covers_until = map(microseconds, end.covers) if end.covers else (None, None)
    with write_transaction(connection):
        cursor = connection.execute(
            "UPDATE run SET finished_at = ?, outcome = ?, counts = ?, message = ?, rejects = ?,"
            " empty_fields = ?, alarms = ?, covers_from = ?, covers_until = ? WHERE id = ?",
            (
                microseconds(datetime.now(UTC)),
                end.outcome,
                _json(end.counts),
                end.message,
                _json(end.rejects),
                _json(end.empty_fields),
                _json(list(end.alarms)),
                covers_from,
                covers_until,
                run_id,
            ),
        )
        if cursor.rowcount == 0:
            raise StoreError(f"there is no run {run_id} in this store; start one first")


class Heartbeat:
    """Tells other processes that the runs of this one still work."""

    def __init__(self) -> None:
        self.runs: set[int] = set()
        self._last = 0.0

    def beat(self, connection: sqlite3.Connection) -> None:
        """Note the time in the runs, inside a write transaction, at most twice a minute."""
        now = datetime.now(UTC)
        if not self.runs or now.timestamp() - self._last < _HEARTBEAT_SECONDS:
            return
        self._last = now.timestamp()
        connection.executemany(
            "UPDATE run SET alive_at = ? WHERE id = ?",
            [(microseconds(now), run_id) for run_id in self.runs],
        )


def latest(
    connection: sqlite3.Connection, source: str | None, series: str | None, limit: int
) -> list[Run]:
    """Return runs, newest first.

    One that was never finished and whose process is gone has the outcome `interrupted`.
    """
    given = {"source": source, "series": series}
    wanted = {name: value for name, value in given.items() if value is not None}
    where = " AND ".join(f"{name} = :{name}" for name in wanted) or "true"
    return _select(
        connection, f"WHERE {where} ORDER BY id DESC LIMIT :limit", wanted | {"limit": limit}
    )


def last_of_each(connection: sqlite3.Connection) -> list[Run]:
    """Return the latest run of each series, and of each source without one, newest first."""
    return _select(
        connection,
        "WHERE id IN (SELECT max(id) FROM run GROUP BY source, series) ORDER BY id DESC",
        {},
    )


def firsts(connection: sqlite3.Connection) -> dict[str, datetime]:
    """Return {series: when its first run began}."""
    rows = connection.execute(
        "SELECT series, started_at FROM run WHERE id IN"
        " (SELECT min(id) FROM run WHERE series IS NOT NULL GROUP BY source, series)"
    )
    return {series: to_datetime(started) for series, started in rows}


def between(connection: sqlite3.Connection, begin: datetime, end: datetime) -> Iterator[RunDigest]:
    """Yield the runs that began from `begin` to before `end`, oldest first."""
    rows = connection.execute(
        "SELECT source, series, started_at, outcome, covers_from, covers_until,"
        " coalesce(counts ->> '$.items', 0), coalesce(counts ->> '$.pages', 0),"
        " coalesce(counts ->> '$.rejects', 0), alarms,"
        " iif(outcome = 'running', json_array(process, host, alive_at), NULL)"
        " FROM run WHERE started_at >= ? AND started_at < ? ORDER BY started_at, id",
        (microseconds(begin), microseconds(end)),
    )
    for *fields, alarms, process in rows:
        told = () if alarms == "[]" else tuple(json.loads(alarms))
        digest = RunDigest._make((*fields, told))
        if process is not None and _is_gone(*json.loads(process)):
            digest = digest._replace(outcome="interrupted")
        yield digest


def _select(
    connection: sqlite3.Connection, condition: str, parameters: Mapping[str, object]
) -> list[Run]:
    rows = connection.execute(
        "SELECT id, source, started_at, finished_at, outcome, arguments, counts, message, series,"  # noqa: S608 - the conditions above
        " rejects, empty_fields, alarms, covers_from, covers_until, process, host, alive_at"
        f" FROM run {condition}",
        parameters,
    )
    return [
        Run(
            id=run_id,
            source=name,
            started_at=to_datetime(started),
            finished_at=None if finished is None else to_datetime(finished),
            outcome="interrupted" if outcome == "running" and _is_gone(*process) else outcome,
            arguments=json.loads(arguments),
            counts=json.loads(counts),
            message=message,
            series=series,
            rejects=json.loads(rejects),
            empty_fields=json.loads(empty_fields),
            alarms=tuple(json.loads(alarms)),
            covers=None if since is None else (to_datetime(since), to_datetime(until)),
        )
        for (
            run_id,
            name,
            started,
            finished,
            outcome,
            arguments,
            counts,
            message,
            series,
            rejects,
            empty_fields,
            alarms,
            since,
            until,
            *process,
        ) in rows
    ]


def _is_gone(process: int, host: str, alive_at: int) -> bool:
    if host == socket.gethostname() and os.name == "posix":
        return not _is_alive(process)
    silent = microseconds(datetime.now(UTC)) - alive_at
    return silent > _SILENT_SECONDS * 1_000_000


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)  # sends nothing; asks whether it could
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def add_rejects(
    connection: sqlite3.Connection, rejects: Sequence[Reject], run_id: int | None
) -> None:
    """Keep rejects, each cut to a size that a hostile page cannot blow up."""
    now = microseconds(datetime.now(UTC))
    connection.executemany(
        "INSERT INTO reject (rejected_at, run_id, source, reason, place, raw)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                now,
                run_id,
                reject.source,
                _cut(reject.reason),
                _cut(reject.where),
                _cut(reject.raw),
            )
            for reject in rejects
        ],
    )


def latest_rejects(connection: sqlite3.Connection, limit: int) -> list[tuple[datetime, Reject]]:
    """Return rejects with the time when they were met, newest first."""
    rows = connection.execute(
        "SELECT rejected_at, source, reason, place, raw FROM reject ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [
        (to_datetime(at), Reject(source=source, reason=reason, where=place, raw=raw))
        for at, source, reason, place, raw in rows
    ]


def without_secret(name: str, value: object) -> object:
    """Return the value of an argument as it may be stored and shown."""
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if isinstance(value, str):
        value = _USER_INFO.sub(f"://{_HIDDEN}@", value)
        value = _SECRET_PARAMETER.sub(rf"\1{_HIDDEN}", value)
    return value


def _cut(text: str | None) -> str | None:
    return None if text is None else _encodable(text[:RAW_CHARACTERS])


def _json(value: Mapping[str, object] | Sequence[str]) -> str:
    return _encodable(json.dumps(value, ensure_ascii=False, default=str))


def _encodable(text: str) -> str:
    """SQLite stores UTF-8, which has no half surrogates; a broken page may."""
    return text.encode("utf-8", "replace").decode()
