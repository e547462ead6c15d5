"""Commands in an empty folder, a store of forty mentions and a name in the shared server."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import cli
from index import open_store
from index.elastic.connection import API_KEY, PASSWORD, USER
from tests.contract.records import at, make, tag
from tests.elasticsearch.both import NUMBER, Molva
from tests.elasticsearch.fixtures import client, settings

__all__ = ["client", "settings"]


@pytest.fixture
def molva(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Molva:
    """Run `molva ARGUMENTS…` in an empty folder of its own; check the exit code."""
    monkeypatch.chdir(tmp_path)
    for name in ("MOLVA_STORE", API_KEY, USER, PASSWORD):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == code, (result.output, result.exception)
        if code == 1 and arguments[0] != "doctor":
            assert result.stderr.startswith("Error: ")
            assert result.stderr.count("\n") == 1, "one sentence"
        return result

    return run


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with tagged and untagged mentions."""
    path = tmp_path / "molva.sqlite"
    with open_store(path) as store:
        mentions = [
            make(
                n,
                f"Отзыв {n}: ждали курьера",
                brand="Парус",
                published_at=at(f"2026-01-{1 + n % 28:02}"),
            )
            for n in range(NUMBER)
        ]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="delivery-") for one in mentions[:-5]])
    return path
