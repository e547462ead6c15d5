"""A small known corpus for the analysts' queries: eight weeks, two brands, one bad week.

All of it is written for Molva. The queries' answers are computed from it in Python.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from index.elastic.documents import Entry
from mention import Mention
from tests.contract.records import make, tag

SIZE: Final = 220
ZONE: Final = ZoneInfo("Europe/Vilnius")
BEGIN: Final = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)
APART: Final = timedelta(hours=6, minutes=7)  # so that many fall near midnight somewhere
OURS, OTHERS = "Парус", "Маяк"
BAD_WEEK: Final = (date(2026, 6, 15), date(2026, 6, 21))

# What is said, its topics as in `tests.contract.records.tag`, overall sentiment, stars.
_SAYINGS: Final = (
    ("Курьер приехал вовремя", "delivery+", "positive", 5),
    ("Ждали курьера три часа", "delivery- speed-", "negative", 1),
    ("Курьеры вежливые, но коробка мятая", "delivery-|politeness+", "mixed", 3),
    ("Цена выросла", "price-", "negative", 2),
    ("Хорошая цена и качество", "price+ quality+", "positive", 5),
    ("Стояли в очереди", "speed-", "negative", 2),
    ("Отвечают быстро", "speed+ communication+", "positive", 4),
    ("Обычный магазин", "", "neutral", 3),
    ("Продавец нагрубил, ждали долго", "politeness- speed-", "negative", 1),
)
_BAD: Final = (
    ("Посылка опоздала", "delivery-", "negative", 1),
    ("Опять сломан терминал", "speed-", "negative", 2),
)
_FILLERS: Final = (
    "вчера сегодня утром вечером днём зимой летом снова просто очень немного совсем почти около "
    "дом город улица район центр вокзал площадь рынок двор подъезд этаж коридор окно дверь"
).split()


def corpus() -> list[Entry]:
    """Return the mentions, each a few hours after the one before."""
    entries = list(_entries(random.Random(20260615)))
    # The same text under another id, as when one review stands on two platforms.
    copies = [_copy(entries[number], 900 + number) for number in (10, 20, 21, 50)]
    return entries + copies


def local_day(entry: Entry) -> date:
    """The day that the mention counts for in the corpus's time zone."""
    return entry.time.astimezone(ZONE).date()


def _entries(chance: random.Random) -> Iterator[Entry]:
    for number in range(SIZE):
        time = BEGIN + number * APART
        brand = None if number % 29 == 0 else OTHERS if number % 3 == 0 else OURS
        bad = brand == OURS and BAD_WEEK[0] <= time.astimezone(ZONE).date() <= BAD_WEEK[1]
        saying, topics, sentiment, stars = (
            _BAD[number % 2] if bad else _SAYINGS[number % len(_SAYINGS)]
        )
        fillers = chance.sample(_FILLERS, 7)
        is_answered = number % 4 == 0
        mention = make(
            number,
            f"{' '.join(fillers[:3])}. {saying}. {' '.join(fillers[3:])}",
            source=("app_store", "shop")[number % 2],
            brand=brand,
            rating=None if number % 11 == 0 else stars,
            # Some platforms hide when a text was published: then the first look counts.
            published_at=None if number % 17 == 0 else time,
            collected_at=time + timedelta(minutes=20),
            url=f"https://example.org/{number}",
            author_id=f"author{number}",
            author_name="Автор Имярек",
            reply_text="Спасибо, разберёмся" if is_answered else None,
            reply_at=time + timedelta(hours=1 + number % 9, minutes=number)
            if is_answered
            else None,
        )
        yield _tagged(mention, None if number % 13 == 0 else sentiment, topics)


def _tagged(mention: Mention, sentiment: str | None, topics: str) -> Entry:
    collected = mention.collected_at
    if sentiment is None:
        return Entry(mention, None, collected, None)
    return Entry(mention, tag(mention, sentiment, topics)[1], collected, collected)


def _copy(entry: Entry, number: int) -> Entry:
    fields = entry.mention.model_dump(exclude={"stars", "content_hash"})
    copy = Mention.model_validate({**fields, "id": f"{fields['source']}:{number}"})
    tagging = entry.tagging and entry.tagging.model_copy(update={"mention_id": copy.id})
    return Entry(copy, tagging, entry.first_collected_at, entry.tagged_at)
