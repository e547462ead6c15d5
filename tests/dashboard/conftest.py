"""A store with samples, an application that serves it, and a real browser that opens it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from cluster import Place
from dashboard.app import create_app
from dashboard.settings import Settings
from project import Project, load
from tests.browser import chromium
from tests.dashboard.opened import Faults, answering, opened
from tests.dashboard.samples import fill

# Milliseconds; on a busy machine a page takes its time.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, for reading only; the project file lies beside them."""
    path = tmp_path_factory.mktemp("page") / "molva.sqlite"
    fill(path)
    return path


@pytest.fixture
def writable(store: Path, tmp_path: Path) -> Path:
    """A copy of the samples that is the test's own, with its project file."""
    shutil.copy(store.with_name("molva.toml"), tmp_path)
    return Path(shutil.copy(store, tmp_path))


@pytest.fixture
def project(writable: Path) -> Project:
    """The project of that copy."""
    return load(writable.with_name("molva.toml"), writable)


@pytest.fixture
def settings(project: Project) -> Settings:
    """Settings of an application that may write to that copy."""
    return Settings(Place(project, asks_cluster=False, insecure_http=False))


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """Somebody who asks that application."""
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def served(settings: Settings) -> Iterator[str]:
    """The address of that application."""
    with answering(settings) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium, for these tests only: it keeps a loop of asyncio in this thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def watched(browser: Browser, served: str) -> Iterator[tuple[Page, Faults]]:
    """A page in it, in English, and what goes wrong on it; anything that does fails the test."""
    with opened(browser, served) as (page, faults):
        page.set_default_timeout(20_000)
        yield page, faults


@pytest.fixture
def page(watched: tuple[Page, Faults]) -> Page:
    """That page; `page.goto("/search")` opens a view."""
    return watched[0]


@pytest.fixture
def faults(watched: tuple[Page, Faults]) -> Faults:
    """What goes wrong on that page, for tests that provoke it."""
    return watched[1]
