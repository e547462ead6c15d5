"""Metrics of a store: gaps of the collectors, queries of any form, each count made once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from answers.counted import Asked, Counted, answerable, narrowed
from answers.coverage import Coverage, State
from answers.metrics import METRICS, metric_rows
from answers.unanswered import unanswered
from index import open_store
from index.base import MentionStore, QueryError
from index.query import HasFilter, TextFilter, parse
from tests.contract.records import at, make, tag


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MentionStore]:
    """Twelve reviews of January and twelve of March, every other one answered after an hour."""
    with open_store(tmp_path / "molva.sqlite") as store:
        for month in (1, 3):
            for number in range(12):
                time = at(f"2026-0{month}-05")
                replied: dict[str, Any] = {
                    "reply_text": "Спасибо",
                    "reply_at": time + timedelta(hours=1),
                }
                one = make(
                    month * 100 + number,
                    published_at=time,
                    collected_at=time + timedelta(days=30),
                    nps=number % 11,
                    **(replied if number % 2 else {}),
                )
                store.upsert([one])
                store.add_taggings([tag(one)])
        yield store


def coverage(month: int, state: State) -> tuple[tuple[str | None, date], Coverage]:
    start = date(2026, month, 1)
    reason = None if state == "known" else "shop was not read"
    return (None, start), Coverage(start, None, state, reason)


def test_a_bucket_that_nobody_collected_has_no_value_but_the_reason(store: MentionStore) -> None:
    coverages = dict([coverage(1, "known"), coverage(2, "unknown"), coverage(3, "unknown")])
    names = ["reply_rate", "first_response_median", "stated_wait", "nps"]
    rows = list(metric_rows(store, Asked(), names, coverages))
    march = {row.metric: row for row in rows if row.start == date(2026, 3, 1)}
    for name in names[:3]:
        assert march[name].estimate.value is None
        assert march[name].reason == "shop was not read"
    assert march["nps"].estimate.value is not None
    january = {row.metric: row for row in rows if row.start == date(2026, 1, 1)}
    assert january["reply_rate"].estimate.value == 0.5


def test_a_bucket_without_mentions_says_so(store: MentionStore) -> None:
    february = [row for row in metric_rows(store, Asked(), list(METRICS)) if row.start.month == 2]
    assert {row.n for row in february} == {0}
    assert {row.reason for row in february} == {"not enough data (fewer than 10)"}


def test_any_query_can_be_narrowed(store: MentionStore) -> None:
    negative, reply = TextFilter("sentiment", "negative"), HasFilter("reply")
    assert narrowed("") == ""
    assert narrowed("", reply) == "has:reply"
    either = narrowed("курьер OR доставка", negative, reply)
    assert parse(either) == parse("(курьер OR доставка) sentiment:negative has:reply")
    assert parse(narrowed("-курьер /* пояснение */", reply)) == parse("-курьер has:reply")
    assert answerable(store, "brand:Парус") == "brand:Парус AND source:shop"
    with pytest.raises(QueryError, match="character 1 "):
        narrowed("colour:red", reply)


def test_replies_are_counted_once_for_all_metrics_of_them(
    store: MentionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    original = type(store).replies

    def counted(self: MentionStore, query: str = "", **options: object) -> object:
        calls.append(query)
        return original(self, query, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(type(store), "replies", counted)
    list(metric_rows(store, Asked(), list(METRICS)))
    assert len(calls) == 2  # of all, and of the negative ones


def test_a_store_without_replies_has_nothing_to_wait_for(tmp_path: Path) -> None:
    with open_store(tmp_path / "molva.sqlite") as store:
        one = make(1)
        store.upsert([one])
        store.add_taggings([tag(one)])
        assert answerable(store, "") is None
        assert Counted(store, Asked()).replies == []
        found = unanswered(store, "", datetime.now(UTC))
        assert (found.total, set(found.by_age.values())) == (0, {0})


def test_a_hidden_time_has_no_age(store: MentionStore) -> None:
    one = make(1)
    store.upsert([one])
    store.add_taggings([tag(one)])
    found = unanswered(store, "id:shop:1", at("2026-03-20"))
    assert [found.age(hit) for hit in found.hits] == [None]
    assert found.by_age["over 7 days"] == 1  # by its first collection
