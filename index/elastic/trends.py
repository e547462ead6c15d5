"""Counting mentions by bucket, topic and group in the cluster. Formulas: `docs/trends.md`.

Buckets of everything, or of the sources, are few: a request with a histogram counts them,
two to three times faster than `combinations`, which counts whatever may be many. Days are
asked for some at a time, so that they are few as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from elasticsearch import BadRequestError, Elasticsearch

from index.base import TrendPoint
from index.elastic.compile import CompiledQuery
from index.elastic.counting import Cell, by_value, combinations, only
from index.elastic.mapping import Body
from index.rows import from_date
from index.trends import Question, Row, points

# What is counted, by the field that it is counted by.
_MENTIONS: Final = "sentiment"
_TOPICS: Final = "topic_sentiment"
_HAS_SENTIMENT: Final[Body] = {"exists": {"field": "sentiment"}}
# Values of one field in one answer; where there are more, `combinations` counts.
_VALUES: Final = 1000
# The server gives 65,536 buckets at most. With fifteen topics and five sources these days
# have no more.
_DAYS: Final = 200


class _TooManyError(Exception):
    """There is more to count than one answer has."""


def trends(
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    question: Question,
    time_zone: str,
) -> list[TrendPoint]:
    """Return the points of a trend; see `MentionIndex.trends`."""
    query = only(compiled.query, _HAS_SENTIMENT)
    counted = [_MENTIONS]
    if question.topics is None or question.topics:
        counted.append(_TOPICS)
    histogram: Body = {
        "field": "date",
        "calendar_interval": question.period,
        "time_zone": time_zone,
    }
    zone = ZoneInfo(time_zone)
    if question.split != "brand":
        spans = [query]
        if question.period == "day":
            spans = [only(query, span) for span in _spans(client, index, query, zone)]
        try:
            cells = [
                cell
                for span in spans
                for cell in _histogram(client, index, span, histogram, counted, question.split)
            ]
            return points(_rows(cells, question, zone), question)
        except _TooManyError:
            pass
    sources: list[Body] = [{"start": {"date_histogram": histogram}}]
    if question.split:
        sources.append(by_value("group", question.split, missing=True))
    questions = {field: [*sources, by_value("polarity", field)] for field in counted}
    found = combinations(client, index, query, questions)
    return points(_rows(found, question, zone), question)


def _rows(cells: Iterable[Cell], question: Question, zone: ZoneInfo) -> Iterator[Row]:
    for field, values, mentions in cells:
        topic, _, polarity = values["polarity"].rpartition(":")
        if field == _TOPICS and question.topics is not None and topic not in question.topics:
            continue
        # The start of a bucket is the moment at which its first day begins in the zone.
        start = datetime.fromtimestamp(values["start"] / 1000, zone).date()
        yield from_date(start), values.get("group") or "", topic, polarity, mentions


def _spans(client: Elasticsearch, index: str, query: Body, zone: ZoneInfo) -> Iterator[Body]:
    """Yield a filter for every `_DAYS` days from the first to the last that a query finds."""
    found = client.search(
        index=index,
        size=0,
        query=query,
        aggs={"first": {"min": {"field": "date"}}, "last": {"max": {"field": "date"}}},
        track_total_hits=False,
        allow_partial_search_results=False,
    )["aggregations"]
    if found["first"]["value"] is None:
        return
    begin, last = (
        datetime.fromtimestamp(found[name]["value"] / 1000, zone).date()
        for name in ("first", "last")
    )
    # Where clocks are put back over midnight, a day may end after the next has begun.
    last += timedelta(days=1)
    while begin <= last:
        end = begin + timedelta(days=_DAYS)
        span = {"gte": begin.isoformat(), "lt": end.isoformat(), "time_zone": zone.key}
        yield {"range": {"date": span}}
        begin = end


def _histogram(  # noqa: PLR0917 - all of one question
    client: Elasticsearch,
    index: str,
    query: Body,
    histogram: Body,
    counted: Iterable[str],
    split: str | None,
) -> list[Cell]:
    """Return cells as `combinations` gives them, or raise `_TooManyError`."""
    inner: dict[str, Body] = {field: _terms(field) for field in counted}
    if split:
        inner = {"group": {**_terms(split), "aggs": inner}}
    try:
        answer = client.search(
            index=index,
            size=0,
            query=query,
            aggs={"start": {"date_histogram": {**histogram, "min_doc_count": 1}, "aggs": inner}},
            track_total_hits=False,
            allow_partial_search_results=False,
        )
    except BadRequestError as error:
        if "too_many_buckets" in str(error.body):
            raise _TooManyError from error
        raise
    cells: list[Cell] = []
    for bucket in answer["aggregations"]["start"]["buckets"]:
        groups = _buckets(bucket["group"]) if split else [bucket]
        for group in groups:
            values = {"start": bucket["key"], "group": group["key"] if split else None}
            cells += [
                Cell(field, {**values, "polarity": one["key"]}, int(one["doc_count"]))
                for field in counted
                for one in _buckets(group[field])
            ]
    return cells


def _terms(field: str) -> Body:
    return {"terms": {"field": field, "size": _VALUES}}


def _buckets(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the buckets of a `terms` aggregation that left none out."""
    if found["sum_other_doc_count"] or found["doc_count_error_upper_bound"]:
        raise _TooManyError
    buckets: list[Mapping[str, Any]] = found["buckets"]
    return buckets
