"""The demo texts by their labels: enough, in three languages, one crisis in the right week."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from demo.pages import BRANDS, TEXTS

CRISIS = (2026, 25)  # ISO week 2026-06-15 to 2026-06-21


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]


def _day(line: dict[str, Any]) -> date:
    return datetime.fromisoformat(line["published_at"]).astimezone(UTC).date()


def test_many_short_texts_in_three_languages(lines: list[dict[str, Any]]) -> None:
    languages = Counter(line["lang"] for line in lines)
    assert len(lines) >= 450
    assert set(languages) == {"ru", "en", "lt"}
    assert 0.5 < languages["ru"] / len(lines) < 0.7
    assert min(languages.values()) >= 80
    assert max(len(line["text"]) for line in lines) <= 350


def test_ids_and_texts_are_unique(lines: list[dict[str, Any]]) -> None:
    assert len({line["id"] for line in lines}) == len(lines)
    assert len({line["text"] for line in lines}) == len(lines)


def test_dates_cover_six_months_every_week_of_both_brands(lines: list[dict[str, Any]]) -> None:
    days = [_day(line) for line in lines]
    assert date(2026, 3, 1) <= min(days)
    assert max(days) <= date(2026, 8, 31)
    assert days == sorted(days)
    for brand in BRANDS:
        weeks = {_day(line).isocalendar()[1] for line in lines if line["brand"] == brand.name}
        assert weeks >= set(range(10, 36))


def test_stars_agree_with_the_sentiment(lines: list[dict[str, Any]]) -> None:
    allowed = {"positive": {4, 5}, "negative": {1, 2}, "mixed": {2, 3, 4}, "neutral": {3, 4}}
    for line in lines:
        if line["source"] == "rss":  # a forum has no stars
            assert line["stars"] is None
        else:
            assert line["stars"] in allowed[line["sentiment"]]


def test_the_crisis_stands_out_by_the_labels(lines: list[dict[str, Any]]) -> None:
    complaints: dict[str, Counter[tuple[int, int]]] = {brand.name: Counter() for brand in BRANDS}
    for line in lines:
        if "delivery:negative" in line["topics"]:
            complaints[line["brand"]][_day(line).isocalendar()[:2]] += 1
    ours, competitor = (complaints[brand.name] for brand in BRANDS)
    assert 35 <= ours.pop(CRISIS) <= 45
    assert max(ours.values()) <= 4
    assert max(competitor.values()) <= 4


def test_hostile_texts_are_there(lines: list[dict[str, Any]]) -> None:
    everything = "\n".join(line["text"] for line in lines)
    assert "<script>" in everything
    assert "\u202e" in everything
    assert any(line["text"].startswith("=") for line in lines)
    assert "\u202e" not in TEXTS.read_text(encoding="utf-8"), (
        "an override turns the file's own text"
    )
