"""Reviews of a page: every form that sites write them in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.items import ParseContext
from crawlers.parsers.schema_org import parse_page
from mention import Mention, Reject

PAGES = Path(__file__).parent / "pages"
URL = "https://shop.example.org/p/1/"


def context() -> ParseContext:
    return ParseContext("schema_org", {}, AuthorPolicy(b"salt", store_names=True))


def parse(
    body: str | bytes, url: str = URL, at: ParseContext | None = None
) -> tuple[list[Mention], list[Reject]]:
    items = list(parse_page(body, url, at or context()))
    return (
        [one for one in items if isinstance(one, Mention)],
        [one for one in items if isinstance(one, Reject)],
    )


def page(*blocks: Any) -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(block, ensure_ascii=False)}</script>'
        for block in blocks
    )
    return f"<html><head>{scripts}</head><body></body></html>"


def review(**changes: Any) -> dict[str, Any]:
    made = {
        "@type": "Review",
        "author": "Ольга",
        "datePublished": "2026-03-14",
        "reviewBody": "Кипит за две минуты",
        "reviewRating": {"ratingValue": 4},
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def test_reviews_of_a_graph() -> None:
    at = context()
    found, rejects = parse((PAGES / "shop_graph.html").read_bytes(), at=at)
    assert rejects == []
    assert len(found) == 7
    first, second, third, fourth, fifth, sixth, seventh = found
    assert first.text == "Кипит за две минуты.\n\nНо крышка болтается."
    assert (first.title, first.rating, first.lang) == ("Кипит быстро", 4, "ru")
    assert (first.product, first.brand) == ("Чайник «Полюс»", "Полюс")
    assert first.published_at == datetime(2026, 3, 14, tzinfo=UTC)
    assert first.url == URL
    assert second.text == 'Сгорел через неделю.\n\nДеньги "вернули" быстро.'
    assert second.published_at == datetime(2026, 3, 12, 10, 15, tzinfo=UTC)
    assert (second.rating, second.author_name) == (1.5, "Пётр")
    assert (third.title, third.text) == ("Так себе", "Шумит очень сильно, белый цвет желтеет")
    assert (third.rating, third.rating_min, third.rating_max) == (4.6, 1, 10)
    assert third.published_at is None
    assert at.problems["date_unreadable"] == 1
    assert fourth.id == "schema_org:https://shop.example.org/p/1/review/48213"
    assert fourth.url == "https://shop.example.org/p/1/review/48213"
    assert fourth.published_at == datetime(2026, 3, 11, 4, 30, tzinfo=UTC)
    assert (fourth.rating, fourth.rating_min, fourth.rating_max) == (80, 0, 100)
    assert fourth.stars == 4.2
    assert fourth.author_name == "Иван"
    assert (fifth.rating, fifth.text) == (None, "Без оценки")
    assert [(one.text, one.rating) for one in (sixth, seventh)] == [("", 5), ("", 5)]
    assert len({one.id for one in found}) == 7


def test_broken_blocks_lose_no_others() -> None:
    found, rejects = parse((PAGES / "broken_blocks.html").read_bytes())
    assert [one.text for one in found] == [
        "Вкусный\tкофе\nи тёплый зал",
        "Долго ждали счёт",
        "Список тоже отзыв",
    ]
    assert (found[0].product, found[0].rating) == ("Кофейня «Шар»", 5)
    assert (found[0].location, found[0].country) == ("Тверь, Лесная, 5", "RU")
    assert (found[1].product, found[2].rating) == ("Шар", 3)
    (reject,) = rejects
    assert "json-ld" in reject.reason
    assert "обрыв" in str(reject.raw)


def test_microdata_and_rdfa_and_the_same_review_twice() -> None:
    found, rejects = parse((PAGES / "microdata.html").read_bytes())
    assert rejects == []
    assert [one.text for one in found] == [
        "Подошва отклеилась через месяц",
        "Удобные.\n\nМастер починил молнию за день & не взял денег.",
        "Отзыв, размеченный RDFa",
    ]
    assert found[0].published_at == datetime(2026, 1, 20, 7, tzinfo=UTC)
    assert (found[1].rating, found[1].rating_max) == (9, 10)
    assert found[1].published_at == datetime(2026, 3, 12, tzinfo=UTC)
    assert found[1].author_name == "Костя"
    assert (found[2].rating, found[2].product) == (3, "Щётка")


def test_aggregate_rating_is_no_review() -> None:
    aggregate = {"@type": "AggregateRating", "ratingValue": 4.4, "reviewCount": 89}
    assert parse(page({"@type": "Product", "name": "x", "aggregateRating": aggregate})) == ([], [])


def test_review_without_a_type_where_the_property_says_it() -> None:
    found, _ = parse(page({"@type": "Product", "name": "x", "review": [review(**{"@type": None})]}))
    assert [one.product for one in found] == ["x"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: [one],
        lambda one: {"@graph": [one]},
        lambda one: {"@type": "Product", "review": one},
        lambda one: {"@type": "Recipe", "reviews": [one]},
        lambda one: {"@type": "WebPage", "mainEntity": {"@type": "Product", "review": [one]}},
        lambda one: {"@type": "ItemList", "itemListElement": [{"position": 1, "item": one}]},
        lambda one: {
            "@graph": [{"@type": "Product", "review": {"@id": "#r"}}, one | {"@id": "#r"}]
        },
    ],
)
def test_review_is_found_wherever_it_stands(wrap: Callable[[Any], Any]) -> None:
    found, _ = parse(page(wrap(review())))
    assert [one.text for one in found] == ["Кипит за две минуты"]


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        ({"ratingValue": "5"}, (5, 1, 5)),
        ({"ratingValue": "4,6"}, (4.6, 1, 5)),
        ({"ratingValue": 9, "bestRating": 10}, (9, 1, 10)),
        ({"ratingValue": 0, "bestRating": 10, "worstRating": 0}, (0, 0, 10)),
        ({"ratingValue": 0}, (None, 1, 5)),
        ({"ratingValue": "хорошо"}, (None, 1, 5)),
        ({"ratingValue": 1, "bestRating": 1, "worstRating": 5}, (1, 1, 5)),
        ({"ratingValue": 7}, (None, 1, 5)),
        ({"ratingValue": {"@value": "3"}}, (3, 1, 5)),
        ([{"ratingValue": 2}], (2, 1, 5)),
        ("3", (3, 1, 5)),
        ({}, (None, 1, 5)),
        (None, (None, 1, 5)),
    ],
)
def test_ratings(rating: Any, expected: tuple[float | None, float, float]) -> None:
    (one,), _ = parse(page(review(reviewRating=rating)))
    assert (one.rating, one.rating_min, one.rating_max) == expected


def test_id_is_stable_and_distinguishes() -> None:
    def ids(*reviews: dict[str, Any], url: str = URL) -> list[str]:
        return [
            one.id for one in parse(page({"@type": "Product", "review": list(reviews)}), url)[0]
        ]

    alone = ids(review())
    assert ids(review(), url=URL + "?page=2") == alone
    assert ids(review(reviewRating={"ratingValue": 1})) == alone  # a changed rating is an edit
    assert ids(review(reviewBody="Кипит за две минуты!")) == alone  # so is punctuation
    assert ids(review(author="Пётр")) != alone
    assert ids(review(), url="https://other.example.org/") != alone
    # An address that all reviews share, the page's own, or a place in the page identify nothing.
    for shared in (URL, URL + "#review-1", "#r1", "_:b0", URL.rstrip("/")):
        assert ids(review(**{"@id": shared})) == alone
    common = "https://shop.example.org/reviews"
    first, second = ids(review(url=common), review(url=common, author="Пётр"))
    assert first != second
    assert not first.endswith(common)
    assert ids(review(**{"@id": URL + "#comment-48213"})) == [f"schema_org:{URL}#comment-48213"]


def test_same_review_of_two_plugins_once_and_equal_ratings_each() -> None:
    stars = {"@type": "Review", "author": "Гость", "reviewRating": {"ratingValue": 5}}
    block = {"@type": "Product", "name": "x", "review": [review(), stars, stars]}
    found, _ = parse(page(block, block))
    assert [one.text for one in found] == ["Кипит за две минуты", "", ""]
    assert len({one.id for one in found}) == 3


def test_labels_win_over_the_page() -> None:
    at = ParseContext("schema_org", {"brand": "Парус", "product": "Доставка", "country": "lt"})
    (one,), _ = parse(page({"@type": "Product", "name": "x", "review": [review()]}), at=at)
    assert (one.brand, one.product, one.country) == ("Парус", "Доставка", "LT")
    assert one.author_id is None  # no salt, no hash


def test_points_for_and_against_are_kept() -> None:
    notes = {
        "positiveNotes": {"itemListElement": [{"name": "Тихий"}, {"name": "Лёгкий"}]},
        "negativeNotes": ["Цена"],
    }
    (one,), _ = parse(page(review(**notes)))
    assert one.text == "Кипит за две минуты\n+ Тихий\n+ Лёгкий\n− Цена"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (page(review()).encode("utf-8"), None),
        (page(review()).encode("cp1251"), "text/html; charset=windows-1251"),
        (
            page(review())
            .replace("<head>", '<head><meta charset="windows-1251">')
            .encode("cp1251"),
            "text/html",
        ),
        # The declaration is wrong, as on many a moved site.
        (
            page(*[review(author=f"Ольга {n}") for n in range(9)])
            .replace("<head>", '<head><meta charset="utf-8">')
            .encode("cp1251"),
            "text/html; charset=utf-8",
        ),
        (b"\xef\xbb\xbf" + page(review()).encode("utf-8"), None),
    ],
)
def test_encodings(body: bytes, content_type: str | None) -> None:
    items = list(parse_page(body, URL, context(), content_type=content_type))
    assert items
    assert {one.text for one in items if isinstance(one, Mention)} == {"Кипит за две минуты"}


def test_page_without_reviews_or_without_anything() -> None:
    for body in ("", "   ", "<html></html>", "просто текст", b"\x00\x01", "<!-- -->", "{}"):
        assert parse(body) == ([], [])
