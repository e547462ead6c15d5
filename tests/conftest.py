"""What every test may ask for."""

from tests.elasticsearch.fixtures import elasticsearch_url, secured_server

__all__ = ["elasticsearch_url", "secured_server"]
