"""The index in a cluster keeps the contract of every back-end, and its own promises."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from index.base import MentionIndex, QueryError, StoreError
from index.elastic.connection import ClusterSettings, connect
from index.elastic.store import ElasticIndex
from index.rows import order_key
from tests.contract.records import FillableIndex, at, found, make, tag
from tests.contract.test_alerts import AlertsContract
from tests.contract.test_comparing import ComparingContract
from tests.contract.test_counting import CountingContract
from tests.contract.test_mention_index import MentionIndexContract
from tests.contract.test_searching import SearchingContract
from tests.contract.test_service import ServiceContract
from tests.contract.test_trends import TrendsContract
from tests.index.elastic.corpus import new_index


@pytest.fixture(scope="module")
def shared(elasticsearch_url: str) -> Iterator[ClusterSettings]:
    """One index for all tests that leave it as it is: making one takes the longest."""
    with new_index(elasticsearch_url, gc_deletes="0s") as settings:
        yield settings


@pytest.fixture
def store(shared: ClusterSettings) -> Iterator[FillableIndex]:
    """The index without a document, and without a memory of those that there were."""
    with connect(shared) as client:
        client.delete_by_query(index=shared.index, query={"match_all": {}}, refresh=True)
        assert client.count(index=shared.index)["count"] == 0
    with ElasticIndex(shared) as index:
        yield index


class TestElasticIndex(
    MentionIndexContract,
    SearchingContract,
    CountingContract,
    TrendsContract,
    ServiceContract,
    ComparingContract,
    AlertsContract,
):
    def test_authors_stay_at_home(self, store: FillableIndex) -> None:
        store.upsert([make(author_id="a1", author_name="Имя")])
        hit = store.get("shop:1")
        assert hit is not None
        assert (hit.mention.author_id, hit.mention.author_name) == (None, None)
        for query in ("author:a1", "курьера -has:author"):
            with pytest.raises(QueryError, match="the cluster knows no authors"):
                store.search(query)

    def test_more_hits_than_one_answer_has(self, store: FillableIndex) -> None:
        mentions = [make(n, "курьер " + "ехал " * (n % 9)) for n in range(1150)]
        store.upsert(mentions)
        order = found(store, "курьер")
        for kind in ("newest", "best"):
            first = store.search("курьер", order=kind, limit=1100)
            rest = store.search("курьер", order=kind, limit=1100, after=first.next)
            ids = [hit.mention.id for hit in (*first.hits, *rest.hits)]
            assert (len(first.hits), first.total, rest.total, rest.next) == (1100, 1150, 1150, None)
            assert ids == order if kind == "newest" else sorted(ids) == sorted(order)
        with pytest.raises(QueryError, match="first page"):
            store.search("курьер", after=first.next)

    def test_a_beginning_that_hundreds_of_words_have(self, store: FillableIndex) -> None:
        store.upsert([make(number, f"рядом слово{number}") for number in range(300)])
        for beginning in ("сл*", "сло*", "слов*", "слово*"):
            for query in ("{}", "рядом ONEAR/0 {}", "text:{}", "{} NEAR/3 рядом"):
                assert store.search(query.format(beginning), limit=0).total == 300

    def test_mentions_of_one_order_key_are_told_apart(self, store: FillableIndex) -> None:
        numbers: dict[int, list[int]] = defaultdict(list)
        chance = random.Random(1)
        for number in [chance.getrandbits(64) for _ in range(5000)]:
            numbers[order_key(0, f"shop:{number}")].append(number)
        pairs = [pair for pair in numbers.values() if len(pair) == 2][:5]
        assert len(pairs) == 5
        time = at("2026-01-01")
        store.upsert([make(number, published_at=time) for pair in pairs for number in pair])
        seen: list[str] = []
        after = None
        while True:
            page = store.search("курьера", limit=1, after=after)
            seen += [hit.mention.id for hit in page.hits]
            if (after := page.next) is None:
                break
        assert seen == found(store, "курьера")
        assert len(set(seen)) == len(seen) == 10


def open_contexts(settings: ClusterSettings) -> int:
    """Return how many searches the server keeps open for an index."""
    with connect(settings) as client:
        search = client.indices.stats(index=settings.index, metric="search")["_all"]["total"]
        return int(search["search"]["open_contexts"])


def test_reading_leaves_nothing_open_on_the_server(
    store: FillableIndex, shared: ClusterSettings
) -> None:
    store.upsert([make(number) for number in range(30)])
    scan = store.scan("курьера", batch=10)
    next(scan)
    assert open_contexts(shared) == 1
    scan.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(store.scan("курьера", batch=10))) == 30
    assert open_contexts(shared) == 0


def test_an_index_over_several_shards_answers_the_same(
    store: FillableIndex, elasticsearch_url: str
) -> None:
    mentions = [
        make(n, brand=f"Б{n % 7}", published_at=at(f"2026-01-{1 + n % 9:02}")) for n in range(90)
    ]
    with (
        new_index(elasticsearch_url, number_of_shards=3) as settings,
        ElasticIndex(settings) as sharded,
    ):
        for index in (store, sharded):
            index.upsert(mentions)
            index.add_taggings([tag(one, topics="speed-") for one in mentions])
        assert found(sharded, "курьера") == found(store, "курьера")
        page = sharded.search("курьера", limit=40)
        assert page == store.search("курьера", limit=40)
        assert sharded.search("курьера", after=page.next).hits[0].mention.id == found(store, "")[40]
        # Shards would weigh the same word differently, each by its own texts.
        best = sharded.search("курьера", order="best", limit=90)
        assert len({hit.relevance for hit in best.hits}) == 1
        assert sharded.facets(limit=3) == store.facets(limit=3)
        assert sharded.trends(split="brand") == store.trends(split="brand")


def test_there_is_no_index(elasticsearch_url: str) -> None:
    with pytest.raises(StoreError, match="no index 'nothing-here'; make it with: molva index"):
        ElasticIndex(ClusterSettings(elasticsearch_url, index="nothing-here"))
    with pytest.raises(StoreError, match="there is no time zone 'Mars'"):
        ElasticIndex(ClusterSettings(elasticsearch_url), time_zone="Mars")


def test_an_index_of_another_schema(shared: ClusterSettings) -> None:
    with connect(shared) as client:
        mapping = client.indices.get_mapping(index=shared.index)
        meta = next(iter(mapping.values()))["mappings"]["_meta"]
        client.indices.put_mapping(index=shared.index, meta={**meta, "schema_version": 0})
        try:
            with pytest.raises(StoreError, match="has schema 0, this Molva reads"):
                ElasticIndex(shared)
        finally:
            client.indices.put_mapping(index=shared.index, meta=meta)


def test_an_index_that_goes_while_it_is_read(store: FillableIndex, shared: ClusterSettings) -> None:
    questions: list[Callable[[], object]] = [
        lambda: store.get("shop:1"),
        lambda: store.search("курьера"),
        lambda: list(store.scan()),
        store.trends,
        store.facets,
        store.stats,
    ]
    alias = {"index": f"{shared.index}-v*", "alias": shared.index}
    with connect(shared) as client:
        client.indices.update_aliases(actions=[{"remove": alias}])
        try:
            for ask in questions:
                with pytest.raises(StoreError, match="has no index or alias"):
                    ask()
        finally:
            client.indices.update_aliases(actions=[{"add": alias}])


def test_the_request_that_explain_shows_is_what_is_run(store: MentionIndex) -> None:
    assert isinstance(store, ElasticIndex)
    store.upsert([make(1), make(2, "Другое")])
    explained = store.explain_query("курьера date:2026-03")
    assert explained["request"] == f"POST /{store.settings.index}/_search"
    with connect(store.settings) as client:
        _, path = str(explained["request"]).split()
        answer = client.perform_request(
            "POST",
            path,
            headers={"content-type": "application/json", "accept": "application/json"},
            body=explained["body"],
        )
    assert [hit["_id"] for hit in answer.body["hits"]["hits"]] == ["shop:1"]
    assert explained["words"] == {"курьера": ["курьер"]}
