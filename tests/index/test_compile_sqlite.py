"""Compiled queries, run by SQLite on the real schema: words, fields, days, limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from index.base import QueryError, StoreError
from index.compile_sqlite import compile_query, explain
from index.query import MAX_DEPTH, MAX_LENGTH, DateFilter, parse
from tests.index.query_store import Store
from tests.index.query_trees import DAYS

VILNIUS = "Europe/Vilnius"


@pytest.fixture
def store() -> Iterator[Store]:
    one = Store()
    yield one
    one.connection.close()


# --- words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("доставка", "Доставку обещали вчера", True),
        ("доставка", "ДОСТАВИЛИ разбитым", True),
        ("доставка", "достали звонками", False),
        ("ждём", "Ждем третий день", True),
        ("ёлка", "елки", True),
        ("задержка", "посылку задерживают", True),
        ("возврат", "деньги так и не вернули", True),
        ("возврат", "больше к ним не вернусь", False),
        ("запись", "ужасный запах", False),
        ("delivery", "They delivered it late", True),
        ("siunta", "siuntą pristatė", True),
        ("pristatymas", "siuntą pristatė", True),
        ("siunta velavo", "Siunta vėlavo savaitę", True),
        ("siunta vėlavo", "siunta velavo savaite", True),
        ("кафе", "Cafe", False),
        ("cafe", "Café", True),
        ("iphone", "экран iPhone’ом не назвать", True),
        ("сбербанк", "Cбербанк", True),  # the first letter of the text is Latin
        ("замок", "за́мок", True),
        ("магазин", "интернет-магазин", True),
        ("интернет-магазин", "магазин в интернете", False),
        ("интернет-магазин", "интернет магазине", True),
        ("😡", "Опять 😡😡", True),
        ("👍", "👍🏽", True),
        ("ozon", "см. https://www.ozon.ru/product/1?from=парус", True),
        ("парус", "см. https://www.ozon.ru/product/1?from=парус", False),
        ("don’t", "I dont know", True),
        ("не работает", "приложение не работает", True),
        ("не работает", "приложение работает", False),
        ("доставка в регион", "доставка: регион забыли", True),
        ("в", "в понедельник", True),
        ("в", "понедельник", False),
        ("в на", "в понедельник", False),
        ('"доставка в регион"', "доставка: регион забыли", False),
        ('"не работает"', "не работает", True),
        ('"не работает"', "не всегда работает", False),
        ('"курьер грубый"', "Курьеру грубой", True),
        ('"хорошо плохо"', "хорошо. Плохо!", True),
        ("достав*", "доставят", True),
        ("достав*", "достали", False),
        ("доставкой*", "доставкой", True),
        ("доставкой*", "доставку", False),
        ("обман*", "обман", True),
        ("cancella*", "cancellation", True),
        ("cancella*", "can cancel", False),
        ("velav*", "Vėlavo", True),
        ("интернет-маг*", "интернет-магазина", True),
        ("а NEAR/1 б", "а в б", True),
        ("а NEAR/1 б", "б в а", True),
        ("а NEAR/1 б", "а в г б", False),
        ("а NEAR/0 б", "б а", True),
        ("а NEAR/3 а", "а б", False),
        ("а NEAR/3 а", "а б а", True),
        ('"а б" NEAR/0 "б а"', "а б а", False),
        ("а ONEAR/1 б", "а в б", True),
        ("а ONEAR/1 б", "б а", False),
        ("а ONEAR/1 б", "б а в б", True),
        ("курьер ONEAR/1 груб*", "Курьер очень сильно грубил", False),
        ("курьер ONEAR/2 груб*", "Курьер очень сильно грубил", True),
        ("(курьер OR водитель) NEAR/1 (груб* OR хам)", "Водитель хамил", True),
        ('(курьер OR водитель) ONEAR/0 ("не приехал" OR хам)', "Курьер не приехал", True),
        ('(курьер OR водитель) ONEAR/0 ("не приехал" OR хам)', "Курьер приехал", False),
        ("-а", "б", True),
        ("-а", "а", False),
        ("а -б", "а б", False),
        ("-а -б", "в", True),
        ("-а -б", "б", False),
        ("а OR -б", "в", True),
        ("а OR -б", "б", False),
        ("NOT NOT а", "а", True),
        ("NOT (а -б)", "а б", True),
        ("NOT (а -б)", "а", False),
    ],
)  # fmt: skip
def test_words(store: Store, query: str, text: str, found: bool) -> None:
    assert store.matches(query, text=text) is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ужас доставка извините", True),
        ("title:ужас", True),
        ("text:ужас", False),
        ("title:доставка", False),
        ("text:доставка", True),
        ("reply:извините", True),
        ("text:извините", False),
        ("reply:доставка", True),
        ('title:"полный ужас"', True),
        ('"ужас доставка"', False),
        ("ужас NEAR/0 доставка", False),
        ("ужас NEAR/1 доставка", True),
        ("title:пол*", True),
        ("-title:доставка", True),
        ("reply:пол* OR title:нет", False),
    ],
)
def test_parts_of_a_mention(store: Store, query: str, found: bool) -> None:
    parts = {"title": "Полный ужас", "text": "Доставка", "reply_text": "Извините за доставку"}
    assert store.matches(query, **parts) is found


def test_a_mention_without_words_is_found_by_what_it_lacks(store: Store) -> None:
    rowid = store.add(text="", rating=1)
    assert store.find("-а") == store.find("rating:1") == store.find("") == [rowid]
    assert store.find("а") == []


# --- fields ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "values", "found"),
    [
        ("brand:парус", {"brand": "Парус"}, True),
        ("brand:пар*", {"brand": "Парус"}, True),
        ("brand:пар", {"brand": "Парус"}, False),
        ('brand:"ёлка и ко"', {"brand": "Елка и Ко"}, True),
        ("-brand:парус", {"brand": None}, True),
        ("product:App", {"product": "app"}, True),
        ("location:виль*", {"location": "Вильнюс"}, True),
        ("version:5.2*", {"version": "5.2.1"}, True),
        ("version:5.2", {"version": "5.2.1"}, False),
        ("country:lt", {"country": "LT"}, True),
        ("lang:lt", {"lang": "lt"}, True),
        ("source:shop", {}, True),
        ("source:sho*", {}, True),
        ("kind:post", {"kind": "post"}, True),
        ("author:abc", {"author_id": "abc"}, True),
        ("author:иван", {"author_name": "Иван"}, True),
        ("-author:иван", {}, True),
        ("url:EXAMPLE.org/a", {"url": "https://example.org/a?b"}, True),
        ("url:example.com", {"url": "https://example.org/a?b"}, False),
        ("id:shop:0", {}, True),
        ("id:SHOP:0", {}, False),
        ("rating:<=2", {"rating": 2}, True),
        ("rating:<2", {"rating": 2}, False),
        ("rating:1..2", {"rating": 2}, True),
        ("-rating:<=2", {"rating": None}, True),
        ("stars:4.5", {"rating": 9, "rating_max": 10, "stars": 4.5}, True),
        ("likes:>10", {"likes": 11}, True),
        ("nps:<=6", {"nps": 6}, True),
        ("nps:<=6", {"nps": 7}, False),
        ("-has:ces csat:5", {"csat": 5}, True),
        ("has:reply", {"reply_at": 1}, True),
        ("sentiment:negative", {"sentiment": "negative"}, True),
        ("-sentiment:negative", {}, True),
        ("has:sentiment", {}, False),
        ("has:tagging", {"tagging_id": 4}, True),
        ("has:reply", {"reply_text": "Спасибо"}, True),
        ("-has:reply", {}, True),
        ("topic:speed", {"topics": {"speed": "mixed"}}, True),
        ("topic:speed:negative", {"topics": {"speed": "mixed"}}, False),
        ("topic:speed:negative", {"topics": {"price": "negative"}}, False),
        ("has:topic", {"topics": {"price": "negative"}}, True),
        ("-has:topic", {}, True),
        ("а OR topic:speed", {"text": "б", "topics": {"speed": "positive"}}, True),
        ("а -topic:speed", {"text": "а", "topics": {"speed": "positive"}}, False),
        ("-(а rating:1)", {"text": "а", "rating": None}, True),
        ("-(а OR rating:1)", {"text": "б", "rating": None}, True),
        ("-(а OR -rating:1)", {"text": "б", "rating": None}, False),
    ],
)
def test_fields(store: Store, query: str, values: dict[str, Any], found: bool) -> None:
    assert store.matches(query, **values) is found


@pytest.mark.parametrize(
    ("query", "moment", "found"),
    [
        ("date:2026-03", "2026-02-28T22:00:00", True),  # midnight of 1 March in Vilnius
        ("date:2026-03", "2026-02-28T21:59:59", False),
        ("date:2026-03", "2026-03-31T20:59:59", True),  # summer time by then
        ("date:2026-03", "2026-03-31T21:00:00", False),
        ("date:2026-03-29", "2026-03-29T20:59:59", True),  # a day of 23 hours
        ("date:>2026-03-29", "2026-03-29T21:00:00", True),
        ("date:<2026-03-29", "2026-03-28T21:59:59", True),
        ("date:>=2026-03 date:<=2026-03", "2026-03-01T00:00:00", True),
        ("а OR date:2026-03", "2026-03-01T00:00:00", True),
        ("-date:2026-03", "2026-03-01T00:00:00", False),
    ],
)
def test_days_are_those_of_the_stores_time_zone(
    store: Store, query: str, moment: str, found: bool
) -> None:
    rowid = store.add(moment=datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert (rowid in store.find(query, VILNIUS)) is found


def test_a_date_gives_the_range_of_rowids() -> None:
    compiled = compile_query(parse("а date:2026-03 date:>=2026-03-30"))
    begin, end = datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert compiled.rowid_range == (
        int(begin.timestamp()) << 20,
        (int(end.timestamp()) << 20) - 1,
    )
    assert compile_query(parse("а OR date:2026-03")).rowid_range == (None, None)


def test_an_unknown_time_zone_is_named() -> None:
    for name in ("Europe/Nowhere", "../x", ""):
        with pytest.raises(StoreError, match="such as Europe/Vilnius"):
            compile_query(parse("date:2026"), time_zone=name)


# --- limits and explanations -----------------------------------------------------------


def test_the_deepest_queries_run(store: Store) -> None:
    rowid = store.add(text="в")
    for left, right in (("-(а OR ", ")"), ("(а OR (rating:1 ", "))"), ("(-а OR rating:5 -(", "))")):
        levels = MAX_DEPTH // 2
        query = "б OR " + left * levels + "в" + right * levels
        while True:
            try:
                tree = parse(query)
            except QueryError:
                levels -= 1
                query = "б OR " + left * levels + "в" + right * levels
            else:
                break
        assert levels >= MAX_DEPTH // 4
        assert store.find(tree) in ([rowid], [])


@pytest.mark.parametrize(
    "query",
    [
        " OR ".join(["а"] * 800),
        " OR ".join(["-а"] * 600),
        " OR ".join(["id:a"] * 500),
        " ".join(["-id:a"] * 600),
        " OR ".join(["аб*"] * 500),
        " ".join(["ab*"] * 900),
        " OR ".join(["a ONEAR/1 b"] * 250),
        '"' + "а " * 1990 + '"',
        "а" * MAX_LENGTH,
        "а" * (MAX_LENGTH - 1) + "*",
        "-".join(["а"] * 2000),
    ],
)
def test_the_widest_queries_run(store: Store, query: str) -> None:
    store.add(text="а")
    assert len(query) <= MAX_LENGTH
    store.find(query)


def test_too_many_alternatives_around_near_are_refused() -> None:
    side = "(" + " OR ".join(f"слово{n}" for n in range(25)) + ")"
    with pytest.raises(QueryError, match="625 combinations") as caught:
        compile_query(parse(f"{side} NEAR/2 {side}"))
    assert caught.value.position == len(side) + 1


def test_what_users_write_never_becomes_sql() -> None:
    hostile = '"а\'); DROP TABLE mention; --" brand:"x\' OR 1 --" url:"\');--" аб*'
    compiled = compile_query(parse(hostile))
    assert "DROP" not in compiled.where
    assert "OR 1" not in compiled.where
    assert compiled.where.count("?") == len(compiled.parameters)


def test_explanations_are_plain_values() -> None:
    query = "доставили в срок -title:грубо* topic:speed:negative date:2026-03"
    node = parse(query)
    explained = explain(node, compile_query(node))
    assert json.loads(json.dumps(explained)) == explained
    assert explained["words"] == {
        "доставили": ["доставк"], "в": ["в"], "срок": ["срок"], "грубо*": ["грубо*"]
    }  # fmt: skip
    assert explained["ignored"] == ["в"]
    assert explained["match"] == '("доставк" AND "срок")'
    tree: Any = explained["tree"]
    assert tree["children"][4] == {"node": "TopicFilter", "topic": "speed", "polarity": "negative"}
    assert tree["children"][5]["first"] == "2026-03-01"


def test_an_empty_query_is_explained() -> None:
    explained = explain(None, compile_query(None))
    assert (explained["match"], explained["where"]) == (None, "1")


@given(DAYS)
def test_every_day_belongs_to_exactly_one_day_filter(day: date) -> None:
    before, on, after = (
        compile_query(DateFilter(one, one), time_zone=VILNIUS).rowid_range
        for one in (day - timedelta(days=1), day, day + timedelta(days=1))
    )
    assert before[1] is not None
    assert on[1] is not None
    assert before[1] + 1 == on[0]
    assert on[1] + 1 == after[0]
