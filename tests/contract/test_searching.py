"""What every index must find, in which order, page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from index.base import QueryError
from tests.contract.records import FillableIndex, at, found, later, make, tag


class SearchingContract:
    """Searching and scanning, as `MentionIndex` promises them."""

    def test_newest_first_by_publication_else_by_first_collection(
        self, store: FillableIndex
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

    def test_a_new_date_moves_a_mention(self, store: FillableIndex) -> None:
        one, two = make(1, published_at=at("2026-01-05")), make(2, published_at=at("2026-01-06"))
        store.upsert([one, two])
        store.add_taggings([tag(one, topics="speed-"), tag(two, topics="speed+")])
        store.upsert([later(one, published_at=at("2026-02-07")), later(two, text="Иначе ждали")])
        assert found(store, "ждали") == ["shop:1", "shop:2"]
        left, moved = store.trends()
        assert (left.start, left.count, left.pending) == (date(2026, 1, 1), 0, 1)
        assert (moved.start, moved.negative, moved.pending) == (date(2026, 2, 1), 1, 0)

    def test_pages_have_no_gaps_and_no_repeats(self, store: FillableIndex) -> None:
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

    def test_a_page_that_was_never_given_is_an_error(self, store: FillableIndex) -> None:
        store.upsert([make()])
        for after in ("", "x", "1@", "@", "ｅ", "9" * 400):
            with pytest.raises(QueryError, match="first page"):
                store.search("курьера", after=after)

    def test_mentions_that_come_between_two_pages_are_not_repeated(
        self, store: FillableIndex
    ) -> None:
        store.upsert([make(n, published_at=at(f"2026-01-{n:02}")) for n in range(1, 7)])
        first = store.search("курьера", limit=3)
        store.upsert([make(99, published_at=at("2026-01-20"))])
        second = store.search("курьера", limit=3, after=first.next)
        ids = [hit.mention.id for hit in (*first.hits, *second.hits)]
        assert ids == [f"shop:{n}" for n in (6, 5, 4, 3, 2, 1)]

    def test_best_first_prefers_the_text_that_says_more_about_it(
        self, store: FillableIndex
    ) -> None:
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

    def test_highlights_are_spans_of_the_text(self, store: FillableIndex) -> None:
        store.upsert([make(text="Курьеры опоздали. Ждали КУРЬЕРА час.")])
        (hit,) = store.search("курьер").hits
        spans = [hit.mention.text[start:end] for start, end in hit.highlights]
        assert spans == ["Курьеры", "КУРЬЕРА"]
        assert store.search("source:shop").hits[0].highlights == ()

    def test_titles_and_replies_are_searched(self, store: FillableIndex) -> None:
        store.upsert([make(1, title="Холодильник"), make(2, reply_text="Вернём деньги")])
        assert found(store, "холодильники") == ["shop:1"]
        assert found(store, "деньгами") == ["shop:2"]

    def test_filters_and_words_narrow_each_other(self, store: FillableIndex) -> None:
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

    def test_facts_are_found_by_kind_and_value(self, store: FillableIndex) -> None:
        mentions = [make(number, published_at=at(f"2026-01-{number:02}")) for number in range(1, 6)]
        facts = (
            "wait=40 wait=10 resolved=0 resolved=1",
            "wait=1440 recommend=0",
            "repeat_contact=3 repeat_contact=2",
            "recommend=1 wait=39",
            "",
        )
        store.upsert([*mentions, make(9)])
        store.add_taggings([tag(m, facts=said) for m, said in zip(mentions, facts, strict=True)])
        asked = {
            "fact:wait": "421",
            "fact:wait:>=40": "21",
            "fact:wait:>40": "2",
            "fact:wait:<=40": "41",  # the longest of each mention
            "fact:wait:39..40": "41",
            "fact:wait:1440": "2",
            "fact:repeat_contact": "3",
            "fact:repeat_contact:3": "3",
            "fact:recommend": "42",
            "fact:recommend:yes": "4",
            "fact:recommend:no": "2",
            "fact:resolved:yes": "1",  # the last word
            "fact:resolved:no": "",
            "NOT fact:wait date:2026-01": "53",
            "has:fact": "4321",
            "курьера (fact:wait:<40 OR fact:repeat_contact)": "43",
        }
        assert {query: "".join(one[-1] for one in found(store, query)) for query in asked} == asked

    def test_facts_go_with_the_text_that_states_them(self, store: FillableIndex) -> None:
        one, two = make(1), make(2)
        store.upsert([one, two])
        store.add_taggings([tag(one, facts="wait=40"), tag(two, facts="wait=40")])
        store.upsert([later(one, text="Ждали мало"), later(two, published_at=at("2026-02-07"))])
        assert found(store, "fact:wait") == ["shop:2"]
        store.add_taggings([tag(two, version="2")])
        assert found(store, "has:fact") == []
        store.add_taggings([tag(two, version="3", facts="resolved=0")])
        hit = store.get("shop:2")
        assert hit is not None
        assert hit.tagging == tag(two, version="3", facts="resolved=0")[1]
        store.delete(["shop:2"])
        assert found(store, "has:fact") == []

    def test_a_scan_sees_one_state(self, store: FillableIndex) -> None:
        store.upsert([make(number, published_at=at("2026-01-01")) for number in range(50)])
        seen = []
        for hit in store.scan("курьера", batch=5):
            seen.append(hit.mention.id)
            if len(seen) == 10:
                store.upsert([make(n, published_at=at("2020-01-01")) for n in range(100, 120)])
                store.delete([f"shop:{n}" for n in range(50)])
        assert len(seen) == len(set(seen)) == 50
        assert len(found(store, "")) == 20

    def test_a_query_that_cannot_be_understood(self, store: FillableIndex) -> None:
        for ask in (store.search, store.scan, store.trends, store.explain_query):
            with pytest.raises(QueryError):
                ask('"без конца')

    def test_explain_shows_what_the_back_end_runs(self, store: FillableIndex) -> None:
        store.upsert([make()])
        explained = store.explain_query("курьера brand:Альфа")
        assert explained
        assert "Альфа" in repr(explained)
