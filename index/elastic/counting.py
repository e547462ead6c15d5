"""Counting by combinations of values, however many there are, and exactly on any cluster.

A `terms` aggregation with others inside is bounded and, over several shards, approximate;
`composite` is neither: it gives every combination, page by page.
https://www.elastic.co/docs/reference/aggregations/search-aggregations-bucket-composite-aggregation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from elasticsearch import Elasticsearch

from index.elastic.mapping import Body

# Combinations in one answer, of all questions together: the server allows 65,536. Every
# page goes through all hits again, so the fewer pages the faster.
_MOST: Final = 60_000


# What adds up the stars of a bucket, for `added_up`.
STARS: Final[Mapping[str, Body]] = {"stars": {"stats": {"field": "stars"}}}


class Cell(NamedTuple):
    """How many mentions have one combination of values."""

    name: str  # of the question
    values: Mapping[str, Any]  # of the sources by their names
    mentions: int
    rated: int = 0  # those that have stars
    stars: int = 0  # the sum of their stars in hundredths
    within: Mapping[str, int] = MappingProxyType({})  # those that pass each inner filter


def _cell(name: str, values: Mapping[str, Any], bucket: Mapping[str, Any]) -> Cell:
    """Return the cell of a bucket, with the stars that `STARS` added up in it, if it did."""
    rated, stars = added_up(bucket)
    if rated:
        return Cell(name, values, int(bucket["doc_count"]), rated, stars)
    filtered = {
        key: int(found["doc_count"])
        for key, found in bucket.items()
        if isinstance(found, Mapping) and "doc_count" in found
    }
    return Cell(name, values, int(bucket["doc_count"]), within=filtered)


def added_up(bucket: Mapping[str, Any]) -> tuple[int, int]:
    """Return what `STARS` added up: how many mentions have stars, and these in hundredths."""
    stars = bucket.get("stars")
    if not stars or not stars["count"]:
        return 0, 0
    # The server adds floating-point numbers with compensation, so that the sum of any
    # number of mentions is far nearer to the true one than half a hundredth.
    return int(stars["count"]), round(stars["sum"] * 100)


def combinations(
    client: Elasticsearch,
    index: str,
    query: Body,
    questions: Mapping[str, list[Body]],
    inner: Mapping[str, Body] | None = None,
) -> Iterator[Cell]:
    """Yield every combination of values among the mentions that `query` finds.

    Args:
        client: from `connect`.
        index: to ask, or an alias.
        query: for the key "query" of a search.
        questions: for each name the sources of a `composite` aggregation.
        inner: `STARS`, to add up the stars as well, or filters by their names, to count how
            many of each combination pass them.
    """
    # A filter is a bucket of its own to the server.
    filters = sum(one.keys() == {"filter"} for one in (inner or {}).values())
    size = _MOST // (len(questions) * (1 + filters))

    def page(name: str, **after: object) -> Body:
        composite = {"sources": questions[name], "size": size, **after}
        return {"composite": composite, "aggs": inner or {}}

    open_questions = {name: page(name) for name in questions}
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
                yield _cell(name, bucket["key"], bucket)
            if len(found["buckets"]) == size:
                following[name] = page(name, after=found["after_key"])
        open_questions = following


def by_value(name: str, field: str, *, missing: bool = False) -> Body:
    """Return a source that counts by the values of a field; `missing` counts None too."""
    return {name: {"terms": {"field": field, "missing_bucket": missing}}}


def only(*queries: Body) -> Body:
    """Return a query for what all of `queries` find, without scores."""
    return {"bool": {"filter": list(queries)}}
