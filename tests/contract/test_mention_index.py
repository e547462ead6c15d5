"""What every index must do with the mentions and taggings that it is given."""

from __future__ import annotations

from datetime import date

from index.base import Hit, UpsertResult
from mention import Mention
from tests.contract.records import FillableIndex, at, found, later, make, tag


class MentionIndexContract:
    """Taking mentions, giving them back, erasing them, as `MentionIndex` promises it."""

    def test_every_field_comes_back(self, store: FillableIndex) -> None:
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

    def test_upsert_counts_what_became_of_each(self, store: FillableIndex) -> None:
        one, two, three = make(1), make(2), make(3)
        assert store.upsert([one, two, three]) == UpsertResult(new=3)
        again = [later(one, text="Иначе"), later(two, likes=5), later(three), make(4)]
        assert store.upsert(again) == UpsertResult(new=1, changed=1, refreshed=1, same=1)
        assert store.upsert([]) == UpsertResult()

    def test_an_older_look_at_a_page_never_wins(self, store: FillableIndex) -> None:
        new, old = make(text="Новое"), later(make(text="Старое"), -1)
        store.upsert([new])
        assert store.upsert([old]) == UpsertResult(same=1)
        assert store.get("shop:1") == Hit(new, None)

    def test_seeing_a_text_again_makes_older_looks_lose(self, store: FillableIndex) -> None:
        first = make(text="Стоит")
        store.upsert([first])
        store.upsert([later(first, 2)])
        assert store.upsert([later(first, 1, text="Между")]) == UpsertResult(same=1)
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.mention.text == "Стоит"

    def test_an_id_that_comes_twice_in_a_batch(self, store: FillableIndex) -> None:
        one = make(text="Раз")
        two = later(one, 1, text="Два")
        assert store.upsert([one, two, one, two]) == UpsertResult(new=1, changed=1, same=2)
        assert store.get("shop:1") == Hit(two, None)
        assert found(store, "раз") == []
        assert found(store, "два") == ["shop:1"]

    def test_deleting_leaves_nothing(self, store: FillableIndex) -> None:
        one, two = make(1, brand="A"), make(2, brand="A")
        store.upsert([one, two])
        store.add_taggings([tag(one, topics="speed-"), tag(two, topics="speed-")])
        assert store.delete(["shop:1", "shop:1", "shop:77"]) == 1
        assert store.get("shop:1") is None
        assert found(store, "долго") == found(store, "topic:speed") == ["shop:2"]
        assert [point.negative for point in store.trends()] == [1]
        assert store.stats().mentions == 1
        assert store.delete([]) == 0

    def test_a_hostile_mention_is_only_text(self, store: FillableIndex) -> None:
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
        assert {hit.mention.id for hit in store.scan()} == {mention.id for mention in hostile}
        assert store.delete([mention.id for mention in hostile]) == len(texts)

    def test_a_tagging_comes_back_with_its_mention(self, store: FillableIndex) -> None:
        mention = make()
        content_hash, tagging = tag(mention, "mixed", "speed- price+|speed+||quality0")
        store.upsert([mention])
        assert store.add_taggings([(content_hash, tagging)]) == 1
        assert store.get("shop:1") == Hit(mention, tagging)
        assert list(store.scan()) == [Hit(mention, tagging)]

    def test_taggings_of_other_content_or_of_nothing_are_dropped(
        self, store: FillableIndex
    ) -> None:
        mention = make()
        store.upsert([mention])
        stale = ("0" * 32, tag(mention)[1])
        assert store.add_taggings([stale, tag(make(9))]) == 0
        assert store.get("shop:1") == Hit(mention, None)
        assert store.stats().pending == 1

    def test_the_newest_tagging_is_the_current_one(self, store: FillableIndex) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([tag(mention, "negative", "speed-")])
        store.add_taggings([tag(mention, "positive", "price+", version="2")])
        hit = store.get("shop:1")
        assert hit is not None
        assert hit.tagging == tag(mention, "positive", "price+", version="2")[1]
        assert [point.topic for point in store.trends()] == ["price"]
        assert found(store, "topic:speed") == []
        store.add_taggings([tag(mention, "neutral", version="1")])
        assert store.trends() == []

    def test_two_taggings_of_one_mention_in_a_batch(self, store: FillableIndex) -> None:
        mention = make()
        store.upsert([mention])
        pairs = [
            tag(mention, "negative", "speed-"),
            tag(mention, "positive", "speed+", version="2"),
        ]
        assert store.add_taggings(pairs) == 2
        assert [(point.positive, point.negative) for point in store.trends()] == [(1, 0)]

    def test_changed_content_waits_to_be_tagged_again(self, store: FillableIndex) -> None:
        mention = make()
        store.upsert([mention])
        store.add_taggings([tag(mention, topics="speed-")])
        changed = later(mention, text="Теперь всё быстро")
        store.upsert([changed])
        assert store.get("shop:1") == Hit(changed, None)
        assert store.trends() == []
        assert [(point.count, point.pending) for point in store.trends(topics=())] == [(0, 1)]
        assert found(store, "topic:speed") == found(store, "sentiment:negative") == []
        assert store.add_taggings([tag(mention)]) == 0
        assert store.add_taggings([tag(changed)]) == 1

    def test_a_refreshed_mention_keeps_its_tagging(self, store: FillableIndex) -> None:
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

    def test_what_cannot_be_tagged_is_counted_apart(self, store: FillableIndex) -> None:
        one, two, three = make(1), make(2), make(3)
        store.upsert([one, two, three])
        store.add_taggings([tag(one, None, lang="fr"), tag(two, "neutral")])
        stats = store.stats()
        assert (stats.tagged, stats.untagged, stats.pending) == (1, 1, 1)
        (point,) = store.trends(topics=())
        assert (point.mentions, point.untagged, point.pending) == (1, 1, 1)

    def test_stats_count_what_is_there(self, store: FillableIndex) -> None:
        assert store.stats().mentions == 0
        assert store.stats().first_day is None
        one = make(1, published_at=at("2025-06-01"), lang="lt")
        two = make(2, source="forum", published_at=at("2026-01-31"))
        store.upsert([one, two])
        store.add_taggings([tag(two, lang="ru")])
        stats = store.stats()
        assert (stats.mentions, stats.tagged, stats.untagged, stats.pending) == (2, 1, 0, 1)
        assert (stats.first_day, stats.last_day) == (date(2025, 6, 1), date(2026, 1, 31))
        assert stats.by_source == {"shop": 1, "forum": 1}
        assert stats.by_language == {"lt": 1, "ru": 1}
        assert stats.by_model == {"tagger 1": 1}
        assert stats.size_bytes > 0
        store.upsert([make(3, lang=None)])
        assert store.stats().by_language == {"lt": 1, "ru": 1, "unknown": 1}

    def test_closing_twice_is_harmless(self, store: FillableIndex) -> None:
        store.close()
        store.close()
