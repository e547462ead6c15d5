"""Counting the mentions that a query finds by who labelled them."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from index.base import LabelCount
from index.elastic.compile import CompiledQuery
from index.elastic.counting import by_value, combinations
from index.label_counts import most_first

_TAGGER = ("model", "model_version", "taxonomy_version")


def count_labels(
    client: Elasticsearch, index: str, compiled: CompiledQuery, *, by_language: bool
) -> list[LabelCount]:
    """Return the counts by tagger and language; see `MentionIndex.count_labels`."""
    fields = (*_TAGGER, "lang") if by_language else _TAGGER
    sources = [by_value(field, field, missing=True) for field in fields]
    cells = combinations(client, index, compiled.query, {"labels": sources})
    return most_first(
        LabelCount(**{"lang": None, **cell.values}, mentions=cell.mentions) for cell in cells
    )
