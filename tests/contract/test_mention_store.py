"""What every store must keep. `tests/index` runs it over SQLite.

A back-end is tested by a subclass that gives the fixture `store`, an empty store.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

from index.base import Hit, MentionStore, Period, Split, UpsertResult
from mention import Reject
from tests.contract.records import at, found, later, make, tag
from tests.contract.test_comparing import ComparingContract
from tests.contract.test_counting import CountingContract
from tests.contract.test_mention_index import MentionIndexContract
from tests.contract.test_retagging import RetaggingContract
from tests.contract.test_searching import SearchingContract
from tests.contract.test_service import ServiceContract
from tests.contract.test_trends import TrendsContract


def pending(
    store: MentionStore, model_version: str = "1", taxonomy_version: str = "3"
) -> list[str]:
    """Return the ids of what a version of the tagger has not seen."""
    return [
        one.id
        for batch in store.pending("tagger", model_version, taxonomy_version)
        for one in batch
    ]


class MentionStoreContract(
    MentionIndexContract,
    SearchingContract,
    CountingContract,
    TrendsContract,
    ServiceContract,
    ComparingContract,
    RetaggingContract,
):
    """History, runs, rejects and upkeep, as `MentionStore` promises them, and all the rest."""

    def test_an_edit_keeps_the_version_before(self, store: MentionStore) -> None:
        first = make(text="Ждали час", rating=2)
        second = later(first, 1, text="Ждали два часа")
        third = later(second, 1, rating=1)
        for version in (first, second, third):
            store.upsert([version])
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.mention == third
        assert store.history("shop:1") == [first, second]
        assert store.history("shop:2") == []

    def test_only_what_was_replaced_is_history(self, store: MentionStore) -> None:
        one, two = make(1, "Раз"), later(make(1, "Два"))
        store.upsert([one, two, one, two])
        store.upsert([later(one, -1, text="Раньше")])
        assert store.history("shop:1") == [one]

    def test_authors_come_back(self, store: MentionStore) -> None:
        mention = make(author_id="a1", author_name="Имя")
        store.upsert([mention])
        assert store.get("shop:1") == Hit(mention, None)
        assert found(store, "author:a1") == found(store, "author:имя") == ["shop:1"]

    def test_known_tells_which_content_the_store_has(self, store: MentionStore) -> None:
        one = make(1)
        store.upsert([one, make(2)])
        assert store.known(["shop:1", "shop:9"]) == {"shop:1": one.content_hash}
        assert store.known([]) == {}

    def test_deleting_leaves_no_history(self, store: MentionStore) -> None:
        one = make(1)
        store.upsert([one])
        store.upsert([later(one, text="Иначе: долго")])
        assert store.delete(["shop:1"]) == 1
        assert store.history("shop:1") == []
        assert store.known(["shop:1"]) == {}
        assert store.upsert([one]) == UpsertResult(new=1)
        assert pending(store) == ["shop:1"]

    def test_a_tagging_of_each_version_is_kept(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([tag(mention, topics="speed-"), tag(mention, version="2")])
        assert store.stats().by_model == {"tagger 1": 1, "tagger 2": 1}
        store.add_taggings([tag(mention, "neutral", version="1")])
        assert store.stats().by_model == {"tagger 1": 1, "tagger 2": 1}

    def test_changed_content_is_pending_again(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([("0" * 32, tag(mention)[1]), tag(make(9))])
        assert pending(store) == ["shop:1"]
        store.add_taggings([tag(mention)])
        assert pending(store) == []
        store.upsert([later(mention, text="Теперь всё быстро")])
        assert pending(store) == ["shop:1"]

    def test_pending_gives_what_has_no_labels_of_a_tagger(self, store: MentionStore) -> None:
        mentions = [make(number) for number in range(10)]
        store.upsert(mentions)
        store.add_taggings([tag(mentions[0]), tag(mentions[1], None)])
        assert sorted(pending(store)) == [f"shop:{number}" for number in range(2, 10)]
        assert len(pending(store, "2")) == 10
        assert len(pending(store, "1", "4")) == 10
        batches = list(store.pending("tagger", "1", "3", batch=3))
        assert [len(batch) for batch in batches] == [3, 3, 2]
        assert {one.id: one for batch in batches for one in batch} == {
            one.id: one for one in mentions[2:]
        }

    def test_taggings_may_be_added_while_pending_goes_on(self, store: MentionStore) -> None:
        mentions = [make(number) for number in range(20)]
        store.upsert(mentions)
        store.add_taggings([tag(one) for one in mentions[:12]])
        seen = []
        for batch in store.pending("tagger", "2", "3", batch=3):
            seen += [one.id for one in batch]
            store.add_taggings([tag(one, version="2") for one in batch])
        assert sorted(seen) == sorted(one.id for one in mentions)
        assert pending(store, "2") == []

    def test_a_tagger_that_comes_back_reads_again_what_another_has_labelled(
        self, store: MentionStore
    ) -> None:
        mentions = [make(1), make(2)]
        store.upsert(mentions)
        store.add_taggings([tag(one, "negative") for one in mentions])
        store.add_taggings([tag(mentions[0], "positive", version="2")])
        assert pending(store) == ["shop:1"]
        store.add_taggings([tag(mentions[0], "negative")])
        assert pending(store) == []
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.tagging == tag(mentions[0], "negative")[1]

    def test_texts_that_older_rules_read_are_told(self, store: MentionStore) -> None:
        def older(version: int) -> list[str]:
            batches = list(store.with_older_facts(version, batch=2))
            assert all(0 < len(batch) <= 2 for batch in batches)
            return sorted(mention.id for batch in batches for mention, _ in batch)

        mentions = [make(number) for number in range(5)]
        store.upsert(mentions)
        said = [tag(one, facts="wait=40", lang="lt") for one in mentions[:4]]
        never = [
            (h, one.model_copy(update={"facts": (), "facts_version": None})) for h, one in said
        ]
        store.add_taggings([*never[:3], said[3]])
        assert older(1) == ["shop:0", "shop:1", "shop:2"]
        assert older(2) == ["shop:0", "shop:1", "shop:2", "shop:3"]
        for batch in store.with_older_facts(1, batch=2):
            assert [one for _, one in batch if one not in [t for _, t in never]] == []
            store.add_taggings([said[int(mention.id[-1])] for mention, _ in batch])
        assert older(1) == []
        assert sorted(found(store, "fact:wait:40")) == [f"shop:{number}" for number in range(4)]
        # What another tagger said before does not count, nor does an earlier text.
        store.add_taggings([tag(mentions[0], version="2"), never[1]])
        store.add_taggings([tag(mentions[1], version="2")])
        store.upsert([later(mentions[2], text="Иначе")])
        assert older(1) == []

    def test_every_way_of_asking_counts_the_same(self, store: MentionStore) -> None:
        """A filter answered from prepared counts agrees with one that is counted afresh."""
        mentions = [
            make(
                f"{source}{brand}{day}",
                source=source,
                brand=brand,
                product=(None, "Кофе")[day % 2],
                location=("Вильнюс", "Каунас", None)[day % 3],
                rating=(None, 1, 2.5, 9)[day % 4],
                rating_max=10,
                published_at=at(f"2026-0{1 + day // 20}-{1 + day % 20:02}"),
            )
            for source in ("forum", "shop")
            for brand in ("A", "B", None)
            for day in range(0, 40, 3)
        ]
        store.upsert(mentions)
        store.add_taggings(
            [
                tag(
                    one,
                    ("positive", "negative", "mixed", None)[n % 4],
                    ("speed-", "speed+|price0")[n % 2] if n % 4 < 3 else "",
                )
                for n, one in enumerate(mentions)
                if n % 7
            ]
        )
        for query in (
            "",
            "brand:A",
            "source:shop",
            "lang:ru",
            "brand:A source:shop",
            "date:2026-01-05..2026-02-03",
            "brand:A date:2026-01-05..2026-02-03",
            "brand:A date:2026-02",
            "brand:a OR brand:b",
            "topic:price",
            "source:forum topic:speed:negative",
        ):
            for period, topics, split in product(
                get_args(Period), (None, (), ("speed",)), (None, *get_args(Split))
            ):
                # Every text has the word, which no prepared count knows.
                afresh = store.trends(f"курьера {query}", period=period, topics=topics, split=split)
                assert afresh
                counted = store.trends(query, period=period, topics=topics, split=split)
                assert counted == afresh, (query, period, topics, split)
            assert store.search(query).total == store.search(f"курьера {query}").total

    def test_a_run_is_remembered(self, store: MentionStore) -> None:
        before = datetime.now(UTC)
        first = store.start_run("app_store", {"app_id": 1, "country": "lt"})
        second = store.start_run("vk", {"query": "Очередь"})
        store.finish_run(first, "failed", {"pages": 3, "new": 2}, "the server said no")
        failed, running = store.runs("app_store")[0], store.runs()[0]
        assert (failed.id, failed.outcome, failed.message) == (
            first,
            "failed",
            "the server said no",
        )
        assert failed.counts == {"pages": 3, "new": 2}
        assert failed.arguments == {"app_id": 1, "country": "lt"}
        assert failed.finished_at is not None
        assert before <= failed.started_at <= failed.finished_at
        assert (running.id, running.outcome, running.finished_at) == (second, "running", None)
        assert [run.id for run in store.runs(limit=1)] == [second]

    def test_a_run_keeps_what_tells_of_the_health_of_its_source(self, store: MentionStore) -> None:
        run = store.start_run("rss", {"url": "https://example.org/feed"}, "rss:1")
        alarms = ["brought nothing, and «50» were to be expected"]
        store.finish_run(
            run,
            "finished",
            {"items": 0},
            rejects={"there is no text \ud800": 3},
            empty_fields={"rating": 2},
            alarms=alarms,
        )
        (kept,) = store.runs()
        assert (kept.series, kept.empty_fields, kept.alarms) == (
            "rss:1",
            {"rating": 2},
            tuple(alarms),
        )
        assert list(kept.rejects.values()) == [3]

    def test_runs_of_a_time_are_given_in_short(self, store: MentionStore) -> None:
        begin = datetime.now(UTC)
        first, alarmed = (store.start_run("rss", {"url": "a"}, "rss:a") for _ in range(2))
        imported, working = store.start_run("csv", {}), store.start_run("rss", {}, "rss:b")
        covers = (begin - timedelta(days=3), begin)
        counts = {"items": 7, "pages": 2, "rejects": 1, "stop_end": 1}
        store.finish_run(first, "finished", counts, covers=covers)
        store.finish_run(alarmed, "finished", {"items": 0}, alarms=["brought nothing"])
        store.finish_run(imported, "failed", {}, "no such file")
        end = datetime.now(UTC) + timedelta(seconds=1)
        one, two, three, four = store.runs_between(begin, end)
        assert one[:2] == ("rss", "rss:a")
        assert (one.items, one.pages, one.rejects, one.alarms) == (7, 2, 1, ())
        assert (two.items, two.alarms, two.covers_from) == (0, ("brought nothing",), None)
        assert (three.series, three.outcome, four.outcome) == (None, "failed", "running")
        assert one.started_at <= two.started_at <= three.started_at <= four.started_at
        assert store.runs(series="rss:a")[-1].covers == covers
        assert (one.covers_until or 0) - (one.covers_from or 0) == 3 * 24 * 3600 * 10**6
        assert list(store.runs_between(begin - timedelta(days=9), begin)) == []
        assert list(store.runs_between(end, end + timedelta(days=9))) == []
        started = {run.id: run.started_at for run in store.runs()}
        assert store.first_runs() == {"rss:a": started[first], "rss:b": started[working]}

    def test_runs_are_told_apart_by_their_series(self, store: MentionStore) -> None:
        given = (("rss", "a"), ("rss", "b"), ("csv", None), ("rss", "a"), ("csv", None))
        runs = [store.start_run(source, {}, series) for source, series in given]
        assert [run.id for run in store.runs(series="a")] == [runs[3], runs[0]]
        assert [run.id for run in store.runs(series="a", limit=1)] == [runs[3]]
        assert [run.id for run in store.runs("rss", series="b")] == [runs[1]]
        assert store.runs("csv", series="b") == []
        assert [run.id for run in store.last_runs()] == [runs[4], runs[3], runs[1]]

    def test_a_secret_is_never_kept(self, store: MentionStore) -> None:
        run = store.start_run(
            "x",
            {
                "api_key": "s3cret",
                "TOKEN": "s3cret",
                "client_secret": "s3cret",
                "app_password": "s3cret",
                "base_url": "https://user:s3cret@example.org/?access_token=s3cret&page=2",
                "keyword": "monkey",
            },
        )
        (kept,) = [one.arguments for one in store.runs() if one.id == run]
        assert "s3cret" not in repr(kept)
        assert kept["keyword"] == "monkey"
        assert "page=2" in str(kept["base_url"])

    def test_rejects_are_kept_with_their_reason(self, store: MentionStore) -> None:
        run = store.start_run("shop", {})
        first = Reject(source="shop", reason="there is no text", where="f.csv:3", raw="a;b")
        second = Reject(source="forum", reason="the year 1821 is not between 1970 and 2100")
        store.add_rejects([first], run)
        store.add_rejects([second])
        (newest, other), (_, oldest) = store.rejects()
        assert newest.tzinfo is not None
        assert (other, oldest) == (second, first)
        assert [reject for _, reject in store.rejects(limit=1)] == [second]
        assert store.stats().rejects == 2

    def test_a_huge_reject_is_cut(self, store: MentionStore) -> None:
        store.add_rejects([Reject(source="shop", reason="\ud800 broken", raw="я" * 1_000_000)])
        ((_, reject),) = store.rejects()
        assert reject.raw is not None
        assert set(reject.raw) == {"я"}
        assert 100 < len(reject.raw) < 10_000

    def test_a_spider_remembers_from_run_to_run(self, store: MentionStore) -> None:
        store.state("rss")["etag"] = {"https://example.org": 'W/"1"', "метка": [1, None]}
        store.state("vk")["etag"] = "another"
        assert store.state("rss")["etag"] == {"https://example.org": 'W/"1"', "метка": [1, None]}
        assert dict(store.state("rss").items()).keys() == {"etag"}
        del store.state("rss")["etag"]
        assert store.state("rss").get("etag") is None
        assert store.state("vk")["etag"] == "another"

    def test_the_secret_of_a_store_stays(self, store: MentionStore) -> None:
        assert len(store.author_salt()) >= 16
        assert store.author_salt() == store.author_salt()

    # --- the whole ---------------------------------------------------------
    def test_compacting_loses_nothing(self, store: MentionStore) -> None:
        mentions = [make(number) for number in range(100)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-") for one in mentions])
        store.delete([one.id for one in mentions[:60]])
        before = (list(store.scan()), store.trends(), store.stats().mentions)
        store.compact()
        assert (list(store.scan()), store.trends(), store.stats().mentions) == before
        assert store.search("курьера").total == 40
        assert store.check() == []

    def test_stats_count_versions(self, store: MentionStore) -> None:
        one = make(1)
        store.upsert([one])
        store.upsert([later(one, text="Kitaip")])
        assert (store.stats().mentions, store.stats().versions) == (1, 1)

    def test_a_sound_store_has_nothing_to_report(self, store: MentionStore) -> None:
        assert store.check() == []
        mentions = [make(number, brand="A") for number in range(300)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-|price+") for one in mentions])
        store.upsert([later(one, text="Иначе") for one in mentions[:100]])
        store.delete([one.id for one in mentions[50:150]])
        assert store.check() == []
