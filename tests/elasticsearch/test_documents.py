"""The documents for analysts keep to the mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from index.elastic.mapping import FIELDS
from tests.elasticsearch.distribution import VERSION
from tests.elasticsearch.documents import FOLDER, documents
from tests.elasticsearch.kibana import DATA_VIEW, HIDDEN

NUMBERS = {"long", "double", "float"}
OPERATIONS = {
    "date_histogram": {"date"},
    "terms": {"keyword"},
    "average": NUMBERS,
}


def types() -> dict[str, str]:
    """Field names with their types, sub-fields among them; those without values left out."""
    found = {}
    for field in FIELDS:
        if field.mapping.get("enabled") is False:
            continue
        found[field.name] = str(field.mapping["type"])
        inner: dict[str, dict[str, Any]] = field.mapping.get("fields", {})  # type: ignore[assignment] # a mapping's body
        for name, mapping in inner.items():
            found[f"{field.name}.{name}"] = str(mapping["type"])
    return found


def countable() -> set[str]:
    """Fields that aggregations can use."""
    return {
        field.name
        for field in FIELDS
        if field.mapping["type"] not in {"text", "object"}
        and field.mapping.get("doc_values") is not False
    }


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, Any]]:
    """The saved objects by id, with the JSON inside them read."""
    text = (FOLDER / "kibana/molva.ndjson").read_text(encoding="utf-8")
    found = [unfolded(json.loads(line)) for line in text.splitlines()]
    assert len({one["id"] for one in found}) == len(found)
    return {one["id"]: one for one in found}


def unfolded(value: Any) -> Any:
    """Read JSON that is kept as text inside JSON."""
    if isinstance(value, dict):
        return {key: unfolded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [unfolded(inner) for inner in value]
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return unfolded(json.loads(value))
    return value


def inside(value: Any, key: str) -> Iterator[Any]:
    """Yield every value of `key`, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from inside(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from inside(inner, key)


def kql_fields(text: str) -> set[str]:
    return set(re.findall(r"([A-Za-z_][\w.]*)\s*:", re.sub(r'"[^"]*"', '""', text)))


def test_what_is_made_is_current() -> None:
    for file, text in documents().items():
        assert file.read_text(encoding="utf-8") == text, (
            f"{file.name} is old; run: python -m tests.elasticsearch.documents"
        )


def test_the_data_view_shows_the_alias_by_its_date(objects: dict[str, dict[str, Any]]) -> None:
    view = objects[DATA_VIEW]["attributes"]
    assert view["title"] == "mentions"
    assert types()[view["timeFieldName"]] == "date"
    assert set(view["fieldAttrs"]) == {field.name for field in FIELDS}
    assert set(view["fieldFormatMap"]) <= set(types())
    names = {field.name for field in FIELDS}
    for hidden in HIDDEN:
        assert hidden.removesuffix(".*") in names | {"folded"}


def test_kibana_names_only_fields_that_can_be_counted(objects: dict[str, dict[str, Any]]) -> None:
    used = set()
    for panel in objects.values():
        for columns in inside(panel, "columns"):
            if not isinstance(columns, dict):
                continue
            for column in columns.values():
                field = column["sourceField"]
                if field == "___records___":
                    assert column["operationType"] == "count"
                    continue
                used.add(field)
                assert field in countable()
                assert types()[field] in OPERATIONS[column["operationType"]], column
    assert used >= {"date", "brand", "topic_sentiment", "stars", "location"}


def test_kibana_searches_and_shows_only_fields_that_are_there(
    objects: dict[str, dict[str, Any]],
) -> None:
    asked = {
        text
        for one in objects.values()
        for query in (*inside(one, "query"), *inside(one, "filter"))
        if isinstance(query, dict) and isinstance(text := query.get("query"), str)
    }
    assert "sentiment : negative" in asked
    for text in asked:
        assert kql_fields(text) <= set(types())
    searches = [one["attributes"] for one in objects.values() if one["type"] == "search"]
    assert len(searches) == 2
    for search in searches:
        assert set(search["columns"]) <= set(types())
        assert {field for field, _ in search["sort"]} <= countable()


def test_every_reference_of_kibanas_leads_somewhere(objects: dict[str, dict[str, Any]]) -> None:
    dashboards = 0
    for one in objects.values():
        names = {reference["name"] for reference in one["references"]}
        for reference in one["references"]:
            assert objects[reference["id"]]["type"] == reference["type"]
        if one["type"] == "lens":
            state = one["attributes"]["state"]
            ((layer, content),) = state["datasourceStates"]["formBased"]["layers"].items()
            assert names == {f"indexpattern-datasource-layer-{layer}"}
            assert content["columnOrder"] == list(content["columns"])
            shown = state["visualization"]
            drawn = {*inside(shown, "columnId"), *inside(shown, "metricAccessor")}
            drawn |= {*inside(shown, "xAccessor"), *inside(shown, "splitAccessor")}
            drawn |= {name for names in inside(shown, "accessors") for name in names}
            assert drawn == set(content["columns"])
            for order in inside(content, "orderBy"):
                assert order["columnId"] in content["columns"]
        if one["type"] == "dashboard":
            dashboards += 1
            panels = one["attributes"]["panelsJSON"]
            assert names == {f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels}
            places = [panel["gridData"] for panel in panels]
            assert all(place["x"] + place["w"] <= 48 for place in places)
            assert all(
                place["i"] == panel["panelIndex"]
                for place, panel in zip(places, panels, strict=True)
            )
    assert dashboards == 2


def test_the_documents_name_only_fields_that_are_there() -> None:
    text = (FOLDER / "queries.md").read_text(encoding="utf-8")
    for kql in re.findall(r"^KQL[^`]*`([^`]+)`", text, re.MULTILINE):
        assert kql_fields(kql) <= set(types())
    for file in sorted((FOLDER / "queries").glob("*.json")):
        for field in inside(json.loads(file.read_text(encoding="utf-8")), "field"):
            assert field in types() or field == "hours_to_reply"


def test_every_link_leads_somewhere() -> None:
    for file in (FOLDER.with_suffix(".md"), FOLDER / "queries.md"):
        text = file.read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
        assert links
        for link in links:
            assert (file.parent / link).exists(), f"{file.name}: {link}"


def test_the_compose_file_starts_the_version_that_is_tested() -> None:
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["elasticsearch"]
    assert service["image"].endswith(f":{VERSION}")
    assert service["ports"] == ["127.0.0.1:9200:9200"], "reachable from this machine only"
    named = {volume.partition(":")[0] for volume in service["volumes"]}
    assert named == set(compose["volumes"])
