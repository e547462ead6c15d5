"""What the look-alikes of saved pages in `pages/saved` hold, for `test_saved_pages.py`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def day(year: int, month: int, number: int, *time: int) -> datetime:
    return datetime(year, month, number, *time, tzinfo=UTC)


MARKET = "https://market.yandex.ru/card/chaynik-polyus/77001/reviews"
KETTLE = {"product": "Чайник Полюс П-17", "brand": "Полюс", "url": MARKET}
MAPS = "https://yandex.ru/maps/org/kofeynya_parus/1230001/reviews/"

# file -> site, fields of its mentions in order; `id` without the import's name
EXPECTED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "otzovik_review.html": (
        "otzovik",
        [
            {
                "id": "otzovik/18400123",
                "url": "https://otzovik.com/review_18400123.html",
                "title": "Банк «Парус» (Россия, Тверь) - Карта хорошая, поддержка нет",
                "text": "Карту привезли вовремя.\n\nА вот в чате не отвечают.\n"
                "+ Кэшбэк & удобное приложение\n− Ждал ответа 40 минут",
                "rating": 2,
                "published_at": day(2026, 3, 14),
                "author_name": "lisa77",
                "likes": 12,
            }
        ],
    ),
    "otzovik_list.html": (
        "otzovik",
        [
            {
                "id": "otzovik/18400123",
                "url": "https://otzovik.com/review_18400123.html",
                "title": "Карта хорошая, поддержка нет",
                "text": "Карту привезли вовремя...\n+ Кэшбэк\n− Поддержка",
                "rating": 2,
                "published_at": day(2026, 3, 14),
                "author_name": "lisa77",
            },
            {
                "id": "otzovik/18399001",
                "title": "Всё быстро",
                "text": "Счёт открыли за день",
                "rating": 5,
                "published_at": day(2026, 3, 2),
                "author_name": "misha_t",
            },
        ],
    ),
    "irecommend.html": (
        "irecommend",
        [
            {
                "id": "irecommend/content/chainik-polyus-greet-bystro",
                "url": "https://irecommend.ru/content/chainik-polyus-greet-bystro",
                "title": "Греет быстро, течёт тоже",
                "text": "Купила зимой.\n\nЧерез месяц потёк.\n+ Цена\n+ Скорость\n− Течёт крышка",
                "rating": 3,
                "published_at": day(2026, 2, 10, 15, 40),
                "author_name": "Вера",
            }
        ],
    ),
    "banki_ru.html": (
        "banki_ru",
        [
            {
                "title": "Блокировка карты",
                "text": "Заблокировали карту.\n\nЗвоню третий раз.",
                "rating": 1,
                # 01:20 in Moscow is the evening before in UTC.
                "published_at": day(2026, 3, 13, 22, 20, 30),
                "author_name": "Ольга",
                "product": "Банк «Парус»",
            },
            {
                "text": "Офис открыли рядом & без очереди",
                "rating": 5,
                "published_at": day(2026, 3, 13, 15),
                "author_name": "Пётр",
            },
        ],
    ),
    "banki_ru_articles.html": (
        "banki_ru",
        [
            {
                "id": "banki_ru/11700500",
                "url": "https://www.banki.ru/services/responses/bank/response/11700500/",
                "title": "Долго ждал перевод",
                "text": "Перевод шёл два дня.\nПоддержка молчит.",
                "rating": 2,
                "published_at": day(2026, 3, 13, 22, 20),
            },
            {
                "id": "banki_ru/11700499",
                "text": "Спасибо отделению",
                "rating": None,
                "published_at": day(2026, 3, 12, 7),
            },
        ],
    ),
    "yandex_maps.html": (
        "yandex_maps",
        [
            {
                "id": "yandex_maps/ya-100",
                "url": MAPS,
                "text": "Кофе остыл, пока ждали",
                "lang": "ru",
                "rating": 2,
                "published_at": datetime(2026, 3, 14, 9, 30, 15, 201_000, UTC),
                "author_name": "Анна К.",
                "likes": 4,
                "reply_text": "Простите, научим бариста.",
                "reply_at": day(2026, 3, 15, 8),
            },
            {"id": "yandex_maps/ya-101", "text": "", "rating": 5, "likes": 0},
            {
                "text": "Тихо, но далеко от метро",
                "rating": 4,
                "published_at": day(2026, 1, 2, 11),
                "author_name": "Глеб",
                "reply_text": "Спасибо, Глеб!",
            },
        ],
    ),
    "yandex_market.html": (
        "yandex_market",
        [
            KETTLE
            | {
                "id": "yandex_market/500100",
                "text": "Брала на дачу, довольна\n+ Быстро греет\n− Шумит",
                "rating": 4,
                "published_at": day(2026, 3, 14),
                "author_name": "Вера",
                "likes": 7,
            },
            KETTLE | {"text": "Только в разметке", "rating": 1, "published_at": day(2026, 2, 1)},
            {
                "id": "yandex_market/500101",
                "url": MARKET,
                "text": "Только в состоянии",
                "rating": 5,
                "published_at": None,  # its date has no year
                "author_name": "Олег",
            },
        ],
    ),
    "trustpilot.html": (
        "trustpilot",
        [
            {
                "id": "trustpilot/65aa0001bb",
                "url": "https://www.trustpilot.com/reviews/65aa0001bb",
                "title": "Late again",
                "text": "The parcel came a week late.\n\nNobody answered & nobody called.",
                "lang": "en",
                "rating": 1,
                "published_at": day(2026, 3, 10, 7, 44, 54),
                "updated_at": day(2026, 3, 11, 10),
                "author_name": "Rasa",
                "brand": "Burė",
                "likes": 3,
                "reply_text": "We are sorry.",
                "reply_at": day(2026, 3, 12, 9),
            },
            {
                "id": "trustpilot/65aa0002bb",
                "text": "",
                "lang": "lt",
                "rating": 5,
                "location": "Kaunas",
                "reply_text": None,
            },
        ],
    ),
    "amazon.html": (
        "amazon",
        [
            {
                "id": "amazon/R1AAAA0000001",
                "url": "https://www.amazon.co.uk/gp/customer-reviews/R1AAAA0000001",
                "title": "Boils fast",
                "text": "Boils in two minutes.\n\nThe lid is loose & noisy.",
                "rating": 4,
                "published_at": day(2026, 3, 3),
                "author_name": "Dana",
                "product": "Polius kettle, 1.7 l",
                "likes": 1204,
            },
            {
                "id": "amazon/R1AAAA0000002",
                "title": "Leaks",
                "text": "It leaks.",
                "rating": 1,
                "published_at": day(2026, 2, 10),
                "likes": None,
            },
        ],
    ),
    "booking.html": (
        "booking",
        [
            {
                "url": "https://www.booking.com/hotel/lt/bure.html",
                "title": "Good view",
                "text": "+ Quiet rooms\n− Cold breakfast",
                "rating": 8,
                "rating_max": 10,
                "published_at": day(2025, 11, 9),
                "author_name": "Geoffrey",
            },
            {"text": "", "rating": 10, "rating_max": 10, "published_at": day(2025, 11, 2)},
        ],
    ),
    "booking_answer.json": (
        "booking",
        [
            {
                "id": "booking/d00d4e1f",
                "title": "Неплохо",
                "text": "+ Тихий номер\n− Холодный завтрак",
                "lang": "ru",
                "rating": 7,
                "rating_max": 10,
                "published_at": day(2025, 11, 9),
                "author_name": "Глеб",
                "country": None,  # the guest's is not the hotel's
                "likes": 2,
                "reply_text": "Спасибо за отзыв!",
            },
            {"id": "booking/d00d4e20", "text": "", "lang": None, "rating": 10},
        ],
    ),
    "ozon.html": (
        "ozon",
        [
            {
                "id": "ozon/019e-1",
                "url": "https://www.ozon.ru/product/chaynik-polyus-9001/reviews/?ruuid=019e-1",
                "text": "Беру второй\n+ Быстрый\n− Шумный",
                "lang": "ru",
                "rating": 4,
                "published_at": day(2026, 3, 14, 9, 20, 30),
                "author_name": "Вера П.",
                "product": "Чайник «Полюс»",
                "likes": 3,
            },
            {"id": "ozon/019e-2", "text": "", "rating": 5, "author_name": None},
        ],
    ),
}
