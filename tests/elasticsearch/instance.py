"""The folder of one server: configuration, data, logs; the code is shared and only read."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.elasticsearch.accounts import UNPRIVILEGED, Account, account, is_open_to_all, twin
from tests.elasticsearch.certificates import make_certificates
from tests.elasticsearch.distribution import Distribution
from tests.elasticsearch.errors import ServerError

# Configuration that comes with the code and is used as it is.
_TAKEN_OVER: Final = ("log4j2.properties", "jvm.options")
# A log of garbage collections is of no use to a test.
_LEFT_OUT: Final = "-Xlog:gc"

# Without the second compiler a start takes half of the processor's time; what runs for
# long, such as a benchmark, is slower for it.
_QUICK: Final = " -XX:TieredStopAtLevel=1"

_SETTINGS: Final[Mapping[str, str]] = {
    "cluster.name": "molva-test",
    "node.name": "molva-test",
    "discovery.type": "single-node",
    "http.host": "127.0.0.1",
    "transport.host": "127.0.0.1",
    "transport.port": "0",
    # The server writes the port it took into a file, so nobody can take it first.
    "node.portsfile": "true",
    # A full disk of a developer is no reason to refuse a test's documents.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "xpack.security.autoconfiguration.enabled": "false",
}
_SECURED: Final[Mapping[str, str]] = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.certificate": "server.crt",
    "xpack.security.http.ssl.key": "server.key",
}
_OPEN: Final[Mapping[str, str]] = {"xpack.security.enabled": "false"}


class Instance:
    """Everything that one server writes, in a temporary folder that its user owns.

    Attributes:
        folder: the whole of it.
        password: of the user `elastic`; None without security.
        ca_file: certificate that signed the server's; None without security.
    """

    def __init__(
        self,
        distribution: Distribution,
        *,
        secured: bool,
        heap: str,
        quick: bool,
        settings: Mapping[str, str],
    ) -> None:
        other = account()
        self._user = other.user if other else None
        self._group = other.group if other else None
        self._other_groups: list[int] | None = None if other is None else []
        self.folder = Path(tempfile.mkdtemp(prefix="molva-elasticsearch-")).resolve()
        try:
            self._home = distribution.home
            if other and not is_open_to_all(self.folder.parent):
                raise ServerError(
                    f"the server has to run as the user '{UNPRIVILEGED}', who may not enter "
                    f"{self.folder.parent}; set TMPDIR to a folder that everyone may enter"
                )
            if other and not is_open_to_all(distribution.home):
                self._home = twin(distribution.home, self.folder / "code")
            self._java = distribution.java
            self._options = f"-Xms{heap} -Xmx{heap}{_QUICK if quick else ''}"
            for name in ("config", "data", "logs", "tmp"):
                (self.folder / name).mkdir()
            self._write_configuration(settings, secured=secured)
            self.password = secrets.token_urlsafe(16) if secured else None
            self.ca_file: Path | None = None
            if secured:
                self.ca_file = make_certificates(self.folder / "config")
            if other:
                self._give_to(other)
            if self.password:
                self._tool("keystore", "create")
                self._tool("keystore", "add", "--stdin", "bootstrap.password", word=self.password)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def ports_file(self) -> Path:
        """Where the server writes its address once it listens."""
        return self.folder / "logs/http.ports"

    def start(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server, in a process group of its own; `port` 0 lets it take any."""
        self.ports_file.unlink(missing_ok=True)
        with (self.folder / "logs/output").open("ab") as output:
            return subprocess.Popen(
                [*self._command("server"), "-E", f"http.port={port}"],
                env=self._environment("server"),
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self._user,
                group=self._group,
                extra_groups=self._other_groups,
            )

    def complaint(self) -> str:
        """Return what the server said last that sounds like a reason."""
        told = (self.folder / "logs/output").read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        bad = [line for line in lines if "[ERROR]" in line or "[FATAL]" in line]
        return (bad or lines[-1:] or ["it says nothing"])[0][:400]

    def _write_configuration(self, settings: Mapping[str, str], *, secured: bool) -> None:
        config = self.folder / "config"
        for name in _TAKEN_OVER:
            lines = (self._home / "config" / name).read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if _LEFT_OUT not in line]
            (config / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
        ours = {
            **_SETTINGS,
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            **(_SECURED if secured else _OPEN),
        }
        # An unknown setting stops the start, and only the vendor's archive has this module.
        if (self._home / "modules/x-pack-ml").is_dir():
            ours["xpack.ml.enabled"] = "false"
        lines = [f"{name}: {value}" for name, value in {**ours, **settings}.items()]
        (config / "elasticsearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _give_to(self, other: Account) -> None:
        code = self.folder / "code"
        for place in (self.folder, *self.folder.rglob("*")):
            if place != code and code not in place.parents:
                os.chown(place, other.user, other.group)

    def _tool(self, name: str, *arguments: str, word: str = "") -> None:
        done = subprocess.run(
            [*self._command(name), *arguments],
            env=self._environment(name), cwd=self._home, input=word, text=True,
            capture_output=True, check=False,
            user=self._user, group=self._group, extra_groups=self._other_groups,
        )  # fmt: skip
        if done.returncode:
            raise ServerError(f"elasticsearch-{name} failed: {(done.stderr or done.stdout)[:300]}")

    def _command(self, name: str) -> list[str]:
        """Return how a program of the server is started: by its script, where there is one.

        The Maven artifact has no scripts that fit; what they would call is called instead.
        """
        if self._java is None:
            script = "elasticsearch" if name == "server" else f"elasticsearch-{name}"
            return [str(self._home / "bin" / script)]
        java = str(self._java / "bin/java")
        if name == "server":
            places = ("lib/tools/server-launcher/*", "lib/*", "lib/cli-launcher/*")
            main = "org.elasticsearch.server.launcher.ServerLauncher"
            return [java, "-Xmx64m", "-cp", os.pathsep.join(places), main]
        about = {
            "cli.name": "", "cli.script": f"bin/elasticsearch-{name}",
            "cli.libs": f"lib/tools/{name}-cli", "es.path.home": str(self._home),
            "es.path.conf": str(self.folder / "config"),
            "es.distribution.type": "tar", "es.java.type": "ES_JAVA_HOME",
        }  # fmt: skip
        options = [f"-D{key}={value}" for key, value in about.items()]
        return [
            java, "-Xmx64m", "-XX:+UseSerialGC", *options,
            "-cp", os.pathsep.join(("lib/*", "lib/cli-launcher/*")),
            "org.elasticsearch.launcher.CliToolLauncher",
        ]  # fmt: skip

    def _environment(self, name: str) -> dict[str, str]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
        }
        if name == "server":
            environment["ES_JAVA_OPTS"] = self._options
        if self._java is not None:
            environment |= {
                "ES_HOME": str(self._home),
                "ES_JAVA_HOME": str(self._java),
                "JAVA": str(self._java / "bin/java"),
                "JAVA_TYPE": "ES_JAVA_HOME",
                "ES_DISTRIBUTION_TYPE": "tar",
                "CLI_NAME": "server",
                "CLI_LIBS": "lib/tools/server-cli",
                "CLI_SCRIPT": "bin/elasticsearch",
            }
        return environment
