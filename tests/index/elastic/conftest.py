"""A name of its own in the real Elasticsearch for each test of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import open_store
from index.elastic.connection import ClusterSettings, connect
from tests.elasticsearch.fixtures import client, settings
from tests.index.elastic.corpus import new_index
from tests.index.elastic.sent import Sent

__all__ = ["client", "settings"]


@pytest.fixture(scope="module")
def shared(elasticsearch_url: str) -> Iterator[ClusterSettings]:
    """One index for all tests: making one takes the longest."""
    with new_index(elasticsearch_url, gc_deletes="0s") as settings:
        yield settings


@pytest.fixture
def place(shared: ClusterSettings, tmp_path: Path) -> Iterator[Sent]:
    with connect(shared) as client:
        client.delete_by_query(index=shared.index, query={"match_all": {}}, refresh=True)
    with open_store(tmp_path / "molva.sqlite") as store:
        place = Sent(store, shared)
        yield place
        place.close()
