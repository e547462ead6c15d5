"""The page's application, in this process and in one of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient

from cluster import Place
from dashboard.app import create_app
from dashboard.settings import READ_TOKEN, WRITE_TOKEN, Settings
from project import load

ROOT = Path(__file__).parents[2]
READ, WRITE = "read-" + "r" * 20, "write-" + "w" * 20
TOKENS = {READ_TOKEN: READ, WRITE_TOKEN: WRITE}


def place_of(store: Path) -> Place:
    """Where the page asks a store, with the project file that lies beside it."""
    project = load(store.with_name("molva.toml"), store)
    return Place(project, asks_cluster=False, insecure_http=False)


def browser(
    store: Path,
    *,
    read_token: str | None = None,
    write_token: str | None = None,
    is_read_only: bool = False,
    hosts: Sequence[str] = (),
    base_url: str = "http://localhost",
) -> TestClient:
    """Return somebody who asks a page of their own."""
    settings = Settings(place_of(store), read_token, write_token, is_read_only, tuple(hosts))
    return TestClient(create_app(settings), base_url=base_url)


@contextmanager
def serving(
    store: Path, *options: str, folder: Path, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `molva serve` at a port that is free; give the process and the address it prints."""
    command = [sys.executable, "-m", "cli", "serve", "--port", "0", "--store", str(store), *options]
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {})
    process = subprocess.Popen(
        command, cwd=folder, env=variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"https?://\S+(?=/ )", line)
        assert found is not None, process.communicate(timeout=60)
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
