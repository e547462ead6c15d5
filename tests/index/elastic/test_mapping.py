"""The mapping on the real server: strict, described, in its own languages, for questions."""

from __future__ import annotations

from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from index.elastic import aliases
from index.elastic.connection import ClusterSettings
from index.elastic.documents import Entry
from index.elastic.mapping import FIELDS, SCHEMA_VERSION, data_dictionary
from index.elastic.writing import send
from index.text import ANALYSIS_VERSION
from mention import Mention
from tests.contract.records import at, make, tag


@pytest.fixture
def index(client: Elasticsearch, settings: ClusterSettings) -> str:
    """A fresh index, by its alias for reading."""
    aliases.prepare(client, settings, model_version="molva 1.0", time_zone="Europe/Vilnius")
    return settings.index


def put(client: Elasticsearch, index: str, *mentions: Mention, topics: str = "speed-") -> None:
    entries = [Entry(one, tag(one, topics=topics)[1], one.collected_at, at("2026-03-02"))
               for one in mentions]  # fmt: skip
    for report in send(client, [f"{index}-write"], entries, time_zone="Europe/Vilnius"):
        assert report.sent == report.changes
    client.indices.refresh(index=index)


def found(client: Elasticsearch, index: str, query: dict[str, Any]) -> set[str]:
    return {hit["_id"] for hit in client.search(index=index, query=query)["hits"]["hits"]}


def test_every_field_of_the_server_is_described_and_nothing_else(
    client: Elasticsearch, index: str
) -> None:
    (about,) = client.indices.get_mapping(index=index).values()
    mapping = about["mappings"]

    def names(properties: dict[str, Any], before: str = "") -> set[str]:
        inner = [
            names(one["properties"], f"{before}{name}.")
            for name, one in properties.items()
            if "properties" in one
        ]
        leaves = {f"{before}{name}" for name, one in properties.items() if "properties" not in one}
        return leaves.union(*inner)

    meta = mapping["_meta"]
    assert names(mapping["properties"]) == set(meta["fields"]) == {one.name for one in FIELDS}
    assert all(one["description"] for one in meta["fields"].values())
    assert meta["fields"]["sentiment_score"]["unit"] == "-1 to 1"
    assert meta["schema_version"] == SCHEMA_VERSION
    assert meta["analysis_version"] == ANALYSIS_VERSION
    assert (meta["model_version"], meta["time_zone"]) == ("molva 1.0", "Europe/Vilnius")
    assert mapping["dynamic"] == mapping["properties"]["folded"]["dynamic"] == "strict"


@pytest.mark.parametrize("document", [{"author_name": "Имя"}, {"folded": {"author": "имя"}}])
def test_a_field_that_nobody_described_is_refused(
    client: Elasticsearch, index: str, document: dict[str, object]
) -> None:
    with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
        client.index(index=index, document=document)


@pytest.mark.parametrize(
    ("text", "lang", "asked"),
    [
        ("Посылку потеряли на складе", "ru", "склады посылка"),
        ("The courier was waiting outside", "en", "couriers wait"),
        ("Prekės buvo pristatytos laiku", "lt", "prekė pristatyta"),
    ],
)
def test_anyone_can_search_with_the_analyzers_of_the_server(
    client: Elasticsearch, index: str, text: str, lang: str, asked: str
) -> None:
    put(client, index, make(1, text), make(2, title=text, text="—"), make(3, reply_text=text))
    for number, field in enumerate(("text", "title", "reply_text"), start=1):
        match = {"match": {f"{field}.{lang}": {"query": asked, "operator": "and"}}}
        assert found(client, index, match) == {f"shop:{number}"}
    # A search that names no field looks at all of them, as the search bar of Kibana does.
    anywhere = {"query_string": {"query": asked.split(maxsplit=1)[0]}}
    assert found(client, index, anywhere) == {"shop:1", "shop:2", "shop:3"}


def test_stems_are_those_of_the_store_and_keep_their_places(
    client: Elasticsearch, index: str
) -> None:
    put(client, index, make(1, "Курьер долго ехал", title="Ждали"))
    for phrase, ids in (("долг еха", {"shop:1"}), ("еха долг", set()), ("ждат курьер", set())):
        assert found(client, index, {"match_phrase": {"stems": phrase}}) == ids


def test_values_are_there_for_questions_and_aggregations(client: Elasticsearch, index: str) -> None:
    late = at("2026-01-31T22:30:00.123456")  # the first of February in Vilnius
    put(client, index, make(1, rating=9, rating_min=0, rating_max=10, published_at=late))
    put(client, index, make(2, published_at=late), topics="speed+|speed- price0")
    answer = client.search(
        index=index,
        size=0,
        aggs={
            "topics": {"terms": {"field": "topic_sentiment"}},
            "months": {"date_histogram": {"field": "day", "calendar_interval": "month"}},
            "stars": {"avg": {"field": "stars"}},
        },
    )["aggregations"]
    assert {one["key"]: one["doc_count"] for one in answer["topics"]["buckets"]} == {
        "speed:negative": 1, "speed:mixed": 1, "price:neutral": 1,
    }  # fmt: skip
    assert [one["key_as_string"] for one in answer["months"]["buckets"]] == ["2026-02-01"]
    assert answer["stars"]["value"] == 4.6
    assert found(client, index, {"term": {"stars": 4.6}}) == {"shop:1"}
    assert found(client, index, {"term": {"tagged": True}}) == {"shop:1", "shop:2"}


def test_the_dictionary_names_every_field_once() -> None:
    rows = [line.split("|")[1].strip() for line in data_dictionary().splitlines()[2:]]
    assert rows == [f"`{field.name}`" for field in FIELDS]
