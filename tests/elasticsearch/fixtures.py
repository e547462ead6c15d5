"""The servers that tests share; `tests/conftest.py` makes them known to every test.

`settings` and `client`, a test's own corner of the plain one, are known where a folder's
`conftest.py` names them.

A test that needs a server fails with a sentence when none can be had. It is never skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from elasticsearch import Elasticsearch

from index.elastic.connection import ClusterSettings, connect
from tests.elasticsearch.errors import ServerError
from tests.elasticsearch.names import own_name
from tests.elasticsearch.server import VARIABLE, Server


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """URL of a plain server: the one that is named, else one that is started for this run.

    It is shared: use names of your own in it, and leave its settings alone.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    with _running() as server:
        yield server.url


@pytest.fixture(scope="session")
def secured_server() -> Iterator[Server]:
    """A server with TLS and passwords, started when the first test asks for it."""
    with _running(secured=True) as server:
        yield server


@pytest.fixture
def settings(elasticsearch_url: str) -> Iterator[ClusterSettings]:
    """Settings with a name that nobody else has; all that has it is deleted afterwards."""
    with own_name(elasticsearch_url) as named:
        yield named


@pytest.fixture
def client(settings: ClusterSettings) -> Iterator[Elasticsearch]:
    """A client of the server."""
    with connect(settings) as connected:
        yield connected


@contextmanager
def _running(*, secured: bool = False) -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Server(secured=secured))
        except ServerError as error:
            pytest.fail(str(error), pytrace=False)
        yield server
