"""Random histories of a store against a model of it in plain Python."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from index import open_store
from index.base import Period, UpsertResult
from index.sqlite import SqliteStore
from mention import Mention, Tagging
from tests.contract.records import COLLECTED, make, tag

TEXTS = ("Долго ждали", "Ждали курьера", "Labai greitai", "Very slow delivery", "")
BRANDS = ("Альфа", "Бета", None)
# Around midnight in UTC and in Vilnius, around the new year, and at one and the same second.
TIMES = (
    None,
    datetime(2025, 12, 31, 21, 59, 59, tzinfo=UTC),
    datetime(2025, 12, 31, 22, 0, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 4, 23, 30, tzinfo=UTC),
    datetime(2026, 2, 28, 12, 0, tzinfo=UTC),
)
SENTIMENTS = ("positive", "neutral", "negative", "mixed", None)
TOPICS = ("", "speed-", "speed+", "speed-|speed+", "speed0 price-", "price+|price0")

QUERIES = (
    "ждали",
    "delivery OR greitai",
    "brand:Бета",
    "brand:альфа OR brand:бет*",
    "lang:lt",
    "topic:speed",
    "topic:price:negative brand:Альфа",
    "topic:speed topic:price",
    "ждали -topic:speed",
    "date:2025-12..2026-01-04 source:shop",
    "date:2026",
)

numbers = st.integers(0, 7)
changes = st.fixed_dictionaries(
    {
        "text": st.sampled_from(TEXTS),
        "rating": st.sampled_from((None, 1.0, 4.37, 5.0)),
        "rating_max": st.sampled_from((5.0, 10.0)),
        "brand": st.sampled_from(BRANDS),
        "lang": st.sampled_from(("ru", "lt", "en", None)),
        "published_at": st.sampled_from(TIMES),
        "likes": st.integers(0, 2),
        "nps": st.sampled_from((None, 0, 10)),
        "hours": st.integers(0, 3),
    }
).map(lambda fields: fields if fields["text"] else {**fields, "rating": 5.0})


class Model:
    """What a store should hold: newest versions, histories, current taggings."""

    def __init__(self) -> None:
        self.mentions: dict[str, Mention] = {}
        self.first: dict[str, datetime] = {}
        self.history: dict[str, list[Mention]] = defaultdict(list)
        self.taggings: dict[str, Tagging] = {}

    def upsert(self, mention: Mention) -> str:
        old = self.mentions.get(mention.id)
        if old is None:
            self.mentions[mention.id], self.first[mention.id] = mention, mention.collected_at
            return "new"
        if mention.collected_at < old.collected_at:
            return "same"
        self.mentions[mention.id] = mention
        if mention.content_hash != old.content_hash:
            self.history[mention.id].append(old)
            self.taggings.pop(mention.id, None)
            return "changed"
        same = mention == old.model_copy(update={"collected_at": mention.collected_at})
        return "same" if same else "refreshed"

    def delete(self, mention_id: str) -> bool:
        for part in (self.first, self.history, self.taggings):
            part.pop(mention_id, None)
        return self.mentions.pop(mention_id, None) is not None

    def trend(self, zone: str, brand: str | None, period: Period) -> Counter[Any]:
        counts: Counter[Any] = Counter()
        for mention_id, mention in self.mentions.items():
            if brand and mention.brand != brand:
                continue
            time = mention.published_at or self.first[mention_id]
            day = time.astimezone(ZoneInfo(zone)).date()
            if period == "week":
                day -= timedelta(days=day.weekday())
            elif period == "month":
                day = day.replace(day=1)
            elif period == "quarter":
                day = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
            tagging = self.taggings.get(mention_id)
            if tagging is None or tagging.sentiment is None:
                counts[day, None, "untagged" if tagging else "pending"] += 1
                continue
            said: dict[str | None, set[str]] = defaultdict(set)
            said[None].add(tagging.sentiment)
            for sentence in tagging.sentences:
                for label in sentence.topics:
                    said[label.topic].add(label.polarity)
            for topic, polarities in said.items():
                both = polarities - {"neutral"}
                counts[day, topic, "mixed" if len(both) > 1 else min(both, default="neutral")] += 1
                if mention.stars is not None:
                    counts[day, topic, "rated"] += 1
                    counts[day, topic, "stars_total"] += round(100 * mention.stars)
        return counts


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model = Model()
        self.store: SqliteStore

    @initialize(zone=st.sampled_from(("UTC", "Europe/Vilnius", "Pacific/Auckland")))
    def begin(self, zone: str) -> None:
        self.store = open_store(self.folder / "molva.sqlite", time_zone=zone)

    @rule(batch=st.lists(st.tuples(numbers, changes), max_size=8))
    def upsert(self, batch: list[tuple[int, dict[str, Any]]]) -> None:
        mentions = []
        for number, change in batch:
            fields = dict(change)
            collected = COLLECTED + timedelta(hours=fields.pop("hours"))
            mentions.append(make(number, collected_at=collected, **fields))
        became = Counter(self.model.upsert(one) for one in mentions)
        assert self.store.upsert(mentions) == UpsertResult(**became)

    @rule(
        labels=st.lists(
            st.tuples(
                numbers,
                st.sampled_from(SENTIMENTS),
                st.sampled_from(TOPICS),
                st.sampled_from("12"),
                st.sampled_from(("ru", "lt", "en", None)),
            ),
            max_size=6,
        )
    )
    def tag(self, labels: list[tuple[int, Any, str, str, Any]]) -> None:
        pairs, stored = [], 0
        for number, sentiment, topics, version, lang in labels:
            mention = self.model.mentions.get(f"shop:{number}") or make(number)
            labels_of = "" if sentiment is None else topics
            pairs.append(tag(mention, sentiment, labels_of, version=version, lang=lang))
            if mention.id in self.model.mentions:
                stored += 1
                self.model.taggings[mention.id] = pairs[-1][1]
        assert self.store.add_taggings(pairs) == stored

    @rule(chosen=st.sets(numbers, max_size=3))
    def delete(self, chosen: set[int]) -> None:
        ids = [f"shop:{number}" for number in chosen]
        assert self.store.delete(ids) == sum(self.model.delete(one) for one in ids)

    @rule(zone=st.sampled_from(("UTC", "Europe/Vilnius", "America/New_York")))
    def move_to(self, zone: str) -> None:
        self.store.set_time_zone(zone)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(self.folder / "molva.sqlite")

    @rule()
    def compact(self) -> None:
        self.store.compact()

    @invariant()
    def every_part_agrees(self) -> None:
        if not hasattr(self, "store"):
            return
        model, store = self.model, self.store
        assert store.check() == []
        hits = list(store.scan())
        assert {hit.mention.id: hit.mention for hit in hits} == model.mentions
        assert {h.mention.id: h.tagging for h in hits if h.tagging} == model.taggings
        times = [h.mention.published_at or model.first[h.mention.id] for h in hits]
        assert times == sorted(times, reverse=True)
        for query in (
            "ждали",
            "delivery OR greitai",
            "brand:Бета",
            "lang:lt",
            "ждали -topic:speed",
        ):
            ids = [hit.mention.id for hit in store.scan(query, batch=2)]
            page = store.search(query, limit=3)
            assert [hit.mention.id for hit in page.hits] == ids[:3]
            assert page.total == len(ids)
        for mention_id in model.mentions:
            assert store.history(mention_id) == model.history[mention_id]
        for version in "12":
            pending = {o.id for batch in store.pending("tagger", version, "3", 3) for o in batch}
            labelled = {one for one, by in model.taggings.items() if by.model_version == version}
            assert pending == model.mentions.keys() - labelled

    @invariant()
    def trends_are_a_recount(self) -> None:
        if not hasattr(self, "store"):
            return
        for query, brand in (("", None), ("brand:Альфа", "Альфа")):
            for period in get_args(Period):
                counts = self.model.trend(self.store.time_zone, brand, period)
                found: Counter[Any] = Counter()
                for topics in (None, ()):
                    for point in self.store.trends(query, period=period, topics=topics):
                        for name in ("positive", "neutral", "negative", "mixed", "rated"):
                            found[point.start, point.topic, name] += getattr(point, name)
                        stars = round(100 * point.stars_total)
                        assert point.stars_total == stars / 100
                        found[point.start, point.topic, "stars_total"] += stars
                        if point.topic is None:
                            found[point.start, None, "untagged"] += point.untagged
                            found[point.start, None, "pending"] += point.pending
                assert +found == counts

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
        shutil.rmtree(self.folder)


Histories.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestHistories = Histories.TestCase
