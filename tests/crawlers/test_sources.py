"""The registry, and docs/sources.md, which says the same as the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from crawlers import ArgumentError
from crawlers.importers.columns import FIELDS
from crawlers.parameters import read_arguments
from crawlers.registry import LAW, SPIDERS, describe, find
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


def table(*rows: tuple[str, ...]) -> str:
    return "\n".join("| " + " | ".join(row).replace("|  |", "| |") + " |" for row in rows)


@pytest.mark.parametrize("row", list(describe()), ids=lambda row: row["spider"])
def test_documentation_has_every_argument_with_its_meaning(row: dict[str, Any]) -> None:
    rows = []
    for one in row["parameters"]:
        needed = "yes" if one["required"] else ""
        if one["default"] is not None:
            needed = f"`{one['default']}`"
        rows.append((f"`{one['name']}`", needed, one["description"]))
        assert one["title"]
    section = DOCUMENT.partition(f"### `{row['spider']}`")[2].partition("\n### ")[0]
    expected = table(("argument", "needed", "meaning"), ("---",) * 3, *rows)
    assert expected.replace("| --- | --- | --- |", "|---|---|---|") in section, expected


def test_documentation_has_every_spider_and_class() -> None:
    for name, entry in SPIDERS.items():
        assert f"| `{name}` | {entry.description} | {entry.law} |" in DOCUMENT
    for law, meaning in LAW.items():
        assert f"| {law} | {meaning} |" in DOCUMENT
    for field in FIELDS:
        assert re.search(rf"\b{field}\b", DOCUMENT), field


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


def test_worked_example_is_short_and_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[-1]
    assert len(code.splitlines()) <= 40
    (tmp_path / "forum_example.py").write_text(
        code
        + """

from pydantic import Field
from crawlers.parameters import Parameters
from crawlers.registry import SPIDERS, SpiderEntry


class ForumParameters(Parameters):
    topic: str = Field(title="Topic", description="number of the topic")


SPIDERS["forum"] = SpiderEntry("forum_example:ForumSpider", ForumParameters, "OPEN", "posts")
""",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    posts = '{"posts": [{"id": 5, "text": "Привет", "date": "2026-03-01", "author_id": 7}]}'
    routes = {"/t/9.json?page=1": Answer(posts), "/t/9.json?page=2": Answer('{"posts": []}')}
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "forum", options={"import_first": "forum_example"}, topic="9", base_url=server.url
        )
    assert [(one.id, one.text) for one in crawled.mentions] == [("forum:5", "Привет")]
