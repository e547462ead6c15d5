"""`molva serve` as a process of its own: how it begins, answers, and ends."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner

from cli import cli
from dashboard.settings import WRITE_TOKEN
from tests.dashboard.serving import ROOT, TOKENS, WRITE, serving
from tests.elasticsearch.certificates import make_certificates


def test_it_answers_and_ends_with_ctrl_c(store: Path, tmp_path: Path) -> None:
    with serving(store, folder=tmp_path) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert "<html" in httpx.get(address).text
        assert httpx.get(f"{address}/api/v1/about").json()["access"] == "write"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors == ""
    assert "Traceback" not in output


def test_it_ends_when_the_system_says_so(store: Path, tmp_path: Path) -> None:
    with serving(store, folder=tmp_path) as (process, _address):
        process.terminate()
        _output, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
    assert errors == ""


def test_a_browser_that_stays_does_not_keep_it_from_ending(store: Path, tmp_path: Path) -> None:
    with serving(store, folder=tmp_path) as (process, address), httpx.Client() as client:
        client.get(f"{address}/api/v1/about")
        with client.stream("GET", f"{address}/api/v1/export?format=jsonl") as answer:
            answer.iter_bytes(10)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    assert process.returncode == 0


def test_it_logs_no_questions(store: Path, tmp_path: Path) -> None:
    environment = TOKENS
    with serving(store, folder=tmp_path, environment=environment) as (process, address):
        headers = {"authorization": f"Bearer {WRITE}"}
        for path in ("/api/v1/export?q=secret-question", "/api/v1/export?q=(", "/nothing"):
            httpx.get(address + path, headers=headers)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert output + errors == ""


def test_a_port_that_is_taken_is_said_to_be(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(cli, ["serve", "--port", str(port), "--store", str(store)])
    assert result.exit_code == 1
    assert f"cannot listen at 127.0.0.1, port {port}: Address already in use" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--store", "no-such.sqlite"], 1, "there is no store at no-such.sqlite"),
        (["--host", "0.0.0.0"], 1, WRITE_TOKEN),
        (["--host", "no.such.example", "--port", "0"], 1, "cannot listen at no.such.example"),
        (["--certificate", __file__], 2, "belong together"),
        (["--certificate", __file__, "--key", __file__], 1, "are no certificate in PEM"),
        (["--port", "70000"], 2, "70000"),
        (["--cluster"], 1, "names no cluster"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_sentence(
    store: Path, options: list[str], code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLVA_STORE", str(store))
    if "no.such.example" in options:
        monkeypatch.setenv(WRITE_TOKEN, WRITE)
    result = CliRunner().invoke(cli, ["serve", "--port", "0", *options])
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""  # no address that would not answer


def test_https_with_a_certificate_of_ones_own(store: Path, tmp_path: Path) -> None:
    authority = make_certificates(tmp_path)
    options = ["--certificate", str(tmp_path / "server.crt"), "--key", str(tmp_path / "server.key")]
    with serving(store, *options, folder=tmp_path, environment=TOKENS) as (_process, address):
        assert address.startswith("https://")
        context = ssl.create_default_context(cafile=authority)
        answer = httpx.post(f"{address}/api/v1/session", json={"token": WRITE}, verify=context)
    assert answer.headers["set-cookie"].startswith("__Host-molva_session=")


def test_a_proxy_on_this_machine_says_that_it_speaks_https(store: Path, tmp_path: Path) -> None:
    with serving(store, "--allow-host", "molva.example", folder=tmp_path, environment=TOKENS) as (
        _process,
        address,
    ):
        answer = httpx.post(
            f"{address}/api/v1/session",
            json={"token": WRITE},
            headers={"host": "molva.example", "x-forwarded-proto": "https"},
        )
    assert answer.headers["set-cookie"].startswith("__Host-molva_session=")


def test_the_address_of_ipv6(store: Path, tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(store, "--host", "::1", folder=tmp_path) as (_process, address):
        assert address.startswith("http://[::1]:")
        assert httpx.get(f"{address}/api/v1/about").status_code == 200


def test_a_request_that_is_not_http_and_one_that_is_never_finished(
    store: Path, tmp_path: Path
) -> None:
    with serving(store, folder=tmp_path) as (process, address):
        port = urlsplit(address).port
        with socket.create_connection(("127.0.0.1", port)) as other:
            other.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
            assert other.recv(100).startswith(b"HTTP/1.1 400")
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            assert httpx.get(f"{address}/api/v1/about").status_code == 200
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.putrequest("GET", "/api/v1/about", skip_host=True)
            connection.endheaders()
            assert connection.getresponse().status in {400, 403}
            connection.close()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    assert process.returncode == 0


def test_other_commands_write_while_it_answers(writable: Path, tmp_path: Path) -> None:
    with serving(writable, folder=tmp_path) as (_process, address):
        before = httpx.get(f"{address}/api/v1/search", params={"q": "source:beside"}).json()
        reviews = tmp_path / "beside.csv"
        reviews.write_text("id;text\n" + "".join(f"{one};Всё хорошо\n" for one in range(50)))
        arguments = ["import", str(reviews), "--source", "beside", "--store", str(writable)]
        beside = subprocess.Popen([sys.executable, "-m", "cli", *arguments], cwd=ROOT)
        mention = httpx.get(f"{address}/api/v1/search").json()["hits"][0]["id"]
        statuses = set()
        for number in range(5):
            body = {"mention_id": mention, "note": f"note {number}"}
            statuses.add(httpx.post(f"{address}/api/v1/cases", json=body).status_code)
        assert beside.wait(timeout=60) == 0
        after = httpx.get(f"{address}/api/v1/search", params={"q": "source:beside"}).json()
    assert statuses == {200}
    assert (before["total"], after["total"]) == (0, 50)


def test_help_loads_no_server() -> None:
    code = "import sys, cli; cli.cli(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "serve" in done.stdout
    for module in ("fastapi", "starlette", "uvicorn", "pydantic", "dashboard"):
        assert f"'{module}'" not in done.stdout
