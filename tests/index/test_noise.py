"""Copies and adverts in a store: the contract, any order of arrival, and what a kill leaves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import open_store
from index.base import StoreError
from index.copies import CANDIDATES
from index.migrations import MIGRATIONS
from index.sqlite import SqliteStore
from tests.contract.records import later, make
from tests.contract.test_noise import (
    APP,
    SOFA,
    NoiseContract,
    adverts,
    copies,
    decide,
    examine,
    posted,
)
from tests.index.test_ledger import Alone


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        yield store


class TestSqliteNoise(NoiseContract):
    @pytest.fixture
    def place(self, store: SqliteStore) -> Alone:
        return Alone(store)


TEXTS = (SOFA, f"Добрый день! {SOFA}", APP, f"{APP} Really bad.", "Отлично!")


@settings(max_examples=10, deadline=None)
@given(
    st.permutations(range(8)),
    st.lists(st.sampled_from(TEXTS), min_size=8, max_size=8),
    st.sets(st.integers(0, 7)),
)
def test_the_order_of_arrival_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], texts: list[str], erased: set[int]
) -> None:
    mentions = [posted(number, text) for number, text in enumerate(texts)]
    left = [one for number, one in enumerate(mentions) if number not in erased]
    found = []
    for number, arrivals in enumerate((left, [mentions[place] for place in order])):
        path = tmp_path_factory.mktemp("order") / f"{number}.sqlite"
        with open_store(path) as store:
            for mention in arrivals:
                store.upsert([mention])
                examine(store)
            store.delete([mentions[place].id for place in erased])
            examine(store)
            assert store.check() == []
            found.append(copies(store))
    assert found[0] == found[1]


def test_only_what_is_new_or_was_edited_is_examined(store: SqliteStore) -> None:
    store.upsert(mentions := [posted(number) for number in range(5)])
    assert examine(store) == 5
    assert examine(store) == 0
    store.upsert([later(mentions[0], likes=3), later(mentions[1], reply_text="Разберёмся")])
    assert examine(store) == 0
    store.upsert([later(mentions[2], 2, text=APP), posted(6)])
    assert examine(store) == 2
    assert examine(store, rules_version=2) == 6


def test_a_date_that_turns_up_later_decides_who_was_first(store: SqliteStore) -> None:
    one, two = posted(5), posted(6)
    store.upsert([one, two])
    examine(store)
    assert copies(store) == {two.id: one.id}
    store.upsert([later(two, published_at=posted(1).published_at)])
    examine(store)
    assert copies(store) == {one.id: two.id}
    store.upsert([later(two, 2, published_at=posted(9).published_at)])
    examine(store)
    assert copies(store) == {two.id: one.id}


def test_a_run_that_is_broken_off_goes_on(store: SqliteStore) -> None:
    store.upsert([posted(number) for number in range(10)])
    book = store.noise()
    book.prepare(1)
    batches = book.examine(adverts, batch=4)
    assert next(batches) == 4
    batches.close()  # type: ignore[attr-defined]  # a generator, as the protocol need not say
    assert book.waiting() == 6
    assert len(copies(store)) == 3
    assert examine(store) == 6
    assert len(copies(store)) == 9


def test_what_fails_halfway_leaves_nothing_behind(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.upsert([posted(number) for number in range(3)])

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("index.noise_book.touch", fail)
        with pytest.raises(KeyboardInterrupt):
            examine(store)
    assert (store.noise().waiting(), copies(store)) == (3, {})
    assert examine(store) == 3
    assert len(copies(store)) == 2


def test_a_flood_of_one_text_is_one_group(store: SqliteStore) -> None:
    many = 4 * CANDIDATES
    store.upsert([posted(number, f"{SOFA}. Заказ {number}") for number in range(many)])
    examine(store)
    assert set(copies(store).values()) == {"shop:0"}
    assert len(copies(store)) == many - 1
    assert store.delete(["shop:0"]) == 1
    examine(store)
    assert set(copies(store).values()) == {"shop:1"}


def test_the_listing_keeps_groups_together(store: SqliteStore) -> None:
    store.upsert([posted(1), posted(2, APP), posted(3), posted(4, APP), posted(5)])
    store.upsert([make(9, "Вот промокод на диван")])
    examine(store)
    listed = [
        (one.hit.mention.id, one.hit.noise and one.hit.noise.copy_of, one.similarity)
        for one in store.noise().found()
    ]
    assert listed == [
        ("shop:4", "shop:2", 1.0),
        ("shop:3", "shop:1", 1.0),
        ("shop:5", "shop:1", 1.0),
        ("shop:9", None, None),
    ]


def test_a_mention_that_is_not_there_is_an_error(store: SqliteStore) -> None:
    with pytest.raises(StoreError, match="there is no mention shop:1"):
        decide(store, make(1), "keep")


def test_mentions_of_an_older_store_wait(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    steps = {number: step for number, step in MIGRATIONS.items() if number < 7}
    SqliteStore(path, steps=steps).close()
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO mention (id, source, kind, rating_min, rating_max, collected_at, text,"
            " revision, content_hash, first_collected_at, day)"
            " VALUES (?, 'shop', 'review', 1, 5, 0, ?, 1, '', 0, 0)",
            [("shop:1", SOFA), ("shop:2", SOFA)],
        )
    connection.close()
    with open_store(path) as store:
        assert store.noise().waiting() == 2
        assert examine(store) == 2
        assert copies(store) == {"shop:2": "shop:1"}
