"""A name of its own in the real Elasticsearch for each test of this folder."""

from tests.elasticsearch.fixtures import client, settings

__all__ = ["client", "settings"]
