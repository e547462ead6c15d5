"""What the cluster refuses for good: kept with its reason, shown, sent again when asked for."""

from __future__ import annotations

import json
from pathlib import Path

from elasticsearch import Elasticsearch

from index import open_store
from index.elastic.connection import ClusterSettings
from tests.contract.records import later, make
from tests.elasticsearch.both import NUMBER, Molva, assert_same, rows, write_project


def test_one_document_refused_by_the_mapping(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, client: Elasticsearch
) -> None:
    write_project(tmp_path, settings.url, settings.index)
    molva("index")
    with_product_as_a_number(client, settings)
    with open_store(store) as mentions:
        mentions.upsert([later(make(7), product="Парус Плюс"), later(make(8), product="15")])
    told = molva("index", code=3)
    assert f": {NUMBER - 1} sent\n" in told.stdout, "an index that was made anew gets everything"
    assert "1 refused by the cluster; 'molva doctor' says why" in told.stderr
    report = json.loads(molva("doctor", "--format", "json", code=1).stdout)
    assert [row["id"] for row in report["refused"]] == ["shop:7"]
    assert "failed to parse field [product]" in report["refused"][0]["reason"]
    assert any("molva index --retry-refused" in line for line in report["problems"])
    assert "failed to parse field [product]" in molva("doctor", code=1).stdout
    there = rows(molva("export", "--cluster").stdout)
    assert {f"shop:{n}" for n in range(NUMBER)} - there.keys() == {"shop:7"}

    again = molva("index", code=3)
    assert ": 0 sent\n" in again.stdout, "it is not tried again by itself"
    molva("index", "--retry-refused", code=3)
    with open_store(store) as mentions:  # what changes is tried again
        mentions.upsert([later(make(7), days=2, product="16")])
    molva("index")
    assert_same(molva)


def test_a_rebuild_takes_what_a_wrong_mapping_refused(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, client: Elasticsearch
) -> None:
    write_project(tmp_path, settings.url, settings.index)
    have_one_refused(molva, store, client, settings, product="Парус Плюс")
    molva("index", "--rebuild")
    assert_same(molva)


def test_an_erased_mention_leaves_no_reason_behind(
    molva: Molva, store: Path, tmp_path: Path, settings: ClusterSettings, client: Elasticsearch
) -> None:
    """The server quotes what it refuses: that has to go with the mention."""
    write_project(tmp_path, settings.url, settings.index)
    have_one_refused(molva, store, client, settings, product="Секретный товар")
    assert "Секретный" in molva("doctor", code=1).stdout
    molva("forget", "shop:7", "--yes")
    assert "Секретный".encode() not in store.read_bytes()
    assert_same(molva, NUMBER - 1)


def have_one_refused(
    molva: Molva, store: Path, client: Elasticsearch, settings: ClusterSettings, product: str
) -> None:
    molva("index")
    with_product_as_a_number(client, settings)
    with open_store(store) as mentions:
        mentions.upsert([later(make(7), product=product)])
    molva("index", code=3)


def with_product_as_a_number(client: Elasticsearch, settings: ClusterSettings) -> None:
    """Make the index anew with another type for one field, as somebody's template might."""
    ((name, about),) = client.indices.get(index=settings.index).items()
    mappings = about["mappings"]
    mappings["properties"]["product"] = {"type": "long"}
    mappings["_meta"]["created_at"] = "2026-01-01T00:00:00+00:00"
    client.indices.delete(index=name)
    client.indices.create(index=name, mappings=mappings, aliases=about["aliases"])
