"""The page can say in its languages whatever the interface may say is wrong."""

from __future__ import annotations

from string import Formatter

import pytest

from answers.compare import ComparisonError
from answers.corrections import CorrectionError
from dashboard.errors import ApiError, NarrowingError
from dashboard.refusals import ARGUMENTS, WRONG_ARGUMENT
from index.base import QueryError
from index.query import parse
from mention import CodedError
from nlp.attribution import AttributionError
from nlp.taxonomy import TopicError
from tests.dashboard.test_messages import LANGUAGES, STATIC, Message, forms, names, read

KINDS: tuple[type[CodedError], ...] = (
    QueryError, NarrowingError, ApiError, TopicError, CorrectionError, ComparisonError,
    AttributionError,
)  # fmt: skip
# Of what the page itself never sends, but a file of corrections or a program may; and of what is
# put together of English words of others.
NOT_MET = {
    "no_json", "damaged_json", "too_large", "correction_unknown_key", "correction_topics_misfit",
    "correction_misfit",
}  # fmt: skip
# What the page finds out by itself.
OWN = {"unreachable": set[str]()}
PREFIX = "mistakes.code_"


def places(sentence: str) -> set[str]:
    """Return the names in the braces of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def told() -> dict[str, set[str]]:
    """Return what each code has values for."""
    found = dict(OWN)
    found |= {code: {"argument"} for code in (*ARGUMENTS.values(), WRONG_ARGUMENT)}
    for kind in KINDS:
        for code, sentence in kind.sentences.items():
            # Two kinds of error may share a code only where they say the same.
            assert found.setdefault(code, places(sentence)) == places(sentence), code
    return {code: values for code, values in found.items() if code not in NOT_MET}


def said(language: str) -> dict[str, Message]:
    found = read(STATIC / "messages" / "mistakes.js")[language]
    return {key.removeprefix(PREFIX): message for key, message in found.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mistake_has_a_sentence_with_the_same_places(language: str) -> None:
    assert {code: names(message) for code, message in said(language).items()} == told()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_sentence_recommends_is_understood(language: str) -> None:
    messages = said(language)

    def example(code: str, begin: str, **values: str) -> str:
        (sentence,) = forms(messages[code])
        for name, value in values.items():
            sentence = sentence.replace(f"{{{name}}}", value)
        return sentence[sentence.index(begin) + len(begin) :]

    for query in (
        example("near_joins_words", ": ", operator="NEAR/5"),
        "(" + example("near_twice", "("),
        example("nothing_before", ": ", operator="OR"),
        example("lone_star", ": "),
        example("dash", ": "),
        example("no_topic", "topic:speed") + "topic:speed",
    ):
        assert parse(query, topics=["speed"]) is not None
