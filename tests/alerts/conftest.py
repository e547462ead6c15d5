"""A store with four months of reviews, and commands as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from index import open_store
from tests.alerts.history import fill, noise
from tests.command_line.conftest import Molva, molva

__all__ = ["Molva", "molva"]

DAYS = 70
PROJECT = """
store = "molva.sqlite"
[[brands]]
name = "Парус"
own = true
[[brands]]
name = "Маяк"
"""


@pytest.fixture(scope="session")
def calm_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks of three series in which nothing happens."""
    chance = np.random.default_rng(20)
    path = tmp_path_factory.mktemp("calm") / "molva.sqlite"
    with open_store(path) as store:
        fill(
            store,
            {
                ("Парус", "delivery"): noise(chance, DAYS),
                ("Парус", "price"): noise(chance, DAYS, 1.0),
                ("Маяк", "delivery"): noise(chance, DAYS),
            },
        )
    return path


@pytest.fixture
def calm(calm_file: Path, tmp_path: Path) -> Path:
    """A copy of it in the test's own folder, beside a project file."""
    (tmp_path / "molva.toml").write_text(PROJECT, encoding="utf-8")
    return Path(shutil.copy(calm_file, tmp_path / "molva.sqlite"))
