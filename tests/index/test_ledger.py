"""The ledger of a store: its contract, what is not said twice, and what a kill leaves behind."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from index import open_store
from index.base import MentionIndex, StoreError
from index.cases import CaseEvent
from index.ledger import BATCH
from index.sqlite import SqliteStore
from mention import Correction, Mention
from tests.contract.histories import Operation, assert_holds, operations, play
from tests.contract.records import make, tag
from tests.contract.test_ledger import LedgerContract, correct, enter, labels


class Alone:
    """A store that answers itself."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    def answers(self) -> MentionIndex:
        assert self.store.check() == []
        return self.store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        yield store


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def place(self, store: SqliteStore) -> Alone:
        return Alone(store)


@given(operations)
@settings(max_examples=25, deadline=None)
def test_whatever_happens_the_latest_word_of_a_person_holds(history: list[Operation]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with open_store(folder / "molva.sqlite") as store:
            expected = play(store, "shop", history)
            assert store.check() == []
            assert_holds(store, "shop", expected)
    finally:
        shutil.rmtree(folder)


def said(mention: Mention, **values: Any) -> Correction:
    return Correction.model_validate({"mention_id": mention.id} | values)


def test_repeating_the_latest_word_adds_nothing(store: SqliteStore) -> None:
    mention = make()
    store.upsert([mention])
    ledger = store.ledger()
    for sentiment, is_new in (("negative", True), ("negative", False), ("mixed", True)):
        number = ledger.correct(said(mention, sentiment=sentiment, author="а"))
        assert (number is not None) is is_new
    assert ledger.correct(said(mention, sentiment="mixed", author="б"))
    assert ledger.correct(said(mention, sentiment="negative", author="а"))
    assert len(ledger.told(mention.id).corrections) == 4


def test_what_was_said_before_others_spoke_can_be_taken_back(store: SqliteStore) -> None:
    mention = make()
    store.upsert([mention])
    store.add_taggings([tag(mention, "negative")])
    ledger = store.ledger()
    first = ledger.correct(said(mention, sentiment="mixed", author="а"))
    second = ledger.correct(said(mention, topics={"speed": "negative"}, author="б"))
    undone = ledger.undo(mention.id, number=first)
    assert undone is not None
    assert undone.author == "а"
    assert ledger.undo(mention.id, number=first) is None, "it no longer holds"
    assert ledger.told(mention.id).in_force == {second}
    assert store.search("sentiment:negative topic:speed:negative").total == 1
    assert store.check() == []


def test_a_file_that_was_broken_off_goes_on_and_says_nothing_twice(store: SqliteStore) -> None:
    mentions = [make(number) for number in range(30)]
    store.upsert(mentions)
    store.add_taggings([tag(one) for one in mentions])
    words = ("negative", "mixed")
    file = [
        said(mentions[number % 30], sentiment=words[number // 30 % 2], note=f"{number // 60}")
        for number in range(BATCH + 200)
    ]

    def broken_off() -> Iterator[Correction]:
        yield from file[: BATCH + 100]
        raise KeyboardInterrupt

    ledger = store.ledger()
    with pytest.raises(KeyboardInterrupt):
        ledger.correct_all(broken_off())
    assert store.check() == []
    taken = ledger.correct_all(iter(file))
    assert (taken.stored, taken.same) == (200, BATCH)
    again = ledger.correct_all(file)
    assert (again.stored, again.same, again.unknown) == (0, len(file), [])
    kept = [one for mention in mentions for one in ledger.told(mention.id).corrections]
    assert len(kept) == len(file)
    last = {one.mention_id: one.sentiment for one in file}
    assert all(labels(store, one)[0] == last[one.id] for one in mentions)


def long_file() -> list[Correction]:
    """Return many corrections of a few mentions, each said in other words."""
    return [said(make(n % 30), sentiment="mixed", note=str(n)) for n in range(6 * BATCH)]


def correct_for_long(path: Path) -> None:
    with open_store(path) as store:
        store.ledger().correct_all(long_file())


def test_a_process_that_is_killed_loses_nothing_and_says_nothing_twice(store: SqliteStore) -> None:
    store.upsert([make(number) for number in range(30)])
    store.add_taggings([tag(make(number)) for number in range(30)])
    process = multiprocessing.get_context("spawn").Process(
        target=correct_for_long, args=(store.path,)
    )
    process.start()
    while process.is_alive() and not store.ledger().told("shop:0").corrections:
        time.sleep(0.02)
    process.kill()
    process.join()
    assert store.check() == []
    before = sum(len(store.ledger().told(f"shop:{n}").corrections) for n in range(30))
    assert before % BATCH == 0
    taken = store.ledger().correct_all(long_file())
    assert (taken.same, taken.stored) == (before, 6 * BATCH - before)
    notes = [one.note for n in range(30) for _, one in store.ledger().told(f"shop:{n}").corrections]
    assert sorted(notes, key=lambda note: int(note or -1)) == [str(n) for n in range(6 * BATCH)]


def test_a_file_that_says_something_back_and_forth_ends_with_its_last_line(
    store: SqliteStore,
) -> None:
    mention = make()
    store.upsert([mention])
    store.add_taggings([tag(mention)])
    file = [said(mention, sentiment=one) for one in ("negative", "positive", "negative")]
    for stored in (3, 0):
        assert store.ledger().correct_all(file).stored == stored
        assert labels(store, mention)[0] == "negative"
    assert store.ledger().correct_all([said(make(9), sentiment="mixed")]).unknown == ["shop:9"]


def test_a_fact_is_written_with_all_that_follows_or_not_at_all(store: SqliteStore) -> None:
    mention = make()
    store.upsert([mention])
    store.add_taggings([tag(mention, "positive", "speed+")])
    with sqlite3.connect(store.path) as other:
        # The disk fails at the last statement of each transaction.
        other.execute(
            "CREATE TRIGGER broken BEFORE UPDATE ON mention BEGIN SELECT raise(FAIL, 'disk'); END"
        )
    other.close()
    with pytest.raises(StoreError):
        correct(store, mention, sentiment="negative", topics={"speed": "negative"})
    with pytest.raises(StoreError):
        enter(store, mention, owner="Анна")
    told = store.ledger().told(mention.id)
    assert (told.corrections, told.events) == ((), ())
    assert labels(store, mention) == ("positive", {"speed": "positive"}, False)
    assert store.check() == []


def test_an_entry_that_says_nothing_new_is_not_added(store: SqliteStore) -> None:
    mention = make()
    store.upsert([mention])
    for _ in range(2):
        enter(store, mention, owner="Анна", note="звоню")
        enter(store, mention, status="waiting")
        enter(store, mention, status="waiting", owner="Анна")
    enter(store, mention, note="ещё раз")
    enter(store, mention, note="ещё раз")
    notes = [one.note for one in store.ledger().told(mention.id).events]
    assert notes == ["звоню", None, "звоню", "ещё раз"]


def test_a_mention_that_is_not_there(store: SqliteStore) -> None:
    ledger = store.ledger()
    for speak in (
        lambda: ledger.correct(said(make(), sentiment="mixed")),
        lambda: ledger.undo("shop:1"),
        lambda: ledger.enter(CaseEvent(mention_id="shop:1")),
    ):
        with pytest.raises(StoreError, match="there is no mention shop:1"):
            speak()
    assert ledger.told("shop:1").corrections == ()


def test_a_store_opened_for_reading_takes_no_word(store: SqliteStore) -> None:
    mention = make()
    store.upsert([mention])
    with (
        open_store(store.path, create=False, read_only=True) as reader,
        pytest.raises(StoreError, match="opened for reading"),
    ):
        correct(reader, mention, sentiment="negative")


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM corrected",
        "UPDATE corrected SET sentences = '[]'",
        "DELETE FROM correction",
        "UPDATE correction SET text_hash = 'other'",
        "UPDATE case_state SET owner = 'Олег'",
        "DELETE FROM case_state",
        "DELETE FROM case_event",
    ],
)
def test_what_does_not_follow_from_the_facts_is_reported(store: SqliteStore, damage: str) -> None:
    mention = make()
    store.upsert([mention])
    store.add_taggings([tag(mention, "negative", "speed+")])
    correct(store, mention, topics={"speed": "negative"}, sentiment="negative")
    enter(store, mention, owner="Анна")
    assert store.check() == []
    with sqlite3.connect(store.path) as other:
        other.execute(damage)
    other.close()
    assert store.check() == ["1 mentions do not show what people have said of them"]
