"""What every question is narrowed by, composed into one query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.api.narrowing import CHOSEN_FIELDS, ChosenField, Narrowing
from index import open_store
from index.base import MentionStore, QueryError
from index.query import MAX_DEPTH, And, DateFilter, TextFilter, TopicFilter, narrowed, parse
from mention import SENTIMENTS, UserError
from tests.contract.records import at, make, tag

Result = TypeVar("Result")
BRANDS = ("Парус", "Маяк", 'ООО "Парус"', "a OR b", "(*)", "\\", "«Маяк»", "/* c */", "-")
SOURCES = ("shop", "app_store", "rss")
LOCATIONS = ("Рига, ул. Бривибас", "NOT", "x:y", " ")
TEXTS = (
    "Долго ждали курьера",
    "Курьер приехал вовремя, и не дорого",
    "The app keeps crashing",
    "Kurjeris vėlavo",
)
QUERIES = ("", "курьер", "курьер OR app", "NOT курьер", "-app (ждали OR vėlavo)", "brand:Парус")
TOPICS = ("speed", "price", "speed:negative", "price:positive", "Speed:MIXED")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MentionStore]:
    """Mentions of every kind that the strategies below choose among."""
    with open_store(tmp_path_factory.mktemp("narrowing") / "molva.sqlite") as store:
        mentions = [
            make(
                number,
                TEXTS[number % 4],
                source=SOURCES[number % 3],
                brand=BRANDS[number % len(BRANDS)],
                location=LOCATIONS[number % len(LOCATIONS)],
                lang=("ru", "en", "lt")[number % 3],
                rating=1 + number % 5,
                published_at=at(f"2026-{1 + number % 12:02}-05"),
            )
            for number in range(120)
        ]
        store.upsert(mentions)
        store.add_taggings(
            [
                tag(
                    mention,
                    SENTIMENTS[number % 4],
                    ("speed-", "speed+ | price+", "price0", "", "speed- | speed+")[number % 5],
                    lang=mention.lang,
                )
                for number, mention in enumerate(mentions)
            ]
        )
        yield store


def chosen(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), max_size=2)


narrowings = st.builds(
    Narrowing,
    q=st.sampled_from(QUERIES),
    source=chosen(SOURCES),
    brand=chosen(BRANDS),
    location=chosen(tuple(one for one in LOCATIONS if one.strip())),
    topic=chosen(TOPICS),
    sentiment=chosen(SENTIMENTS),
    stars=chosen((1, 2, 3, 4, 5)),
    lang=chosen(("ru", "en", "LT")),
    case=chosen(("open", "Done")),
    first=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    last=st.none() | st.dates(date(2026, 6, 30), date(2026, 12, 31)),
)


def outcome(ask: Callable[[], Result]) -> Result | UserError:
    """Return what `ask` gives, or the error that it ends with."""
    try:
        return ask()
    except UserError as error:
        return error


def found(store: MentionStore, query: str) -> set[str]:
    return {hit.mention.id for hit in store.scan(query)}


@given(narrowing=narrowings)
@settings(deadline=None, max_examples=60)
def test_the_whole_finds_what_every_part_finds(store: MentionStore, narrowing: Narrowing) -> None:
    wanted = found(store, narrowing.q)
    for field in CHOSEN_FIELDS:
        values = getattr(narrowing, field)
        if values:
            parts = [found(store, Narrowing(**{field: [value]}).query()) for value in values]
            wanted &= set().union(*parts)
    if narrowing.first or narrowing.last:
        wanted &= found(store, narrowed("", DateFilter(narrowing.first, narrowing.last)))
    assert found(store, narrowing.query()) == wanted


def test_the_parts_are_not_empty(store: MentionStore) -> None:
    for field, values in (
        ("source", SOURCES),
        ("brand", BRANDS),
        ("location", LOCATIONS[:-1]),
        ("topic", TOPICS),
        ("sentiment", SENTIMENTS),
        ("stars", (1, 2, 3, 4, 5)),
        ("lang", ("ru", "en", "LT")),
    ):
        for value in values:
            assert found(store, Narrowing(**{field: [value]}).query()), (field, value)


@given(
    field=st.sampled_from(["source", "brand", "location", "product"]),
    value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
@example(field="brand", value='" OR brand:"')
@example(field="brand", value="\\")
@example(field="brand", value='\\\\"')
@example(field="brand", value="Парус*")
@example(field="source", value="speed) OR (x")
@settings(deadline=None)
def test_a_value_is_never_more_than_a_value(field: ChosenField, value: str) -> None:
    narrowing = Narrowing(**{field: [value]})
    if value.strip():
        assert parse(narrowing.query()) == TextFilter(field, value)
    else:
        with pytest.raises(UserError, match="is empty"):
            narrowing.query()


@given(value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@example(value="speed) OR (x")
@example(value="speed:negative:negative")
@example(value="speed:")
@example(value="speed price")
@settings(deadline=None)
def test_a_topic_is_a_topic_or_refused(value: str) -> None:
    query = outcome(Narrowing(topic=[value]).query)
    assert not isinstance(query, QueryError)
    assert isinstance(query, UserError) or isinstance(parse(query), TopicFilter)


@given(q=st.text(max_size=60), narrowing=narrowings)
@settings(deadline=None)
def test_a_mistake_is_where_it_was_typed(q: str, narrowing: Narrowing) -> None:
    narrowing = narrowing.model_copy(update={"q": q})
    mistake, query = outcome(lambda: parse(q)), outcome(narrowing.query)
    if isinstance(mistake, QueryError):
        assert isinstance(query, QueryError)
        assert query.position == mistake.position <= len(q)
    else:
        assert isinstance(query, str)
        parse(query)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"case": ["opne"]}, "did you mean open?"),
        ({"lang": ["russian"]}, "is no code"),
        ({"topic": ["speed:negativ"]}, "did you mean negative?"),
        ({"topic": ["два слова"]}, "is no topic"),
        ({"brand": [" "]}, "is empty"),
        ({"first": "2026-05-02", "last": "2026-05-01"}, "swap the two days"),
        ({"brand": [f"{n:0500}" for n in range(9)]}, "may have 4,000"),
        ({"q": "NOT " * MAX_DEPTH + "a", "brand": ["x"]}, "levels deep"),
    ],
)
def test_what_cannot_be_is_said_without_a_place(values: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as raised:
        Narrowing.model_validate(values).query()
    assert says in str(raised.value)
    assert "character" not in str(raised.value).replace("characters", "")
    assert not isinstance(raised.value, QueryError)


def test_a_field_can_be_left_out() -> None:
    narrowing = Narrowing(q="a OR b", brand=["Парус"], source=["shop"])
    assert parse(narrowing.query(without="brand")) == parse("(a OR b) AND source:shop")
    whole = parse(narrowing.query(TopicFilter("speed")))
    assert isinstance(whole, And)
    assert whole.children[-1] == TopicFilter("speed")
    assert Narrowing().query() == ""
