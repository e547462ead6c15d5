"""Generated mentions and taggings, and an index of a cluster that is made for one test."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from index import open_store
from index.base import MentionStore
from index.elastic.connection import ClusterSettings, connect
from index.elastic.documents import Entry
from index.elastic.mapping import ANALYSIS, MAPPING, SCHEMA_VERSION, SETTINGS, state_meta
from index.elastic.writing import send
from index.query_fields import CHOICES
from mention import SENTIMENTS, Mention, Tagging
from tests.contract.records import at, make, tag
from tests.index.query_trees import BRANDS, TOPICS, WORDS

# What `add_taggings` takes, beside its mention; None for one that waits.
Pair = tuple[Mention, tuple[str, Tagging] | None]

ZONES = ("UTC", "Europe/Vilnius", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu")
# Around changes of the clocks of `ZONES`, and around their midnights at a new year.
_MOMENTS = (
    "2025-10-26T00:59:59.999999", "2025-10-26T01:00:00", "2026-03-29T00:59:59", "2026-03-29T01:00",
    "2025-11-02T02:30:00", "2025-11-02T04:29:59", "2026-03-08T05:30:00", "2026-03-08T03:29:59",
    "2025-09-27T14:00:00", "2026-04-04T13:59:59", "2026-04-04T14:00:00", "2026-04-04T12:00:00",
    "2025-12-31T21:59:59.999", "2025-12-31T22:00:00", "2025-12-31T23:59:59.999999",
    "2026-01-01T00:00:00", "2026-01-01T03:29:59", "2026-01-01T03:30:00", "2025-12-31T10:59:59",
    "2025-12-31T11:00:00", "2025-12-31T18:14:59", "2025-12-31T18:15:00", "2025-12-28T23:59:59",
    "2025-12-29T00:00:00", "2026-01-04T23:59:59", "2026-01-05T00:00:00", "2024-12-30T12:00:00",
)  # fmt: skip
_VALUES: dict[str, tuple[Any, ...]] = {
    "rating": (None, None, 1, 2, 3, 4, 5, 4.5),
    "lang": (None, "ru", "en", "lt"),
    "kind": CHOICES["kind"],
    "brand": (None, *BRANDS),
    "source": ("shop", "forum"),
    "product": (None, None, "Кофе", "кофе 2"),
    "location": (None, "Вильнюс", "vilnius centras"),
    "country": (None, "LT", "RU"),
    "version": (None, "5.2", "5.21"),
    "likes": (None, 0, 1, 20),
    "nps": (None, None, 0, 6, 9, 10),
    "csat": (None, None, 1, 4),
    "ces": (None, None, 2, 7),
    "url": (None, "https://shop.example.org/Парус?id=1", "https://shop.example.org/*/2"),
}
_LABELS = ("{0}0", "{0}+", "{0}-", "{0}+ {0}-", "{0}-|{0}0", "{0}0|{0}+")

_FACTS = ("", "", "wait=40", "wait=2 wait=1440 resolved=0", "recommend=1", "repeat_contact=2",
          "recommend=1 resolved=0 resolved=1", "repeat_contact=3 wait=40 recommend=0")  # fmt: skip


def generate(count: int, seed: int) -> list[Pair]:
    """Return mentions that `tests/index/query_trees.py` asks about, most of them tagged."""
    chance = random.Random(seed)
    return [_pair(chance, number) for number in range(count)]


def _pair(chance: random.Random, number: int) -> Pair:
    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(0, most)))

    values = {name: chance.choice(some) for name, some in _VALUES.items()}
    moment = at(chance.choice(_MOMENTS))
    if chance.random() < 0.5:
        moment = at("2026-02-27") + timedelta(seconds=chance.randint(0, 44 * 86_400))
    published = None if chance.random() < 0.1 else moment
    replied = moment + timedelta(minutes=chance.choice((-1, 0, 0.5, 90, 1439, 1440, 20_000)))
    mention = make(
        number,
        words(7) or "нет",
        title=words(4) or None,
        reply_text=words(5) or None,
        reply_at=chance.choice((None, replied)),
        published_at=published,
        collected_at=moment if published is None else at("2026-04-20"),
        **values,
    )
    if chance.random() < 0.15:
        return mention, None
    sentiment = chance.choice((*SENTIMENTS, None))
    lang = chance.choice((None, "ru", "en", "lt"))
    if sentiment is None:
        return mention, tag(mention, None, lang=lang)
    labels = [chance.choice(_LABELS).format(topic) for topic in TOPICS if chance.random() < 0.5]
    facts = chance.choice(_FACTS)
    return mention, tag(mention, sentiment, "|".join(labels), lang=lang, facts=facts)


def fill(settings: ClusterSettings, pairs: Sequence[Pair]) -> None:
    """Send mentions and taggings, and let them be found."""
    now = datetime.now(UTC)
    entries = [
        Entry(mention, tagging and tagging[1], mention.collected_at, now)
        for mention, tagging in pairs
    ]
    with connect(settings) as client:
        for report in send(client, [settings.write_alias], entries):
            assert report.sent == report.changes, report
        client.indices.refresh(index=settings.index)


@contextmanager
def in_sqlite(pairs: Sequence[Pair], time_zone: str) -> Iterator[MentionStore]:
    """Put mentions and taggings into a store of their own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "molva.sqlite", time_zone=time_zone) as store,
    ):
        store.upsert([mention for mention, _ in pairs])
        store.add_taggings([tagging for _, tagging in pairs if tagging])
        yield store


@contextmanager
def new_index(url: str, **options: object) -> Iterator[ClusterSettings]:
    """Make an index with its aliases, and delete it in the end.

    `options` are settings of the index. Without templates, which are as slow to make as
    the index itself: `test_aliases.py` is about these.
    """
    settings = ClusterSettings(url, index=f"test-{uuid4().hex[:12]}")
    name = f"{settings.index}-v{SCHEMA_VERSION}-tagger-2026.04.20"
    with connect(settings) as client:
        client.indices.create(
            index=name,
            aliases={settings.index: {}, settings.write_alias: {"is_write_index": True}},
            mappings={**MAPPING, "_meta": state_meta("tagger", "UTC", "2026-04-20")},
            settings={"index": {**SETTINGS, **options}, **ANALYSIS},
        )
        try:
            yield settings
        finally:
            client.indices.delete(index=name)
