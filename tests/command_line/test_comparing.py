"""compare, drivers and relabel on a real store with planted differences, as a user runs them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import open_store
from mention import Mention, Tagging
from tests.command_line.conftest import Molva
from tests.contract.records import at, make

POLARITY = {"+": "positive", "0": "neutral", "-": "negative"}
SENTENCES = {
    "speed-": "Пришлось долго ждать в очереди",
    "speed+": "Обслужили очень быстро",
    "price-": "Цены просто космические",
    "price+": "Скидки приятно радуют",
    "delivery-": "Курьер опоздал на час",
}


def labelled(
    mention: Mention, labels: list[str], sentiment: str, version: str = "1"
) -> tuple[str, Tagging]:
    """Return a tagging in which each sentence of the text has its label."""
    sentences, start = [], 0
    for label, sentence in zip(labels, mention.text.split(". "), strict=True):
        topic = {"topic": label[:-1], "polarity": POLARITY[label[-1]], "confidence": 0.9}
        end = start + len(sentence)
        sentences.append({"start": start, "end": end, "topics": [topic]})
        start = end + 2
    values = {
        "mention_id": mention.id,
        "lang": "ru",
        "sentiment": sentiment,
        "score": 0.0,
        "confidence": 0.8,
        "sentences": sentences,
        "model": "tagger",
        "model_version": version,
        "taxonomy_version": "1.0",
    }
    return mention.content_hash, Tagging.model_validate(values)


@pytest.fixture(scope="module")
def planted_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Парус has queues and discounts, Маяк has late couriers; a queue costs two stars."""
    path = tmp_path_factory.mktemp("planted") / "molva.sqlite"
    chance = random.Random(11)
    mentions, taggings = [], []
    for number in range(600):
        brand = "Парус" if number % 3 else "Маяк"
        often = {"speed-": 0.5, "price+": 0.5, "speed+": 0.2, "price-": 0.2, "delivery-": 0.05}
        if brand == "Маяк":
            often |= {"speed-": 0.2, "price+": 0.2, "delivery-": 0.5}
        labels = [label for label in SENTENCES if chance.random() < often[label]]
        if not labels:
            labels = ["price-"]
        stars = 4 - 2 * ("speed-" in labels) + ("price+" in labels) * chance.choice([0, 1])
        mention = make(
            number,
            ". ".join(SENTENCES[label] for label in labels),
            brand=brand,
            rating=max(1, min(5, stars + chance.choice([-1, 0, 0, 1]))),
            published_at=at(f"2026-0{1 + number % 4}-10"),
        )
        bad = sum(label.endswith("-") for label in labels)
        mentions.append(mention)
        sentiment = "negative" if 2 * bad >= len(labels) else "positive"
        taggings.append(labelled(mention, labels, sentiment))
    with open_store(path) as store:
        store.upsert(mentions)
        store.add_taggings(taggings)
    return path


@pytest.fixture
def planted(planted_store: Path, monkeypatch: pytest.MonkeyPatch, molva: Molva) -> Iterator[Path]:
    monkeypatch.setenv("MOLVA_STORE", str(planted_store))
    return planted_store


def rows_of(molva: Molva, *arguments: str) -> list[dict[str, Any]]:
    return json.loads(molva(*arguments, "--format", "json").stdout)


# --- compare ---------------------------------------------------------------
def test_groups_side_by_side(planted: Path, molva: Molva) -> None:
    large, small = rows_of(molva, "compare")
    assert (large["group"], small["group"]) == ("Парус", "Маяк")
    assert (large["mentions"], small["mentions"]) == (400, 200)
    assert large["share_of_voice"] == pytest.approx(2 / 3, abs=1e-4)
    assert large["share_of_voice_low"] < 2 / 3 < large["share_of_voice_high"]
    for name in ("share_negative", "net_sentiment", "average_stars"):
        apart = large[name] - small[name]
        assert large[f"{name}_difference"] == pytest.approx(apart, abs=2e-4)
        assert small[f"{name}_difference"] == pytest.approx(-apart, abs=2e-4)
        low, high = large[f"{name}_difference_low"], large[f"{name}_difference_high"]
        assert low < apart < high
    assert large["rated"] == 400


def test_topics_against_a_base(planted: Path, molva: Molva) -> None:
    rows = rows_of(molva, "compare", "--base", "маяк", "--show", "topics")
    of = {(row["topic"], row["group"]): row for row in rows}
    assert len(rows) == 6
    speed = of["speed", "Парус"]
    assert speed["against"] == "Маяк"
    assert speed["share_negative_difference_low"] > 0  # more queues, beyond chance
    assert of["delivery", "Парус"]["share_difference_high"] < 0
    assert of["speed", "Маяк"]["share_difference"] is None
    one = rows_of(molva, "compare", "--topic", "speed", "--show", "topics")
    assert {row["topic"] for row in one} == {"speed"}


def test_what_only_one_is_praised_and_blamed_for(planted: Path, molva: Molva) -> None:
    rows = rows_of(molva, "compare", "--show", "distinct")
    found = {(row["group"], row["tone"], row["kind"], row["term"]): row for row in rows}
    queue = found["Парус", "complaint", "topic", "speed"]
    assert queue["example"] == "Пришлось долго ждать в очереди"
    assert queue["z"] > 2
    assert queue["chance"] < 0.05
    assert found["Маяк", "complaint", "topic", "delivery"]["example"] == "Курьер опоздал на час"
    assert found["Парус", "complaint", "word", "очереди"]["example_id"].startswith("shop:")
    assert ("Маяк", "complaint", "word", "курьер") in found
    praised = {row["term"] for row in rows if row["group"] == "Парус" and row["tone"] == "praise"}
    assert {"price", "скидки"} <= praised
    assert not {("Маяк", "complaint", "topic", "speed"), ("Парус", "praise", "topic", "speed")} & {
        *found
    }


def test_the_whole_comparison_as_tables(planted: Path, molva: Molva) -> None:
    shown = molva("compare", "date:2026-01..2026-03").stdout
    for piece in ("share of voice", "− the rest", "Курьер опоздал на час", "log-odds"):
        assert piece in shown
    assert "of the 450 mentions of the groups shown" in shown
    assert "query: date:2026-01..2026-03" in shown
    few = molva("compare", "date:2026-01", "--minimum", "200").stdout
    assert "not enough data" in few


def test_other_groups_and_formats(planted: Path, molva: Molva) -> None:
    molva("compare", "--of", "Парус,Маяк", "--output", "groups.xlsx")
    assert Path("groups.xlsx").read_bytes()[:2] == b"PK"
    result = molva("compare", "--show", "distinct", "--texts", "0", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["kind"] for row in rows} == {"topic"}  # no text was read
    assert "query: everything" in result.stderr


def test_what_cannot_be_compared(planted: Path, molva: Molva) -> None:
    assert "there is Парус" in molva("compare", "--of", "Парусс,Маяк", code=1).stderr
    assert "not two to compare by location" in molva("compare", "--by", "location", code=1).stderr
    assert "not two" in molva("compare", "--of", "Парус", code=1).stderr
    assert "there is no field" in molva("compare", "brnd:x", code=2).stderr


# --- drivers ---------------------------------------------------------------
def test_the_opinion_that_costs_stars(planted: Path, molva: Molva) -> None:
    rows = rows_of(molva, "drivers")
    first = rows[0]
    assert (first["topic"], first["polarity"]) == ("speed", "negative")
    assert first["effect_low"] < -1.7 < first["effect_high"] or first["effect"] < -1.5
    assert first["chance"] < 0.001
    assert first["impact"] == pytest.approx(first["share"] * first["effect"], abs=1e-3)
    other = {(row["topic"], row["polarity"]): row for row in rows}
    late = other["delivery", "negative"]
    assert late["effect_low"] < 0 < late["effect_high"]  # it was planted to cost nothing
    assert other["price", "positive"]["effect_low"] > 0


def test_drivers_say_what_they_rest_on(planted: Path, molva: Molva) -> None:
    shown = molva("drivers").stdout
    for sentence in (
        "600 mentions are found, 600 have stars",
        "rating and text contradict each other in",
        "not effects of an experiment",
        "Topics occur together",
        "Only mentions with stars and a text",
        "beside month, brand",
    ):
        assert sentence in shown


def test_drivers_of_each_brand(planted: Path, molva: Molva) -> None:
    rows = rows_of(molva, "drivers", "--split", "brand", "--minimum", "40")
    assert {row["group"] for row in rows} == {"Парус", "Маяк"}
    rare = [row for row in rows if row["reason"]]
    assert rare
    assert all(row["effect"] is None for row in rare)
    assert all(row["mentions"] < 40 for row in rare)
    scarce = molva("drivers", "stars:1 date:2026-01")
    assert "not enough data" in scarce.stderr
    assert "not enough data" in scarce.stdout


# --- relabel ---------------------------------------------------------------
def test_a_retag_without_a_change_of_mentions(planted: Path, molva: Molva, tmp_path: Path) -> None:
    assert "every label is of tagger 1" in molva("relabel", code=1).stderr
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(planted.read_bytes())
    with open_store(copy) as store:
        for hit in store.scan("topic:price:positive"):
            assert hit.tagging is not None
            labels = [
                f"{one.topic}{'-' if one.polarity == 'negative' else '+'}"
                for sentence in hit.tagging.sentences
                for one in sentence.topics
            ]
            # The later tagger takes praise of prices for a complaint.
            worse = [label.replace("price+", "price-") for label in labels]
            store.add_taggings([labelled(hit.mention, worse, "negative", version="2")])
    rows = rows_of(molva, "relabel", "--topic", "price", "--store", str(copy))
    assert len(rows) == 4
    for row in rows:
        assert row["value_after"] == 1
        assert row["relabelled"] == row["count_before"] == row["count_after"]
        assert row["labels_alone"] == pytest.approx(1 - row["value_before"], abs=1e-4)
    for row in rows[1:]:
        parts = row["change_from_mentions"] + row["change_from_labels"]
        assert row["change"] == pytest.approx(parts, abs=2e-4)
        assert row["change_from_labels"] > 0.5
    shown = molva("relabel", "--overall", "--store", str(copy)).stdout
    assert "earlier is tagger 1 (taxonomy 1.0), later is tagger 2" in shown
    marked = molva("trends", "--store", str(copy)).stdout
    assert "from tagger 1 (taxonomy 1.0) to tagger 2 (taxonomy 1.0)" in marked
    assert "labels changed" not in molva("trends").stdout
    assert "by their labels" in molva("relabel", "topic:price", "--store", str(copy), code=2).stderr


def test_a_cluster_has_no_earlier_labels(planted: Path, molva: Molva) -> None:
    Path("molva.toml").write_text(
        '[elasticsearch]\nurl = "http://127.0.0.1:9200"\n', encoding="utf-8"
    )
    assert "only the current labels" in molva("relabel", "--cluster", code=1).stderr
