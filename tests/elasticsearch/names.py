"""A name in a shared server that nobody else has, and no trace of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from elasticsearch import Elasticsearch

from index.elastic.connection import ClusterSettings, connect


@contextmanager
def own_name(url: str) -> Iterator[ClusterSettings]:
    """Give settings with a name of their own; everything of that name is deleted at the end."""
    settings = ClusterSettings(url, index=f"test-{uuid4().hex[:12]}")
    try:
        yield settings
    finally:
        with connect(settings) as client:
            remove(client.options(ignore_status=404), settings.index)


def remove(client: Elasticsearch, index: str) -> None:
    """Delete indices and templates of Molva's; `client` has to ignore 404."""
    # The server does not delete by pattern unless it is told to allow that.
    for name in client.indices.get(index=f"{index}*", expand_wildcards="all"):
        client.indices.delete(index=name)
    client.indices.delete_index_template(name=index)
    client.cluster.delete_component_template(
        name=[f"{index}-{part}" for part in ("settings", "mappings", "analysis")]
    )
