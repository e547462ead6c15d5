"""What is kept of texts from one run to the next: the same answers, without the model's work."""

import json
import os
import sqlite3
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import answer_cache
from nlp.answer_cache import AnswerCache, code_version, default_path
from nlp.inference import Engine
from nlp.tagger import Tagger, TagItem

TEXTS = [
    TagItem("1", "Курьер приехал вовремя.\nОператор нагрубил, ждали ответа два часа.", "Доставка"),
    TagItem("2", "The refund took three weeks. Friendly staff though 😡"),
    TagItem("3", "Das Essen war kalt und die Bedienung unfreundlich."),
    TagItem("4", "… !!"),
    TagItem("5", "ok", lang="en"),
    TagItem("6", "нулевой знак: \0 и справа налево: שלום дорого"),
    TagItem("7", "Ответили через 5 минут, вернули 1500 рублей."),
]


def load(path):
    return Tagger.load("fast", cache=path)


@pytest.fixture
def read(monkeypatch):
    """How many texts the model has read since."""
    counts = []
    run = Engine.run

    def counted(engine, documents, **options):
        counts.extend(documents)
        return run(engine, documents, **options)

    monkeypatch.setattr(Engine, "run", counted)
    return counts


def test_the_next_run_says_the_same_and_the_model_reads_nothing(tmp_path, read):
    path = tmp_path / "new" / "tags.sqlite"
    first = list(load(path).tag(TEXTS))
    assert len(read) == 5  # neither German nor what has no words
    read.clear()
    assert list(load(path).tag(TEXTS)) == first
    assert not read
    # A text with another hint of the language is another question.
    list(load(path).tag([TagItem("5", "ok", lang="lt")]))
    assert len(read) == 1
    # The same as without any cache.
    assert list(Tagger.load("fast").tag(TEXTS)) == first


def test_another_version_of_the_tagger_or_its_code_is_asked_anew(tmp_path, read, monkeypatch):
    path = tmp_path / "tags.sqlite"
    list(load(path).tag(TEXTS[:1]))
    monkeypatch.setattr("nlp.tagger.code_version", lambda: "another")
    list(load(path).tag(TEXTS[:1]))
    monkeypatch.undo()
    assert len(read) == 2
    assert code_version() != "another"


def test_the_file_holds_no_text_and_is_its_owners(tmp_path):
    path = tmp_path / "tags.sqlite"
    list(load(path).tag([TagItem("1", "Неповторимое словечко: дорого, но вежливо.")]))
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT said FROM answer").fetchall()
    assert len(kept) == 1
    assert "price" in kept[0][0]
    whole = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert "словечко".encode() not in whole
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + bytes(4096)])
def test_a_damaged_file_is_begun_anew(tmp_path, content):
    path = tmp_path / "tags.sqlite"
    path.write_bytes(content)
    cache = AnswerCache(path, "1")
    cache.keep({(None, "a", None): ["ru"]})
    cache.close()
    assert AnswerCache(path, "1").find([(None, "a", None)]) == {(None, "a", None): ["ru"]}


def test_a_file_damaged_in_the_middle_of_a_run_costs_no_answer(tmp_path, caplog):
    path = tmp_path / "tags.sqlite"
    tagger = load(path)
    first = list(tagger.tag(TEXTS[:2]))
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE answer")
    assert [one.mention_id for one in tagger.tag(TEXTS)] == [one.id for one in TEXTS]
    assert "tags are not kept for the next time" in caplog.text
    assert list(tagger.tag(TEXTS[:2])) == first


def test_where_nothing_can_be_written_texts_are_tagged_all_the_same(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    (found,) = load(tmp_path / "file" / "tags.sqlite").tag(TEXTS[:1])
    assert found.sentiment
    assert "tags are not kept for the next time" in caplog.text


def test_a_locked_file_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(answer_cache, "PATIENCE", 0.05)
    path = tmp_path / "tags.sqlite"
    cache = AnswerCache(path, "1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    cache.keep({(None, "a", None): 1})
    assert cache.find([(None, "a", None)]) == {}
    other.close()
    assert AnswerCache(path, "1").find([(None, "a", None)]) == {}


def test_the_oldest_go_first(tmp_path):
    cache = AnswerCache(tmp_path / "tags.sqlite", "1", most=10)
    keys = [(None, str(number), None) for number in range(25)]
    for key in keys:
        cache.keep({key: key[1]})
    assert set(cache.find(keys)) == set(keys[-10:])


@given(
    st.dictionaries(
        st.tuples(
            st.none() | st.text(),
            st.text(st.characters(exclude_categories=())),
            st.sampled_from([None, "ru", "en"]),
        ),
        st.lists(st.integers() | st.text() | st.floats(allow_nan=False)),
        max_size=8,
    )
)
def test_what_is_kept_is_found_by_its_text_and_version_only(tmp_path_factory, answers):
    path = tmp_path_factory.mktemp("cache") / "tags.sqlite"
    cache = AnswerCache(path, "1")
    cache.keep(answers)
    assert cache.find(answers) == answers
    other = AnswerCache(path, "2")
    assert other.find(answers) == {}
    cache.close()
    other.close()


def test_the_file_is_where_the_variable_says_or_off(tmp_path, monkeypatch):
    monkeypatch.setenv("MOLVA_TAG_CACHE", str(tmp_path / "mine"))
    assert default_path() == tmp_path / "mine"
    monkeypatch.setenv("MOLVA_TAG_CACHE", "off")
    assert default_path() is None
    monkeypatch.delenv("MOLVA_TAG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_path().is_relative_to(tmp_path)


def test_a_file_that_was_being_tagged_when_killed_goes_on(tmp_path):
    """The command itself: what was answered before the kill is not computed again."""
    lines = [json.dumps({"id": str(n), "text": f"Ждали {n} минут, дорого."}) for n in range(600)]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines), "utf-8")
    command = [sys.executable, "-m", "cli", "tag", "--model", "fast", str(tmp_path / "texts.jsonl")]
    env = os.environ | {"MOLVA_TAG_CACHE": str(tmp_path / "tags.sqlite")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as running:
        assert running.stdout.readline()
        running.kill()
    with sqlite3.connect(tmp_path / "tags.sqlite") as connection:
        (kept,) = connection.execute("SELECT count(*) FROM answer").fetchone()
        assert 512 <= kept <= 600
        newest = "SELECT max(number) FROM answer"
        (before,) = connection.execute(newest).fetchone()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 600
    with sqlite3.connect(tmp_path / "tags.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM answer").fetchone() == (600,)
        assert connection.execute(newest).fetchone()[0] - before == 600 - kept
