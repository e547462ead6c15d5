"""Counting the mentions that a query finds by the values of a field, and the whole index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from elasticsearch import AuthorizationException, Elasticsearch

from index.base import Facet, FacetCount, Stats
from index.elastic.compile import EVERYTHING, CompiledQuery
from index.elastic.counting import by_value, combinations
from index.elastic.mapping import Body
from index.facets import as_text, check_fields, most_first

# Values in one answer; the server allows 65,536, all fields together.
_MOST: Final = 5000
_FIELDS: Final[dict[Facet, str]] = {
    "source": "source",
    "brand": "brand",
    "topic": "topics",
    "topic_sentiment": "topic_sentiment",
    "sentiment": "sentiment",
    "stars": "stars",
    "lang": "lang",
}


def facets(  # noqa: PLR0917 - all of one question
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    fields: Sequence[Facet],
    limit: int,
    most: int | None,
) -> dict[str, list[FacetCount]]:
    """Return the most frequent values of each field; see `MentionIndex.facets`.

    All mentions are counted, however many: a cluster is fast at it.
    """
    check_fields(fields, limit, most)
    if not fields:
        return {}
    questions: dict[str, Body] = {}
    for field in fields:
        questions[field] = {
            "terms": {
                "field": _FIELDS[field],
                "size": min(limit, _MOST),
                # A shard gives more than are asked for, so that none is forgotten.
                "shard_size": _MOST,
                "order": [{"_count": "desc"}, {"_key": "asc"}],
            }
        }
        questions[f"no {field}"] = {"missing": {"field": _FIELDS[field]}}
    found = client.search(
        index=index,
        size=0,
        query=compiled.query,
        aggs=questions,
        track_total_hits=False,
        allow_partial_search_results=False,
    )["aggregations"]
    answer: dict[str, list[FacetCount]] = {}
    for field in fields:
        values = found[field]
        counts = [_count(one["key"], one["doc_count"]) for one in values["buckets"]]
        if values["doc_count_error_upper_bound"] or limit > _MOST:
            counts = list(_every(client, index, compiled.query, field))
        if absent := found[f"no {field}"]["doc_count"]:
            counts.append(FacetCount(None, absent))
        answer[field] = most_first(counts, limit)
    return answer


def _every(client: Elasticsearch, index: str, query: Body, field: Facet) -> Iterator[FacetCount]:
    for cell in combinations(client, index, query, {field: [by_value("value", _FIELDS[field])]}):
        yield _count(cell.values["value"], cell.mentions)


def _count(value: str | float, mentions: int) -> FacetCount:
    return FacetCount(as_text(value), mentions)


def stats(client: Elasticsearch, index: str, time_zone: str) -> Stats:
    """Count what the index holds. History and rejects are kept in the store only."""
    total = client.search(
        index=index,
        size=0,
        track_total_hits=True,
        allow_partial_search_results=False,
        aggs={
            "first": {"min": {"field": "date"}},
            "last": {"max": {"field": "date"}},
            "seen": {"filter": {"term": {"tagged": True}}},
            "understood": {"filter": {"exists": {"field": "sentiment"}}},
        },
    )
    mentions, found = int(total["hits"]["total"]["value"]), total["aggregations"]
    seen, tagged = (int(found[name]["doc_count"]) for name in ("seen", "understood"))
    counted: dict[str, dict[str, int]] = {"source": {}, "lang": {}, "model": {}}
    questions = {
        "source": [by_value("name", "source")],
        "lang": [by_value("name", "lang", missing=True)],
        "model": [by_value("name", "model"), by_value("version", "model_version")],
    }
    for cell in combinations(client, index, EVERYTHING, questions):
        key = " ".join(str(value or "unknown") for value in cell.values.values())
        counted[cell.name][key] = counted[cell.name].get(key, 0) + cell.mentions
    return Stats(
        mentions=mentions,
        versions=0,
        tagged=tagged,
        untagged=seen - tagged,
        pending=mentions - seen,
        rejects=0,
        first_day=_day(found["first"], time_zone),
        last_day=_day(found["last"], time_zone),
        by_source=counted["source"],
        by_language=counted["lang"],
        by_model=counted["model"],
        size_bytes=_size(client, index),
    )


def _day(found: dict[str, Any], time_zone: str) -> date | None:
    """Return the day of a moment that an aggregation found, in milliseconds since 1970."""
    if found["value"] is None:
        return None
    return datetime.fromtimestamp(found["value"] / 1000, ZoneInfo(time_zone)).date()


def _size(client: Elasticsearch, index: str) -> int:
    try:
        found = client.indices.stats(index=index, metric="store")
    except AuthorizationException:
        return 0  # a reader need not see how the cluster is doing
    return int(found["_all"]["total"]["store"]["size_in_bytes"])
