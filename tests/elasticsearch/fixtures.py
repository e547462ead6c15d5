"""The servers that tests share; `tests/conftest.py` makes them known to every test.

A test that needs a server fails with a sentence when none can be had. It is never skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.elasticsearch.errors import ServerError
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


@contextmanager
def _running(*, secured: bool = False) -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(Server(secured=secured))
        except ServerError as error:
            pytest.fail(str(error), pytrace=False)
        yield server
