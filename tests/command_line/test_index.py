"""`molva index` and what follows from it: the cluster has what the store has, and answers alike.

Everything here runs on a real server; `tests/elasticsearch/test_faults.py` breaks it.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

import pipeline
from index import open_store
from index.elastic import sender, writing
from index.elastic.connection import ClusterSettings
from index.elastic.writing import SendReport
from index.outbox import only_sender
from project import load
from tests.command_line.conftest import Molva
from tests.contract.records import at, later, make, tag
from tests.elasticsearch.both import rows, same_in_both, write_project
from tests.index.elastic.loopback import Proxy, proxy_to
from tests.processes import measure

ROOT = Path(__file__).parents[2]
REVIEWS = (
    ("03-02", 1, "Парус", "Ждал в очереди сорок минут. Сотрудники грубят клиентам."),
    ("03-10", 5, "Парус", "Курьер приехал вовремя и всё аккуратно упаковано."),
    ("04-05", 2, "Парус", "Доставка опоздала на пять дней, посылку помяли."),
    ("04-20", 4, "Маяк", "The delivery was fast, but the app keeps crashing at checkout."),
    ("05-01", 1, "Маяк", "Kurjeris vėlavo dvi savaites, siunta pristatyta sugadinta."),
    ("05-03", 3, "Маяк", "Die Lieferung kam leider viel zu spät und das Paket war kaputt."),
)
LABELS = (
    ("negative", "speed- politeness-"),
    ("positive", "delivery+"),
    ("negative", "delivery-|packaging-"),
    ("mixed", "delivery+|app-"),
    (None, ""),
)
SIX = {f"shop:{number}" for number in range(1, 7)}


@pytest.fixture
def tagged(tmp_path: Path) -> Path:
    """Six reviews, all but the last tagged; made by hand, since loading a tagger takes long."""
    path = tmp_path / "molva.sqlite"
    reviews = [
        make(number, text, rating=stars, brand=brand, published_at=at(f"2026-{day}T10:00:00"))
        for number, (day, stars, brand, text) in enumerate(REVIEWS, start=1)
    ]
    with open_store(path) as store:
        store.upsert(reviews)
        for mention, (sentiment, topics) in zip(reviews, LABELS, strict=False):
            store.add_taggings([tag(mention, sentiment, topics)])
    return path


@pytest.fixture
def project(tmp_path: Path, settings: ClusterSettings) -> Path:
    """A project file that names the cluster."""
    return write_project(tmp_path, settings.url, settings.index)


def test_first_everything_is_sent_then_nothing(molva: Molva, tagged: Path, project: Path) -> None:
    first = molva("index")
    assert ": 6 sent\n" in first.stdout
    assert first.stderr == ""
    assert same_in_both(molva) == SIX
    assert ": 0 sent\n" in molva("index").stdout


def test_what_changes_is_sent(molva: Molva, tagged: Path, project: Path) -> None:
    molva("index")
    with pipeline.open_store(load()) as store:
        mention = store.get("shop:1").mention  # type: ignore[union-attr]  # it is there
        store.upsert(
            [later(mention, text="Очередь исчезла."), make(7, published_at=at("2026-05-05"))]
        )
        store.add_taggings([tag(make(7), topics="speed-")])
        store.delete(["shop:2"])
    report = json.loads(molva("index", "--format", "json").stdout)
    assert (report["sent"], report["deleted"]) == (2, 1)
    assert same_in_both(molva) == SIX - {"shop:2"} | {"shop:7"}


def test_the_cluster_answers_like_the_store(molva: Molva, tagged: Path, project: Path) -> None:
    molva("index")
    for question in (
        ("search", "очередь OR delivery", "--format", "json"),
        ("search", "topic:delivery:negative", "--limit", "1"),
        ("trends", "--by", "week", "--format", "csv"),
        ("trends", "brand:Маяк", "--overall"),
        ("explain", "shop:1"),
        ("explain", "shop:1", "--format", "json"),
    ):
        store, cluster = molva(*question, "--no-cluster"), molva(*question, "--cluster")
        assert without_authors(cluster.stdout) == without_authors(store.stdout), question
        assert store.stdout.strip()
    assert "there is no mention shop:99" in molva("explain", "shop:99", "--cluster", code=1).stderr
    assert "topic 'sped'" in molva("search", "topic:sped", "--cluster", code=2).stderr


def without_authors(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(line for line in lines if '"author_id"' not in line)


def test_explain_shows_what_the_cluster_is_asked(molva: Molva, tagged: Path, project: Path) -> None:
    molva("index")
    told = json.loads(molva("search", "очередь", "--cluster", "--explain").stdout)
    assert "очеред" in json.dumps(told, ensure_ascii=False)
    assert "sql" not in told


def test_the_project_file_may_prefer_the_cluster(
    molva: Molva, tagged: Path, settings: ClusterSettings, tmp_path: Path
) -> None:
    write_project(tmp_path, settings.url, settings.index, above='answers_from = "elasticsearch"')
    assert "make it with: molva index" in molva("search", "очередь", code=1).stderr
    molva("index")
    with pipeline.open_store(load()) as store:
        store.delete(["shop:1"])
    assert "1 of 1" in molva("search", "очередь").stderr
    assert "nothing found" in molva("search", "очередь", "--no-cluster").stderr


def test_forget_reaches_the_cluster_and_old_indices(
    molva: Molva, tagged: Path, project: Path, client: Elasticsearch, settings: ClusterSettings
) -> None:
    molva("index")
    molva("index", "--rebuild")
    with pipeline.open_store(load()) as store:
        store.upsert([make(8)])
    assert "1 erased" in molva("forget", "shop:1", "shop:none", "--yes").stdout
    client.indices.refresh(index=f"{settings.index}-v*")
    answer = client.search(index=f"{settings.index}-v*", size=100)["hits"]["hits"]
    assert {hit["_id"] for hit in answer} == SIX - {"shop:1"}
    assert len(answer) == 10, "in the new index and in the old one"
    with sqlite3.connect(tagged) as connection:
        assert connection.execute("SELECT * FROM outbox_deletion").fetchall() == []
    connection.close()
    assert ": 1 sent\n" in molva("index").stdout, "the rest waited for 'molva index'"


def test_what_only_the_cluster_has_can_be_forgotten(
    molva: Molva, tagged: Path, project: Path, tmp_path: Path
) -> None:
    molva("index")
    tagged.unlink()
    (tmp_path / "new.csv").write_text("id;text\n9;Новый отзыв\n", encoding="utf-8")
    molva("import", "new.csv", "--source", "shop")
    assert "0 erased, 1 were not there" in molva("forget", "shop:3", "--yes").stdout
    molva("index")
    there = rows(molva("export", "--cluster").stdout)
    assert set(there) == SIX - {"shop:3"} | {"shop:9"}


def test_rebuild_keeps_the_old_index_until_it_is_dropped(
    molva: Molva, tagged: Path, project: Path, client: Elasticsearch, settings: ClusterSettings
) -> None:
    molva("index")
    (old,) = client.indices.get_alias(name=settings.index)
    rebuilt = molva("index", "--rebuild")
    (new,) = client.indices.get_alias(name=settings.index)
    assert new != old
    assert f"{new}: 6 sent" in rebuilt.stdout
    assert f"kept: {old}; 'molva index --drop-old' deletes them" in rebuilt.stderr
    assert list(client.indices.get_alias(name=settings.write_alias)) == [new]
    assert same_in_both(molva) == SIX
    assert client.indices.exists(index=old)
    assert f"deleted: {old}" in molva("index", "--drop-old").stdout
    assert not client.indices.exists(index=old)
    assert ": 0 sent\n" in molva("index").stdout, "a rebuilt index has everything"


def test_rebuild_may_come_first(molva: Molva, tagged: Path, project: Path) -> None:
    assert ": 6 sent\n" in molva("index", "--rebuild").stdout
    assert same_in_both(molva) == SIX
    assert ": 0 sent\n" in molva("index").stdout


def test_changes_during_a_rebuild_are_not_lost(
    molva: Molva, tagged: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    molva("index")
    real, calls = writing.send, []

    def send_and_write(*arguments: Any, **options: Any) -> Iterator[SendReport]:
        """Let another process write after the first documents were sent."""
        for report in real(*arguments, **options):
            yield report
            calls.append(report)
            if len(calls) == 1:
                with pipeline.open_store(load()) as store:
                    mention = store.get("shop:1").mention  # type: ignore[union-attr]  # it is there
                    store.upsert([later(mention, text="Исправлено"), make(7)])
                    store.delete(["shop:2"])

    monkeypatch.setattr(sender, "send", send_and_write)
    molva("index", "--rebuild")
    assert len(calls) > 1
    assert same_in_both(molva) == SIX - {"shop:2"} | {"shop:7"}
    assert ": 0 sent\n" in molva("index").stdout


def test_an_index_that_was_deleted_is_filled_again(
    molva: Molva, tagged: Path, project: Path, client: Elasticsearch, settings: ClusterSettings
) -> None:
    molva("index")
    (name,) = client.indices.get_alias(name=settings.index)
    client.indices.delete(index=name)
    assert ": 6 sent\n" in molva("index").stdout
    assert same_in_both(molva) == SIX


def test_documents_that_went_missing_are_reported(
    molva: Molva, tagged: Path, project: Path, client: Elasticsearch, settings: ClusterSettings
) -> None:
    molva("index")
    client.delete(index=settings.write_alias, id="shop:4")
    assert "lacks 1 mentions that it once had" in molva("index", code=3).stderr
    molva("index", "--rebuild")
    assert same_in_both(molva) == SIX


def test_an_index_of_another_time_zone_is_reported(
    molva: Molva, tagged: Path, project: Path
) -> None:
    molva("index")
    project.write_text('time_zone = "Asia/Tokyo"\n' + project.read_text("utf-8"), "utf-8")
    assert "counts days in UTC, the project in Asia/Tokyo" in molva("index", code=3).stderr
    molva("index", "--rebuild")
    assert same_in_both(molva) == SIX
    molva("index")


def test_run_sends_what_it_brought(molva: Molva, tagged: Path, project: Path) -> None:
    feed = ROOT / "tests/crawlers/pages/feed.json"
    source = f'[[sources]]\nspider = "rss"\nurl = "http://127.0.0.1:9/{feed.name}"\n'
    project.write_text(project.read_text("utf-8") + source, "utf-8")
    told = molva("run", code=3)
    assert ": 6 sent\n" in told.stdout, "a source that fails stops nothing"
    assert same_in_both(molva) == SIX


def test_a_cluster_that_is_gone_can_be_forgotten(
    molva: Molva, tagged: Path, project: Path, tmp_path: Path, settings: ClusterSettings
) -> None:
    molva("index")
    write_project(tmp_path, "http://127.0.0.1:9", settings.index)
    assert "not erased in the cluster yet" in molva("forget", "shop:1", "--yes", code=3).stderr
    project.write_text("", "utf-8")
    assert "run: molva index --forget-cluster" in molva("doctor").stdout
    assert "give it alone" in molva("index", "--forget-cluster", "--rebuild", code=2).stderr
    told = molva("index", "--forget-cluster", code=3)
    assert "noted for no cluster any more" in told.stdout
    assert "1 mentions that were erased here may stand there still" in told.stderr
    assert "cluster" not in molva("doctor").stdout
    molva("index", "--forget-cluster")
    write_project(tmp_path, settings.url, settings.index)
    assert ": 0 sent, 5 there already\n" in molva("index").stdout
    assert set(rows(molva("export", "--cluster").stdout)) == SIX


def test_doctor_tells_how_far_sending_is(molva: Molva, tagged: Path, project: Path) -> None:
    assert "nothing was sent to the cluster yet" in molva("doctor").stdout
    molva("index")
    with pipeline.open_store(load()) as store:
        store.upsert([make(7)])
    told = molva("doctor").stdout
    assert "1 changes wait for 'molva index'" in told
    assert "has 6 mentions" in told
    project.write_text("", "utf-8")
    assert (
        "1 changes wait for a cluster that the project file does not name" in molva("doctor").stdout
    )


def test_a_project_without_a_cluster_says_what_to_write(molva: Molva, tagged: Path) -> None:
    for command in (("index",), ("search", "--cluster"), ("export", "--cluster")):
        assert "write a table [elasticsearch] with its url" in molva(*command, code=1).stderr


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('api_key = "Sm9obg=="', "'api_key' is a secret and does not belong here"),
        ('password = "hunter2"', "'password' is a secret and does not belong here"),
        ('idnex = "mentions"', "did you mean 'index'?"),
        ("timeout = 0", "timeout of [elasticsearch] is a number of seconds"),
    ],
)
def test_wrong_settings_are_named(
    molva: Molva, tagged: Path, project: Path, line: str, sentence: str
) -> None:
    project.write_text(project.read_text("utf-8") + line, "utf-8")
    told = molva("index", code=1)
    assert sentence in told.stderr
    assert "hunter2" not in told.output
    assert "Sm9obg" not in told.output


def test_a_password_in_the_url_is_refused_and_not_shown(
    molva: Molva, tagged: Path, tmp_path: Path
) -> None:
    write_project(tmp_path, "https://elastic:hunter2@search.example.org:9200", "mentions")
    for command in ("index", "doctor"):
        told = molva(command, code=1)
        assert "a password does not belong in the cluster's url" in told.output
        assert "hunter2" not in told.output


def test_plain_http_to_another_machine_needs_a_word(
    molva: Molva, tagged: Path, tmp_path: Path
) -> None:
    write_project(tmp_path, "http://search.example.org:9200", "mentions")
    assert "allow it with --insecure-http" in molva("index", code=1).stderr


# --- killed ------------------------------------------------------------------
LONG = "Курьер опоздал, очередь была длинной, упаковка помялась. " * 900


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[Proxy]:
    with proxy_to(elasticsearch_url) as proxy:
        yield proxy


def start_index(folder: Path, *options: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("MOLVA_STORE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "index", *options],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def killed_at_bulk(
    number: int, process: subprocess.Popen[str], proxy: Proxy, *, before: bool = False
) -> None:
    """Kill a sender with a request on its way to the server, or just before it gets there."""
    first = len(proxy.bulks)

    def kill(place: int, _id: str) -> None:
        if place == 0 and len(proxy.bulks) - first == number:
            process.send_signal(signal.SIGKILL)
            if before:
                process.wait()

    proxy.refuse = kill
    out, error = process.communicate(timeout=110)
    assert process.returncode == -signal.SIGKILL, (out, error)
    proxy.refuse = None


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--rebuild",)], ids=["index", "rebuild"])
def test_killed_in_the_middle_of_a_bulk_and_run_again(
    molva: Molva, tmp_path: Path, settings: ClusterSettings, proxy: Proxy, options: tuple[str, ...]
) -> None:
    write_project(tmp_path, proxy.url, settings.index)
    with pipeline.open_store(load()) as store:  # about 15 MB, three requests
        store.upsert(
            [
                make(n, f"Отзыв {n}. {LONG}", published_at=at(f"2026-01-{1 + n % 28:02}"))
                for n in range(160)
            ]
        )
    for wanted, before in ((1, True), (2, False)):
        killed_at_bulk(wanted, start_index(tmp_path, *options), proxy, before=before)
    molva("index", *options)
    assert len(same_in_both(molva)) == 160
    assert ": 0 sent\n" in molva("index").stdout


@pytest.mark.slow
def test_a_killed_rebuild_goes_on(
    molva: Molva, tmp_path: Path, settings: ClusterSettings, client: Elasticsearch, proxy: Proxy
) -> None:
    write_project(tmp_path, proxy.url, settings.index)
    with pipeline.open_store(load()) as store:
        store.upsert([make(n, f"Отзыв {n}. {LONG}") for n in range(160)])
    molva("index")
    killed_at_bulk(3, start_index(tmp_path, "--rebuild"), proxy)
    (begun,) = client.indices.get_alias(name=settings.next_alias)
    with pipeline.open_store(load()) as store:
        store.upsert([later(make(3), text="Исправлено"), make(500)])
        store.delete(["shop:4"])
    # Meanwhile the old index answers, and what changes goes to both.
    assert "a rebuild was broken off" in molva("index", code=3).stderr
    assert len(same_in_both(molva)) == 160
    sent = json.loads(molva("index", "--rebuild", "--format", "json").stdout)["sent"]
    assert list(client.indices.get_alias(name=settings.index)) == [begun]
    assert sent < 160, "it begins where it was"
    assert len(same_in_both(molva)) == 160


# --- large ---------------------------------------------------------------------
@pytest.mark.slow
def test_memory_does_not_grow_with_the_store(
    molva: Molva, tmp_path: Path, settings: ClusterSettings
) -> None:
    write_project(tmp_path, settings.url, settings.index)
    peaks = []
    for begin, end in ((0, 10), (10, 500)):  # 1 MB, then 50 MB
        with pipeline.open_store(load()) as store:
            store.upsert([make(n, f"Отзыв {n}. {LONG}") for n in range(begin, end)])
        peaks.append(measure(("-m", "cli", "index"), tmp_path).megabytes)
    assert peaks[1] < 300, peaks
    assert peaks[1] < peaks[0] + 100, peaks
    assert len(same_in_both(molva)) == 500


def test_two_processes_do_not_send_at_once(molva: Molva, tagged: Path, project: Path) -> None:
    with only_sender(tagged):
        assert "another process is sending" in molva("index", code=1).stderr
        told = molva("forget", "shop:1", "--yes", code=3)
        assert "not erased in the cluster yet ('molva index' will)" in told.stderr
    molva("index")
    assert same_in_both(molva) == SIX - {"shop:1"}


def test_corrections_and_cases_are_sent_and_asked_for(
    molva: Molva, tagged: Path, project: Path
) -> None:
    molva("index")
    molva("correct", "shop:1", "--topic", "speed=none", "--sentiment", "neutral")
    molva("case", "shop:3", "--owner", "Анна")
    assert ": 2 sent\n" in molva("index").stdout
    assert same_in_both(molva) == SIX
    for query in ("has:correction", "case:open owner:анна", "NOT has:case"):
        there = molva("search", query, "--cluster", "--format", "jsonl").stdout
        assert there == molva("search", query, "--format", "jsonl").stdout
    listed = [molva("cases", *where, "--format", "csv").stdout for where in ((), ("--cluster",))]
    assert listed[0] == listed[1]
    assert "in the store, not in the cluster" in molva("explain", "shop:1", "--cluster").stdout
    molva("correct", "shop:1", "--undo")
    assert ": 1 sent\n" in molva("index").stdout
    assert same_in_both(molva) == SIX
