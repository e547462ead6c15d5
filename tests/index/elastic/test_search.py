"""The cluster finds what SQLite finds: generated queries over generated mentions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import HealthCheck, example, given, settings

from index.base import MentionStore, QueryError
from index.elastic.store import ElasticIndex
from index.query import MAX_DEPTH, Near, Node, Or, Phrase, Prefix, Within, Word, to_string
from tests.contract.records import make
from tests.index.elastic.corpus import Pair, fill, generate, in_sqlite, new_index
from tests.index.query_trees import queries

ZONE = "America/St_Johns"
REVIEWS = Path(__file__).parents[2] / "nlp/evaluation.jsonl"
# Words that more than ten of the reviews have.
FREQUENT = "деньги заказ звонок телефон месяц возврат ответ неделя told days minutes".split()

# Beside what tests/index/query_trees.py asks: the fields whose values are names or codes.
FIELDS = (
    "product:кофе", "product:КОФЕ*", 'product:"кофе 2"', "location:vilnius*", "country:LT",
    "version:5.2", "version:5.2*", "source:sho*", "likes:>=1.5", "likes:0", "likes:<20",
    "nps:<=6", "nps:9", "csat:>3.5", "ces:2..6", "has:nps", "-has:ces",
    "url:shop.example", "url:ПАРУС?id", 'url:"/*/"', r'url:"\\"', "id:shop:3", "id:SHOP:3",
    "has:date", "has:url", "has:brand", "has:product", "has:location", "has:version",
    "has:sentiment", "date:2025-12-31", "date:2026-01-01", "date:<2026", "date:>2026-03-07",
    "date:2025-11-02", "date:2026-03-08..2026-03-29", "wi-fi*", "title:deliv*", '"😡 доставка"',
    "reply:wi-fi", "доставка в", "в на", "kind:review -lang:ru", "stars:4.5", "rating:4..4.5",
)  # fmt: skip


@dataclass(frozen=True)
class Both:
    """The same mentions in SQLite and in a cluster."""

    sqlite: MentionStore
    cluster: ElasticIndex

    def check(self, query: str) -> None:
        """Compare what a query finds: the hits with all they hold, their order, the total."""
        expected = self.sqlite.search(query, limit=1000)
        answer = self.cluster.search(query, limit=1000)
        ids = [hit.mention.id for hit in answer.hits]
        assert ids == [hit.mention.id for hit in expected.hits], query
        assert answer == expected


def both(stack: ExitStack, url: str, pairs: list[Pair]) -> Both:
    sqlite = stack.enter_context(in_sqlite(pairs, ZONE))
    named = stack.enter_context(new_index(url))
    fill(named, pairs)
    return Both(sqlite, stack.enter_context(ElasticIndex(named, time_zone=ZONE)))


@pytest.fixture(scope="module")
def generated(elasticsearch_url: str) -> Iterator[Both]:
    """Generated mentions: making an index takes as long as asking it a hundred times."""
    with ExitStack() as stack:
        yield both(stack, elasticsearch_url, generate(120, seed=9))


@pytest.fixture(scope="module")
def short_texts(elasticsearch_url: str) -> Iterator[Both]:
    """Every text of up to four of three words, some of them in titles and replies."""
    rows = [" ".join(row) for size in range(1, 5) for row in product("абв", repeat=size)]
    mentions = [make(number, text) for number, text in enumerate(rows)]
    for title, text, reply in product(rows[:12], rows[:12:3], (None, "а", "б в")):
        mentions.append(make(len(mentions), text, title=title, reply_text=reply))
    with ExitStack() as stack:
        yield both(stack, elasticsearch_url, [(mention, None) for mention in mentions])


@pytest.fixture(scope="module")
def reviews(elasticsearch_url: str) -> Iterator[Both]:
    """Texts as long and as different as those of people."""
    lines = REVIEWS.read_text(encoding="utf-8").splitlines()
    texts = [" ".join(json.loads(line)["sentences"]) for line in lines]
    with ExitStack() as stack:
        yield both(
            stack, elasticsearch_url, [(make(n, text), None) for n, text in enumerate(texts)]
        )


@given(query=queries.map(to_string))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(query="")
def test_generated_queries(generated: Both, query: str) -> None:
    generated.check(query)


@pytest.mark.parametrize("query", FIELDS)
def test_each_field(generated: Both, query: str) -> None:
    generated.check(query)


def test_fields_in_a_row(generated: Both) -> None:
    for one, other in pairwise(FIELDS):
        generated.check(f"NOT {one} {other}" if len(one) % 2 else f"NOT ({one} OR {other})")


@pytest.mark.parametrize("query", ["доставка", "siunt* OR курьер", "delivery NEAR/3 late"])
def test_best_first_finds_the_same(generated: Both, query: str) -> None:
    best, newest = (
        generated.cluster.search(query, order=order, limit=1000) for order in ("best", "newest")
    )
    scores = [hit.relevance for hit in best.hits if hit.relevance is not None]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == best.total == newest.total
    assert {hit.mention.id for hit in best.hits} == {hit.mention.id for hit in newest.hits}


@pytest.mark.parametrize(
    ("queries", "least"),
    [
        (FREQUENT, 9),
        ([f"{one} OR {other}" for one, other in pairwise(FREQUENT)], 9),
        ("при* пере* зак* под* men* pas* nei* pri*".split(), 5),
    ],
    ids=["words", "OR", "beginnings"],
)
def test_how_much_best_first_differs(reviews: Both, queries: list[str], least: int) -> None:
    """Count how many of the first ten are the same; `docs/elasticsearch.md` gives figures."""
    same = []
    for query in queries:
        first, other = (
            index.search(query, order="best", limit=10)
            for index in (reviews.sqlite, reviews.cluster)
        )
        assert first.total == other.total > 10, query
        ids = [{hit.mention.id for hit in answer.hits} for answer in (first, other)]
        same.append(len(ids[0] & ids[1]))
    assert mean(same) >= least, same


def test_near_counts_the_words_between(short_texts: Both) -> None:
    sides: list[Node] = [
        Word("а"),
        Phrase("б в"),
        Phrase("а а"),
        Or((Word("б"), Word("в"))),
        Or((Phrase("а б"), Phrase("б а"))),
        Or((Word("б"), Phrase("б а"))),
    ]
    for number, (left, right) in enumerate(product(sides, sides)):
        # Of equal sides both, of the others one.
        for distance in (0, 1) if left == right else (number % 2,):
            short_texts.check(to_string(Near(left, right, distance, ordered=distance == 0)))


def test_parts_of_a_mention(short_texts: Both) -> None:
    terms = (Word("а"), Phrase("б в"), Phrase("а а а"))
    for part, term in product(("title", "text", "reply"), terms):
        short_texts.check(to_string(Within(part, term)))  # type: ignore[arg-type]  # product forgets


def test_beginnings_near_one_another(generated: Both) -> None:
    sides = (Prefix("до"), Prefix("дос"), Prefix("доставк"), Prefix("wi-fi"), Phrase("не работает"))
    for number, (left, right) in enumerate(product(sides, sides)):
        generated.check(to_string(Near(left, right, 1, ordered=number % 2 == 0)))


def test_the_deepest_and_the_longest_query(generated: Both) -> None:
    deep = "доставка"
    for level in range(MAX_DEPTH - 1):
        deep = f"({deep}) OR siunta" if level % 2 else f"({deep}) курьер"
    generated.check(deep)
    generated.check(" OR ".join(f"слово{number}" for number in range(250)) + " OR курьер")
    many = "(" + " OR ".join(f"delivered{number}" for number in range(9)) + " OR курьер)"
    generated.check(f"{many} NEAR/2 {many.replace('delivered', 'siunta')}")


def test_what_the_server_cannot_do_is_said(generated: Both) -> None:
    with pytest.raises(QueryError, match="such a long part of an address; write a shorter one"):
        generated.cluster.search(f"url:{'ab/' * 900}")
