"""Counting very many mentions from a sample of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from answers.trends import trend_rows
from index import open_store
from index.base import FACETS, Facet, FacetCount
from index.compile_sqlite import register_functions
from index.searching import select
from index.sqlite import SqliteStore
from tests.contract.records import make, tag

MENTIONS = 6000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    folder: Path = tmp_path_factory.mktemp("samples")
    store = open_store(folder / "molva.sqlite")
    mentions = [
        make(number, brand="Альфа" if number % 3 else "Бета", rating=5 if number % 4 else 2)
        for number in range(MENTIONS)
    ]
    store.upsert(mentions)
    store.add_taggings(
        [tag(one, topics="speed-" if number % 2 else "") for number, one in enumerate(mentions)]
    )
    return store


def shares(counts: list[FacetCount]) -> dict[str | None, float]:
    return {one.value: one.mentions / MENTIONS for one in counts}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "курьера",
        "NOT бумеранг",
        "курьера*",
        "курьера rating:>=1",
        "date:>=2000 -бумеранг",
        "курьера date:>=2000 (topic:speed OR NOT topic:price)",
    ],
)
def test_a_sample_tells_nearly_the_same(store: SqliteStore, query: str) -> None:
    exact, sampled = store.facets(query), store.facets(query, most=2000)
    for field in FACETS:
        assert not any(one.is_estimate for one in exact[field])
        assert shares(sampled[field]) == pytest.approx(shares(exact[field]), abs=0.05), field


def test_what_is_counted_beforehand_is_no_estimate(store: SqliteStore) -> None:
    known: list[Facet] = ["source", "brand", "lang", "sentiment"]
    assert store.facets("", known, most=10) == store.facets("", known)
    assert all(one.is_estimate for one in store.facets("", ["stars"], most=10)["stars"])


def test_a_brand_may_be_named_as_a_state_of_labels_is(tmp_path: Path) -> None:
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert([make(number, brand=brand) for number, brand in enumerate(("pending", None))])
        assert store.facets("", ["brand", "sentiment"], most=1) == {
            "brand": [FacetCount("pending", 1), FacetCount(None, 1)],
            "sentiment": [FacetCount(None, 2)],
        }


def test_a_sample_is_always_the_same(store: SqliteStore) -> None:
    assert store.facets("курьера", most=500) == store.facets("курьера", most=500)


def test_a_trend_of_a_sample_says_which_part_was_counted(store: SqliteStore) -> None:
    exact, sampled = store.trends("курьера"), store.trends("курьера", most=1500)
    assert {one.part for one in exact} == {1.0}
    assert all(one.part == pytest.approx(0.25, abs=0.01) for one in sampled)
    assert [(one.topic, one.start) for one in sampled] == [(one.topic, one.start) for one in exact]
    for whole, part in zip(trend_rows(exact), trend_rows(sampled), strict=True):
        assert part.count.low is not None
        assert part.count.high is not None
        assert part.count.low <= whole.point.count <= part.count.high
        assert part.as_row()["mentions"] == pytest.approx(whole.point.mentions, rel=0.1)
        assert part.share_negative.value == whole.share_negative.value == 1


def test_labels_of_a_sample_are_reckoned_up(store: SqliteStore) -> None:
    (exact,), (sampled,) = store.count_labels("курьера"), store.count_labels("курьера", most=1500)
    assert (exact.mentions, exact.is_estimate) == (MENTIONS, False)
    assert sampled.is_estimate
    assert sampled.mentions == pytest.approx(MENTIONS, rel=0.1)
    assert store.count_labels("курьера", most=MENTIONS) == [exact]


def test_all_questions_of_one_query_are_put_to_the_same_sample(store: SqliteStore) -> None:
    query = "курьера topic:speed"
    trend = store.trends(query, topics=(), most=500)
    stars = store.facets(query, ["stars"], most=500)["stars"]
    (labels,) = store.count_labels(query, most=500, by_language=False)
    counted = round(sum(one.mentions for one in trend) / trend[0].part)
    assert labels.mentions == counted == pytest.approx(sum(one.mentions for one in stars), abs=1)
    assert labels.is_estimate


def test_what_is_written_meanwhile_is_counted(tmp_path: Path) -> None:
    with open_store(tmp_path / "molva.sqlite") as store, open_store(store.path) as other:
        for number, writer in enumerate((store, other, store, other)):
            mention = make(number, rating=5)
            writer.upsert([mention])
            writer.add_taggings([tag(mention)])
            (found,) = store.facets("курьера rating:>=1", ["stars"], most=10)["stars"]
            assert found.mentions == number + 1
            assert store.count_labels("курьера", most=10)[0].mentions == number + 1


def test_a_span_of_time_is_sampled_too(store: SqliteStore) -> None:
    query = "курьера date:>=2000"
    assert store.facets(query, ["stars"], most=1500)["stars"][0].is_estimate
    assert store.facets("date:>=2000", ["stars"], most=1500)["stars"][0].is_estimate


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("brand:альфа topic:speed", "mention_facets"),
        ("brand:альфа topic:speed id:shop:1", "sqlite_autoindex_mention_1"),
        ("brand:альфа id:shop:1", "sqlite_autoindex_mention_1"),
        ("brand:альфа курьера", "mention_facets"),
    ],
)
def test_what_the_fewest_mentions_have_is_looked_for_first(
    store: SqliteStore, query: str, index: str
) -> None:
    sql, parameters = select(query, "UTC").source()
    with closing(sqlite3.connect(store.path)) as connection:
        register_functions(connection)
        plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT 1 {sql}", parameters).fetchall()
    assert f" {index} " in plan[0][3]
