"""What a store says of a file that it cannot use, and what it leaves alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import connection, open_store
from index.base import StoreError
from tests.contract.records import later, make, tag

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "molva.sqlite"


@pytest.fixture
def filled(path: Path) -> Path:
    with open_store(path) as store:
        mentions = [make(number, f"Долго ждали курьера номер {number}") for number in range(400)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-") for one in mentions])
    return path


def test_nothing_is_made_by_a_search(path: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"there is no store at .* collect or import"):
            open_store(path, create=False, read_only=read_only)
    assert not path.exists()


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder, not a store; name a file in it"):
        open_store(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the folder .*typo does not exist; make it"):
        open_store(tmp_path / "typo" / "molva.sqlite")


@pytest.mark.parametrize("content", [b"id,text\n1,hello\n" * 100, os.urandom(9000), b"x"])
def test_another_kind_of_file_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a Molva store; name another file"):
        open_store(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    content = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match="is a database of another program"):
            open_store(path, read_only=read_only)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_an_empty_file_becomes_a_store_only_when_written(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreError, match="is empty; collect or import something first"):
        open_store(path, read_only=True)
    with open_store(path) as store:
        store.upsert([make()])
        assert store.check() == []


def test_strange_names_of_files(tmp_path: Path) -> None:
    for name in ("a?mode=memory", "b#c", "100%25", "молва и пробелы.sqlite"):
        with open_store(tmp_path / name) as store:
            store.upsert([make()])
        with open_store(tmp_path / name, read_only=True) as store:
            assert store.stats().mentions == 1
        assert (tmp_path / name).is_file()


def test_a_cut_file_is_reported(filled: Path) -> None:
    content = filled.read_bytes()
    filled.write_bytes(content[: len(content) // 2 // 4096 * 4096])
    with (
        pytest.raises(StoreError, match=r"is damaged; put back a copy.*\.recover"),
        open_store(filled, create=False) as store,
    ):
        list(store.scan())


def test_overwritten_pages_are_reported(filled: Path) -> None:
    content = bytearray(filled.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 20 * 4096] = os.urandom(20 * 4096)
    filled.write_bytes(content)
    try:
        with open_store(filled, create=False) as store:
            problems = store.check()
    except StoreError as error:
        problems = [str(error)]
    assert any("damaged" in problem for problem in problems)


def test_a_locked_store_is_waited_for_and_then_reported(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.2)
    with open_store(filled) as store:
        other = sqlite3.connect(filled, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"another process has kept the store .* locked"):
            store.upsert([make("new")])
        assert store.get("shop:new") is None
        assert store.search("курьер").total == 400, "readers do not wait"
        other.execute("ROLLBACK")
        other.close()
        assert store.upsert([make("new")]).new == 1


def test_reading_only(filled: Path) -> None:
    with open_store(filled, read_only=True) as reader, open_store(filled) as writer:
        assert reader.search("курьер").total == 400
        writer.upsert([make("new")])
        assert reader.search("курьер").total == 401
        assert reader.check() == []
        for write in (
            lambda: reader.upsert([make("x")]),
            lambda: reader.delete(["shop:1"]),
            lambda: reader.start_run("x", {}),
            reader.rebuild_text_index,
        ):
            with pytest.raises(StoreError, match="was opened for reading; open it for writing"):
                write()


def test_a_closed_store_and_a_foreign_thread(filled: Path) -> None:
    store = open_store(filled)
    errors: list[Exception] = []

    def elsewhere() -> None:
        try:
            store.stats()
        except StoreError as error:
            errors.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    store.close()
    with pytest.raises(StoreError, match="open it again in this thread"):
        store.stats()
    assert "open it again in this thread" in str(errors[0])


@pytest.fixture
def foreign(filled: Path) -> Iterator[Path]:
    """A store in a folder that another user may read and not write."""
    folder = Path(tempfile.mkdtemp())
    shutil.copy(filled, folder / "molva.sqlite")
    (folder / "molva.sqlite").chmod(0o444)
    folder.chmod(0o555)
    yield folder / "molva.sqlite"
    folder.chmod(0o755)
    shutil.rmtree(folder)


AS_NOBODY = f"""
import os, sys
import index.query_parser, index.sqlite  # before this user loses sight of the interpreter
from index import open_store
from index.base import StoreError
if os.geteuid() == 0:  # whom no permission stops
    os.setgid({NOBODY})
    os.setuid({NOBODY})
path = sys.argv[1]
"""
READ = """
with open_store(path, read_only=True) as store:
    print(store.search("курьер").total, len(list(store.scan())), store.check())
"""
WRITE = """
try:
    open_store(path)
except StoreError as error:
    print(error)
"""


def as_nobody(script: str, path: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-c", AS_NOBODY + script, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_store_that_may_only_be_read(foreign: Path) -> None:
    assert as_nobody(READ, foreign) == "400 400 []\n"
    assert "may not be read or written by this user; change the permissions" in as_nobody(
        WRITE, foreign
    )


def test_a_folder_that_may_not_be_written(foreign: Path) -> None:
    said = as_nobody(WRITE, foreign.with_name("new.sqlite"))
    assert "may not be read or written by this user; change the permissions" in said


def test_what_was_erased_cannot_be_read_from_the_file(path: Path) -> None:
    with open_store(path) as store:
        store.upsert([make(n, f"Обычный текст номер {n}") for n in range(200)])
        secret = make("x", "Телефон Селезнёвой", author_name="Селезнёва", title="Селезнёва")
        store.upsert([secret])
        store.upsert([later(secret, text="Иначе про Селезнёву")])
        store.delete([secret.id])
        store.compact()
        traces = ("Селезн".encode(), "селезн".encode())
        for file in path.parent.iterdir():
            assert not any(trace in file.read_bytes() for trace in traces), file


def test_another_program_needs_nothing_of_ours(filled: Path) -> None:
    """Any SQLite can search the text index and read the views."""
    with sqlite3.connect(filled) as plain:
        found = plain.execute(
            "SELECT count(*) FROM mention_text WHERE mention_text MATCH 'курьер'"
        ).fetchone()
        assert found == (400,)
        assert plain.execute("SELECT count(*) FROM v_topics").fetchone() == (400,)
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
