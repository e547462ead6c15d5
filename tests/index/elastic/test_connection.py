"""Reaching a cluster: what is refused beforehand, secrets, and errors as one sentence."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from elasticsearch import Elasticsearch

from index.base import StoreError
from index.elastic.connection import API_KEY, PASSWORD, USER, ClusterSettings, clear_errors, connect

SECRET = "s3cr3t-that-nobody-sees"


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (API_KEY, USER, PASSWORD):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@contextmanager
def something(
    status: int = 200,
    body: object = None,
    *,
    product: str | None = "Elasticsearch",
    delay: float = 0,
    certificate: Path | None = None,
) -> Iterator[tuple[str, list[str | None]]]:
    """Run a server that always answers the same; give its address and what it was told."""
    authorizations: list[str | None] = []
    content = json.dumps(body or {"version": {"number": "9.4.3"}}).encode()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            authorizations.append(self.headers.get("authorization"))
            time.sleep(delay)
            self.send_response(status)
            if product:
                self.send_header("X-Elastic-Product", product)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign] - handshakes fail here
        scheme = "https"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{scheme}://localhost:{server.server_port}", authorizations
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(file: Path, *, host: str = "localhost", days: int = 1) -> Path:
    """Write a key and a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Molva test {file.stem}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


def said(settings: ClusterSettings) -> str:
    """Return what a person is told who cannot connect."""
    with pytest.raises(StoreError) as caught:
        connect(settings)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    assert SECRET not in repr(caught.value)
    return message


# --- settings --------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("search.example.org:9200", "write one such as https://"),
        ("ftp://search.example.org", "write one such as https://"),
        ("https://", "write one such as https://"),
        ("https://host:port", "write one such as https://"),
        ("https://host/?pretty", "write one such as https://"),
        (f"https://elastic:{SECRET}@host", "a password does not belong in the cluster's url"),
        ("http://search.example.org:9200", "everyone on the way; write https://, or .*-http"),
        ("http://192.168.0.5:9200", "plain http to 192.168.0.5"),
        ("http://localhost.example.org", "plain http to localhost.example.org"),
    ],
)
def test_urls_that_cannot_be_right_are_refused(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        ClusterSettings(url)
    assert SECRET not in str(caught.value)


def test_plain_http_is_for_this_machine_unless_it_is_allowed() -> None:
    for url in ("http://localhost:9200", "http://127.0.0.2:9200", "http://[::1]:9200"):
        ClusterSettings(url)
    ClusterSettings("http://search.example.org:9200", insecure_http=True)
    with pytest.raises(StoreError, match="plain http knows no certificates; write https://"):
        ClusterSettings("http://localhost:9200", ca_file=Path("ca.pem"))


@pytest.mark.parametrize("name", ["Mentions", "-a", "_a", "a b", "a/b", "", "a" * 101, "a\n"])
def test_names_of_an_index_are_legal(name: str) -> None:
    with pytest.raises(StoreError, match="cannot be the name of an index"):
        ClusterSettings("https://search.example.org", index=name)


# --- secrets ---------------------------------------------------------------
def test_an_api_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_KEY, SECRET)
    with something() as (url, told):
        connect(ClusterSettings(url)).close()
    assert told == [f"ApiKey {SECRET}"]


def test_a_password_comes_from_a_file_that_only_its_owner_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv(USER, "molva")
    monkeypatch.setenv(f"{PASSWORD}_FILE", str(file))
    with something() as (url, told):
        connect(ClusterSettings(url)).close()
        assert told == ["Basic bW9sdmE6aHVudGVyMg=="]
        file.chmod(0o640)
        assert f"run: chmod 600 {file}" in said(ClusterSettings(url))
        file.chmod(0o600)
        file.write_text("", encoding="utf-8")
        assert "is empty; write the secret" in said(ClusterSettings(url))
        file.unlink()
        assert "cannot be read: No such file" in said(ClusterSettings(url))


def test_secrets_that_contradict_one_another_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ClusterSettings("http://127.0.0.1:1")
    monkeypatch.setenv(USER, "molva")
    assert f"{PASSWORD} is not set" in said(settings)
    monkeypatch.setenv(PASSWORD, SECRET)
    monkeypatch.setenv(API_KEY, SECRET)
    assert f"both {API_KEY} and {USER} are set" in said(settings)
    monkeypatch.setenv(f"{API_KEY}_FILE", "key")
    assert f"both {API_KEY} and {API_KEY}_FILE are set" in said(settings)
    monkeypatch.delenv(f"{API_KEY}_FILE")
    monkeypatch.setenv(API_KEY, f"{SECRET}\r\nX-Other: 1")
    assert "has a line break in it" in said(settings)


def test_neither_settings_nor_client_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_KEY, SECRET)
    with something() as (url, _):
        settings = ClusterSettings(url)
        with connect(settings) as client:
            assert SECRET not in repr(settings) + repr(client) + repr(client.transport)


# --- errors ----------------------------------------------------------------
def test_a_server_that_is_down_is_told() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert f"no cluster answers at {url}; start it" in said(ClusterSettings(url))


def test_a_name_that_does_not_exist_is_told() -> None:
    settings = ClusterSettings("https://no-such-host.invalid:9200")
    assert "there is no machine of the name" in said(settings)


@pytest.mark.parametrize("product", [None, "Other"])
def test_another_product_is_told(product: str | None) -> None:
    with something(product=product) as (url, _):
        assert "is not Elasticsearch; correct url" in said(ClusterSettings(url))


def test_an_older_server_is_told() -> None:
    with something(body={"version": {"number": "8.19.2"}}) as (url, _):
        assert "has version 8.19.2; Molva needs Elasticsearch 9" in said(ClusterSettings(url))
    # As a server of version 8 really answers to a client of version 9.
    error = {"type": "media_type_header_exception", "reason": "Invalid media-type value on headers"}
    with something(400, {"error": {"root_cause": [error], **error}, "status": 400}) as (url, _):
        assert "does not understand a client of version 9" in said(ClusterSettings(url))


def test_a_newer_server_is_used() -> None:
    with something(body={"version": {"number": "10.0.1"}}) as (url, _):
        connect(ClusterSettings(url)).close()


def test_a_secret_that_is_wrong_or_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"type": "security_exception", "reason": "unable to authenticate"}
    with something(401, {"error": {"root_cause": [error], **error}, "status": 401}) as (url, _):
        assert f"wants to know who asks; set {API_KEY}" in said(ClusterSettings(url))
        monkeypatch.setenv(API_KEY, SECRET)
        assert "does not accept the API key or the password" in said(ClusterSettings(url))


def test_a_key_that_may_not_see_the_version_is_enough() -> None:
    error = {
        "type": "security_exception",
        "reason": "action [cluster:monitor/main] is denied",
    }
    with something(403, {"error": {"root_cause": [error], **error}, "status": 403}) as (url, _):
        connect(ClusterSettings(url)).close()


def test_a_slow_server_is_told() -> None:
    with something(delay=1) as (url, _):
        assert "did not answer in time" in said(ClusterSettings(url, timeout=0.2))


def test_a_cluster_that_is_not_ready_is_told() -> None:
    with something(503, {"error": "starting", "status": 503}) as (url, _):
        assert "too busy or not ready (503: starting)" in said(ClusterSettings(url))


def test_certificates_are_verified(tmp_path: Path) -> None:
    ours, other = (make_certificate(tmp_path / f"{name}.pem") for name in ("ours", "other"))
    with something(certificate=ours) as (url, told):
        connect(ClusterSettings(url, ca_file=ours)).close()
        assert len(told) == 1
        unknown = said(ClusterSettings(url))
        assert "is not signed by anyone known here; name the cluster's own CA file" in unknown
        assert f"is signed by none of {other}" in said(ClusterSettings(url, ca_file=other))
        missing = ClusterSettings(url, ca_file=tmp_path / "missing.pem")
        assert "there is no CA file at" in said(missing)
        nonsense = tmp_path / "nonsense.pem"
        nonsense.write_text("no certificate", encoding="utf-8")
        unread = said(ClusterSettings(url, ca_file=nonsense))
        assert "holds no certificate that can be read; name one in PEM" in unread
        assert len(told) == 1


def test_a_certificate_for_another_host_or_out_of_date_is_told(tmp_path: Path) -> None:
    elsewhere = make_certificate(tmp_path / "elsewhere.pem", host="search.example.org")
    with something(certificate=elsewhere) as (url, _):
        assert "is for another host name" in said(ClusterSettings(url, ca_file=elsewhere))
    expired = make_certificate(tmp_path / "expired.pem", days=-1)
    with something(certificate=expired) as (url, _):
        assert "has expired; renew it" in said(ClusterSettings(url, ca_file=expired))


def test_tls_where_none_is_spoken_is_told(tmp_path: Path) -> None:
    with something() as (url, _):
        told = said(ClusterSettings(url.replace("http", "https")))
    assert "does not speak TLS; write http://" in told


# --- on the real server ----------------------------------------------------
def test_errors_of_the_real_server_are_one_sentence(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    name, other = settings.index, f"{settings.index}-x"

    def told(request: Callable[[], object]) -> str:
        with pytest.raises(StoreError) as caught, clear_errors(settings):
            request()
        return str(caught.value)

    missing = told(lambda: client.search(index=name))
    assert f"no index or alias '{name}'; make it with: molva index" in missing
    client.indices.create(index=other)
    wrong = told(lambda: client.search(index=other, query={"nonsense": {}}))
    assert "does not accept what Molva asks (400 parsing_exception: unknown query" in wrong
    client.indices.add_block(index=other, block="write")
    blocked = told(lambda: client.index(index=other, document={}))
    assert "only lets this index be read" in blocked
    assert "lift the block" in blocked
    pit = client.open_point_in_time(index=other, keep_alive="1m")["id"]
    client.close_point_in_time(id=pit)
    lost = told(lambda: client.search(pit={"id": pit}))
    assert "lost the place that reading had reached; start again" in lost
