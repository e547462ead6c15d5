"""Counting replies, scores, facts and ages in the cluster. Definitions: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from elasticsearch import Elasticsearch

from index.base import Measure
from index.elastic.compile import CompiledQuery
from index.elastic.counting import Cell, by_value, combinations, only
from index.elastic.documents import written
from index.elastic.mapping import Body
from index.elastic.trends import place, places
from index.rows import FACT_FIELDS
from index.service import (
    DAY_MINUTES,
    Count,
    Value,
    age_moments,
    check_days,
    check_measure,
    reply_points,
    value_points,
)
from index.service_counts import ReplyPoint, ValuePoint
from index.trends import Question
from mention import SCORES

# Scores are fields of their own name.
_FIELDS: Final = {name: name for name in SCORES} | dict(FACT_FIELDS.items())
_REPLIED: Final[Body] = {"term": {"has_reply": True}}
_TIMED: Final[Body] = {"exists": {"field": "reply_minutes"}}
_DATED: Final[Body] = {"exists": {"field": "published_at"}}
_HAS_REPLY_TIME: Final[Body] = {"exists": {"field": "reply_at"}}


def replies(  # noqa: PLR0917 - all of one question
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    question: Question,
    days: int,
    time_zone: str,
) -> list[ReplyPoint]:
    """Return the points of `MentionIndex.replies`."""
    check_days(days)
    sources = places(question, time_zone)
    filters: dict[str, Body] = {name: {"filter": body} for name, body in _filters(days).items()}
    cells = combinations(client, index, only(compiled.query), {"mentions": sources}, filters)
    timed = combinations(
        client,
        index,
        only(compiled.query, _TIMED),
        {"delays": [*sources, by_value("minutes", "reply_minutes")]},
    )
    zone = ZoneInfo(time_zone)
    counts = (count for cell in cells for count in _counts(cell, question, zone))
    delays = (_value(cell, "minutes", question, zone) for cell in timed)
    return reply_points(counts, delays, question)


def _filters(days: int) -> dict[str, Body]:
    """Return what makes a mention count, by the names in `ReplyPoint`."""
    settled: Body = {"range": {"seen_days": {"gte": days}}}
    day_seen = only(_DATED, {"range": {"seen_days": {"gte": 1}}})
    without_time: Body = {"bool": {"filter": [_REPLIED], "must_not": [_TIMED]}}
    return {
        "replied": _REPLIED,
        "settled": settled,
        "settled_replied": only(settled, _REPLIED),
        "day_seen": day_seen,
        "day_replied": only(day_seen, {"range": {"reply_minutes": {"lt": DAY_MINUTES}}}),
        "day_untimed": only(day_seen, without_time),
        "reversed": only(without_time, _DATED, _HAS_REPLY_TIME),
    }


def _counts(cell: Cell, question: Question, zone: ZoneInfo) -> Iterator[Count]:
    day, group = place(cell.values, question, zone)
    for name, number in (("mentions", cell.mentions), *cell.within.items()):
        yield day, group, name, number


def _value(cell: Cell, name: str, question: Question, zone: ZoneInfo) -> Value:
    day, group = place(cell.values, question, zone)
    # Yes and no come as true and false.
    return day, group, float(cell.values[name]), cell.mentions


def values(  # noqa: PLR0917 - all of one question
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    question: Question,
    measure: Measure,
    time_zone: str,
) -> list[ValuePoint]:
    """Return the points of `MentionIndex.values`."""
    check_measure(measure)
    field = _FIELDS[measure]
    cells = combinations(
        client,
        index,
        only(compiled.query, {"exists": {"field": field}}),
        {measure: [*places(question, time_zone), by_value("value", field)]},
    )
    zone = ZoneInfo(time_zone)
    return value_points((_value(cell, "value", question, zone) for cell in cells), question)


def sources_with_replies(client: Elasticsearch, index: str) -> list[str]:
    """Return the sources of which any mention has a reply, in order."""
    cells = combinations(client, index, _REPLIED, {"sources": [by_value("source", "source")]})
    return sorted(cell.values["source"] for cell in cells)


def ages(
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    now: datetime,
    edges: Sequence[timedelta],
) -> list[int]:
    """Return the counts of `MentionIndex.ages`."""
    moments = [written(moment) for moment in age_moments(now, edges)]
    # From the youngest to the oldest; a bound that is None is none.
    spans: dict[str, Body] = {
        str(number): {"range": {"date": {"gte": begin, "lt": end}}}
        for number, (begin, end) in enumerate(zip([*moments, None], [None, *moments], strict=True))
    }
    answer = client.search(
        index=index,
        size=0,
        query=compiled.query,
        aggs={"spans": {"filters": {"filters": spans}}},
        track_total_hits=False,
        allow_partial_search_results=False,
    )
    counted = answer["aggregations"]["spans"]["buckets"]
    return [int(counted[name]["doc_count"]) for name in spans]
