"""The interface describes itself, truly: everything that its description allows is asked.

`python -m tests.dashboard.test_openapi` writes the table of endpoints into docs/api.md.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cluster import Place
from dashboard.api import PREFIX
from dashboard.app import create_app
from dashboard.settings import Settings
from project import Project
from tests.dashboard.serving import READ, ROOT, WRITE, browser

DOCUMENT = ROOT / "docs" / "api.md"
BEGIN, END = "<!-- endpoints: begin -->\n", "<!-- endpoints: end -->\n"
LOCAL = {"host": "localhost"}
# The description is the same whatever store is asked.
APP = create_app(Settings(Place(Project(), asks_cluster=False, insecure_http=False)))
everything = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", APP, headers=LOCAL)
asked = settings(max_examples=15, suppress_health_check=list(HealthCheck))
# No description says what a query is, or which topics a project has: these may be refused.
NOT_CHECKED = [positive_data_acceptance]


@pytest.fixture(scope="module")
def played_with(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the samples that everything may be written into."""
    folder = tmp_path_factory.mktemp("played_with")
    shutil.copy(store.with_name("molva.toml"), folder)
    return Path(shutil.copy(store, folder))


@pytest.fixture(scope="module")
def open_page(played_with: Path) -> FastAPI:
    """A page that asks for no token."""
    return browser(played_with).app


@pytest.fixture(scope="module")
def closed_page(played_with: Path) -> FastAPI:
    """A page that asks for one."""
    return browser(played_with, read_token=READ, write_token=WRITE).app


@pytest.mark.slow
@everything.parametrize()
@asked
def test_everything_that_the_description_allows_is_answered_as_it_says(
    case: Case, open_page: FastAPI
) -> None:
    case.call_and_validate(app=open_page, headers=LOCAL, excluded_checks=NOT_CHECKED)


@pytest.mark.slow
@everything.parametrize()
@asked
def test_with_the_read_token_as_well(case: Case, closed_page: FastAPI) -> None:
    headers = LOCAL | {"authorization": f"Bearer {READ}"}
    case.call_and_validate(app=closed_page, headers=headers, excluded_checks=NOT_CHECKED)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Return method, path below the prefix, and description of all there is, by path."""
    return [
        (method.upper(), path.removeprefix(PREFIX), operation)
        for path, operations in sorted(APP.openapi()["paths"].items())
        for method, operation in operations.items()
    ]


def table() -> str:
    """Return the table of endpoints for docs/api.md."""
    lines = ["| endpoint | answer | arguments |", "|---|---|---|"]
    for method, path, operation in operations():
        # The first line says what it answers; the rest is for those who read OpenAPI.
        answer = operation["description"].split("\n")[0]
        names = ", ".join(f"`{name}`" for name in argument_names(operation))
        lines.append(f"| `{method} {path}` | {answer} | {names} |")
    return "\n".join(lines) + "\n"


def argument_names(operation: dict[str, Any]) -> list[str]:
    """Return names of arguments, those that narrow every question as one."""
    narrowing = "q source brand location product topic sentiment stars lang case first last".split()
    names = [one["name"] for one in operation.get("parameters", ())]
    if "requestBody" in operation:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        names += APP.openapi()["components"]["schemas"][reference.split("/")[-1]]["properties"]
    if set(narrowing) <= set(names):
        names = ["narrowing", *(name for name in names if name not in narrowing)]
    return names


def test_the_document_lists_all_there_is() -> None:
    _, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    assert rest.partition(END)[0] == table(), "run: python -m tests.dashboard.test_openapi"


def test_the_examples_ask_for_what_there_is() -> None:
    paths = {path for _method, path, _operation in operations()}
    examples = set(re.findall(r"\$API(/[a-z/]+)", DOCUMENT.read_text(encoding="utf-8")))
    assert examples - paths == set()
    # A group of endpoints without an example is one that nobody has tried from the document.
    shown = {path.split("/")[1] for path in examples}
    assert {path.split("/")[1] for path in paths} - shown == set()


def test_everything_is_described() -> None:
    identifiers = [operation["operationId"] for _method, _path, operation in operations()]
    assert len(set(identifiers)) == len(identifiers)
    for method, path, operation in operations():
        assert operation["tags"], (method, path)
        assert operation["description"], (method, path)
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (method, path, parameter["name"])
    for name, schema in APP.openapi()["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert "description" in described or "$ref" in described, (name, field)


def test_the_description_is_asked_for_without_a_token(closed_page: FastAPI, store: Path) -> None:
    answer = browser(store, read_token=READ).get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["security"] == [{"token": []}, {"session": []}, {}]


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
