"""Stores of other schema versions: brought up to date whole, or refused with the next step."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index import migrations, open_store, rollups
from index.base import StoreError
from index.migrations import MIGRATIONS, newest_version, run_script
from index.sqlite import SqliteStore
from tests.contract.records import make, tag

NEXT = newest_version() + 1
SCRIPT = """
-- A migration that does what one is likely to: a table, a column, an index; a semicolon;
ALTER TABLE mention ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
CREATE TABLE remark (
    mention_rowid INTEGER PRIMARY KEY
        REFERENCES mention (rowid) ON UPDATE CASCADE ON DELETE CASCADE,
    note TEXT DEFAULT ';'
);
CREATE TRIGGER remark_made AFTER INSERT ON remark BEGIN
    UPDATE mention SET urgent = 1 WHERE rowid = NEW.mention_rowid;
END;
INSERT INTO remark (mention_rowid) SELECT rowid FROM mention WHERE id = 'shop:1';
"""


def upgrade(connection: sqlite3.Connection) -> None:
    run_script(connection, SCRIPT)


def fail(connection: sqlite3.Connection) -> None:
    upgrade(connection)
    raise sqlite3.OperationalError("no such table: of_the_future")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with open_store(tmp_path / "molva.sqlite") as store:
        mentions = [make(1), make(2)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-") for one in mentions])
    return tmp_path / "molva.sqlite"


def version_of(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(version)


def test_a_new_store_has_the_newest_schema(path: Path) -> None:
    assert version_of(path) == newest_version()
    assert sorted(MIGRATIONS) == list(range(2, newest_version() + 1)), "migrations leave no gap"


def test_an_older_store_is_brought_up_to_date(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW v_mine AS SELECT id, text FROM v_mentions")
        connection.execute("DROP VIEW v_rejects")
    connection.close()
    with SqliteStore(path, steps={**MIGRATIONS, NEXT: upgrade}) as store:
        assert store.check() == []
        assert store.upsert([make(3)]).new == 1
        assert [point.negative for point in store.trends()] == [2]
    assert version_of(path) == NEXT
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT id, urgent FROM mention ORDER BY id").fetchall() == [
            ("shop:1", 1),
            ("shop:2", 0),
            ("shop:3", 0),
        ]
        assert connection.execute("SELECT count(*) FROM v_mine").fetchone() == (3,)
        assert connection.execute("SELECT count(*) FROM v_rejects").fetchone() == (0,)
    connection.close()


def test_runs_of_the_second_schema_stay(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    SqliteStore(path, steps={2: MIGRATIONS[2]}).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO run (source, started_at, outcome, arguments, counts, process, host,"
            " alive_at) VALUES ('rss', 0, 'failed', '{}', '{\"pages\": 3}', 1, 'a', 0)"
        )
    connection.close()
    with open_store(path) as store:
        (run,) = store.runs()
        assert (run.outcome, run.counts, run.series) == ("failed", {"pages": 3}, None)
        assert (run.rejects, run.empty_fields, run.alarms) == ({}, {}, ())
        assert store.last_runs() == [run]


def test_stars_of_the_third_schema_are_added_up(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    SqliteStore(path, steps={number: MIGRATIONS[number] for number in (2, 3)}).close()
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO mention (id, source, kind, brand, rating_min, rating_max, collected_at,"
            " text, revision, content_hash, first_collected_at, day, stars, tagger_id, sentiment)"
            " VALUES (?, 'shop', 'review', ?, 1, 5, 0, '', 1, '', 0, ?, ?, ?, ?)",
            [
                ("shop:1", "Парус", 20_000, 4.1, 1, "negative"),
                ("shop:2", "Парус", 20_001, 2.2, 1, "negative"),
                ("shop:3", None, 20_001, None, 1, "positive"),
                ("shop:4", None, 20_040, 3.0, None, None),
            ],
        )
        connection.execute(
            "INSERT INTO mention_topic SELECT rowid, 'speed', 'negative' FROM mention"
            " WHERE brand IS NOT NULL"
        )
        connection.execute("INSERT INTO rollup VALUES ('all', 'day', '', '', 1, 'wrong', 9)")
    connection.close()
    with open_store(path) as store:
        assert rollups.agree(store._connection)
        for query in ("", "brand:парус", "has:brand"):
            point = store.trends(query, topics=("speed",))[0]
            assert (point.negative, point.rated, point.stars_total) == (2, 2, 6.3), query
        assert [point.pending for point in store.trends(topics=())] == [0, 1]


def test_earlier_runs_cover_what_was_new_since_the_sound_one_before(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    steps = {number: step for number, step in MIGRATIONS.items() if number < 10}
    SqliteStore(path, steps=steps).close()
    runs = [
        (1, "rss:a", 100, "finished", '{"items": 9}', "[]"),
        (2, "rss:b", 150, "finished", '{"items": 9, "stop_page_limit": 1}', "[]"),
        (3, "rss:a", 200, "failed", "{}", "[]"),
        (4, "rss:a", 300, "finished", '{"items": 9, "rejects": 0}', "[]"),
        (5, "rss:a", 400, "finished", '{"items": 0}', '["brought nothing"]'),
        (6, "rss:a", 500, "finished", '{"items": 9, "rejects": 2}', "[]"),
        (7, None, 600, "finished", '{"items": 9}', "[]"),
    ]
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO run (id, series, started_at, outcome, counts, alarms, source, arguments,"
            " process, host, alive_at) VALUES (?, ?, ?, ?, ?, ?, 'rss', '{}', 1, 'a', 0)",
            runs,
        )
    connection.close()
    with open_store(path) as store:
        always = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC))
        assert [one[4:6] for one in store.runs_between(*always)] == [
            (100, 100),
            (None, None),
            (None, None),
            (100, 300),
            (None, None),
            (None, None),
            (None, None),
        ]


def test_a_new_file_takes_the_same_way(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "new.sqlite", steps={**MIGRATIONS, NEXT: upgrade}) as store:
        store.upsert([make(1)])
        assert store.check() == []
    assert version_of(tmp_path / "new.sqlite") == NEXT


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no such table: of_the_future"):
        SqliteStore(path, steps={**MIGRATIONS, NEXT: fail})
    assert version_of(path) == newest_version()
    with open_store(path) as store:
        assert store.check() == []
        assert store.stats().mentions == 2
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    connection.close()
    assert ("remark",) not in tables
    assert len(path.read_bytes()) == len(before)


def test_a_newer_store_is_refused_and_left_alone(path: Path) -> None:
    with SqliteStore(path, steps={**MIGRATIONS, NEXT: upgrade}):
        pass
    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"newer Molva \(schema {NEXT},.*; upgrade Molva"):
            open_store(path, read_only=read_only)
    assert version_of(path) == NEXT


def test_an_older_store_is_not_changed_by_reading(path: Path) -> None:
    with pytest.raises(StoreError, match="older Molva; open it once for writing"):
        SqliteStore(path, read_only=True, steps={**MIGRATIONS, NEXT: upgrade})
    assert version_of(path) == newest_version()


def test_a_running_process_stops_writing_after_an_upgrade(path: Path) -> None:
    with open_store(path) as old:
        SqliteStore(path, steps={**MIGRATIONS, NEXT: upgrade}).close()
        with pytest.raises(StoreError, match=r"upgraded the store .* start this command again"):
            old.upsert([make(9)])
        assert old.stats().mentions == 2


def open_and_add(path: Path, number: int) -> None:
    with open_store(path) as store:
        store.upsert([make(number)])


def test_processes_that_open_a_new_store_at_once(tmp_path: Path) -> None:
    path, spawn = tmp_path / "molva.sqlite", multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=open_and_add, args=(path, n)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with open_store(path) as store:
        assert store.stats().mentions == 3


def test_the_folder_of_migrations_is_part_of_the_package() -> None:
    """A wheel without its SQL would fail at the user's, not here."""
    folder = Path(migrations.__file__).parent
    assert {"schema.sql", "views.sql"} <= {file.name for file in folder.glob("*.sql")}
