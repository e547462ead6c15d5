"""Hypothesis strategies for queries and for the mentions that they are asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from index.query import (
    And,
    DateFilter,
    FactFilter,
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
)
from index.query_fields import CHOICES, POLARITIES, TEXT_FIELDS, THINGS, YES_OR_NO
from mention import FactKind

# Few words, so that generated queries and generated texts meet; forms of one word, words
# that share a beginning, both scripts, an emoji, a hyphen.
WORDS = (
    "доставка", "доставили", "достали", "курьер", "курьеру", "не", "работает",
    "delivery", "delivered", "late", "siunta", "siuntą", "vėlavo", "velavo", "ждём",
    "wi-fi", "fi", "😡", "в", "на", "the", "ir",
)  # fmt: skip
BEGINNINGS = (
    "доста",
    "достав",
    "доставка",
    "кур",
    "deliv",
    "deliveri",
    "delivered",
    "siun",
    "velav",
)
BRANDS = ("Парус", "ПАРУС", "Nordwind Cafe", 'О"Хара', "Ёж")
TOPICS = ("speed", "delivery", "price")
FIRST_DAY = date(2026, 3, 1)
DAYS = st.integers(0, 40).map(lambda days: FIRST_DAY + timedelta(days))

words = st.sampled_from(WORDS)
sentences = st.lists(words, max_size=7).map(" ".join)

terms = st.one_of(
    words.map(Word),
    st.sampled_from(BEGINNINGS).map(Prefix),
    st.lists(words, min_size=1, max_size=3).map(" ".join).map(Phrase),
)
alternatives = st.lists(terms, min_size=2, max_size=3).map(lambda some: Or(tuple(some)))
nears = st.builds(
    Near, terms | alternatives, terms | alternatives, st.integers(0, 4), st.booleans()
)
withins = st.builds(Within, st.sampled_from(["title", "text", "reply"]), terms)

scores = st.sampled_from([-0.25, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 1000000.5])
number_filters = st.one_of(
    st.builds(NumberFilter, st.sampled_from(["rating", "stars"]), scores, st.none(), st.booleans()),
    st.builds(NumberFilter, st.sampled_from(["rating", "stars"]), st.none(), scores, st.booleans()),
    st.builds(
        lambda low, more: NumberFilter("stars", low, low + more),
        st.integers(1, 5).map(float),
        st.integers(0, 3).map(float),
    ),
)
date_filters = st.one_of(
    st.builds(DateFilter, DAYS, st.none()),
    st.builds(DateFilter, st.none(), DAYS),
    st.builds(lambda one, other: DateFilter(min(one, other), max(one, other)), DAYS, DAYS),
)
topic_filters = st.builds(
    TopicFilter, st.sampled_from(TOPICS), st.none() | st.sampled_from(POLARITIES)
)
fact_filters = st.one_of(
    st.builds(FactFilter, st.sampled_from(get_args(FactKind))),
    st.builds(
        FactFilter,
        st.sampled_from(["wait", "repeat_contact"]),
        st.sampled_from([2.0, 40.0, 1440.0]),
        st.none(),
        st.booleans(),
    ),
    st.builds(FactFilter, st.just("wait"), st.none(), st.just(40.0), st.booleans()),
    st.sampled_from(YES_OR_NO).flatmap(
        lambda kind: st.sampled_from([0.0, 1.0]).map(lambda one: FactFilter(kind, one, one))
    ),
)
text_filters = st.one_of(
    st.builds(TextFilter, st.just("brand"), st.sampled_from(BRANDS), st.just(False)),
    st.builds(TextFilter, st.just("brand"), st.sampled_from(("пар", "Nord", "ё")), st.just(True)),
    st.builds(TextFilter, st.just("lang"), st.sampled_from(["ru", "en", "lt"])),
    st.builds(TextFilter, st.just("source"), st.sampled_from(["shop", "forum"])),
    *(
        st.builds(TextFilter, st.just(name), st.sampled_from(values))
        for name, values in CHOICES.items()
    ),
)
filters = st.one_of(
    number_filters,
    date_filters,
    topic_filters,
    fact_filters,
    text_filters,
    st.builds(
        HasFilter,
        st.sampled_from(["reply", "rating", "tagging", "topic", "fact", "title", "conflict"]),
    ),
)


def joined(kind: type[And | Or], children: list[Node]) -> Node:
    """Join nodes as the parser does: never one inside another of its kind."""
    flat: list[Node] = []
    for child in children:
        flat += child.children if isinstance(child, kind) else (child,)
    return kind(tuple(flat))


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return trees of the given leaves, as the parser makes them."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: joined(And, some)),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: joined(Or, some)),
        ),
        max_leaves=8,
    )


queries = trees(st.one_of(terms, terms, nears, withins, filters))

# Values that only have to survive being written down and read again.
any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
any_value = any_text.filter(lambda value: bool(value.strip()))
any_filters = st.one_of(
    st.builds(TextFilter, st.sampled_from(TEXT_FIELDS), any_value),
    st.builds(
        TextFilter, st.sampled_from(["brand", "product", "version"]), any_value, st.just(True)
    ),
    st.builds(HasFilter, st.sampled_from(THINGS)),
    number_filters,
    date_filters,
    topic_filters,
    fact_filters,
)
any_phrases = any_text.map(lambda text: f"{text} а").map(Phrase)
writable_queries = trees(st.one_of(terms, any_phrases, nears, withins, any_filters))

mentions = st.fixed_dictionaries(
    {
        "title": st.none() | sentences,
        "text": sentences,
        "reply_text": st.none() | sentences,
        "lang": st.sampled_from([None, "ru", "en", "lt"]),
        "source": st.sampled_from(["shop", "forum"]),
        "kind": st.sampled_from(CHOICES["kind"]),
        "sentiment": st.none() | st.sampled_from(CHOICES["sentiment"]),
        "brand": st.none() | st.sampled_from(BRANDS),
        "rating": st.none() | st.integers(1, 5).map(float),
        "moment": st.datetimes(
            datetime(2026, 2, 27), datetime(2026, 4, 12), timezones=st.just(UTC)
        ),
        "topics": st.dictionaries(st.sampled_from(TOPICS), st.sampled_from(POLARITIES), max_size=2),
        "facts": st.dictionaries(
            st.sampled_from(get_args(FactKind)), st.sampled_from([0.0, 1.0, 2.0, 40.0]), max_size=2
        ),
    }
)
