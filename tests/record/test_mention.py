"""The record: what it accepts, what it cleans, what it refuses, and its documentation."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from index.cases import Case, CaseEvent
from mention import (
    Correction,
    Fact,
    Mention,
    Reject,
    SentenceTagging,
    Span,
    Tagging,
    TopicLabel,
    clean_text,
    content_hash,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "record.md"


def make(**values: object) -> Mention:
    return Mention.model_validate({"id": "shop:1", "source": "shop", "text": "Хорошо"} | values)


@pytest.mark.parametrize(
    "record",
    [
        Mention,
        Tagging,
        SentenceTagging,
        TopicLabel,
        Fact,
        Correction,
        Span,
        CaseEvent,
        Case,
        Reject,
    ],
)
def test_documentation_names_every_field_with_its_meaning(record: type[BaseModel]) -> None:
    fields = {**record.model_fields, **record.model_computed_fields}
    expected = [(name, field.description) for name, field in fields.items()]
    tables = DOCUMENT.read_text(encoding="utf-8").split("| field | type | meaning |")[1:]
    written = [
        re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", table, re.MULTILINE) for table in tables
    ]
    assert expected in written


def test_times_move_to_utc() -> None:
    pacific = timezone(timedelta(hours=-7))
    mention = make(published_at=datetime(2025, 9, 28, 11, 55, 46, tzinfo=pacific))
    assert mention.published_at == datetime(2025, 9, 28, 18, 55, 46, tzinfo=UTC)
    assert mention.published_at.utcoffset() == timedelta(0)


def test_time_without_zone_is_utc() -> None:
    assert make(published_at="2026-06-15T10:00:00").published_at == datetime(
        2026, 6, 15, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("rating", "low", "high", "stars"),
    [(5, 1, 5, 5), (1, 1, 5, 1), (10, 1, 10, 5), (7, 0, 10, 3.8), (80, 0, 100, 4.2)],
)
def test_ratings_of_any_scale_become_stars(
    rating: float, low: float, high: float, stars: float
) -> None:
    assert make(rating=rating, rating_min=low, rating_max=high).stars == stars


@pytest.mark.parametrize(
    "values",
    [
        {"text": "", "title": None},
        {"id": "other:1"},
        {"id": "shop:"},
        {"source": "shop\n", "id": "shop\n:1"},
        {"id": "shop:" + "я" * 256},
        {"rating": 6},
        {"rating": 0},
        {"rating": float("nan")},
        {"rating": 3, "rating_min": 5, "rating_max": 1},
        {"url": "javascript:alert(1)"},
        {"published_at": "yesterday"},
        {"published_at": "0001-01-01T00:00:00Z"},
        {"kind": "rumour"},
        {"likes": -1},
        {"nps": 11},
        {"csat": 0},
        {"ces": 7.5},
        {"surprise": True},
    ],
)
def test_what_cannot_be_right_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        make(**values)


def test_an_id_is_one_clean_line() -> None:
    assert make(id="shop:tag\n 1\x1b\u202e ").id == "shop:tag 1"


def test_rating_alone_is_a_mention() -> None:
    assert make(text="", rating=4).stars == 4


@pytest.mark.parametrize("score", ["nps", "csat", "ces"])
def test_survey_score_alone_is_a_review(score: str) -> None:
    mention = make(text="", **{score: 1})
    assert mention.kind == "review"
    assert mention.content_hash != make(text="", **{score: 2}).content_hash


@pytest.mark.parametrize(
    ("given_tag", "kept"), [("ru-RU", "ru"), ("LT", "lt"), ("en_GB", "en"), ("русский", None)]
)
def test_language_keeps_its_primary_subtag(given_tag: str, kept: str | None) -> None:
    assert make(lang=given_tag).lang == kept


def test_hash_changes_with_what_a_reader_sees_only() -> None:
    original = make(rating=5)
    assert make(rating=5, likes=9, brand="Парус").content_hash == original.content_hash
    # As stores and clusters have it of every mention without a score.
    assert original.content_hash == content_hash(None, "Хорошо", 5.0, None)
    for change in (
        {"text": "Плохо"},
        {"rating": 4},
        {"nps": 0},
        {"title": "!"},
        {"reply_text": "Спасибо"},
    ):
        assert make(**{"rating": 5} | change).content_hash != original.content_hash


def test_a_tagging_has_a_sentiment_or_a_reason() -> None:
    common = {"mention_id": "shop:1", "model": "m", "model_version": "1", "taxonomy_version": "1"}
    Tagging.model_validate(common | {"untagged_reason": "language"})
    with pytest.raises(ValidationError):
        Tagging.model_validate(common)
    with pytest.raises(ValidationError):
        Tagging.model_validate(common | {"sentiment": "neutral", "untagged_reason": "language"})


@given(st.text())
def test_cleaned_text_is_harmless_and_stable(text: str) -> None:
    cleaned = clean_text(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()
    assert clean_text(cleaned) == cleaned
