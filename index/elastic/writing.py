"""Sending changes to the cluster: in bulk, in bounded memory, and as often as it takes.

Every write carries the version of what it writes (`version_of`), so that it may be sent
again, twice, late or by several machines: the newest state stays. The server answers
"conflict" to what is not newer. What is behind that is looked up: a newer state, the
same state (a replay), another state of the same second (then the later one is written),
or a deletion that the server remembers for a minute (then the mention is in the store
again, and written). One store is sent by one process at a time; two could bring back
what one of them has just erased.

A chunk is prepared while the one before it is on its way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Final

from elasticsearch import Elasticsearch
from pydantic_core import to_json

from index.base import StoreError
from index.elastic.bulk import Bulk, Vanished
from index.elastic.documents import Entry, deletion_stamp, to_document, version_of, written
from index.elastic.items import Fate, Item, Outcome

# More documents than this in one request make it slower, not faster.
_CHUNK_ITEMS: Final = 2000

Targets = Sequence[str] | Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Deletion:
    """A mention that has to go.

    Attributes:
        mention_id: which.
        version: see `index.elastic.documents.deletion_version`.
    """

    mention_id: str
    version: int


@dataclass(slots=True)
class SendReport:
    """What became of one chunk. The counts and the refused add up to `changes`.

    Attributes:
        changes: how many of the changes given, in their order, this report is about.
        sent: documents written.
        newer_there: documents that the cluster had as new or newer.
        deleted: mentions erased.
        absent: mentions to erase that were not there.
        refused: (mention id, reason) of documents that the cluster will never take.
    """

    changes: int = 0
    sent: int = 0
    newer_there: int = 0
    deleted: int = 0
    absent: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def send(
    client: Elasticsearch,
    targets: Targets,
    changes: Iterable[Entry | Deletion],
    *,
    time_zone: str = "UTC",
    erase_from: Sequence[str] = (),
    deleted_wins: bool = False,
    chunk_bytes: int = 5_000_000,
    max_retries: int = 6,
    sleep: Callable[[float], object] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[SendReport]:
    """Send changes and yield a report for each chunk once it is safely in the cluster.

    Args:
        client: from `connect`.
        targets: aliases to write to, in this order (`index.elastic.aliases.write_targets`),
            or a function that is asked for them before every chunk. The last one has to
            exist; one before it may vanish meanwhile, as it does when a rebuild ends.
        changes: read as they are needed, by the thread that asks for reports.
        time_zone: IANA name of the zone that decides the documents' field `day`.
        erase_from: old indices from which deletions erase as well.
        deleted_wins: leave out what the cluster remembers to have deleted later than it was
            collected: for a rebuild, whose copy of the store may be older than that.
        chunk_bytes: size of a request; one document alone may be larger.
        max_retries: how often what fails for now is tried again, after 1, 2, 4 … seconds,
            each up to a half more or less.
        sleep: waits between tries; tests give their own.
        progress: called with the number of changes done, after every chunk.

    Raises:
        StoreError: the cluster could not be reached, was too busy all along, or does not
            allow it. What was reported is done; the rest has to be sent again.
    """
    stop = Event()
    waits = stop.wait if sleep is None else sleep
    bulk = Bulk(client, max_retries, waits, stop.is_set, deleted_wins=deleted_wins)

    def deliver(chunk: list[Item]) -> SendReport:
        names = targets() if callable(targets) else targets
        outcomes = _everywhere(bulk, chunk, names)
        _erase(bulk, chunk, erase_from)
        return _report(chunk, outcomes)

    # One thread: chunks arrive in the order in which the changes came.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="molva-send") as executor:
        try:
            on_its_way: Future[SendReport] | None = None
            for chunk in _chunks(changes, time_zone, chunk_bytes):
                done = on_its_way.result() if on_its_way else None
                on_its_way = executor.submit(deliver, chunk)
                if done:
                    yield _told(done, progress)
            if on_its_way:
                yield _told(on_its_way.result(), progress)
        finally:
            stop.set()  # whoever broke off does not want to wait for another try


def _told(report: SendReport, progress: Callable[[int], object] | None) -> SendReport:
    if progress:
        progress(report.changes)
    return report


def _chunks(
    changes: Iterable[Entry | Deletion], time_zone: str, chunk_bytes: int
) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for change in changes:
        item = _item(change, time_zone)
        length = len(item.source or b"")
        if chunk and (size + length > chunk_bytes or len(chunk) == _CHUNK_ITEMS):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield chunk


def _item(change: Entry | Deletion, time_zone: str) -> Item:
    if isinstance(change, Deletion):
        return Item(change.mention_id, change.version, collected_at=deletion_stamp(change.version))
    mention_id, version = change.mention.id, version_of(change)
    try:
        document = to_document(change, time_zone=time_zone)
        source = to_json(document)
    except ValueError as error:
        return Item(mention_id, version, b"", problem=f"it cannot be written as JSON: {error}")
    digest = hashlib.blake2b(source, digest_size=16).hexdigest()
    # When it is sent is no part of what it says, so the digest does not depend on it.
    added = f',"digest":"{digest}","indexed_at":"{written(datetime.now(UTC))}"}}'
    return Item(
        mention_id,
        version,
        source[:-1] + added.encode(),
        collected_at=str(document["collected_at"]),
        tagged_at=str(document.get("tagged_at", "")),
        noted_at=str(document.get("noted_at", "")),
        content_hash=str(document["content_hash"]),
        digest=digest,
    )


def _everywhere(bulk: Bulk, chunk: list[Item], names: Sequence[str]) -> list[Outcome]:
    """Send a chunk to every target; return the outcomes at the last, refusals at any."""
    outcomes: list[Outcome] = []
    refused: dict[int, Outcome] = {}
    for name in names:
        try:
            outcomes = bulk.deliver(name, chunk)
        except Vanished as error:
            if name == names[-1]:
                raise StoreError(str(error)) from error
            continue
        refused |= {
            place: outcome for place, outcome in enumerate(outcomes) if outcome.fate is Fate.REFUSED
        }
    return [refused.get(place, outcome) for place, outcome in enumerate(outcomes)]


def _erase(bulk: Bulk, chunk: list[Item], names: Sequence[str]) -> None:
    """Delete from old indices, whatever version they have: nothing is written there."""
    deletions = [Item(item.mention_id, None) for item in chunk if item.source is None]
    for name in names if deletions else ():
        with suppress(Vanished):  # it was dropped meanwhile
            bulk.deliver(name, deletions)


def _report(chunk: list[Item], outcomes: list[Outcome]) -> SendReport:
    counts = Counter(outcome.fate for outcome in outcomes)
    return SendReport(
        changes=len(chunk),
        sent=counts[Fate.SENT],
        newer_there=counts[Fate.NEWER_THERE],
        deleted=counts[Fate.DELETED],
        absent=counts[Fate.ABSENT],
        refused=[
            (item.mention_id, outcome.reason)
            for item, outcome in zip(chunk, outcomes, strict=True)
            if outcome.fate is Fate.REFUSED
        ],
    )
