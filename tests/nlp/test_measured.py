"""What the models' own metrics say of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nlp.measured import METRICS, Measured, measured
from nlp.taxonomy import LANGUAGES, codes
from nlp.weights import MODELS, read_config

NOTHING = Measured({}, {})


@pytest.mark.parametrize("folder", sorted(MODELS.glob("*/")), ids=lambda folder: folder.name)
def test_every_shipped_model_is_measured_in_every_language(folder: Path) -> None:
    config = read_config(folder)
    found = measured(config["model_name"], config["model_version"])
    assert set(found.accuracy) == set(LANGUAGES)
    assert {topic for _, topic in found.topics} == set(codes())
    for figure in (*found.accuracy.values(), *found.topics.values()):
        assert 0 <= figure.low <= figure.value <= figure.high <= 1
        assert figure.texts > 0


def test_the_card_and_the_metrics_are_of_one_measurement() -> None:
    config = read_config(MODELS / "default")
    found = measured(config["model_name"], config["model_version"])
    assert found.accuracy
    card = (MODELS / "default" / "README.md").read_text("utf-8")
    for lang, figure in found.accuracy.items():
        shown = re.search(
            rf"^\| {lang} \| {figure.texts} \| (.{{5}}) \((.{{5}})–(.{{5}})\)", card, re.MULTILINE
        )
        assert shown is not None
        # Both are rounded, the card to fewer places.
        told = (figure.value, figure.low, figure.high)
        assert [*map(float, shown.groups())] == pytest.approx(told, abs=0.0006)


def test_another_version_and_another_sentiment_model_are_not_measured() -> None:
    config = read_config(MODELS / "default")
    name, version = config["model_name"], config["model_version"]
    whole = measured(name, version)
    assert whole.accuracy
    assert measured(name, "0.0.1") == measured("other", version) == NOTHING
    assert measured(name, f"{version}+own.3f2a91c4") == whole
    other = measured(name, f"{version}+own.3f2a91c4.sentiment.12345678")
    assert (other.accuracy, other.topics) == ({}, whole.topics)


def test_a_model_of_one_s_own_may_bring_its_metrics(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"):
        (tmp_path / name).touch()
    assert measured("mine", "1", str(tmp_path)) == NOTHING
    figures = {"value": 0.9, "low": 0.8, "high": 0.95}
    languages = {"ru": {"texts": 40, "accuracy": figures, "topics": {}}}
    record = {"model": "mine", "model_version": "1", "languages": languages}
    (tmp_path / METRICS).write_text(json.dumps(record), encoding="utf-8")
    assert measured("mine", "1", str(tmp_path)).accuracy["ru"].value == 0.9
