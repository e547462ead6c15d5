"""Adverts are told from customers who speak of the same things.

`adverts.jsonl` has lines of two parts: `tuning`, which the rules were written with, and
`held_out`, which was written after them and has changed none of them.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from nlp.adverts import RULES, reasons

SAMPLE = [
    json.loads(line)
    for line in Path(__file__).with_name("adverts.jsonl").read_text(encoding="utf-8").splitlines()
]
DOCUMENT = (Path(__file__).parents[2] / "docs" / "noise.md").read_text(encoding="utf-8")


def measured(part: str) -> tuple[int, int, int]:
    """Return adverts found, innocent texts taken for adverts, adverts missed."""
    lines = [
        (one["advert"], bool(reasons(None, one["text"]))) for one in SAMPLE if one["part"] == part
    ]
    return lines.count((True, True)), lines.count((False, True)), lines.count((True, False))


def test_the_sample_is_half_traps() -> None:
    held_out = [one for one in SAMPLE if one["part"] == "held_out"]
    for lines in (SAMPLE, held_out):
        assert 0.4 < sum(one["advert"] for one in lines) / len(lines) < 0.6
    assert {one["lang"] for one in held_out} == {"ru", "en", "lt"}
    assert len({one["text"] for one in SAMPLE}) == len(SAMPLE) > 120


@pytest.mark.parametrize("part", ["tuning", "held_out"])
def test_precision_comes_first(part: str) -> None:
    found, wrong, missed = measured(part)
    assert found / (found + wrong) >= 0.95
    assert found / (found + missed) >= 0.85


def test_the_measured_numbers_are_those_of_the_document() -> None:
    for part in ("tuning", "held_out"):
        found, wrong, missed = measured(part)
        assert f"| {part} | {found + missed} | {found} | {wrong} |" in DOCUMENT


def test_every_rule_is_documented_and_finds_something() -> None:
    found = {name for one in SAMPLE if one["advert"] for name in reasons(None, one["text"])}
    assert found == {rule.name for rule in RULES}
    for rule in RULES:
        assert f"| `{rule.name}` | {rule.meaning} |" in DOCUMENT


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Позвонил по телефону 8-800-555-01-01, не дозвонился", ()),
        ("I used promo code SAIL20 and it failed", ()),
        ("Звоните +7 900 555-01-01", ("contact_invitation",)),
        ("Не звоните +7 900 555-01-01", ()),
        ("В чате ответили: «звоните +7 900 555-01-01»", ()),
        ("", ()),
    ],
)
def test_what_tells_a_call_from_a_story(text: str, names: tuple[str, ...]) -> None:
    assert reasons(None, text) == names


def test_a_title_counts_too() -> None:
    assert reasons("Дарю промокод PARUS500", "Вводите в корзине") == ("promo_code",)


@pytest.mark.parametrize(
    "piece", ["звоните ", "+7 900 ", "use code ", "«", "доход от 5 ", "@a ", "h", "to call @abcde "]
)
def test_a_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begin = time.process_time()
    reasons(None, text)
    assert time.process_time() - begin < 2
