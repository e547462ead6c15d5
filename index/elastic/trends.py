"""Counting mentions by bucket, topic and group in the cluster. Formulas: `docs/trends.md`.

Buckets of everything, of the sources, languages or stars, are few: a request with a
histogram counts them, two to three times faster than `combinations`, which counts whatever
may be many. Days are asked for some at a time, so that they are few as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from elasticsearch import BadRequestError, Elasticsearch

from index.base import Split, TrendPoint
from index.elastic.compile import CompiledQuery
from index.elastic.counting import STARS, added_up, by_value, combinations, only
from index.elastic.mapping import Body
from index.garbage import no_search_for_cycles
from index.rollups import PENDING, UNTAGGED
from index.rows import from_date
from index.trends import Question, Row, points, whole_stars

# What is counted, by the field that it is counted by.
_MENTIONS: Final = "sentiment"
_TOPICS: Final = "topic_sentiment"
# Counts the mentions that no tagger has read.
_UNREAD: Final = "unread"
# Splits with few groups, and how their `terms` count mentions that have no value.
_FEW_GROUPS: Final[Mapping[Split | None, Body]] = {
    None: {},
    "source": {},
    "lang": {"missing": ""},
    "stars": {"missing": 0},
}
# Values of one field in one answer; where there are more, `combinations` counts.
_VALUES: Final = 1000
# What `STARS` says of every bucket and nobody reads: a third of an answer.
_UNUSED: Final = ",".join(f"-**.stars.{name}" for name in ("min", "max", "avg"))
# The server gives 65,536 buckets at most. With fifteen topics and five sources these days
# have no more.
_DAYS: Final = 180


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
    # An answer is thousands of dictionaries: a search for cycles while they are made would
    # now and then take longer than the answer itself.
    with no_search_for_cycles():
        rows = _rows(client, index, only(compiled.query), question, time_zone)
        if question.topics is not None:
            rows = (row for row in rows if not row[2] or row[2] in question.topics)
        return points(rows, question)


def _rows(
    client: Elasticsearch, index: str, query: Body, question: Question, time_zone: str
) -> Iterable[Row]:
    if question.split in _FEW_GROUPS:
        spans = [query]
        if question.period == "day":
            zone = ZoneInfo(time_zone)
            spans = [only(query, span) for span in _spans(client, index, query, zone)]
        try:
            return [
                row
                for span in spans
                for row in _histogram(client, index, span, question, time_zone)
            ]
        except _TooManyError:
            pass
    return _combinations(client, index, query, question, time_zone)


def _counted(question: Question) -> list[str]:
    if question.topics is None or question.topics:
        return [_MENTIONS, _TOPICS]
    return [_MENTIONS]


def _start(question: Question, time_zone: str) -> Body:
    return {"field": "date", "calendar_interval": question.period, "time_zone": time_zone}


def places(question: Question, time_zone: str) -> list[Body]:
    """Return the sources of `combinations` that tell buckets and groups apart, for `place`."""
    sources: list[Body] = [{"start": {"date_histogram": _start(question, time_zone)}}]
    if question.split:
        sources.append(by_value("group", question.split, missing=True))
    return sources


def _combinations(
    client: Elasticsearch, index: str, query: Body, question: Question, time_zone: str
) -> Iterator[Row]:
    sources = places(question, time_zone)
    questions = {field: [*sources, by_value("polarity", field)] for field in _counted(question)}
    # Those without a sentiment as well, declined by a tagger or not yet read.
    questions[_MENTIONS] = [
        *sources,
        by_value("polarity", _MENTIONS, missing=True),
        by_value("tagged", "tagged"),
    ]
    zone = ZoneInfo(time_zone)
    for one in combinations(client, index, query, questions, STARS):
        polarity = one.values["polarity"]
        if polarity is None:
            polarity = UNTAGGED if one.values["tagged"] else PENDING
        topic, _, polarity = polarity.rpartition(":")
        day, group = place(one.values, question, zone)
        yield day, group, topic, polarity, one.mentions, one.rated, one.stars


def place(values: Mapping[str, Any], question: Question, zone: ZoneInfo) -> tuple[int, str]:
    """Return the first day and the group of a bucket; `values` are those of its cell."""
    # The start of a bucket is the moment at which its first day begins in the zone.
    start = datetime.fromtimestamp(values["start"] / 1000, zone).date()
    group = values.get("group")
    if question.split == "stars" and group:
        group = whole_stars(group)
    return from_date(start), group or ""


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


def _histogram(
    client: Elasticsearch, index: str, query: Body, question: Question, time_zone: str
) -> Iterator[Row]:
    """Yield rows as `_combinations` does, or raise `_TooManyError`."""
    counted, split = _counted(question), question.split
    inner: dict[str, Body] = {
        **{field: {**_terms(field), "aggs": STARS} for field in counted},
        _UNREAD: {"filter": {"term": {"tagged": False}}},
    }
    if split:
        inner = {"group": {**_terms(split, **_FEW_GROUPS[split]), "aggs": inner}}
    histogram = {**_start(question, time_zone), "min_doc_count": 1}
    try:
        answer = client.search(
            index=index,
            size=0,
            query=query,
            aggs={"start": {"date_histogram": histogram, "aggs": inner}},
            track_total_hits=False,
            allow_partial_search_results=False,
            filter_path=_UNUSED,
        )
    except BadRequestError as error:
        if "too_many_buckets" in str(error.body):
            raise _TooManyError from error
        raise
    zone = ZoneInfo(time_zone)
    for bucket in answer["aggregations"]["start"]["buckets"]:
        for group in _buckets(bucket["group"]) if split else [bucket]:
            values = {"start": bucket["key"], "group": group["key"] if split else None}
            yield from _bucket_rows(*place(values, question, zone), group, counted)


def _bucket_rows(
    day: int, group: str, bucket: Mapping[str, Any], counted: Iterable[str]
) -> Iterator[Row]:
    for field in counted:
        for one in _buckets(bucket[field]):
            topic, _, polarity = one["key"].rpartition(":")
            yield day, group, topic, polarity, one["doc_count"], *added_up(one)
    tagged = sum(one["doc_count"] for one in bucket[_MENTIONS]["buckets"])
    pending = bucket[_UNREAD]["doc_count"]
    untagged = bucket["doc_count"] - tagged - pending
    for polarity, mentions in ((PENDING, pending), (UNTAGGED, untagged)):
        if mentions:
            yield day, group, "", polarity, mentions, 0, 0


def _terms(field: str, **options: object) -> Body:
    return {"terms": {"field": field, "size": _VALUES, **options}}


def _buckets(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the buckets of a `terms` aggregation that left none out."""
    if found["sum_other_doc_count"] or found["doc_count_error_upper_bound"]:
        raise _TooManyError
    buckets: list[Mapping[str, Any]] = found["buckets"]
    return buckets
