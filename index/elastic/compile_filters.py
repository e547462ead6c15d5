"""From the fields of a query to Elasticsearch's query DSL."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from index.base import QueryError, StoreError
from index.compile_sqlite import fold
from index.elastic.mapping import Body
from index.query import (
    DateFilter,
    FactFilter,
    Filter,
    HasFilter,
    NumberFilter,
    TextFilter,
    TopicFilter,
)
from index.query_fields import YES_OR_NO
from index.rows import FACT_FIELDS
from index.text import TITLE_END
from mention import SCORES

# Names, compared as `fold` writes them; other fields are compared as they are.
_FOLDED: Final = {
    "brand": "folded.brand",
    "product": "folded.product",
    "location": "folded.location",
    "version": "folded.product_version",
    "owner": "folded.case_owner",
    "case": "case_status",
}
_HAS: Final[dict[str, Body]] = {
    "reply": {"term": {"has_reply": True}},
    "tagging": {"term": {"tagged": True}},
    # The field `title` has no entry for a title without a word.
    "title": {"term": {"stems": TITLE_END}},
    "rating": {"exists": {"field": "rating"}},
    "sentiment": {"exists": {"field": "sentiment"}},
    "topic": {"exists": {"field": "topics"}},
    "fact": {"exists": {"field": "facts"}},
    "date": {"exists": {"field": "published_at"}},
    "url": {"exists": {"field": "url"}},
    "brand": {"exists": {"field": "brand"}},
    "product": {"exists": {"field": "product"}},
    "location": {"exists": {"field": "location"}},
    "version": {"exists": {"field": "product_version"}},
    "conflict": {"exists": {"field": "rating_conflict"}},
    "correction": {"term": {"corrected": True}},
    "case": {"exists": {"field": "case_status"}},
    "copy": {"term": {"noise": "copy"}},
    "noise": {"exists": {"field": "noise"}},
    **{name: {"exists": {"field": name}} for name in SCORES},
}


def check_time_zone(name: str) -> None:
    """Raise `StoreError` for what is not an IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise StoreError(
            f"there is no time zone '{name}'; name one such as Europe/Vilnius or UTC"
        ) from None


def filter_query(node: Filter, time_zone: str) -> Body:
    """Return the query for one field.

    Raises:
        QueryError: the field is about authors, which are not in the cluster.
    """
    match node:
        case TextFilter():
            return _text_query(node)
        case NumberFilter():
            return _number_query(node)
        case DateFilter():
            return _date_query(node, time_zone)
        case TopicFilter(topic, polarity):
            field = "topics" if polarity is None else "topic_sentiment"
            return {"term": {field: f"{topic}:{polarity}" if polarity else topic}}
        case FactFilter():
            return _fact_query(node)
        case HasFilter("author"):
            _refuse_authors(node)
    return _HAS[node.what]


def _text_query(node: TextFilter) -> Body:
    if node.name == "author":
        _refuse_authors(node)
    value = fold(node.value) or ""
    if node.name == "url":
        escaped = "".join(f"\\{letter}" if letter in "\\*?" else letter for letter in value)
        return {"wildcard": {"folded.url": {"value": f"*{escaped}*"}}}
    field = _FOLDED.get(node.name, node.name)
    if field == node.name != "source":
        value = node.value
    return {"prefix" if node.prefix else "term": {field: {"value": value}}}


def _fact_query(node: FactFilter) -> Body:
    if node.low is None and node.high is None:
        return {"term": {"facts": node.kind}}
    field = FACT_FIELDS[node.kind]
    if node.kind in YES_OR_NO:
        return {"term": {field: bool(node.low)}}
    return _number_query(NumberFilter(field, node.low, node.high, node.exclusive))


def _number_query(node: NumberFilter) -> Body:
    if node.low is not None and node.low == node.high:
        return {"term": {node.name: {"value": node.low}}}
    bounds: Body = {}
    if node.low is not None:
        bounds["gt" if node.exclusive else "gte"] = node.low
    if node.high is not None:
        bounds["lt" if node.exclusive else "lte"] = node.high
    return {"range": {node.name: bounds}}


def _date_query(node: DateFilter, time_zone: str) -> Body:
    bounds: Body = {"time_zone": time_zone}
    if node.first is not None:
        bounds["gte"] = node.first.isoformat()
    if node.last is not None:
        bounds["lt"] = (node.last + timedelta(days=1)).isoformat()
    return {"range": {"date": bounds}}


def _refuse_authors(node: TextFilter | HasFilter) -> None:
    raise QueryError("no_authors", node.position)
