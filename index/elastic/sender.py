"""One run of sending: from the outbox of a store to the cluster, or a whole index anew."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Final

from elasticsearch import Elasticsearch

from index.base import StoreError
from index.elastic.aliases import (
    IndexState,
    abandon_rebuild,
    current_index,
    erasure_targets,
    finish_rebuild,
    next_index,
    old_indices,
    prepare,
    problems,
    start_rebuild,
    write_targets,
)
from index.elastic.connection import ClusterSettings, clear_errors
from index.elastic.documents import Entry
from index.elastic.writing import Deletion, SendReport, Targets, send
from index.outbox import FILLED, Outbox
from index.outbox_rows import Change

# Other processes may write while this one sends; each round sends what came meanwhile.
ROUNDS: Final = 20

# Shows a label and a total on the screen, and gives what counts towards it.
Show = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
# Notes what became of changes: {id: reason} names those that were refused.
Settle = Callable[[Sequence[Change], dict[str, str]], None]


def show_nothing(_label: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda _done: None)


@dataclass(slots=True)
class IndexReport:
    """What `molva index` did.

    Attributes:
        index: name of the index that is read now.
        sent: documents written.
        newer_there: documents that the cluster had as new or newer.
        deleted: mentions erased from the cluster.
        refused: mentions that the cluster will not take as they are, now and before.
        waiting: changes that came while the rest was sent.
        old: indices that a rebuild has left behind.
        dropped: indices that were deleted for good.
        problems: what makes the cluster answer otherwise than the store, one sentence each.
    """

    index: str = ""
    sent: int = 0
    newer_there: int = 0
    deleted: int = 0
    refused: int = 0
    waiting: int = 0
    old: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to do."""
        return not (self.refused or self.waiting or self.problems)


class Sender:
    """Reads the outbox, writes to the cluster, and notes what was done."""

    def __init__(
        self,
        outbox: Outbox,
        client: Elasticsearch,
        settings: ClusterSettings,
        *,
        time_zone: str,
        model: Callable[[], str],
        show: Show = show_nothing,
    ) -> None:
        """See `cluster.index_store`; `model` names the tagger of a store without taggings."""
        self.outbox = outbox
        self.report = IndexReport()
        self._client = client
        self._settings = settings
        self._time_zone = time_zone
        self._model_of_project = model
        self._show = show
        outbox.enable()

    def send(self) -> None:
        """Send what waits; everything when the index is not the one of last time."""
        current = prepare(
            self._client, self._settings,
            model_version=self._model(), time_zone=self._time_zone,
        )  # fmt: skip
        self.outbox.set_target(self._identity(current))
        self._empty_outbox(self._targets)

    def send_deletions(self) -> None:
        """Send only what was erased; nothing where the cluster has no index yet."""
        if current_index(self._client, self._settings) is not None:
            deletions = self.outbox.batches(only_deletions=True)
            self._deliver(deletions, self._targets, self._settle, lambda _done: None)

    def rebuild(self) -> None:
        """Fill a new index from the store and let it take the place of the current one.

        Changes made meanwhile go to both. A rebuild that was broken off goes on.
        """
        begun = start_rebuild(
            self._client, self._settings,
            model_version=self._model(), time_zone=self._time_zone,
        )  # fmt: skip
        below = self.outbox.begin_rebuild(self._identity(begun))
        only_next = [self._settings.next_alias]
        with self._show("rebuilding", self.outbox.counts().mentions) as advance:
            everything = self.outbox.everything(below)
            self._deliver(everything, only_next, self._note_rebuilt, advance, deleted_wins=True)
        self.outbox.rebuilt([], {}, below=FILLED)
        targets = self._targets if self._has_current() else only_next
        for _ in range(ROUNDS):
            self._empty_outbox(targets)
            # What only the old index refused, the new one may take.
            refused = self.outbox.refused()
            self._deliver(refused, only_next, self.outbox.rebuilt, lambda _done: None)
            counts = self.outbox.counts()
            if not counts.waiting:
                break
        else:
            raise StoreError(
                "the store is written to faster than it can be sent, so the old index stays; "
                "run this again when less is going on: molva index --rebuild"
            )
        expected = counts.mentions - counts.refused_mentions
        self._check_filled(expected)
        new = finish_rebuild(self._client, self._settings, expected=expected)
        self.outbox.set_target(self._identity(new))

    def compare(self) -> None:
        """Let what was sent be found, and report when the cluster has less than the store."""
        there = self._count(self._settings.index)
        counts = self.outbox.counts()
        self.report.waiting, self.report.refused = counts.waiting, counts.refused
        if counts.waiting:
            return
        self.outbox.all_sent()
        missing = counts.mentions - counts.refused_mentions - there
        if missing > 0:
            self.report.problems.append(
                f"the cluster lacks {missing:,} mentions that it once had; "
                "run: molva index --rebuild"
            )

    def look_around(self) -> None:
        """Report which index is read, what is wrong with it, and which old ones there are."""
        current = current_index(self._client, self._settings)
        if current is not None:
            self.report.index = current.name
            self.report.problems += problems(current, time_zone=self._time_zone)
        if next_index(self._client, self._settings) is not None:
            self.report.problems.append(
                "a rebuild was broken off; go on with it: molva index --rebuild"
            )
        self.report.old = [old.name for old in old_indices(self._client, self._settings)]

    def _empty_outbox(self, targets: Targets) -> None:
        for _ in range(ROUNDS):
            waiting = self.outbox.waiting()
            if not waiting:
                return
            with self._show("sending", waiting) as advance:
                self._deliver(self.outbox.batches(), targets, self._settle, advance)

    def _deliver(
        self,
        batches: Iterable[list[Change]],
        targets: Targets,
        settle: Settle,
        advance: Callable[[int], None],
        *,
        deleted_wins: bool = False,
    ) -> None:
        given: deque[Change] = deque()
        reports = send(
            self._client,
            targets,
            _read(batches, given),
            time_zone=self._time_zone,
            erase_from=erasure_targets(self._client, self._settings),
            deleted_wins=deleted_wins,
            progress=advance,
        )
        for report in reports:
            settle([given.popleft() for _ in range(report.changes)], dict(report.refused))
            self._count_in(report)

    def _settle(self, changes: Sequence[Change], reasons: dict[str, str]) -> None:
        sent, refused = [], []
        # Backwards: where a mention was erased and came again, only the latter is refused.
        for change in reversed(changes):
            reason = reasons.pop(change.mention_id, None)
            if reason is None:
                sent.append(change)
            else:
                refused.append((change, reason))
        self.outbox.sent(sent)
        self.outbox.refuse(refused)

    def _note_rebuilt(self, changes: Sequence[Change], reasons: dict[str, str]) -> None:
        self.outbox.rebuilt(changes, reasons, below=changes[-1].rowid)

    def _count_in(self, report: SendReport) -> None:
        self.report.sent += report.sent
        self.report.newer_there += report.newer_there
        self.report.deleted += report.deleted

    def _targets(self) -> list[str]:
        return write_targets(self._client, self._settings)

    def _has_current(self) -> bool:
        try:
            current = current_index(self._client, self._settings)
        except StoreError:
            return False  # its alias is missing: the rebuild gives it back
        return current is not None and self._settings.write_alias in current.aliases

    def _check_filled(self, expected: int) -> None:
        """Throw the new index away when it cannot be what the store holds."""
        there = self._count(self._settings.next_alias)
        if there != expected:
            abandon_rebuild(self._client, self._settings)
            raise StoreError(
                f"the new index has {there:,} mentions where the store has {expected:,}, so the "
                "old one stays; let nobody else write there and run: molva index --rebuild"
            )

    def _count(self, index: str) -> int:
        """Return how many mentions can be found in an index or alias now."""
        with clear_errors(self._settings):
            self._client.indices.refresh(index=index)
            return int(self._client.count(index=index)["count"])

    def _identity(self, state: IndexState) -> str:
        """Return a name that no other index has or had, in any cluster."""
        with clear_errors(self._settings):
            about = self._client.indices.get_settings(index=state.name, name="index.uuid")
        return f"{state.name} {about[state.name]['settings']['index']['uuid']}"

    def _model(self) -> str:
        """Return what the labels come from: the latest tagging, else the project's tagger."""
        tagger = self.outbox.tagger()
        return self._model_of_project() if tagger is None else " ".join(tagger)


def _read(batches: Iterable[list[Change]], given: deque[Change]) -> Iterator[Entry | Deletion]:
    """Yield what `send` takes, and remember what it was made of, without the texts."""
    for batch in batches:
        for change in batch:
            given.append(replace(change, entry=None))
            yield change.entry or Deletion(change.mention_id, change.version)
