"""`python -m demo.elastic` as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from demo.elastic import INDEX
from tests.elasticsearch.names import remove
from tests.elasticsearch.server import VARIABLE

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_demo_with_a_cluster(tmp_path: Path, elasticsearch_url: str) -> None:
    command = [sys.executable, "-m", "demo.elastic", "--folder", str(tmp_path / "demo")]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, VARIABLE: elasticsearch_url},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        with Elasticsearch(elasticsearch_url) as client:
            remove(client.options(ignore_status=404), INDEX)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": 491 sent" in done.stdout
    assert ": 0 sent" in done.stdout
    assert "# The store counts the same." in done.stdout
    assert '"topic_sentiment": "delivery:negative"' in done.stdout
    assert f"The index stays at {elasticsearch_url}/{INDEX}" in done.stdout


def test_without_a_cluster_the_demo_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo.elastic", "--folder", str(tmp_path / "demo")],
        cwd=ROOT,
        env={**os.environ, VARIABLE: "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The demo stopped: no server answers at http://127.0.0.1:9 " in done.stderr
    assert "Traceback" not in done.stderr
