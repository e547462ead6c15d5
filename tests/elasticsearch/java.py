"""Finds a Java that Elasticsearch runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.elasticsearch.accounts import UNPRIVILEGED, account, is_open_to_all
from tests.elasticsearch.errors import ServerError

OLDEST = 21
# The server computes with it and does not start without; cut-down runtimes lack it.
MODULE = "jdk.incubator.vector"
FOLDERS = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines")


def find_java() -> Path:
    """Return the home of the first Java that will do.

    Raises:
        ServerError: there is none; says what was looked at.
    """
    seen = []
    for home in _homes():
        problem = _problem(home)
        if problem is None:
            return home
        seen.append(f"{home}: {problem}")
    found = "; ".join(seen) if seen else "none is installed"
    raise ServerError(
        f"Elasticsearch needs Java {OLDEST} or newer ({found}); install one, such as Temurin "
        f"{OLDEST}, or set JAVA_HOME to its folder"
    )


def _homes() -> Iterator[Path]:
    seen = set()
    for home in _candidates():
        resolved = home.resolve()
        if resolved not in seen and (resolved / "bin/java").is_file():
            seen.add(resolved)
            yield resolved


def _candidates() -> Iterator[Path]:
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    for folder in FOLDERS:
        for home in sorted(Path(folder).glob("*")):
            yield home
            yield home / "Contents/Home"
    program = shutil.which("java")
    if program:
        yield Path(program).resolve().parents[1]


@cache
def _problem(home: Path) -> str | None:
    """Return why the Java in `home` will not do, or None."""
    try:
        told = subprocess.run(
            [home / "bin/java", "--list-modules"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not start ({error})"
    version = re.search(r"^java\.base@(\d+)", told.stdout, re.MULTILINE)
    if version is None:
        return "it is older than Java 9 or broken"
    if int(version[1]) < OLDEST:
        return f"it is Java {version[1]}"
    if f"{MODULE}@" not in told.stdout:
        return f"it lacks the module {MODULE}"
    if account() and not is_open_to_all(home / "bin"):
        return f"the user '{UNPRIVILEGED}', whom it has to run as, may not enter it"
    return None
