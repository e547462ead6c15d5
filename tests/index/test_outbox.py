"""The outbox: whatever changes in a store, and whenever sending is broken off, nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import open_store
from index.base import StoreError
from index.elastic.documents import deletion_version, version_of
from index.outbox import FILLED, Outbox, only_sender
from index.outbox_rows import Change
from index.sqlite import SqliteStore
from index.text import document_terms
from mention import Mention, Tagging
from tests.contract.records import COLLECTED, at, later, make, tag


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        yield store


@pytest.fixture
def outbox(store: SqliteStore) -> Outbox:
    """The outbox of a store that sends; nothing waits."""
    outbox = store.outbox()
    outbox.enable()
    outbox.set_target("first")
    return outbox


def waiting(outbox: Outbox, size: int = 500) -> list[Change]:
    return [change for batch in outbox.batches(size) for change in batch]


def send(outbox: Outbox) -> list[str]:
    """Take everything out of the outbox and return the ids, in order."""
    sent = []
    for batch in outbox.batches():
        outbox.sent(batch)
        sent += [change.mention_id for change in batch]
    return sent


def tables(store: SqliteStore) -> dict[str, int]:
    with sqlite3.connect(store.path) as connection:
        names = ("outbox", "outbox_deletion", "outbox_refused", "outbox_state")
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names
        }
        triggers = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'")
        counts["triggers"] = triggers.fetchone()[0]
    connection.close()
    return counts


def test_a_store_without_a_cluster_keeps_no_outbox(store: SqliteStore) -> None:
    store.upsert([make(1), make(2)])
    store.add_taggings([tag(make(1))])
    store.delete(["shop:2"])
    assert set(tables(store).values()) == {0}
    assert store.outbox().state() is None


def test_a_store_that_forgets_its_cluster_is_as_before(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(n) for n in range(1, 5)])
    (batch,) = outbox.batches()
    outbox.refuse([(batch[0], "no")])
    store.delete(["shop:1", "shop:2"])
    assert outbox.disable() == 2
    store.upsert([make(5)])
    store.delete(["shop:3"])
    assert set(tables(store).values()) == {0}
    assert outbox.state() is None
    assert outbox.disable() == 0
    outbox.enable()
    assert outbox.set_target("first"), "nobody knows any more what it has"
    assert {change.mention_id for change in waiting(outbox)} == {"shop:4", "shop:5"}


def test_first_everything_waits_newest_first(store: SqliteStore) -> None:
    mentions = [make(n, published_at=at(f"2026-01-{1 + n:02}T10:00:00")) for n in range(9)]
    store.upsert(mentions)
    store.add_taggings([tag(one, topics="speed- price+") for one in mentions[:5]])
    outbox = store.outbox()
    outbox.enable()
    assert outbox.set_target("index of today")
    changes = waiting(outbox, size=4)
    assert [change.mention_id for change in changes] == [f"shop:{n}" for n in range(8, -1, -1)]
    for change in changes:
        hit = store.get(change.mention_id)
        assert hit is not None
        assert change.entry is not None
        assert (change.entry.mention, change.entry.tagging) == (hit.mention, hit.tagging)
        assert change.entry.first_collected_at == COLLECTED
        assert (change.entry.tagged_at is None) == (hit.tagging is None)
    assert outbox.waiting() == 9, "reading takes nothing away"
    outbox.sent(changes)
    assert outbox.waiting() == 0
    assert not outbox.set_target("index of today")
    assert outbox.set_target("another index")
    assert outbox.waiting() == 9


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("text", lambda store: store.upsert([later(make(1), text="Исправлено")])),
        ("likes", lambda store: store.upsert([later(make(1), likes=7)])),
        ("another look", lambda store: store.upsert([later(make(1))])),
        ("date", lambda store: store.upsert([later(make(1), published_at=at("2026-02-01"))])),
        ("tagging", lambda store: store.add_taggings([tag(make(1), version="2")])),
    ],
)
def test_what_changes_waits(
    store: SqliteStore, outbox: Outbox, what: str, change: Callable[[SqliteStore], object]
) -> None:
    store.upsert([make(1), make(2)])
    store.add_taggings([tag(make(1))])
    assert send(outbox) == sorted(["shop:1", "shop:2"], key=lambda one: -rowid(store, one))
    change(store)
    assert [one.mention_id for one in waiting(outbox)] == ["shop:1"], what
    assert send(outbox) == ["shop:1"]
    assert send(outbox) == []


def rowid(store: SqliteStore, mention_id: str) -> int:
    with sqlite3.connect(store.path) as connection:
        row = connection.execute("SELECT rowid FROM mention WHERE id = ?", (mention_id,)).fetchone()
    connection.close()
    return int(row[0])


def test_what_does_not_change_does_not_wait(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1)])
    send(outbox)
    assert store.upsert([make(1)]).same == 1
    assert store.upsert([later(make(1), days=-1, text="старая")]).same == 1
    assert store.add_taggings([tag(make(1, "другой текст"))]) == 0
    assert outbox.waiting() == 0


def test_days_of_another_time_zone_are_sent(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1), make(2)])
    send(outbox)
    store.set_time_zone("Europe/Vilnius")
    assert outbox.waiting() == 2


@pytest.mark.parametrize("published", [None, at("2026-02-02")], ids=["in place", "moved"])
def test_a_change_during_sending_is_not_lost(
    store: SqliteStore, outbox: Outbox, published: datetime | None
) -> None:
    store.upsert([make(1), make(2)])
    (batch,) = outbox.batches()
    store.upsert([later(make(1), text="Новый текст", published_at=published)])
    outbox.sent(batch)
    (change,) = waiting(outbox)
    assert change.entry is not None
    assert change.entry.mention.text == "Новый текст"


def test_a_change_between_batches_is_sent_once(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(n) for n in range(4)])
    batches = outbox.batches(2)
    outbox.sent(next(batches))
    store.upsert([make(n) for n in range(4, 8)])
    store.upsert([later(make(n), likes=1) for n in range(4)])
    for batch in batches:
        outbox.sent(batch)
    assert sorted(send(outbox)) == [f"shop:{n}" for n in range(8)]


def test_an_erased_mention_leaves_its_id_until_it_is_sent(
    store: SqliteStore, outbox: Outbox
) -> None:
    before = int(datetime.now(UTC).timestamp())
    future = make(2, collected_at=at("2090-01-01"))
    store.upsert([make(1), future, make(3)])
    (batch,) = outbox.batches()
    assert store.delete(["shop:1", "shop:2"]) == 2
    outbox.sent(batch)
    changes = waiting(outbox)
    assert [(one.mention_id, one.entry) for one in changes] == [("shop:1", None), ("shop:2", None)]
    now = int(datetime.now(UTC).timestamp())
    versions = [deletion_version(datetime.fromtimestamp(n, UTC)) for n in range(before, now + 1)]
    assert changes[0].version in versions
    assert batch[0].entry
    assert changes[1].version == deletion_version(future.collected_at)
    assert all(
        changes[1].version > version_of(one.entry)
        for one in batch
        if one.entry and one.mention_id == "shop:2"
    )
    outbox.sent(changes)
    assert tables(store)["outbox_deletion"] == 0


def test_what_the_store_never_had_can_be_erased(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1), make(2)])
    outbox.erase(["shop:1", "shop:9"])
    deletions = [one for batch in outbox.batches(only_deletions=True) for one in batch]
    assert [(one.mention_id, one.entry) for one in deletions] == [("shop:9", None)]
    outbox.sent(deletions)
    assert outbox.waiting() == 2


def test_a_mention_that_comes_back_is_erased_first(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1)])
    store.delete(["shop:1"])
    store.upsert([later(make(1))])
    changes = waiting(outbox)
    assert [(one.mention_id, one.entry is None) for one in changes] == [
        ("shop:1", True),
        ("shop:1", False),
    ]


def test_refused_for_good(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1), make(2), make(3)])
    before = datetime.now(UTC)
    outbox.refuse((one, f"cannot take {one.mention_id}") for one in waiting(outbox))
    assert outbox.waiting() == 0
    letters = {letter.mention_id: letter for letter in outbox.dead_letters()}
    assert letters["shop:2"].reason == "cannot take shop:2"
    assert before <= letters["shop:2"].refused_at <= datetime.now(UTC)
    store.upsert([later(make(1), text="Короче")])
    store.delete(["shop:2"])
    assert [letter.mention_id for letter in outbox.dead_letters()] == ["shop:3"]
    assert outbox.counts().refused_mentions == 1
    assert outbox.retry_dead() == 1
    assert outbox.dead_letters() == []
    assert sorted(send(outbox)) == ["shop:1", "shop:2", "shop:3"]
    assert outbox.retry_dead() == 0


def test_a_refused_deletion_waits_again(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(1)])
    send(outbox)
    store.delete(["shop:1"])
    (change,) = waiting(outbox)
    outbox.refuse([(change, "not allowed")])
    (letter,) = outbox.dead_letters()
    assert letter.is_deletion
    assert outbox.counts().refused_mentions == 0
    outbox.retry_dead()
    assert [(one.entry, one.version) for one in waiting(outbox)] == [(None, change.version)]


def test_a_refusal_of_what_has_changed_since_does_not_count(
    store: SqliteStore, outbox: Outbox
) -> None:
    store.upsert([make(1)])
    (change,) = waiting(outbox)
    store.upsert([later(make(1), text="Другое")])
    outbox.refuse([(change, "too long")])
    assert outbox.dead_letters() == []
    assert outbox.waiting() == 1


def test_a_rebuild_goes_on_where_it_was(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(n) for n in range(6)])
    send(outbox)
    assert outbox.begin_rebuild("second") is None
    first, *_ = outbox.everything(size=2)
    outbox.rebuilt(first, {first[1].mention_id: "no"}, below=first[-1].rowid)
    assert [letter.mention_id for letter in outbox.dead_letters()] == [first[1].mention_id]
    below = outbox.begin_rebuild("second")
    rest = [one for batch in outbox.everything(below, 2) for one in batch]
    assert {one.mention_id for one in (*first, *rest)} == {f"shop:{n}" for n in range(6)}
    assert len(rest) == 4
    assert outbox.set_target("second"), "an index that is half full has to get everything"
    send(outbox)

    assert outbox.begin_rebuild("third") is None
    everything = [one for batch in outbox.everything() for one in batch]
    outbox.rebuilt(everything, {}, below=FILLED)
    assert outbox.dead_letters() == []
    assert list(outbox.everything(outbox.begin_rebuild("third"))) == []
    assert not outbox.set_target("third")
    assert outbox.waiting() == 0
    state = outbox.state()
    assert state is not None
    assert state.rebuilding is None


def test_refused_mentions_can_be_read_for_a_rebuild(store: SqliteStore, outbox: Outbox) -> None:
    store.upsert([make(n) for n in range(5)])
    store.delete(["shop:4"])
    outbox.refuse((change, "no") for change in waiting(outbox))
    read = [one.mention_id for batch in outbox.refused(size=2) for one in batch]
    assert read == ["shop:0", "shop:1", "shop:2", "shop:3"]


def test_a_store_of_the_first_schema_gets_an_outbox(tmp_path: Path) -> None:
    path = tmp_path / "molva.sqlite"
    SqliteStore(path, steps={}).close()
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "INSERT INTO mention (id, source, kind, rating_min, rating_max, collected_at, text,"
            " revision, content_hash, first_collected_at, day)"
            " VALUES ('shop:1', 'shop', 'review', 1, 5, 0, 'Ждали', 1, '', 0, 0)"
        )
        terms = document_terms(None, "Ждали", None, None)
        old.execute(
            "INSERT INTO mention_text (rowid, stems) SELECT rowid, ? FROM mention", (terms,)
        )
    with open_store(path) as store:
        outbox = store.outbox()
        assert outbox.state() is None
        outbox.enable()
        outbox.set_target("first")
        store.upsert([make(2)])
        assert sorted(send(outbox)) == ["shop:1", "shop:2"]
        assert store.check() == []


def keep_sending(path: Path, started: multiprocessing.synchronize.Event) -> None:
    with only_sender(path):
        started.set()
        time.sleep(60)


def test_one_process_sends_at_a_time(tmp_path: Path) -> None:
    path, spawn = tmp_path / "molva.sqlite", multiprocessing.get_context("spawn")
    started = spawn.Event()
    process = spawn.Process(target=keep_sending, args=(path, started))
    process.start()
    assert started.wait(30)
    with pytest.raises(StoreError, match="another process is sending"), only_sender(path):
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with only_sender(path):
        pass


class Cluster:
    """What the server does with external versions, as far as sending relies on it."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[int, Mention, Tagging | None]] = {}

    def take(self, change: Change) -> None:
        version, *_ = self.documents.get(change.mention_id, (0,))
        if change.entry is None:
            if change.version > version:
                self.documents.pop(change.mention_id, None)
        elif version_of(change.entry) >= version:
            entry = change.entry
            self.documents[change.mention_id] = (version_of(entry), entry.mention, entry.tagging)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["look", "text", "move", "tag", "delete", "read", "send", "refuse"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_any_order_of_changes_and_broken_sendings_ends_equal(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    cluster = Cluster()
    with open_store(tmp_path_factory.mktemp("random") / "molva.sqlite") as store:
        outbox = store.outbox()
        outbox.enable()
        outbox.set_target("first")
        batches: Iterator[list[Change]] = iter(())
        read: list[Change] = []
        for number, (step, which) in enumerate(steps):
            mention = later(make(which, likes=number), days=number)
            if step == "look":
                store.upsert([mention])
            elif step == "text":
                store.upsert([later(mention, 0, text=f"текст {number}")])
            elif step == "move":
                store.upsert([later(mention, 0, published_at=at(f"2025-01-{1 + which:02}"))])
            elif step == "tag" and (hit := store.get(mention.id)):
                store.add_taggings([tag(hit.mention, topics="speed-", version=str(number))])
            elif step == "delete":
                store.delete([mention.id])
            elif step == "read":
                # A sender that was killed is followed by another one.
                batches = batches if which else outbox.batches(2)
                read = next(batches, [])
            elif step == "send":
                for change in read[: which or None]:
                    cluster.take(change)
                outbox.sent(read[: which or None])
            elif step == "refuse" and read:
                outbox.refuse([(read[0], "no")])
        outbox.retry_dead()
        for batch in outbox.batches(3):
            for change in batch:
                cluster.take(change)
            outbox.sent(batch)
        hits = {hit.mention.id: (hit.mention, hit.tagging) for hit in store.scan()}
        assert outbox.waiting() == 0
    assert {one: rest for one, (_, *rest) in cluster.documents.items()} == {
        one: list(hit) for one, hit in hits.items()
    }
