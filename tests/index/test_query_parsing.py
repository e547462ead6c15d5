"""Reading and writing queries: what each form means, and that nothing but errors comes of noise."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.base import QueryError
from index.query import (
    MAX_DEPTH,
    MAX_LENGTH,
    And,
    DateFilter,
    HasFilter,
    Near,
    Node,
    Not,
    NumberFilter,
    Or,
    Phrase,
    Prefix,
    TextFilter,
    TopicFilter,
    Within,
    Word,
    describe,
    parse,
    to_string,
    walk,
)
from tests.index.query_trees import writable_queries

TOPICS = ("speed", "delivery", "price")
A, B, C = Word("а"), Word("б"), Word("в")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("а", A),
        ("а б", And((A, B))),
        ("а AND б", And((A, B))),
        ("а И б ИЛИ в", Or((And((A, B)), C))),
        ("а OR б в", Or((A, And((B, C))))),
        ("(а OR б) в", And((Or((A, B)), C))),
        ("((а б)) (в)", And((A, B, C))),
        ("а -б", And((A, Not(B)))),
        ("-а", Not(A)),
        ("НЕ а", Not(A)),
        ("NOT (а OR б)", Not(Or((A, B)))),
        ("NOT а б", And((Not(A), B))),
        ("-(а б)", Not(And((A, B)))),
        ('"а б"', Phrase("а б")),
        ("«а б»", Phrase("а б")),
        ("“а б”", Phrase("а б")),
        ("„а б“", Phrase("а б")),
        (r'"а \"б\" \в"', Phrase(r'а "б" \в')),
        ("доста*", Prefix("доста")),
        ("а NEAR/5 б", Near(A, B, 5, ordered=False)),
        ('"а б" onear/0 в', Near(Phrase("а б"), C, 0, ordered=True)),
        ("(а OR б) NEAR/2 в", Near(Or((A, B)), C, 2, ordered=False)),
        ("NOT а NEAR/1 б", Not(Near(A, B, 1, ordered=False))),
        ("а NEAR/1 б в", And((Near(A, B, 1, ordered=False), C))),
        ("title:а", Within("title", A)),
        ('reply:"а б"', Within("reply", Phrase("а б"))),
        ("text:доста*", Within("text", Prefix("доста"))),
        ("-topic:speed", Not(TopicFilter("speed"))),
        ("topic:speed:negative", TopicFilter("speed", "negative")),
        ("Sentiment:Negative", TextFilter("sentiment", "negative")),
        ("lang:RU", TextFilter("lang", "ru")),
        ("country:lt", TextFilter("country", "LT")),
        ("kind:review", TextFilter("kind", "review")),
        ("source:app_store", TextFilter("source", "app_store")),
        ('brand:"Парус и Ко"', TextFilter("brand", "Парус и Ко")),
        ("brand:Пар*", TextFilter("brand", "Пар", prefix=True)),
        ('brand:"Парус и"*', TextFilter("brand", "Парус и", prefix=True)),
        ("id:shop:12-a", TextFilter("id", "shop:12-a")),
        ("url:https://a.example/?b=c#d", TextFilter("url", "https://a.example/?b=c#d")),
        ("has:reply", HasFilter("reply")),
        ("rating:5", NumberFilter("rating", 5, 5)),
        ("rating:<=2", NumberFilter("rating", None, 2)),
        ("rating:<2", NumberFilter("rating", None, 2, exclusive=True)),
        ("stars:>=4.5", NumberFilter("stars", 4.5, None)),
        ("stars:>4,5", NumberFilter("stars", 4.5, None, exclusive=True)),
        ("rating:1..2", NumberFilter("rating", 1, 2)),
        ("likes:10..", NumberFilter("likes", 10, None)),
        ("date:2026", DateFilter(date(2026, 1, 1), date(2026, 12, 31))),
        ("date:2026-02", DateFilter(date(2026, 2, 1), date(2026, 2, 28))),
        ("date:2026-03-05", DateFilter(date(2026, 3, 5), date(2026, 3, 5))),
        ("date:2026-01..2026-03", DateFilter(date(2026, 1, 1), date(2026, 3, 31))),
        ("date:..2026-03-05", DateFilter(None, date(2026, 3, 5))),
        ("date:2026-03..", DateFilter(date(2026, 3, 1), None)),
        ("date:>=2026-02", DateFilter(date(2026, 2, 1), None)),
        ("date:>2026-02", DateFilter(date(2026, 3, 1), None)),
        ("date:<=2026-02", DateFilter(None, date(2026, 2, 28))),
        ("date:<2026-02", DateFilter(None, date(2026, 1, 31))),
    ],
)
def test_every_form_is_understood(query: str, tree: Node) -> None:
    assert parse(query) == tree
    assert parse(to_string(tree)) == tree


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("not working", ["not", "working"]),
        ("и или не", ["и", "или", "не"]),
        ("ORACLE ANDROID NOTE ИЛИЯ NEARBY", ["ORACLE", "ANDROID", "NOTE", "ИЛИЯ", "NEARBY"]),
        ("интернет-магазин, H&M и д'Артаньян!", ["интернет-магазин", "H&M", "и", "д'Артаньян"]),
        ("ждал до 10:30…", ["ждал", "до", "10:30"]),
        ("доставка — ужас 😡😡", ["доставка", "ужас", "😡😡"]),
        ("#парус @ivan 100% почта@example.org", ["парус", "ivan", "100", "почта@example.org"]),
        ("а /* б OR */ в", ["а", "в"]),
        ("\ufeffа\u00a0б\nв\u200b г", ["а", "б", "в", "г"]),
    ],
)
def test_words_as_people_write_them(query: str, words: list[str]) -> None:
    tree = parse(query)
    assert tree == And(tuple(Word(word) for word in words))


@pytest.mark.parametrize("query", ["", "  \n", "/* ничего */", " /* а */ /* б */ "])
def test_an_empty_query_means_everything(query: str) -> None:
    assert parse(query) is None
    assert to_string(None) == ""
    assert describe(None) == {}


def test_nodes_know_where_they_stand() -> None:
    query = "кот  (-пёс OR topic:speed) AND title:мышь NEAR/2 ёж"[:41]
    tree = parse(query)
    assert tree is not None
    places = {
        node.position: type(node).__name__ for node in walk(tree) if not isinstance(node, And | Or)
    }
    assert places == {
        0: "Word", 6: "Not", 7: "Word", 14: "TopicFilter", 31: "Within", 37: "Word"
    }  # fmt: skip


def read(query: str) -> Node | QueryError | None:
    """Return what the parser makes of a query, be it an error."""
    try:
        return parse(query, topics=TOPICS)
    except QueryError as error:
        return error


@given(writable_queries)
def test_a_tree_survives_being_written_and_read(tree: Node) -> None:
    found = read(to_string(tree))
    if isinstance(found, QueryError):
        # Generated trees may be larger than a query may be; nothing else is wrong with them.
        assert re.search("nested more than|characters and may have", str(found))
    else:
        assert found == tree


_PIECES = st.sampled_from(
    [
        *'«»()*!:-\\"а2😡\x00\u0301\u2028 ',
        *("б*", "AND", "OR", "NOT", "NEAR/3", "ONEAR/", "title:", "date:", "2026-01", ".."),
        *("rating:", "<=", "/*", "*/", "topic:speed"),
    ]
)


@given(st.text() | st.lists(_PIECES, max_size=12).map("".join) | st.lists(_PIECES).map(" ".join))
@settings(max_examples=300)
def test_any_string_is_a_query_or_an_error_with_a_place(query: str) -> None:
    found = read(query)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(query)
        assert f"(character {found.position + 1} of the query)" in str(found)
    else:
        assert read(to_string(found)) == found


@pytest.mark.parametrize(
    "query",
    ["NOT " * 900 + "а", "-(" * 900 + "а" + ")" * 900, "(а OR (б " * 300 + "в" + "))" * 300],
)
def test_deep_queries_are_refused_and_never_crash(query: str) -> None:
    with pytest.raises(QueryError, match=f"more than {MAX_DEPTH} levels"):
        parse(query)


def test_parentheses_that_change_nothing_may_be_many() -> None:
    assert parse("(" * 1900 + "а" + ")" * 1900) == A


def test_long_queries_are_refused() -> None:
    many = parse("а " * (MAX_LENGTH // 2))
    assert isinstance(many, And)
    assert len(many.children) == MAX_LENGTH // 2
    with pytest.raises(QueryError, match="4,001 characters and may have 4,000"):
        parse("а" * (MAX_LENGTH + 1))


def test_importing_the_language_does_not_load_the_parser_generator() -> None:
    code = "import sys, index.query; print('lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
