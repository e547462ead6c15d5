"""The text index stays in step with the mentions, over edits, languages and upgrades."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from index import open_store
from index.base import StoreError
from index.migrations import MIGRATIONS, newest_version
from index.sqlite import SqliteStore
from index.text import document_stems
from index.text_index import Analysis
from tests.contract.records import later, make, tag


def shouting(title: str | None, text: str, reply: str | None, lang: str | None) -> str:
    """An analysis of another version: it puts an x behind every stem."""
    return " ".join(f"{stem}x" for stem in document_stems(title, text, reply, lang).split())


OTHER = Analysis(shouting, "other")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "molva.sqlite"
    with open_store(path) as store:
        store.upsert([make(n, f"Долго ждали курьера {n} раз") for n in range(50)])
    return path


def test_an_upgrade_of_the_analysis_is_told_and_nothing_breaks(path: Path) -> None:
    with SqliteStore(path, analysis=OTHER) as store:
        (problem,) = store.check()
        assert "was written by analysis" in problem
        assert "until it is rebuilt" in problem
        assert store.search("курьера").total == 50
        store.rebuild_text_index()
        assert store.check() == []
        assert store.search("курьера").total == 0, "this analysis has other stems"
    with open_store(path) as store:
        store.rebuild_text_index()
        assert store.search("курьера").total == 50


@pytest.mark.parametrize("change", ["upsert", "delete", "tag"])
def test_the_first_change_after_an_upgrade_rebuilds_the_index(path: Path, change: str) -> None:
    with SqliteStore(path, analysis=OTHER) as store:
        first = make(0, "Долго ждали курьера 0 раз")
        if change == "upsert":
            store.upsert([later(first, text="Иначе")])
        elif change == "delete":
            store.delete([first.id])
        else:
            store.add_taggings([tag(first, lang="lt")])
        assert store.check() == []
    with open_store(path) as store:
        assert len(store.check()) == 1


def test_an_upgrade_of_the_store_rebuilds_the_index_at_once(path: Path) -> None:
    steps = {**MIGRATIONS, newest_version() + 1: lambda _: None}
    with SqliteStore(path, steps=steps, analysis=OTHER) as store:
        assert store.check() == []
        assert store.search("курьера").total == 0, "this analysis has other stems"


def test_an_upgrade_that_was_killed_goes_on_with_the_next_opening(path: Path) -> None:
    def killed(_: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    number = newest_version() + 1
    with pytest.raises(KeyboardInterrupt):
        SqliteStore(path, steps={**MIGRATIONS, number: killed}, analysis=OTHER)
    with pytest.raises(StoreError, match="older Molva"):
        SqliteStore(path, steps={**MIGRATIONS, number: killed}, analysis=OTHER, read_only=True)
    with SqliteStore(path, steps={**MIGRATIONS, number: lambda _: None}, analysis=OTHER) as store:
        assert store.check() == []


def test_a_process_of_the_old_version_stops_writing(path: Path) -> None:
    with open_store(path) as old, SqliteStore(path, analysis=OTHER) as new:
        old.upsert([make(100)])
        new.upsert([make(101)])
        with pytest.raises(StoreError, match="start this command again"):
            old.upsert([make(102)])
        assert new.check() == []


def test_the_language_that_a_tagger_identifies_is_followed(path: Path) -> None:
    with open_store(path) as store:
        mention = make("lt", "Pristatymas vėlavo dvi dienas, kurjeriai neatsiliepia", lang="en")
        store.upsert([mention])
        assert store.search("kurjeris").total == 0
        store.add_taggings([tag(mention, lang="lt")])
        assert store.search("kurjeris").total == store.search("lang:lt").total == 1
        store.upsert([later(mention, likes=5)])
        assert store.search("kurjeris").total == 1
        assert store.check() == []


def test_damage_in_the_text_index_is_found_and_repaired(path: Path) -> None:
    with open_store(path) as store:
        connection = store._connection  # what only damage from outside can do
        connection.execute(
            "INSERT INTO mention_text (mention_text, rowid, stems) SELECT 'delete', rowid,"
            " 'долг жда курьер' FROM mention WHERE id = 'shop:7'"
        )
        assert any("text index" in problem for problem in store.check())
        store.rebuild_text_index()
        assert store.check() == []
        assert store.search("курьер").total == 50


@pytest.mark.parametrize("count", ["mentions", "rated", "stars_total"])
def test_damage_in_the_counts_is_found_and_repaired(path: Path, count: str) -> None:
    with open_store(path) as store:
        store._connection.execute(f"UPDATE rollup SET {count} = {count} + 1 WHERE value = 'shop'")
        (problem,) = store.check()
        assert "counts of trends differ" in problem
        store.rebuild_counts()
        assert store.check() == []
