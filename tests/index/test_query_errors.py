"""What the query language says when a query is wrong: where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import ANY

import pytest
from elasticsearch import ApiError

from index import compile_sqlite, open_store
from index.base import QueryError
from index.elastic import compile as compile_elastic
from index.elastic.reading import clear_query_errors
from index.query import MAX_DEPTH, MAX_LENGTH, parse
from index.query_mistakes import SENTENCES
from tests.contract.records import make, tag

TOPICS = ["speed", "politeness", "delivery"]
WRONG = [
    ('курьер "не привёз', 7, "does not end"),
    ("курьер «не привёз", 7, "does not end"),
    ("курьер /* не привёз", 7, "close it with */"),
    ("а ()", 2, "parentheses are empty"),
    ("а AND (б OR в", 6, "'(' is not closed"),
    ("(а) б) в", 5, "')' closes nothing"),
    (") а", 0, "')' closes nothing"),
    ("а AND", 2, "nothing stands after AND"),
    ("(а OR) б", 3, "nothing stands after OR"),
    ("а NOT", 2, "nothing stands after NOT"),
    ("а ИЛИ ИЛИ б", 6, "nothing stands before ИЛИ"),
    ("OR а", 0, "nothing stands before OR"),
    ("(AND а)", 1, "nothing stands before AND"),
    ("а OR (NEAR/2 б)", 6, "nothing stands before NEAR/2"),
    ("а NEAR б", 2, "such as NEAR/5"),
    ("а NEAR/x б", 2, "such as NEAR/5"),
    ("а NEAR/101 б", 2, "at most 100 words"),
    ("а NEAR/2 б NEAR/2 в", 11, "(a NEAR/5 b) AND (b NEAR/5 c)"),
    ("а NEAR/2 topic:speed", 2, "joins words, phrases"),
    ("(а б) NEAR/2 в", 6, "joins words, phrases"),
    ("а NEAR/2 -б", 9, "leave - out, or use AND"),
    ("а - б", 2, "-слово"),
    ('"а"-б', 3, "-слово"),
    ("а –б", 2, "write a hyphen"),
    ("*", 0, "слово*"),
    ("*доставка", 0, "слово*"),
    ("дост*ка", 4, "слово*"),
    ("д*", 0, "at least two letters"),
    ("title:д*", 6, "at least two letters"),
    ("а || б", 2, "'|' means nothing"),
    ("а !б", 2, "'!' means nothing"),
    ("доставка~2", 8, "'~' means nothing"),
    ("...", 0, "no word in the query"),
    ('"!?"', 0, "no word in this"),
    ('а title:"—"', 8, "no word in this"),
    ("а source:", 9, "nothing stands after 'source:'"),
    ("source: shop", 7, "behind the colon, no space"),
    ('brand:""', 6, "is empty"),
    ('brand:"Парус', 6, "does not end"),
    ("sourse:shop", 0, "did you mean source:"),
    ("тема:speed", 0, "did you mean topic:speed"),
    ("after:2026", 0, "did you mean date:2026-03"),
    ("http://example.org", 0, "in quotes"),
    ("итог: плохо", 0, "in quotes"),
    ("topic:sped", 6, "did you mean speed?"),
    ("fact:waiting", 5, "did you mean wait?"),
    ("fact:wait:long", 10, "write fact:wait:2, fact:wait:<=2 or fact:wait:1..2"),
    ("а fact:wait:9..3", 12, "runs backwards; write fact:wait:3..9"),
    ("fact:wait:", 10, "is no number"),
    ("fact:resolved:>=1", 14, "write fact:resolved:yes or fact:resolved:no"),
    ("fact:wait*", 5, "takes no star"),
    ("факт:wait", 0, "did you mean fact:wait:>=40"),
    ("topic:наличие", 6, "one of speed, politeness, delivery"),
    ('topic:"два слова"', 6, "write its code, such as topic:speed"),
    ("topic:speed:bad", 12, "one of positive, neutral, negative, mixed"),
    ("topic:speed:negativ", 12, "did you mean negative?"),
    ("sentiment:sad", 10, "one of positive"),
    ("has:repli", 4, "did you mean reply?"),
    ("kind:revue", 5, "did you mean review?"),
    ("lang:русский", 5, "such as ru, en or lt"),
    ("country:Россия", 8, "such as RU, LT or DE"),
    ("lang:r*", 5, "takes no star"),
    ("url:example*", 4, "leave it out"),
    ("brand:П*с", 6, "brand:П*"),
    ("rating:two", 7, "rating:<=2"),
    ("rating:..", 7, "rating:<=2"),
    ("rating:2..1", 7, "write rating:1..2"),
    ("date:вчера", 5, "date:2026-03"),
    ("date:2026-13", 5, "no day or month 2026-13"),
    ("date:2026-02-30", 5, "no day or month 2026-02-30"),
    ("date:26-02", 5, "date:2026-03"),
    ("date:1812", 5, "between 1970 and 2100"),
    ("date:2026-03..2026-01", 5, "write date:2026-01..2026-03"),
    ("а \udcff", 2, "type it again"),
    ("id:x*", 3, "leave it out"),
    ("title:дост*ка", 6, "the end of a word: дост*"),
    ("а" * (MAX_LENGTH + 1), MAX_LENGTH, "has 4,001 characters and may have 4,000"),
    ("NOT " * (MAX_DEPTH + 1) + "а", 0, "more than 20 levels deep"),
]


@pytest.mark.parametrize(("query", "position", "says"), WRONG)
def test_an_error_names_the_place_and_what_to_write(query: str, position: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, topics=TOPICS)
    message = str(caught.value)
    assert says in message
    assert caught.value.position == position
    assert message.endswith(f"(character {position + 1} of the query)")
    assert caught.value.exit_code == 2
    assert message.startswith(caught.value.sentence)


def test_every_sentence_is_said(tmp_path: Path) -> None:
    said: set[str] = set()

    @contextmanager
    def refused() -> Iterator[None]:
        with pytest.raises(QueryError) as caught:
            yield
        assert caught.value.sentence == SENTENCES[caught.value.code].format(**caught.value.values)
        said.add(caught.value.code)

    for query, _, _ in WRONG:
        with refused():
            parse(query, topics=TOPICS)
    side = "(" + " OR ".join(f"слово{n}" for n in range(25)) + ")"
    with refused():
        compile_sqlite.compile_query(parse(f"{side} NEAR/2 {side}"))
    with refused():
        compile_elastic.compile_query(parse("has:author"))
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert([make(1)])
        store.add_taggings([tag(make(1)), tag(make(1), version="2")])
        with refused():
            store.search("", after="elsewhere")
        with refused():
            store.label_pairs("topic:speed", *store.taggers())
    for body in ("Determinizing", "too_many_clauses", "expanded to too many terms"):
        with refused(), clear_query_errors():
            raise ApiError("refused", meta=ANY, body=body)
    assert said == set(SENTENCES)


def test_topics_are_not_checked_when_they_are_not_known() -> None:
    assert parse("topic:anything:mixed") is not None


def test_what_an_error_recommends_is_understood() -> None:
    for query in (
        "-слово", "слово*", "слово OR слово", '(слово OR "два слова") NEAR/5 слово',
        "(a NEAR/5 b) AND (b NEAR/5 c)", "rating:2", "rating:<=2", "rating:1..2", "date:2026-03",
        "date:2026-03-05", "date:2026-01..2026-03", "date:>=2026-02", "topic:speed",
    ):  # fmt: skip
        assert parse(query, topics=TOPICS) is not None
