"""The registry, and docs/sources.md, which says the same as the code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import index
from crawlers import ArgumentError
from crawlers.importers.columns import FIELDS
from crawlers.parameters import read_arguments
from crawlers.registry import SPIDERS, find
from tests.contract.sources import table
from tests.contract.sources.kit import load
from tests.crawlers.loopback import Answer, Loopback

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLE = DOCUMENT.partition("## Adding a source")[2]


def test_tables_of_the_documentation_are_current() -> None:
    assert table.written(DOCUMENT) == DOCUMENT, "run: python -m tests.contract.sources.table"
    for field in FIELDS:
        assert re.search(rf"\b{field}\b", DOCUMENT), field


def test_what_a_source_was_tested_on_is_true() -> None:
    """Real recordings are replayed by a test that names the spider."""
    folder = Path(__file__).parent
    files = [*folder.glob("recordings/*.py"), folder / "test_recordings.py"]
    tests = "".join(file.read_text(encoding="utf-8") for file in files)
    for name in SPIDERS:
        if load(name).evidence == "recording":
            assert f'"{name}"' in tests, name


@pytest.mark.parametrize("name", SPIDERS)
def test_spider_loads_and_has_its_name(name: str) -> None:
    assert find(name).load().name == name


def test_every_spider_takes_the_common_arguments() -> None:
    for name, entry in SPIDERS.items():
        assert {"base_url", "max_items", "since", "brand"} <= set(entry.parameters.model_fields)
        for field in entry.parameters.model_fields.values():
            assert field.title
            assert field.description
        with pytest.raises(ArgumentError, match=f"{name} has no argument 'max_item'; did you mean"):
            read_arguments(name, entry.parameters, {"max_item": "5"})


def test_worked_example_is_short_and_works(tmp_path: Path) -> None:
    """Done as it is written: in a copy of the crawlers, with the real command."""
    blocks = re.findall(
        r"`(crawlers/[\w/]+\.py)`[^`]*?:\n\n```python\n(.*?)```", EXAMPLE, re.DOTALL
    )
    assert sum(len(code.rstrip().splitlines()) for _, code in blocks) <= 40
    shutil.copytree(ROOT / "crawlers", tmp_path / "crawlers")
    for name, code in blocks:
        file = tmp_path / name
        if name.endswith("registry.py"):
            imported = "from crawlers.parameters.forums import ForumParameters\n"
            text = file.read_text(encoding="utf-8")
            head, begin, rest = text.partition("SPIDERS: Final[dict[str, SpiderEntry]] = {\n")
            file.write_text(head + imported + begin + code + rest, encoding="utf-8")
        else:
            with file.open("a", encoding="utf-8") as opened:
                opened.write(code)
    posts = [{"id": 6, "html": "<p>Привет &amp; пока</p>", "date": "2026-03-01"}, None, {}]
    routes = {
        "/t/9.json?page=1": Answer(json.dumps({"posts": posts})),
        "/t/9.json?page=2": Answer('{"posts": []}'),
    }
    with Loopback(dict(routes)) as server:
        command = [sys.executable, "-m", "cli", "collect", "forum", "-a", "topic=9"]
        done = subprocess.run(
            [*command, "-a", f"base_url={server.url}", "--format", "json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    with index.open_store(tmp_path / "molva.sqlite") as store:
        (found,) = store.search("", limit=5).hits
        assert (found.mention.id, found.mention.text) == ("forum:6", "Привет & пока")
        assert len(store.rejects()) == 2
