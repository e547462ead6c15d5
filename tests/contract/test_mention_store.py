"""What every back-end of the index must do. `tests/index` runs it over SQLite.

A back-end is tested by a subclass that gives the fixture `store`, an empty store.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from index.base import Hit, MentionStore, Period, QueryError, Split, UpsertResult
from mention import Mention, Reject
from tests.contract.records import at, later, make, tag


def found(store: MentionStore, query: str) -> list[str]:
    """Return the ids that `query` finds, newest first."""
    return [hit.mention.id for hit in store.scan(query)]


def pending(
    store: MentionStore, model_version: str = "1", taxonomy_version: str = "3"
) -> list[str]:
    """Return the ids of what a version of the tagger has not seen."""
    return [
        one.id
        for batch in store.pending("tagger", model_version, taxonomy_version)
        for one in batch
    ]


class MentionStoreContract:
    """Writing, reading, searching and counting, as `MentionStore` promises them."""

    # --- mentions ----------------------------------------------------------
    def test_every_field_comes_back(self, store: MentionStore) -> None:
        full = Mention(
            id="shop:Ж-1",
            source="shop",
            kind="comment",
            url="https://example.org/1",
            title="Очередь",
            text="Первая строка.\n\nВторая — с эмодзи 😡 и «кавычками».",
            lang="ru",
            rating=7.5,
            rating_min=0,
            rating_max=10,
            published_at=at("2025-12-31T23:59:59.999999"),
            updated_at=at("2026-01-01T00:00:00.000001"),
            collected_at=at("2026-01-02T03:04:05.678901"),
            author_id="a1",
            author_name="Имя",
            brand="Бренд",
            product="Товар",
            location="Вильнюс",
            country="LT",
            version="1.2",
            likes=3,
            reply_text="Спасибо",
            reply_at=at("2026-01-01T10:00:00"),
            parent_id="shop:0",
        )
        bare = Mention(id="shop:2", source="shop", rating=1, collected_at=at("2026-01-02"))
        store.upsert([full, bare])
        assert store.get("shop:Ж-1") == Hit(full, None)
        assert store.get("shop:2") == Hit(bare, None)
        assert store.get("shop:3") is None

    def test_upsert_counts_what_became_of_each(self, store: MentionStore) -> None:
        one, two, three = make(1), make(2), make(3)
        assert store.upsert([one, two, three]) == UpsertResult(new=3)
        again = [later(one, text="Иначе"), later(two, likes=5), later(three), make(4)]
        assert store.upsert(again) == UpsertResult(new=1, changed=1, refreshed=1, same=1)
        assert store.upsert([]) == UpsertResult()

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

    def test_an_older_look_at_a_page_never_wins(self, store: MentionStore) -> None:
        new, old = make(text="Новое"), later(make(text="Старое"), -1)
        store.upsert([new])
        assert store.upsert([old]) == UpsertResult(same=1)
        assert store.get("shop:1") == Hit(new, None)
        assert store.history("shop:1") == []

    def test_seeing_a_text_again_makes_older_looks_lose(self, store: MentionStore) -> None:
        first = make(text="Стоит")
        store.upsert([first])
        store.upsert([later(first, 2)])
        assert store.upsert([later(first, 1, text="Между")]) == UpsertResult(same=1)
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.mention.text == "Стоит"

    def test_an_id_that_comes_twice_in_a_batch(self, store: MentionStore) -> None:
        one = make(text="Раз")
        two = later(one, 1, text="Два")
        assert store.upsert([one, two, one, two]) == UpsertResult(new=1, changed=1, same=2)
        assert store.get("shop:1") == Hit(two, None)
        assert store.history("shop:1") == [one]
        assert found(store, "раз") == []
        assert found(store, "два") == ["shop:1"]

    def test_known_tells_which_content_the_store_has(self, store: MentionStore) -> None:
        one = make(1)
        store.upsert([one, make(2)])
        assert store.known(["shop:1", "shop:9"]) == {"shop:1": one.content_hash}
        assert store.known([]) == {}

    def test_deleting_leaves_nothing(self, store: MentionStore) -> None:
        one, two = make(1, brand="A"), make(2, brand="A")
        store.upsert([one, two])
        store.upsert([later(one, text="Иначе: долго")])
        changed = store.get("shop:1")
        assert changed is not None
        store.add_taggings([tag(changed.mention, topics="speed-"), tag(two, topics="speed-")])
        assert store.delete(["shop:1", "shop:1", "shop:77"]) == 1
        assert store.get("shop:1") is None
        assert store.history("shop:1") == []
        assert store.known(["shop:1"]) == {}
        assert found(store, "долго") == found(store, "topic:speed") == ["shop:2"]
        assert [point.negative for point in store.trends()] == [1]
        assert store.stats().mentions == 1
        assert store.delete([]) == 0
        assert store.upsert([one]) == UpsertResult(new=1)
        assert pending(store) == ["shop:1"]

    def test_a_hostile_mention_is_only_text(self, store: MentionStore) -> None:
        texts = [
            "'; DROP TABLE mention; --",
            '" OR 1=1 NEAR(a b) * ^ {x} AND NOT :',
            "<script>alert(1)</script> %s {0} \\",
            "слово " * 50_000,
            "\u202eперевёрнуто \U0001f469\u200d\U0001f4bb e\u0301",
        ]
        hostile = [
            make(f"{number}'\"%_{text[:3]}", text, brand=text[:200], title=text[:100])
            for number, text in enumerate(texts)
        ]
        assert store.upsert(hostile) == UpsertResult(new=len(texts))
        for mention in hostile:
            assert store.get(mention.id) == Hit(mention, None)
        assert store.check() == []
        assert store.delete([mention.id for mention in hostile]) == len(texts)
        assert store.check() == []

    # --- taggings ----------------------------------------------------------
    def test_a_tagging_comes_back_with_its_mention(self, store: MentionStore) -> None:
        mention = make()
        content_hash, tagging = tag(mention, "mixed", "speed- price+|speed+||quality0")
        store.upsert([mention])
        assert store.add_taggings([(content_hash, tagging)]) == 1
        assert store.get("shop:1") == Hit(mention, tagging)
        assert list(store.scan()) == [Hit(mention, tagging)]

    def test_taggings_of_other_content_or_of_nothing_are_dropped(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        stale = ("0" * 32, tag(mention)[1])
        assert store.add_taggings([stale, tag(make(9))]) == 0
        assert store.get("shop:1") == Hit(mention, None)
        assert pending(store) == ["shop:1"]

    def test_the_newest_tagging_is_the_current_one(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([tag(mention, "negative", "speed-")])
        store.add_taggings([tag(mention, "positive", "price+", version="2")])
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.tagging == tag(mention, "positive", "price+", version="2")[1]
        assert [point.topic for point in store.trends()] == ["price"]
        assert found(store, "topic:speed") == []
        assert store.stats().by_model == {"tagger 1": 1, "tagger 2": 1}
        store.add_taggings([tag(mention, "neutral", version="1")])
        assert store.stats().by_model == {"tagger 1": 1, "tagger 2": 1}
        assert store.trends() == []

    def test_two_taggings_of_one_mention_in_a_batch(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        pairs = [
            tag(mention, "negative", "speed-"),
            tag(mention, "positive", "speed+", version="2"),
        ]
        assert store.add_taggings(pairs) == 2
        assert [(point.positive, point.negative) for point in store.trends()] == [(1, 0)]

    def test_changed_content_waits_to_be_tagged_again(self, store: MentionStore) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([tag(mention, topics="speed-")])
        changed = later(mention, text="Теперь всё быстро")
        store.upsert([changed])
        assert store.get("shop:1") == Hit(changed, None)
        assert pending(store) == ["shop:1"]
        assert store.trends() == store.trends(topics=()) == []
        assert found(store, "topic:speed") == found(store, "sentiment:negative") == []
        assert store.add_taggings([tag(mention)]) == 0
        assert store.add_taggings([tag(changed)]) == 1

    def test_a_refreshed_mention_keeps_its_tagging(self, store: MentionStore) -> None:
        mention = make(lang="lt", brand="A", published_at=at("2026-01-10"))
        pair = tag(mention, topics="speed-", lang="ru")
        store.upsert([mention])
        store.add_taggings([pair])
        refreshed = later(
            mention, likes=9, brand="B", lang="en", published_at=at("2026-02-10"), country="LV"
        )
        assert store.upsert([refreshed]) == UpsertResult(refreshed=1)
        assert store.get("shop:1") == Hit(refreshed, pair[1])
        (point,) = store.trends(split="brand")
        assert (point.group, point.start, point.negative) == ("B", date(2026, 2, 1), 1)
        assert found(store, "lang:ru") == ["shop:1"]
        assert found(store, "lang:en") == []

    def test_pending_gives_what_a_tagger_has_not_seen(self, store: MentionStore) -> None:
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
        assert pending(store, "2") == pending(store)[8:] == []

    def test_what_cannot_be_tagged_is_counted_apart(self, store: MentionStore) -> None:
        one, two, three = make(1), make(2), make(3)
        store.upsert([one, two, three])
        store.add_taggings([tag(one, None, lang="fr"), tag(two, "neutral")])
        stats = store.stats()
        assert (stats.tagged, stats.untagged, stats.pending) == (1, 1, 1)
        assert [point.mentions for point in store.trends(topics=())] == [1]

    # --- searching ---------------------------------------------------------
    def test_newest_first_by_publication_else_by_first_collection(
        self, store: MentionStore
    ) -> None:
        store.upsert(
            [
                make(1, published_at=at("2026-01-05")),
                make(2, published_at=at("2024-01-05")),
                make(3, collected_at=at("2026-01-04T08:00")),
                make(4, published_at=at("2026-01-05T00:00:01")),
            ]
        )
        order = ["shop:4", "shop:1", "shop:3", "shop:2"]
        assert found(store, "") == found(store, "курьера") == order
        assert [hit.mention.id for hit in store.search("ждали").hits] == order
        store.upsert([make(3, collected_at=at("2026-02-04"))])
        assert found(store, "") == order

    def test_a_new_date_moves_a_mention(self, store: MentionStore) -> None:
        one, two = make(1, published_at=at("2026-01-05")), make(2, published_at=at("2026-01-06"))
        store.upsert([one, two])
        store.add_taggings([tag(one, topics="speed-"), tag(two, topics="speed+")])
        store.upsert([later(one, published_at=at("2026-02-07")), later(two, text="Иначе ждали")])
        assert found(store, "ждали") == ["shop:1", "shop:2"]
        (point,) = store.trends()
        assert (point.start, point.negative) == (date(2026, 2, 1), 1)
        assert len(store.history("shop:2")) == 1

    def test_pages_have_no_gaps_and_no_repeats(self, store: MentionStore) -> None:
        # Half of them share one second, so the order within it must be stable too.
        times = [at("2026-01-01") + timedelta(hours=max(0, number - 20)) for number in range(41)]
        store.upsert([make(number, published_at=time) for number, time in enumerate(times)])
        for order in ("newest", "best"):
            seen: list[str] = []
            after = None
            while True:
                page = store.search("курьера", order=order, limit=7, after=after)
                assert page.total == 41
                seen += [hit.mention.id for hit in page.hits]
                if (after := page.next) is None:
                    break
            assert len(seen) == len(set(seen)) == 41
        assert store.search("курьера", limit=41).next is None
        assert store.search("курьера", limit=0).hits == ()

    def test_a_page_that_was_never_given_is_an_error(self, store: MentionStore) -> None:
        store.upsert([make()])
        for after in ("", "x", "1@", "@", "ｅ", "9" * 400):
            with pytest.raises(QueryError, match="first page"):
                store.search("курьера", after=after)

    def test_mentions_that_come_between_two_pages_are_not_repeated(
        self, store: MentionStore
    ) -> None:
        store.upsert([make(n, published_at=at(f"2026-01-{n:02}")) for n in range(1, 7)])
        first = store.search("курьера", limit=3)
        store.upsert([make(99, published_at=at("2026-01-20"))])
        second = store.search("курьера", limit=3, after=first.next)
        ids = [hit.mention.id for hit in (*first.hits, *second.hits)]
        assert ids == [f"shop:{n}" for n in (6, 5, 4, 3, 2, 1)]

    def test_best_first_prefers_the_text_that_says_more_about_it(self, store: MentionStore) -> None:
        store.upsert(
            [make(number, f"Пустые слова номер {number} о погоде") for number in range(30)]
            + [
                make("much", "Курьер курьер курьер", published_at=at("2020-01-01")),
                make("little", "Однажды вечером приходил курьер и ушёл, а мы остались дома"),
            ]
        )
        best = store.search("курьер", order="best")
        assert [hit.mention.id for hit in best.hits] == ["shop:much", "shop:little"]
        scores = [hit.relevance for hit in best.hits if hit.relevance is not None]
        assert len(scores) == len(best.hits)
        assert scores == sorted(scores, reverse=True)
        assert [hit.relevance for hit in store.search("курьер").hits] == [None, None]

    def test_highlights_are_spans_of_the_text(self, store: MentionStore) -> None:
        store.upsert([make(text="Курьеры опоздали. Ждали КУРЬЕРА час.")])
        (hit,) = store.search("курьер").hits
        spans = [hit.mention.text[start:end] for start, end in hit.highlights]
        assert spans == ["Курьеры", "КУРЬЕРА"]
        assert store.search("source:shop").hits[0].highlights == ()

    def test_titles_and_replies_are_searched(self, store: MentionStore) -> None:
        store.upsert([make(1, title="Холодильник"), make(2, reply_text="Вернём деньги")])
        assert found(store, "холодильники") == ["shop:1"]
        assert found(store, "деньгами") == ["shop:2"]

    def test_filters_and_words_narrow_each_other(self, store: MentionStore) -> None:
        one, two = make(1, brand="Альфа", rating=1), make(2, brand="Бета", rating=5)
        store.upsert([one, two, make(3, "Другое", brand="Альфа", source="forum")])
        store.add_taggings([tag(one, topics="speed-"), tag(two, "positive", "speed+ price-")])
        assert found(store, "курьера brand:Альфа") == ["shop:1"]
        assert found(store, "brand:Альфа source:forum") == ["forum:3"]
        assert found(store, "topic:speed:negative") == ["shop:1"]
        assert found(store, "sentiment:positive") == ["shop:2"]
        assert found(store, "NOT sentiment:positive brand:Альфа") == found(store, "brand:Альфа")
        for query in ("курьера brand:Альфа", "brand:Альфа", "topic:speed", "курьера", ""):
            assert store.search(query).total == len(found(store, query))

    def test_a_scan_sees_one_state(self, store: MentionStore) -> None:
        store.upsert([make(number, published_at=at("2026-01-01")) for number in range(50)])
        seen = []
        for hit in store.scan("курьера", batch=5):
            seen.append(hit.mention.id)
            if len(seen) == 10:
                store.upsert([make(n, published_at=at("2020-01-01")) for n in range(100, 120)])
                store.delete([f"shop:{n}" for n in range(50)])
        assert len(seen) == len(set(seen)) == 50
        assert len(found(store, "")) == 20

    def test_a_query_that_cannot_be_understood(self, store: MentionStore) -> None:
        for ask in (store.search, store.scan, store.trends, store.explain_query):
            with pytest.raises(QueryError):
                ask('"без конца')

    def test_explain_shows_what_the_back_end_runs(self, store: MentionStore) -> None:
        store.upsert([make()])
        explained = store.explain_query("курьера brand:Альфа")
        assert explained
        assert "Альфа" in repr(explained)

    # --- counting ----------------------------------------------------------
    def test_one_polarity_a_mention_and_topic(self, store: MentionStore) -> None:
        labels = {
            "speed-": "negative",
            "speed- speed-": "negative",
            "speed-|speed+": "mixed",
            "speed0|speed+": "positive",
            "speed-|speed0": "negative",
            "speed0|speed0": "neutral",
            "price+": None,
        }
        mentions = [make(number) for number, _ in enumerate(labels)]
        store.upsert(mentions)
        store.add_taggings(
            [tag(one, "neutral", topics) for one, topics in zip(mentions, labels, strict=True)]
        )
        (point,) = store.trends(topics=("speed",))
        assert (point.positive, point.neutral, point.negative, point.mixed) == (1, 1, 3, 1)
        assert (point.mentions, point.count) == (7, 6)
        for polarity in ("positive", "neutral"):
            assert len(found(store, f"topic:speed:{polarity}")) == 1

    def test_weeks_begin_on_monday_also_over_the_new_year(self, store: MentionStore) -> None:
        days = ("2024-12-29", "2024-12-30", "2025-01-05", "2025-01-06", "2026-12-31", "2027-01-03")
        mentions = [make(day, published_at=at(day)) for day in days]
        store.upsert(mentions)
        store.add_taggings([tag(one) for one in mentions])
        points = store.trends(period="week", topics=())
        counted = {point.start: point.negative for point in points if point.negative}
        assert counted == {
            date(2024, 12, 23): 1,
            date(2024, 12, 30): 2,  # week 1 of 2025
            date(2025, 1, 6): 1,
            date(2026, 12, 28): 2,  # week 53 of 2026
        }
        starts = [point.start for point in points]
        assert starts == [date(2024, 12, 23) + timedelta(weeks=n) for n in range(len(starts))]
        assert starts[-1] == date(2026, 12, 28)

    def test_empty_buckets_are_given_as_zeros(self, store: MentionStore) -> None:
        one, two = make(1, published_at=at("2025-11-30")), make(2, published_at=at("2026-02-01"))
        other = make(3, "Хвалим", published_at=at("2026-03-31"))
        store.upsert([one, two, other])
        store.add_taggings(
            [tag(one, topics="speed-"), tag(two, topics="speed+"), tag(other, topics="price+")]
        )
        points = store.trends()
        months = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, m, 1) for m in (1, 2, 3))]
        assert [(point.topic, point.start) for point in points] == [
            (topic, month) for topic in ("price", "speed") for month in months
        ]
        assert [point.count for point in points] == [0, 0, 0, 0, 1, 1, 0, 0, 1, 0]
        assert [point.mentions for point in points] == [1, 0, 0, 1, 1] * 2
        assert [point.start for point in store.trends("курьера", topics=("speed",))] == months[:4]

    def test_the_overall_sentiment(self, store: MentionStore) -> None:
        mentions = [make(number) for number in range(5)]
        store.upsert(mentions)
        sentiments = ("positive", "negative", "negative", "mixed", "neutral")
        store.add_taggings([tag(o, s, "speed-") for o, s in zip(mentions, sentiments, strict=True)])
        (point,) = store.trends(topics=())
        assert point.topic is None
        assert (point.positive, point.neutral, point.negative, point.mixed) == (1, 1, 2, 1)
        assert point.mentions == point.count == 5
        assert point.share_negative == 2 / 5
        assert point.net_sentiment == -1 / 4

    def test_a_split_has_a_series_for_each_group(self, store: MentionStore) -> None:
        brands = ("Альфа", "Бета", None, "Альфа")
        mentions = [make(n, brand=brand) for n, brand in enumerate(brands)]
        mentions.append(make(9, brand="Гамма", source="forum"))
        store.upsert(mentions)
        labels = ("speed-", "speed+", "price0", "speed-", "")
        store.add_taggings([tag(o, topics=t) for o, t in zip(mentions, labels, strict=True)])
        points = store.trends(split="brand")
        assert [(p.topic, p.group, p.count, p.mentions) for p in points] == [
            ("price", "", 1, 1),
            ("speed", "Альфа", 2, 2),
            ("speed", "Бета", 1, 1),
        ]
        asked = store.trends(topics=("speed",), split="brand")
        assert [(p.group, p.count, p.mentions) for p in asked] == [
            ("", 0, 1),
            ("Альфа", 2, 2),
            ("Бета", 1, 1),
            ("Гамма", 0, 1),
        ]
        overall = store.trends(topics=(), split="source")
        assert [(p.group, p.count) for p in overall] == [("forum", 1), ("shop", 4)]

    def test_every_way_of_asking_counts_the_same(self, store: MentionStore) -> None:
        """A filter answered from prepared counts agrees with one that is counted afresh."""
        mentions = [
            make(
                f"{source}{brand}{day}",
                source=source,
                brand=brand,
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
                    ("positive", "negative", "mixed")[n % 3],
                    ("speed-", "speed+|price0")[n % 2],
                )
                for n, one in enumerate(mentions)
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

    def test_a_trend_of_nothing_is_empty(self, store: MentionStore) -> None:
        assert store.trends() == store.trends(topics=("speed",)) == store.trends("слово") == []
        store.upsert([make()])
        assert store.trends() == store.trends(topics=()) == []

    # --- runs and rejects --------------------------------------------------
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

    def test_stats_count_what_is_there(self, store: MentionStore) -> None:
        assert store.stats().mentions == 0
        assert store.stats().first_day is None
        one = make(1, published_at=at("2025-06-01"), lang="lt")
        two = make(2, source="forum", published_at=at("2026-01-31"))
        store.upsert([one, two])
        store.upsert([later(one, text="Kitaip")])
        store.add_taggings([tag(two, lang="ru")])
        stats = store.stats()
        assert (stats.mentions, stats.versions, stats.tagged, stats.pending) == (2, 1, 1, 1)
        assert (stats.first_day, stats.last_day) == (date(2025, 6, 1), date(2026, 1, 31))
        assert stats.by_source == {"shop": 1, "forum": 1}
        assert stats.by_language == {"lt": 1, "ru": 1}
        store.upsert([make(3, lang=None)])
        assert store.stats().by_language == {"lt": 1, "ru": 1, "unknown": 1}
        assert stats.by_model == {"tagger 1": 1}
        assert stats.size_bytes > 0

    def test_a_sound_store_has_nothing_to_report(self, store: MentionStore) -> None:
        assert store.check() == []
        mentions = [make(number, brand="A") for number in range(300)]
        store.upsert(mentions)
        store.add_taggings([tag(one, topics="speed-|price+") for one in mentions])
        store.upsert([later(one, text="Иначе") for one in mentions[:100]])
        store.delete([one.id for one in mentions[50:150]])
        assert store.check() == []

    def test_closing_twice_is_harmless(self, store: MentionStore) -> None:
        store.close()
        store.close()
