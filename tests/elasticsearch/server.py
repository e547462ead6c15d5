"""A real Elasticsearch on a free loopback port: `python -m tests.elasticsearch.server start`.

`start` starts one for development and prints its URL, `url` prints that of the one that
runs, `stop` ends it. Tests use the class `Server` through `fixtures.py`. Where
`MOLVA_TEST_ELASTICSEARCH` names a server, that one is used and nothing is started.

Each server has a folder of its own for configuration, data and logs, below the folder
for temporary files; it is deleted with the server.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from tests.elasticsearch.distribution import cache_folder, find_distribution
from tests.elasticsearch.errors import ServerError
from tests.elasticsearch.instance import Instance

VARIABLE: Final = "MOLVA_TEST_ELASTICSEARCH"
PATIENCE: Final = 600.0  # seconds for a start; 15 on two idle cores
USAGE: Final = "usage: python -m tests.elasticsearch.server start|stop|url"


class Server:
    """One server that we start, kill and stop.

    Args:
        secured: with TLS and passwords; otherwise plain http for everybody on the machine.
        heap: memory of the server, as Java writes it.
        quick: start in half the time and compute slower, as short tests want it.
        settings: more lines of elasticsearch.yml.

    Attributes:
        url: of the server, once it was started; the same after another start.
        user: name of the superuser when secured.

    Raises:
        ServerError: it cannot be had or does not start.
    """

    user = "elastic"

    def __init__(
        self,
        *,
        secured: bool = False,
        heap: str = "512m",
        quick: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._instance = Instance(
            find_distribution(),
            secured=secured,
            heap=heap,
            quick=quick,
            settings=settings or {},
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._port = 0
        ca_file = self._instance.ca_file
        self._trusted = ssl.create_default_context(cafile=ca_file) if ca_file else None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        scheme = "https" if self.ca_file else "http"
        return f"{scheme}://127.0.0.1:{self._port}"

    @property
    def ca_file(self) -> Path | None:
        """The certificate to trust; None without TLS."""
        return self._instance.ca_file

    @property
    def password(self) -> str:
        """The superuser's, for this run only; empty without security."""
        return self._instance.password or ""

    @property
    def pid(self) -> int:
        """The process, also the number of its group; 0 when none runs."""
        return self._process.pid if self._process else 0

    @property
    def folder(self) -> Path:
        """Configuration, data and logs."""
        return self._instance.folder

    def start(self) -> Self:
        """Start the server, again on the same port and data, and wait until it answers."""
        self._process = self._instance.start(self._port)
        self._watcher = _watch(self._process.pid, self.folder)
        end = time.monotonic() + PATIENCE
        while not self._answers():
            code = self._process.poll()
            if code is not None:
                raise ServerError(
                    f"Elasticsearch ended with code {code} while it started: "
                    f"{self._instance.complaint()}; correct what it complains of"
                )
            if time.monotonic() > end:
                self.kill()
                raise ServerError(
                    f"Elasticsearch did not answer within {PATIENCE:.0f} s "
                    f"({self._instance.complaint()}); run it again when the machine is less busy"
                )
            # A start takes many seconds of a busy processor; asking takes some as well.
            time.sleep(0.5)
        return self

    def stop(self) -> None:
        """End the server as an administrator would, and let it write what it has."""
        if self._process is not None:
            end_group(self._process.pid, self._process)
            self.leave()

    def kill(self) -> None:
        """End the server in the middle of whatever it does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self.leave()

    def close(self) -> None:
        """End the server and delete its folder; safe to call twice."""
        self.stop()
        self._instance.remove()

    def leave(self) -> None:
        """Let the server, if it still runs, go on without us."""
        if self._watcher is not None:
            self._watcher.communicate(b"done\n")
        self._process = self._watcher = None

    def _answers(self) -> bool:
        if self._port == 0:
            with suppress(OSError):
                told = self._instance.ports_file.read_text(encoding="ascii").split()
                self._port = int(told[0].rpartition(":")[2]) if told else 0
        if self._port == 0:
            return False
        request = urllib.request.Request(f"{self.url}/_cluster/health")
        if self.password:
            # The server makes the index of its users itself, some time after it answers, and
            # refuses even the right password while that index has no shard yet.
            request.full_url += "/.security-7?wait_for_active_shards=1&timeout=5s"
            secret = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {secret}")
        try:
            with urllib.request.urlopen(request, timeout=30, context=self._trusted) as answer:
                return bool(json.load(answer)["status"] != "red")
        except (OSError, ValueError):
            return False


def end_group(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Ask a process and its children to end; kill what has not ended after 30 s.

    Args:
        pid: of the process, which is the number of its group.
        process: the same, where it is a child of ours that has to be waited for.
    """
    end = time.monotonic() + 30
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGTERM)
        while time.monotonic() < end:
            if process is not None:
                process.poll()
            time.sleep(0.05)
            os.killpg(pid, 0)  # raises when nobody is left
        os.killpg(pid, signal.SIGKILL)
    if process is not None:
        process.wait()


def _watch(pid: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a watcher that ends the server should we be killed before we can do it.

    It waits for a word of ours. Our death closes the pipe without one, however we died.
    """
    script = 'read word; [ "$word" = done ] || { kill -9 -"$0"; sleep 1; rm -rf "$1"; }'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, str(pid), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


# --- one for development --------------------------------------------------
def _note() -> Path:
    return cache_folder() / "elasticsearch-server.json"


def _running() -> dict[str, str] | None:
    """Return what is noted of the development server, if it still runs."""
    try:
        noted = dict(json.loads(_note().read_text(encoding="utf-8")))
        # Not only the number, which another process may have by now.
        told = subprocess.run(
            ["ps", "-o", "command=", "-p", noted["pid"]],
            capture_output=True,
            text=True,
            check=False,
        )
    except (OSError, ValueError, KeyError):
        return None
    return noted if "ServerLauncher" in told.stdout or "elasticsearch" in told.stdout else None


def start() -> str:
    """Return the URL of the development server; start it unless it runs or one is named."""
    with suppress(ServerError):
        return url()
    server = Server(heap="1g", quick=False)
    try:
        server.start()
        note = {"pid": str(server.pid), "folder": str(server.folder), "url": server.url}
        _note().write_text(json.dumps(note), encoding="utf-8")
    except BaseException:
        server.close()
        raise
    server.leave()
    return server.url


def stop() -> str:
    """End the development server and delete its folder."""
    noted = _running()
    if noted is None:
        return "no server of ours runs"
    end_group(int(noted["pid"]))
    shutil.rmtree(noted["folder"], ignore_errors=True)
    _note().unlink(missing_ok=True)
    return f"stopped {noted['url']}"


def url() -> str:
    """Return the URL of the server that is named or runs."""
    noted = _running()
    named = os.environ.get(VARIABLE) or (noted and noted["url"])
    if not named:
        raise ServerError("no Elasticsearch runs here; start one with: make elasticsearch")
    return named


def main(arguments: list[str]) -> int:
    """Run a command; print its answer, or one sentence when it fails."""
    commands = {"start": start, "stop": stop, "url": url}
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    try:
        sys.stdout.write(f"{commands[arguments[0]]()}\n")
    except ServerError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
