"""What goes wrong between a store and a real cluster: nothing lost, nothing twice, one sentence.

After each fault the tests put it right, run `molva index` again and compare all that the
cluster has with all that the store has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, Timer
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from elasticsearch import Elasticsearch

from cli import cli
from index import open_store
from index.elastic.connection import PASSWORD, USER, ClusterSettings, connect
from tests.contract.records import make
from tests.elasticsearch.both import NUMBER, Molva, assert_same, rows, waiting, write_project
from tests.elasticsearch.certificates import make_certificates
from tests.elasticsearch.errors import ServerError
from tests.elasticsearch.names import remove
from tests.elasticsearch.server import Server
from tests.index.elastic.loopback import Proxy, proxy_to

ROLES = Path(__file__).parents[2] / "docs/elasticsearch/roles"
LONG = "Курьер опоздал, очередь была длинной, упаковка помялась. " * 900


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[Proxy]:
    with proxy_to(elasticsearch_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be killed."""
    try:
        with Server() as server:
            yield server
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def mortal(own_server: Server) -> Iterator[ClusterSettings]:
    """Settings for the server that may be killed; it runs again afterwards, without our index."""
    settings = ClusterSettings(own_server.url, index="mortal")
    yield settings
    if not own_server.pid:
        own_server.start()
    with connect(settings) as client:
        remove(client.options(ignore_status=404), settings.index)


# --- not there -----------------------------------------------------------------
@pytest.mark.slow
def test_down_at_the_start(
    molva: Molva, store: Path, tmp_path: Path, own_server: Server, mortal: ClusterSettings
) -> None:
    write_project(tmp_path, mortal.url, mortal.index)
    own_server.stop()
    for command in ("index", "export --cluster"):
        assert f"no cluster answers at {mortal.url}" in molva(*command.split(), code=1).stderr
    assert f"no cluster answers at {mortal.url}" in molva("doctor", code=1).stdout
    assert "40 mentions" in molva("doctor", code=1).stdout, "the store answers for itself"
    told = molva("forget", "shop:0", "--yes", code=3)
    assert "1 erased" in told.stdout
    assert "not erased in the cluster yet ('molva index' will): no cluster" in told.stderr
    own_server.start()
    molva("index")
    assert_same(molva, NUMBER - 1)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_killed_in_the_middle_of_a_bulk_and_started_again(
    molva: Molva,
    tmp_path: Path,
    own_server: Server,
    mortal: ClusterSettings,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
) -> None:
    with open_store(tmp_path / "molva.sqlite") as store:  # about 10 MB, two requests or more
        store.upsert([make(n, f"Отзыв {n}. {LONG}") for n in range(100)])
    monkeypatch.setattr("index.elastic.bulk._LONGEST_WAIT", 0.1)  # it will not come back soon
    with proxy_to(mortal.url) as proxy:
        write_project(tmp_path, proxy.url, mortal.index)
        timers = []

        def kill(place: int, _id: str) -> None:
            if place == 0 and len(proxy.bulks) == 2:
                timers.append(Timer(seconds, own_server.kill))
                timers[-1].start()

        proxy.refuse = kill
        # With the delay everything may have arrived before the server died.
        told = CliRunner().invoke(cli, ["index"])
        assert told.exit_code in {0, 1, 3}, told.output
        for timer in timers:
            timer.join()
        assert not own_server.pid
        if told.exit_code == 1:
            # Above it the proxy complains that nobody is behind it any more.
            assert "nothing is lost" in told.stderr.splitlines()[-1], told.stderr
            assert waiting(tmp_path / "molva.sqlite") > 0
        own_server.start()
        proxy.refuse = None
        molva("index")
        assert_same(molva, 100)


# --- busy ------------------------------------------------------------------------
@pytest.mark.parametrize("status", [429, 503])
def test_busy_for_a_while(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, proxy: Proxy, status: int
) -> None:
    write_project(tmp_path, proxy.url, settings.index)
    proxy.fail = (status, 2)
    assert f": {NUMBER} sent\n" in molva("index").stdout
    assert len(proxy.bulks) == 3
    assert_same(molva)


def test_busy_for_some_documents(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, proxy: Proxy
) -> None:
    write_project(tmp_path, proxy.url, settings.index)
    proxy.refuse = lambda place, _id: 429 if place % 3 == 0 and len(proxy.bulks) < 3 else None
    assert f": {NUMBER} sent\n" in molva("index").stdout
    assert proxy.bulks == [40, 14, 5], "only what was refused is sent again"
    assert_same(molva)


def test_busy_all_along(
    molva: Molva,
    store: Path,
    tmp_path: Path,
    settings: ClusterSettings,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("index.elastic.bulk._LONGEST_WAIT", 0.01)
    write_project(tmp_path, proxy.url, settings.index)
    proxy.fail = (503, 1000)
    told = molva("index", code=1).stderr
    assert "too busy or not ready (503" in told
    assert "nothing is lost" in told
    assert waiting(store) == NUMBER
    proxy.fail = (0, 0)
    molva("index")
    assert_same(molva)


def test_answers_that_get_lost(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, proxy: Proxy
) -> None:
    write_project(tmp_path, proxy.url, settings.index)
    proxy.drop = 1
    told = molva("index").stdout
    assert f": 0 sent, {NUMBER} there already\n" in told, "they had arrived"
    assert_same(molva)


# --- not as it was left -----------------------------------------------------------
@pytest.mark.parametrize("which", ["read", "write"])
def test_an_alias_is_missing(
    molva: Molva,
    store: Path,
    tmp_path: Path,
    settings: ClusterSettings,
    client: Elasticsearch,
    which: str,
) -> None:
    write_project(tmp_path, settings.url, settings.index)
    molva("index")
    alias = settings.index if which == "read" else settings.write_alias
    client.indices.delete_alias(index=f"{settings.index}-v*", name=alias)
    with open_store(store) as mentions:
        mentions.upsert([make(99)])
    told = molva("index", code=1).stderr
    assert f"the alias '{alias}' is missing" in told
    assert "molva index --rebuild" in told
    if which == "read":
        assert f"'{alias}'" in molva("search", "--cluster", code=1).stderr
    assert waiting(store) == 1
    molva("index", "--rebuild")
    assert_same(molva, NUMBER + 1)


def test_a_full_disk_makes_the_index_read_only(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, client: Elasticsearch
) -> None:
    write_project(tmp_path, settings.url, settings.index)
    molva("index")
    with open_store(store) as mentions:
        mentions.upsert([make(99)])
    block = "index.blocks.read_only_allow_delete"
    client.indices.put_settings(index=settings.index, settings={block: True})
    told = molva("index", code=1).stderr
    assert "the disk of the cluster" in told
    assert "nothing is lost" in told
    assert molva("search", "--cluster").stdout, "it can still be asked"
    client.indices.put_settings(index=settings.index, settings={block: None})
    molva("index")
    assert_same(molva, NUMBER + 1)


# --- secrets ------------------------------------------------------------------------
@pytest.mark.slow  # starts a server with TLS
def test_wrong_password_and_wrong_ca(
    molva: Molva,
    store: Path,
    tmp_path: Path,
    secured_server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca_line = f'ca_file = "{secured_server.ca_file}"'
    write_project(tmp_path, secured_server.url, "secured", ca_line, "timeout = 60")
    assert "wants to know who asks; set MOLVA_ELASTICSEARCH" in molva("index", code=1).stderr
    monkeypatch.setenv(USER, secured_server.user)
    monkeypatch.setenv(PASSWORD, "not-the-password")
    for command in ("index", "search --cluster", "index --rebuild"):
        told = molva(*command.split(), code=1)
        assert "does not accept the API key or the password" in told.stderr
        assert "not-the-password" not in told.output
    assert waiting(store) == 0, "nothing is noted for a cluster that was never reached"

    file = tmp_path / "password"
    file.write_text(secured_server.password + "\n", encoding="utf-8")
    file.chmod(0o644)
    monkeypatch.delenv(PASSWORD)
    monkeypatch.setenv(f"{PASSWORD}_FILE", str(file))
    assert "chmod 600" in molva("index", code=1).stderr
    file.chmod(0o600)

    other = tmp_path / "other"
    other.mkdir()
    for line in (f'ca_file = "{make_certificates(other)}"', ""):
        write_project(tmp_path, secured_server.url, "secured", line, "timeout = 60")
        told = molva("index", code=1)
        assert f"the certificate at {secured_server.url} is" in told.stderr
        assert secured_server.password not in told.output
    plain = secured_server.url.replace("https", "http")
    write_project(tmp_path, plain, "secured")
    assert "https://" in molva("index", code=1).stderr

    write_project(tmp_path, secured_server.url, "secured", ca_line, "timeout = 60")
    told = molva("index")
    assert secured_server.password not in told.output
    assert_same(molva)
    assert secured_server.password.encode() not in store.read_bytes()


@pytest.mark.slow  # starts a server with TLS
def test_a_user_who_may_only_write_and_one_who_may_only_read(
    molva: Molva,
    store: Path,
    tmp_path: Path,
    secured_server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca_line = f'ca_file = "{secured_server.ca_file}"'
    write_project(tmp_path, secured_server.url, "mentions", ca_line, "timeout = 60")
    monkeypatch.setenv(USER, secured_server.user)
    monkeypatch.setenv(PASSWORD, secured_server.password)
    settings = ClusterSettings(secured_server.url, ca_file=secured_server.ca_file, timeout=60)
    with connect(settings) as admin:
        for role in ("writer", "reader"):
            body = json.loads((ROLES / f"{role}.json").read_text(encoding="utf-8"))
            admin.security.put_role(name=f"fault_{role}", **body)
            admin.security.put_user(
                username=f"fault_{role}", password="a-long-password", roles=[f"fault_{role}"]
            )
        molva("index")
        with open_store(store) as mentions:
            mentions.upsert([make(99)])
        monkeypatch.setenv(PASSWORD, "a-long-password")
        monkeypatch.setenv(USER, "fault_reader")
        assert "does not allow this" in molva("index", code=1).stderr
        assert waiting(store) == 1
        monkeypatch.setenv(USER, "fault_writer")
        assert ": 1 sent\n" in molva("index").stdout
        assert "does not allow this" in molva("index", "--rebuild", code=1).stderr
        monkeypatch.setenv(USER, "fault_reader")
        assert rows(molva("export", "--cluster").stdout) == rows(molva("export").stdout)
        remove(admin.options(ignore_status=404), "mentions")


# --- other versions -------------------------------------------------------------------
@contextmanager
def disguised(url: str, version: str | None, product: str | None) -> Iterator[str]:
    """Stand before a server and give it another version, or take its name away."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in {"host", "connection", "content-length", "accept-encoding"}
            }
            connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            if self.path == "/" and version is not None:
                told = json.loads(content)
                told["version"]["number"] = version
                content = json.dumps(told).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("content-type", "text/plain"))
            self.send_header("Content-Length", str(len(content)))
            if product:
                self.send_header("X-Elastic-Product", product)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            connection.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of http.server

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("version", "product", "sentence"),
    [
        ("8.19.4", "Elasticsearch", "has version 8.19.4; Molva needs Elasticsearch 9 or newer"),
        ("7.10.2", None, "is not Elasticsearch"),
        (None, None, "is not Elasticsearch"),
        (None, "Opensearch", "is not Elasticsearch"),
    ],
)
def test_a_server_that_is_too_old_or_another_product(
    molva: Molva,
    store: Path,
    tmp_path: Path,
    settings: ClusterSettings,
    version: str | None,
    product: str | None,
    sentence: str,
) -> None:
    with disguised(settings.url, version, product) as url:
        write_project(tmp_path, url, settings.index)
        assert sentence in molva("index", code=1).stderr
        assert sentence in molva("search", "--cluster", code=1).stderr
    write_project(tmp_path, settings.url, settings.index)
    molva("index")
    assert_same(molva)


def test_a_server_that_is_newer(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings
) -> None:
    with disguised(settings.url, "10.1.0", "Elasticsearch") as url:
        write_project(tmp_path, url, settings.index)
        molva("index")
        assert_same(molva)
