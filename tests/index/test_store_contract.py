"""The SQLite store keeps the contract of every back-end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import open_store
from index.base import MentionStore
from tests.contract.test_alerts import AlertsContract
from tests.contract.test_mention_store import MentionStoreContract


class TestSqliteStore(MentionStoreContract, AlertsContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[MentionStore]:
        with open_store(tmp_path / "molva.sqlite") as store:
            yield store
