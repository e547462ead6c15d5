"""Counting by combinations of values, however many there are, and exactly on any cluster.

A `terms` aggregation with others inside is bounded and, over several shards, approximate;
`composite` is neither: it gives every combination, page by page.
https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from elasticsearch import Elasticsearch

from index.elastic.mapping import Body

# Combinations in one answer, of all questions together: the server allows 65,536. Every
# page goes through all hits again, so the fewer pages the faster.
_MOST: Final = 60_000


class Cell(NamedTuple):
    """How many mentions have one combination of values."""

    name: str  # of the question
    values: Mapping[str, Any]  # of the sources by their names
    mentions: int


def combinations(
    client: Elasticsearch, index: str, query: Body, questions: Mapping[str, list[Body]]
) -> Iterator[Cell]:
    """Yield every combination of values among the mentions that `query` finds.

    Args:
        client: from `connect`.
        index: to ask, or an alias.
        query: for the key "query" of a search.
        questions: for each name the sources of a `composite` aggregation.
    """
    size = _MOST // len(questions)
    open_questions: dict[str, Body] = {
        name: {"composite": {"sources": sources, "size": size}}
        for name, sources in questions.items()
    }
    while open_questions:
        answer = client.search(
            index=index,
            size=0,
            query=query,
            aggs=open_questions,
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        following: dict[str, Body] = {}
        for name, found in answer["aggregations"].items():
            for bucket in found["buckets"]:
                yield Cell(name, bucket["key"], int(bucket["doc_count"]))
            if len(found["buckets"]) == size:
                after = found["after_key"]
                following[name] = {
                    "composite": {"sources": questions[name], "size": size, "after": after}
                }
        open_questions = following


def by_value(name: str, field: str, *, missing: bool = False) -> Body:
    """Return a source that counts by the values of a field; `missing` counts None too."""
    return {name: {"terms": {"field": field, "missing_bucket": missing}}}


def only(*queries: Body) -> Body:
    """Return a query for what all of `queries` find, without scores."""
    return {"bool": {"filter": list(queries)}}
