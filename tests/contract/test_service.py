"""What every index must count of replies, survey scores and ages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from index.service_counts import ReplyPoint, ValuePoint
from mention import Fact, Mention, Tagging
from tests.contract.records import FillableIndex, at, found, make, tag

DAY = timedelta(days=1)


def asked(
    number: int,
    published: str,
    replied: timedelta | None = None,
    seen: timedelta = 30 * DAY,
    **values: Any,
) -> Mention:
    """Return a mention, answered so long after it and last seen so long after it."""
    time = at(published)
    reply: dict[str, Any] = {}
    if replied is not None:
        reply = {"reply_text": "Спасибо", "reply_at": time + replied}
    return make(number, published_at=time, collected_at=time + seen, **(reply | values))


def stating(mention: Mention, facts: list[tuple[str, float]]) -> tuple[str, Tagging]:
    """Return what `add_taggings` takes, with facts in the order of the text."""
    content_hash, tagging = tag(mention)
    found = tuple(
        Fact.model_validate({"kind": kind, "value": value, "start": place, "end": place + 1})
        for place, (kind, value) in enumerate(facts)
    )
    return content_hash, tagging.model_copy(update={"facts": found, "facts_version": 1})


class ServiceContract:
    """Replies, scores and ages, as `MentionIndex` promises them."""

    def test_replies_by_bucket(self, store: FillableIndex) -> None:
        minute = timedelta(minutes=1)
        store.upsert(
            [
                asked(1, "2026-01-05T10:00:00", 90 * minute),
                asked(2, "2026-01-06T10:00:00", DAY - timedelta(microseconds=1)),
                asked(3, "2026-01-06T11:00:00", DAY),
                asked(4, "2026-01-07"),
                asked(5, "2026-01-08", seen=timedelta(hours=3)),  # too soon to know
                asked(6, "2026-01-09", 90 * minute + timedelta(seconds=59), timedelta(hours=3)),
                asked(7, "2026-03-31T23:59:00", 2 * DAY, 5 * DAY),
            ]
        )
        january, february, march = store.replies(period="month")
        assert january == ReplyPoint(
            date(2026, 1, 1),
            None,
            mentions=6,
            replied=4,
            settled=4,
            settled_replied=3,
            day_seen=4,
            day_replied=2,
            delays=((90, 2), (1439, 1), (1440, 1)),
        )
        assert february == ReplyPoint(date(2026, 2, 1), None)
        assert march == ReplyPoint(
            date(2026, 3, 1), None, mentions=1, replied=1, day_seen=1, delays=((2880, 1),)
        )
        assert (january.timed, march.timed) == (4, 1)
        (quarter,) = store.replies(period="quarter", days=5)
        assert (quarter.mentions, quarter.settled, quarter.settled_replied) == (7, 5, 4)
        weeks = store.replies(period="week")
        assert [point.mentions for point in weeks] == [6, *[0] * 11, 1]

    def test_replies_of_unknown_speed(self, store: FillableIndex) -> None:
        store.upsert(
            [
                asked(1, "2026-01-05", reply_text="Спасибо"),  # the platform hides the time
                asked(2, "2026-01-05", -timedelta(microseconds=1)),  # dated by a later edit
                make(3, reply_text="Спасибо", reply_at=at("2026-03-02")),
                make(4, reply_at=at("2026-03-02"), published_at=at("2026-03-01")),
            ]
        )
        january, _, march = store.replies()
        assert (january.replied, january.timed, january.reversed) == (2, 0, 1)
        assert (january.day_seen, january.day_replied, january.day_untimed) == (2, 0, 2)
        assert (march.mentions, march.replied, march.delays) == (2, 2, ((1440, 1),))
        assert (march.settled, march.day_seen, march.reversed) == (0, 0, 0)
        assert found(store, "-has:reply") == []
        assert sorted(found(store, "has:reply")) == ["shop:1", "shop:2", "shop:3", "shop:4"]

    def test_replies_of_what_a_query_finds_in_groups(self, store: FillableIndex) -> None:
        hour = timedelta(hours=1)
        store.upsert(
            [
                asked(1, "2026-01-05", hour, brand="Парус", rating=1, location="Тверь"),
                asked(2, "2026-01-05", brand="Парус", rating=2.5),
                asked(3, "2026-02-05", hour, brand="Маяк", rating=5),
                asked(4, "2026-02-05", hour, text="Прочее"),
            ]
        )
        points = store.replies("курьера", split="brand")
        assert [(p.group, p.start.month, p.mentions, p.replied) for p in points] == [
            ("Маяк", 1, 0, 0),
            ("Маяк", 2, 1, 1),
            ("Парус", 1, 2, 1),
            ("Парус", 2, 0, 0),
        ]
        by_stars = store.replies("date:2026-01", split="stars")
        assert [(p.group, p.replied) for p in by_stars] == [("1", 1), ("3", 0)]
        by_place = store.replies(split="location", period="quarter")
        assert [(p.group, p.mentions, p.delays) for p in by_place] == [
            ("", 3, ((60, 2),)),
            ("Тверь", 1, ((60, 1),)),
        ]
        assert store.replies("brand:Буй") == []

    def test_sources_with_replies(self, store: FillableIndex) -> None:
        assert store.sources_with_replies() == []
        store.upsert(
            [
                make(1, source="wall"),
                make(2, reply_text="Спасибо"),
                make(3, source="board", reply_at=at("2026-03-01")),
                make(4, source="board", reply_text="Ждём вас"),
            ]
        )
        assert store.sources_with_replies() == ["board", "shop"]

    def test_the_last_microsecond_of_a_day_is_of_that_day(self, store: FillableIndex) -> None:
        store.upsert([asked(1, "2026-01-31T23:59:59.999999"), asked(2, "2026-02-01")])
        assert [p.mentions for p in store.replies(period="day")] == [1, 1]

    def test_what_replies_cannot_be_asked(self, store: FillableIndex) -> None:
        with pytest.raises(ValueError, match="at least 1 day, not 0"):
            store.replies(days=0)
        with pytest.raises(ValueError, match="not 'decade'"):
            store.replies(period="decade")  # type: ignore[arg-type]  # that is the test
        with pytest.raises(ValueError, match="one of nps, csat, ces, wait"):
            store.values("rating")  # type: ignore[arg-type]  # that is the test
        with pytest.raises(ValueError, match="ascending"):
            store.ages("", at("2026-03-01"), (DAY, DAY))

    # --- survey scores -----------------------------------------------------
    def test_scores_come_back_and_are_found(self, store: FillableIndex) -> None:
        mentions = [
            make(1, nps=6, csat=1, ces=7),
            make(2, "", nps=10),
            make(3, nps=0),
            make(4),
        ]
        store.upsert(mentions)
        for one in mentions:
            hit = store.get(one.id)
            assert hit is not None
            assert hit.mention == one
        assert sorted(found(store, "nps:<=6")) == ["shop:1", "shop:3"]
        assert found(store, "nps:9..10") == ["shop:2"]
        assert found(store, "csat:1 ces:>6") == ["shop:1"]
        assert found(store, "nps:6.5") == found(store, "nps:>99999999999") == []
        assert found(store, "-has:nps") == ["shop:4"]
        assert found(store, "has:ces") == ["shop:1"]

    def test_another_score_is_another_version(self, store: FillableIndex) -> None:
        before, after = make(1, nps=3), make(1, nps=9, collected_at=at("2026-03-02"))
        store.upsert([before])
        assert store.upsert([after]).changed == 1
        assert store.values("nps")[0].counts == ((9, 1),)

    def test_scores_by_bucket_and_group(self, store: FillableIndex) -> None:
        store.upsert(
            [
                make(1, "", nps=9, brand="Парус", published_at=at("2026-01-05")),
                make(2, "", nps=9, brand="Парус", published_at=at("2026-01-06")),
                make(3, "", nps=0, brand="Парус", published_at=at("2026-03-06")),
                make(4, nps=7, csat=4, brand="Маяк", published_at=at("2026-02-06")),
                make(5, csat=5, published_at=at("2026-05-06")),
            ]
        )
        whole = store.values("nps")
        assert [(p.start.month, p.counts) for p in whole] == [
            (1, ((9, 2),)),
            (2, ((7, 1),)),
            (3, ((0, 1),)),
        ]
        assert store.values("nps", "brand:парус", split="brand", period="quarter") == [
            ValuePoint(date(2026, 1, 1), "Парус", ((0, 1), (9, 2)))
        ]
        by_brand = store.values("csat", split="brand", period="quarter")
        assert [(p.group, p.counts) for p in by_brand] == [
            ("", ()),
            ("", ((5, 1),)),
            ("Маяк", ((4, 1),)),
            ("Маяк", ()),
        ]
        assert store.values("ces") == []

    def test_facts_by_bucket_and_group(self, store: FillableIndex) -> None:
        mentions = [
            make(number, brand=brand, published_at=at(day))
            for number, (brand, day) in enumerate(
                (("Парус", "2026-01-05"), ("Парус", "2026-01-06"), ("Маяк", "2026-03-01"))
            )
        ]
        store.upsert([*mentions, make(9)])
        stated: list[list[tuple[str, float]]] = [
            [("wait", 40), ("wait", 22.5), ("resolved", 0), ("resolved", 1)],
            [("wait", 40), ("repeat_contact", 3), ("recommend", 0)],
            [("wait", 1440), ("recommend", 1)],
        ]
        store.add_taggings(
            [stating(one, facts) for one, facts in zip(mentions, stated, strict=True)]
        )
        waits = store.values("wait")
        assert [(p.start.month, p.counts) for p in waits] == [
            (1, ((40, 2),)),
            (2, ()),
            (3, ((1440, 1),)),
        ]
        by_brand = store.values("recommend", split="brand", period="quarter")
        assert [(p.group, p.counts) for p in by_brand] == [
            ("Маяк", ((1, 1),)),
            ("Парус", ((0, 1),)),
        ]
        assert store.values("resolved")[0].counts == ((1, 1),)
        assert store.values("repeat_contact", "brand:парус")[0].counts == ((3, 1),)
        assert store.values("wait", "brand:буй") == []

    # --- ages --------------------------------------------------------------
    def test_ages_of_what_a_query_finds(self, store: FillableIndex) -> None:
        now = at("2026-03-10T12:00:00.750000")
        edge = now.replace(microsecond=0) - DAY
        mentions = [
            make(1, published_at=now),
            make(2, published_at=edge),
            make(3, published_at=edge - timedelta(microseconds=1)),
            make(4, published_at=edge + timedelta(microseconds=400)),
            make(5),  # collected nine days before
            make(6, published_at=at("2020-01-01"), reply_text="Спасибо"),
        ]
        store.upsert(mentions)
        store.add_taggings([tag(one) for one in mentions[1:]])
        assert store.ages("", now, (DAY, 7 * DAY)) == [3, 1, 2]
        assert store.ages("sentiment:negative -has:reply", now, (DAY, 7 * DAY)) == [2, 1, 1]
        assert store.ages("", now, ()) == [6]
        assert store.ages("слово", now, (DAY,)) == [0, 0]
