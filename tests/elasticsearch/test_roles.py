"""The roles of `docs/elasticsearch/roles` on a real server with TLS and passwords."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from elasticsearch import AuthorizationException, Elasticsearch

from cli import cli
from index import open_store
from index.base import StoreError
from index.elastic.aliases import drop_old, finish_rebuild, prepare, start_rebuild
from index.elastic.connection import API_KEY, PASSWORD, USER, ClusterSettings, connect
from index.elastic.documents import deletion_version
from index.elastic.writing import Deletion, send
from tests.contract.records import COLLECTED
from tests.elasticsearch.corpus import ZONE, corpus
from tests.elasticsearch.names import remove
from tests.elasticsearch.server import Server

FILES = Path(__file__).parents[2] / "docs/elasticsearch/roles"
ROLES = ("setup", "writer", "reader")

# The server with security on starts in twenty seconds.
pytestmark = pytest.mark.slow

As = Callable[[str], Elasticsearch]


@pytest.fixture(scope="module")
def admin(secured_server: Server) -> Iterator[Elasticsearch]:
    with Elasticsearch(
        secured_server.url,
        basic_auth=(secured_server.user, secured_server.password),
        ca_certs=str(secured_server.ca_file),
        request_timeout=60,
    ) as client:
        yield client


@pytest.fixture(scope="module")
def settings(secured_server: Server) -> ClusterSettings:
    return ClusterSettings(secured_server.url, ca_file=secured_server.ca_file, timeout=60)


@pytest.fixture(scope="module")
def passwords(admin: Elasticsearch) -> dict[str, str]:
    """A user for each role, with a password of its own."""
    found = {}
    for role in ROLES:
        body = json.loads((FILES / f"{role}.json").read_text(encoding="utf-8"))
        admin.security.put_role(name=f"molva_{role}", **body)
        found[role] = secrets.token_urlsafe(16)
        admin.security.put_user(
            username=f"the_{role}", password=found[role], roles=[f"molva_{role}"]
        )
    return found


@pytest.fixture
def user(
    passwords: dict[str, str], settings: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[As]:
    """A client of a role's user, connected as Molva connects."""
    monkeypatch.delenv(API_KEY, raising=False)
    with ExitStack() as stack:

        def connected(role: str) -> Elasticsearch:
            monkeypatch.setenv(USER, f"the_{role}")
            monkeypatch.setenv(PASSWORD, passwords[role])
            return stack.enter_context(connect(settings))

        yield connected


@pytest.fixture
def filled(admin: Elasticsearch, user: As, settings: ClusterSettings) -> Iterator[str]:
    """An index that the role `setup` made and the role `writer` filled."""
    state = prepare(user("setup"), settings, model_version="1", time_zone=ZONE.key)
    reports = send(user("writer"), [settings.write_alias], corpus()[:50], time_zone=ZONE.key)
    assert sum(report.sent for report in reports) == 50
    admin.indices.refresh(index=settings.index)
    yield state.name
    remove(admin.options(ignore_status=404), settings.index)


def is_forbidden(work: Callable[[], object]) -> bool:
    with pytest.raises(AuthorizationException) as error:
        work()
    return error.value.status_code == 403


def test_setup_can_rebuild_and_drop(filled: str, user: As, settings: ClusterSettings) -> None:
    client = user("setup")
    new = start_rebuild(client, settings, model_version="2", time_zone=ZONE.key)
    reports = send(client, [settings.next_alias], corpus()[:50], time_zone=ZONE.key)
    assert sum(report.sent for report in reports) == 50
    assert finish_rebuild(client, settings, expected=50).name == new.name
    assert drop_old(client, settings) == [filled]


def test_molva_index_with_each_role(
    passwords: dict[str, str],
    admin: Elasticsearch,
    settings: ClusterSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOLVA_STORE", raising=False)
    Path("molva.toml").write_text(
        f'[elasticsearch]\nurl = "{settings.url}"\nca_file = "{settings.ca_file}"\n'
    )

    def run(role: str, arguments: str, code: int = 0) -> Result:
        monkeypatch.setenv(USER, f"the_{role}")
        monkeypatch.setenv(PASSWORD, passwords[role])
        result = CliRunner().invoke(cli, arguments.split())
        assert result.exit_code == code, (result.output, result.exception)
        return result

    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert([entry.mention for entry in corpus()[:50]])
    try:
        assert "does not allow this" in run("writer", "index", 1).stderr
        assert ": 50 sent" in run("setup", "index").stdout
        assert ": 50 sent" in run("setup", "index --rebuild").stdout
        with open_store(tmp_path / "molva.sqlite") as store:
            store.upsert([entry.mention for entry in corpus()[50:60]])
        assert ": 10 sent" in run("writer", "index").stdout
        run("writer", f"forget {corpus()[0].mention.id} --yes")
        assert "does not allow this" in run("writer", "index --rebuild", 1).stderr
        assert "does not allow this" in run("writer", "index --drop-old", 1).stderr
        assert "does not allow this" in run("reader", "index --retry-refused", 1).stderr
        assert len(json.loads(run("reader", "search --cluster --format json").stdout)) == 20
        assert run("reader", "export --cluster").stdout.count("\n") == 59
        run("reader", "trends --cluster")
        run("setup", "index --drop-old")
    finally:
        remove(admin.options(ignore_status=404), settings.index)


def test_setup_has_no_right_to_what_is_not_molvas(user: As) -> None:
    client = user("setup")
    assert is_forbidden(lambda: client.indices.create(index="somebody-elses"))
    assert is_forbidden(client.security.get_user)
    assert is_forbidden(lambda: client.cluster.put_settings(persistent={"search.max_buckets": 9}))


def test_writer_erases_mentions_but_no_index(
    filled: str, user: As, settings: ClusterSettings
) -> None:
    client = user("writer")
    gone = Deletion(corpus()[0].mention.id, deletion_version(COLLECTED.replace(year=2027)))
    assert sum(one.deleted for one in send(client, [settings.write_alias], [gone])) == 1
    client.indices.refresh(index=settings.index)
    assert client.count(index=settings.index)["count"] == 49
    assert is_forbidden(lambda: client.indices.delete(index=filled))
    assert is_forbidden(lambda: client.indices.create(index="mentions-v1-other-2026.01.01"))
    assert is_forbidden(
        lambda: client.indices.put_settings(index=filled, settings={"refresh_interval": "9s"})
    )
    assert is_forbidden(
        lambda: client.indices.update_aliases(
            actions=[{"remove": {"index": filled, "alias": settings.index}}]
        )
    )
    assert client.count(index=settings.index)["count"] == 49


def test_reader_reads_and_writes_nothing(filled: str, user: As, settings: ClusterSettings) -> None:
    client, index = user("reader"), settings.index
    assert client.count(index=index)["count"] == 50
    answer = client.search(index=index, aggs={"topics": {"terms": {"field": "topics"}}})
    assert answer["aggregations"]["topics"]["buckets"]
    document: dict[str, Any] = {"id": "shop:x"}
    attempts: list[Callable[[], object]] = [
        lambda: client.index(index=settings.write_alias, id="shop:x", document=document),
        lambda: client.create(index=filled, id="shop:x", document=document),
        lambda: client.update(index=filled, id=corpus()[1].mention.id, doc=document),
        lambda: client.delete(index=filled, id=corpus()[1].mention.id),
        lambda: client.delete_by_query(index=index, query={"match_all": {}}),
        lambda: client.update_by_query(index=index, query={"match_all": {}}),
        lambda: client.bulk(index=filled, operations=[{"index": {"_id": "shop:x"}}, document]),
        lambda: client.indices.delete(index=filled),
        lambda: client.indices.put_mapping(index=index, properties={"x": {"type": "long"}}),
    ]
    for attempt in attempts:
        assert is_forbidden(attempt)
    with pytest.raises(StoreError, match="does not allow this"):
        list(send(client, [settings.write_alias], corpus()[:1]))
    assert client.count(index=index)["count"] == 50


def test_reader_sees_nothing_that_could_name_an_author(
    filled: str, user: As, settings: ClusterSettings
) -> None:
    client = user("reader")
    fields = client.field_caps(index=settings.index, fields="*")["fields"]
    # The server's own fields say nothing of a mention.
    ours = [name for name in fields if not name.startswith("_")]
    assert ours
    assert not [name for name in ours if "author" in name or "user" in name]
    hits = client.search(index=settings.index, size=50)["hits"]["hits"]
    assert len(hits) == 50
    told = json.dumps([hit["_source"] for hit in hits], ensure_ascii=False)
    for entry in corpus()[:50]:
        assert entry.mention.author_id
        assert entry.mention.author_name
        assert f'"{entry.mention.author_id}"' not in told
        assert entry.mention.author_name not in told


def test_a_role_file_limits_an_api_key(
    filled: str, admin: Elasticsearch, settings: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = json.loads((FILES / "reader.json").read_text(encoding="utf-8"))
    key = admin.security.create_api_key(
        name="analysts", role_descriptors={"molva_reader": role}, expiration="90d"
    )
    monkeypatch.delenv(USER, raising=False)
    monkeypatch.delenv(PASSWORD, raising=False)
    monkeypatch.setenv(API_KEY, key["encoded"])
    with connect(settings) as client:
        assert client.count(index=settings.index)["count"] == 50
        assert is_forbidden(lambda: client.indices.delete(index=filled))
