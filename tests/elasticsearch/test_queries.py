"""The worked queries of `docs/elasticsearch/queries`, run on the real server over a known corpus.

Every answer is computed a second time, in Python, from the mentions themselves.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from index.elastic.aliases import prepare
from index.elastic.connection import connect
from index.elastic.documents import Entry
from index.elastic.writing import send
from index.rows import topic_polarities
from tests.elasticsearch.corpus import BAD_WEEK, OURS, ZONE, corpus, local_day
from tests.elasticsearch.names import own_name

DOCUMENTS = Path(__file__).parents[2] / "docs/elasticsearch"
QUERIES = sorted((DOCUMENTS / "queries").glob("*.json"))

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return corpus()


@pytest.fixture(scope="module")
def index(elasticsearch_url: str, entries: list[Entry]) -> Iterator[tuple[Elasticsearch, str]]:
    """A client, and the name of an index with the corpus in it."""
    with own_name(elasticsearch_url) as settings, connect(settings) as client:
        prepare(client, settings, model_version="1", time_zone=ZONE.key)
        reports = list(send(client, [settings.write_alias], entries, time_zone=ZONE.key))
        assert sum(report.sent for report in reports) == len(entries)
        client.indices.refresh(index=settings.index)
        yield client, settings.index


@pytest.fixture
def ask(index: tuple[Elasticsearch, str]) -> Ask:
    """Run a query file by the number that its name begins with; more is added to its body."""
    client, name = index

    def run(number: str, **more: Any) -> dict[str, Any]:
        (file,) = (one for one in QUERIES if one.name.startswith(number))
        body = json.loads(file.read_text(encoding="utf-8"))
        return dict(client.search(index=name, body={**body, **more}))

    return run


def tagged(entries: Iterable[Entry], brand: str | None = None) -> list[Entry]:
    return [one for one in entries if one.tagging and (brand is None or one.mention.brand == brand)]


def polarities(entry: Entry) -> dict[str, str]:
    return topic_polarities(entry.tagging) if entry.tagging else {}


def pairs(entries: Iterable[Entry]) -> Counter[str]:
    """Count mentions by `topic:polarity`."""
    return Counter(
        f"{topic}:{one}" for entry in entries for topic, one in polarities(entry).items()
    )


def counts(aggregation: dict[str, Any]) -> dict[str, int]:
    assert not aggregation.get("sum_other_doc_count")
    return {bucket["key"]: bucket["doc_count"] for bucket in aggregation["buckets"]}


def by_brand(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found = defaultdict(list)
    for entry in entries:
        if entry.mention.brand:
            found[entry.mention.brand].append(entry)
    return found


def is_percentile(value: float, numbers: Iterable[float], percent: float) -> bool:
    """Whether `value` lies between the neighbours of that rank; servers differ in between."""
    ordered = sorted(numbers)
    rank = percent / 100 * (len(ordered) - 1)
    low, high = ordered[max(0, int(rank) - 1)], ordered[min(len(ordered) - 1, int(rank) + 2)]
    return low - 0.01 <= value <= high + 0.01


def test_complaints_by_week(ask: Ask, entries: list[Entry]) -> None:
    weeks: dict[date, list[Entry]] = defaultdict(list)
    for entry in tagged(entries, OURS):
        day = local_day(entry)
        weeks[day - timedelta(days=day.weekday())].append(entry)
    answer = {
        date.fromisoformat(bucket["key_as_string"][:10]): (
            bucket["doc_count"],
            bucket["speak_of_it"]["doc_count"],
            bucket["complain"]["doc_count"],
        )
        for bucket in ask("01")["aggregations"]["weeks"]["buckets"]
    }
    assert answer == {
        week: (
            len(those),
            sum("delivery" in polarities(one) for one in those),
            sum(polarities(one).get("delivery") == "negative" for one in those),
        )
        for week, those in weeks.items()
    }
    assert max(answer, key=lambda week: answer[week][2]) == BAD_WEEK[0]


def test_share_of_complaints(ask: Ask, entries: list[Entry]) -> None:
    brands = by_brand(tagged(entries))
    buckets = ask("02")["aggregations"]["brands"]["buckets"]
    assert {bucket["key"] for bucket in buckets} == set(brands)
    for bucket in buckets:
        those = pairs(brands[bucket["key"]])
        assert counts(bucket["complaints"]) == {
            pair: count for pair, count in those.items() if pair.endswith(":negative")
        }
        topics: Counter[str] = Counter()
        for pair, count in those.items():
            topics[pair.partition(":")[0]] += count
        assert counts(bucket["topics"]) == topics


def test_newest_complaints_about_a_word(ask: Ask, entries: list[Entry]) -> None:
    expected = [
        entry
        for entry in sorted(entries, key=lambda one: one.time, reverse=True)
        if entry.tagging
        and entry.tagging.sentiment in {"negative", "mixed"}
        and re.search(r"\bкурьер(|а|ы)\b", entry.mention.text.lower())
    ]
    found = ask("03")["hits"]
    assert found["total"]["value"] == len(expected)
    # Copies of one text have one time, and stand in the order of their ids' hashes.
    times = {entry.mention.id: entry.time for entry in expected}
    ids = [hit["_id"] for hit in found["hits"]]
    assert [times[one] for one in ids] == [entry.time for entry in expected][: len(ids)]
    for hit in found["hits"]:
        (fragment,) = hit["highlight"]["text.ru"]
        assert re.search(r"<em>курьер\w*</em>", fragment.lower())
        assert "text" not in hit["_source"]


def test_stars(ask: Ask, entries: list[Entry]) -> None:
    brands = by_brand(one for one in entries if one.mention.stars is not None)
    buckets = ask("04")["aggregations"]["brands"]["buckets"]
    assert {bucket["key"] for bucket in buckets} == set(brands)
    for bucket in buckets:
        stars = [one.mention.stars or 0 for one in brands[bucket["key"]]]
        assert bucket["doc_count"] == len(stars)
        assert bucket["mean"]["value"] == pytest.approx(sum(stars) / len(stars))
        for percent, value in bucket["spread"]["values"].items():
            assert is_percentile(value, stars, float(percent)), percent


def test_replies(ask: Ask, entries: list[Entry]) -> None:
    brands = by_brand(entries)
    for bucket in ask("05")["aggregations"]["brands"]["buckets"]:
        those = brands.pop(bucket["key"])
        answered = [one.mention for one in those if one.mention.reply_text]
        assert bucket["answered"]["doc_count"] == len(answered)
        assert bucket["share_answered"]["value"] == pytest.approx(len(answered) / len(those))
        hours = [
            (one.reply_at - one.published_at) / timedelta(hours=1)
            for one in answered
            if one.reply_at and one.published_at
        ]
        assert bucket["mean_hours"]["value"] == pytest.approx(sum(hours) / len(hours))
        assert is_percentile(bucket["median_hours"]["values"]["50.0"], hours, 50)
    assert not brands


def test_words_of_this_week(ask: Ask, entries: list[Entry]) -> None:
    week = [
        entry
        for entry in entries
        if BAD_WEEK[0] <= local_day(entry) <= BAD_WEEK[1]
        and polarities(entry).get("speed") == "negative"
    ]
    sample = ask("06")["aggregations"]["sample"]
    assert sample["doc_count"] == len(week)
    words = {bucket["key"]: bucket for bucket in sample["words"]["buckets"]}
    for stem, word in (("термина", "терминал"), ("слома", "сломан")):
        bucket = words[next(key for key in words if key.startswith(stem))]
        assert bucket["doc_count"] == sum(word in one.mention.text for one in week)
        assert bucket["bg_count"] == sum(word in one.mention.text for one in entries)
    scores = [bucket["score"] for bucket in words.values()]
    assert scores == sorted(scores, reverse=True)
    assert set(list(words)[:3]) >= {key for key in words if key.startswith(("терм", "слом"))}


def test_topics_that_come_together(ask: Ask, entries: list[Entry]) -> None:
    together: Counter[tuple[str, str]] = Counter()
    for entry in tagged(entries):
        if entry.tagging and entry.tagging.sentiment == "negative":
            topics = polarities(entry)
            together.update((one, other) for one in topics for other in topics)
    answer = {
        (bucket["key"], inner): count
        for bucket in ask("07")["aggregations"]["topics"]["buckets"]
        for inner, count in counts(bucket["together_with"]).items()
    }
    assert answer == together
    assert answer["delivery", "speed"] > 0


def test_repeated_texts(ask: Ask, entries: list[Entry]) -> None:
    answer = ask("08")["aggregations"]
    hashes: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        hashes[entry.mention.source].append(entry.mention.content_hash)
    assert {
        bucket["key"]: (bucket["doc_count"], bucket["different_texts"]["value"])
        for bucket in answer["sources"]["buckets"]
    } == {source: (len(those), len(set(those))) for source, those in hashes.items()}
    repeated = Counter(one for those in hashes.values() for one in those)
    assert {bucket["key"]: bucket["doc_count"] for bucket in answer["repeated"]["buckets"]} == {
        one: count for one, count in repeated.items() if count > 1
    }
    texts = {entry.mention.content_hash: entry.mention.text for entry in entries}
    for bucket in answer["repeated"]["buckets"]:
        (hit,) = bucket["example"]["hits"]["hits"]
        assert hit["_source"]["text"] == texts[bucket["key"]]


def test_two_periods(ask: Ask, entries: list[Entry]) -> None:
    periods = {
        "before": (date(2026, 6, 1), date(2026, 6, 14)),
        "after": (date(2026, 6, 15), date(2026, 6, 28)),
    }
    answer = ask("09")["aggregations"]["periods"]["buckets"]
    for name, (first, last) in periods.items():
        those = [one for one in tagged(entries, OURS) if first <= local_day(one) <= last]
        assert answer[name]["doc_count"] == len(those) > 0
        assert counts(answer[name]["topic_sentiment"]) == pairs(those)


def test_export(ask: Ask, entries: list[Entry]) -> None:
    expected: Counter[tuple[str, str | None, str]] = Counter()
    for entry in entries:
        month = local_day(entry).strftime("%Y-%m")
        for pair in pairs([entry]):
            expected[month, entry.mention.brand, pair] += 1
    found: dict[tuple[str, str | None, str], int] = {}
    # Page by page, as docs/elasticsearch/queries.md says, with small pages.
    (file,) = (one for one in QUERIES if one.name.startswith("10"))
    aggregations = json.loads(file.read_text(encoding="utf-8"))["aggs"]
    composite = aggregations["rows"]["composite"] | {"size": 7}
    pages = 0
    while True:
        rows = ask("10", aggs={"rows": {"composite": composite}})["aggregations"]["rows"]
        for bucket in rows["buckets"]:
            key = bucket["key"]
            found[key["month"], key["brand"], key["topic_sentiment"]] = bucket["doc_count"]
        if "after_key" not in rows:
            break
        composite["after"] = rows["after_key"]
        pages += 1
    assert found == expected
    assert pages > 3
    assert len(ask("10")["aggregations"]["rows"]["buckets"]) == len(expected)


def test_every_query_is_explained() -> None:
    text = (DOCUMENTS / "queries.md").read_text(encoding="utf-8")
    assert len(QUERIES) == 10
    for file in QUERIES:
        assert f"queries/{file.name}" in text
