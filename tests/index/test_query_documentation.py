"""docs/query.md: every example is a query, every field is there, every error is as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from index.base import QueryError
from index.compile_sqlite import compile_query
from index.query import MAX_DEPTH, MAX_LENGTH, And, Not, Or, Word, parse, to_string
from index.query_fields import FIELDS, THINGS
from index.query_words import MAX_COMBINATIONS
from tests.index.query_store import Store

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")
TOPICS = ["speed", "politeness", "delivery"]

BLOCKS = re.findall(r"```query\n(.*?)```", DOCUMENT, re.DOTALL)
EXAMPLES = [line for block in BLOCKS for line in block.splitlines()]
FIELD_TABLE = re.findall(r"^\| ((?:`\w+:` ?)+) \| (.*?) \| .* \|$", DOCUMENT, re.MULTILINE)
FIELD_EXAMPLES = [query for _, cell in FIELD_TABLE for query in re.findall("`(.*?)`", cell)]
ERRORS = re.findall(
    r"^\| `(.*)` \| (.* \(character \d+ of the query\)) \|$", DOCUMENT, re.MULTILINE
)


@pytest.mark.parametrize("query", [*EXAMPLES, *FIELD_EXAMPLES])
def test_every_example_is_a_query_that_runs(query: str) -> None:
    tree = parse(query, topics=TOPICS)
    assert tree is not None
    assert parse(to_string(tree)) == tree
    connection = Store().connection
    compiled = compile_query(tree)
    sql = f"SELECT count(*) FROM mention m WHERE {compiled.where}"
    assert connection.execute(sql, compiled.parameters).fetchone() == (0,)
    if compiled.match:
        connection.execute(
            "SELECT rowid FROM mention_text WHERE mention_text MATCH ?", (compiled.match,)
        )
    connection.close()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 20
    assert len(FIELD_EXAMPLES) > 20
    assert len(ERRORS) > 5


def test_every_field_and_thing_is_described() -> None:
    described = re.findall(r"`(\w+):`", " ".join(names for names, _ in FIELD_TABLE))
    assert sorted(described) == sorted(FIELDS)
    row = next(line for line in DOCUMENT.splitlines() if line.startswith("| `has:` |"))
    assert {*re.findall(r"`(?:has:)?(\w+)`", row)} >= set(THINGS)


@pytest.mark.parametrize(("query", "message"), ERRORS)
def test_errors_are_as_written(query: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, topics=TOPICS)
    assert str(caught.value) == message


def test_precedence_is_as_written() -> None:
    one, two, three, four = (Word(letter) for letter in "абвг")
    assert parse("а б OR в г") == Or((And((one, two)), And((three, four))))
    assert parse("NOT а б") == And((Not(one), two))


def test_limits_are_as_written() -> None:
    assert (
        f"at most {MAX_LENGTH:,} characters, {MAX_DEPTH} levels of nesting and "
        f"{MAX_COMBINATIONS} combinations" in DOCUMENT.replace("\n", " ")
    )
