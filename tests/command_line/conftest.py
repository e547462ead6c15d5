"""A store with a few reviews, and commands as a person types them.

Loading the tagger takes seconds, so the reviews are tagged once and each test
gets a copy of that store.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import cli
from tests.elasticsearch.fixtures import client, settings

__all__ = ["client", "settings"]

REVIEWS = """id;date;rating;text;brand
1;2026-03-02;1;Ждал в очереди сорок минут. Сотрудники грубят клиентам.;Парус
2;2026-03-10;5;Курьер приехал вовремя и всё аккуратно упаковано.;Парус
3;2026-04-05;2;Доставка опоздала на пять дней, посылку помяли.;Парус
4;2026-04-20;4;The delivery was fast, but the app keeps crashing at checkout.;Маяк
5;2026-05-01;1;Kurjeris vėlavo dvi savaites, siunta pristatyta sugadinta.;Маяк
6;2026-05-03;3;Die Lieferung kam leider viel zu spät und das Paket war kaputt.;Маяк
"""

Molva = Callable[..., Result]


@pytest.fixture
def molva(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Molva:
    """Run `molva ARGUMENTS…` in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOLVA_STORE", raising=False)

    def run(*arguments: str, code: int = 0, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(cli, arguments, input=stdin)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


@pytest.fixture(scope="session")
def tagged_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reviews imported and tagged, in a store of their own."""
    folder = tmp_path_factory.mktemp("tagged")
    file, store = folder / "reviews.csv", folder / "molva.sqlite"
    file.write_text(REVIEWS, encoding="utf-8")
    for arguments in (["import", str(file), "--source", "shop"], ["tag"]):
        result = CliRunner().invoke(cli, [*arguments, "--store", str(store)])
        assert result.exit_code == 0, (result.output, result.exception)
    assert "5 tagged" in result.stdout
    assert "1 untagged_language" in result.stdout
    return store


@pytest.fixture
def tagged(tagged_store: Path, tmp_path: Path) -> Path:
    """A copy of the tagged store in the test's own folder."""
    return Path(shutil.copy(tagged_store, tmp_path / "molva.sqlite"))


@pytest.fixture
def reviews(molva: Molva, tmp_path: Path) -> Path:
    """The reviews, imported into the folder's store but not tagged."""
    file = tmp_path / "reviews.csv"
    file.write_text(REVIEWS, encoding="utf-8")
    molva("import", str(file), "--source", "shop")
    return file
