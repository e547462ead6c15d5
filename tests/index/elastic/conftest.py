"""A name of its own in the real Elasticsearch for each test of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from index.elastic.connection import ClusterSettings, connect


@pytest.fixture
def settings(elasticsearch_url: str) -> Iterator[ClusterSettings]:
    """Settings with a name that nobody else has; all that has it is deleted afterwards."""
    settings = ClusterSettings(elasticsearch_url, index=f"test-{uuid4().hex[:12]}")
    yield settings
    client = connect(settings).options(ignore_status=404)
    # The server does not delete by pattern unless it is told to allow that.
    for name in client.indices.get(index=f"{settings.index}*", expand_wildcards="all"):
        client.indices.delete(index=name)
    client.indices.delete_index_template(name=settings.index)
    client.cluster.delete_component_template(
        name=[f"{settings.index}-{part}" for part in ("settings", "mappings", "analysis")]
    )
    client.close()


@pytest.fixture
def client(settings: ClusterSettings) -> Iterator[Elasticsearch]:
    """A client of the server."""
    with connect(settings) as client:
        yield client
