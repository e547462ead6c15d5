"""Topics of one's own and another sentiment model, as a user meets them at the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest

from cli import cli
from tests.command_line.conftest import Molva
from tests.command_line.test_answers import records
from tests.nlp.tiny_classifier import save

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "nlp" / "own_topics" / "parking.jsonl"
PROJECT = """
[topics.parking]
names = { ru = "Парковка", en = "Parking", lt = "Automobilių aikštelė" }
examples = "topics/parking.jsonl"
"""
PARKING_REVIEWS = """id;date;rating;text;brand
11;2026-05-10;2;Кухня хорошая. Парковка маленькая, места никогда нет.;Маяк
12;2026-05-11;5;Big free car park right by the entrance.;Парус
"""


@pytest.fixture
def project(tagged: Path, tmp_path: Path) -> Path:
    """A project with the tagged store and a topic of its own that is not trained."""
    (tmp_path / "molva.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "topics").mkdir()
    shutil.copy(EXAMPLES, tmp_path / "topics" / "parking.jsonl")
    return tmp_path


def states(molva: Molva) -> dict[str, dict[str, str]]:
    rows = json.loads(molva("topics", "list", "--format", "json").stdout)
    return {row["topic"]: row for row in rows}


@pytest.mark.slow
def test_from_examples_to_answers(project: Path, molva: Molva) -> None:
    (project / "more.csv").write_text(PARKING_REVIEWS, encoding="utf-8")
    molva("import", "more.csv", "--source", "shop")
    assert states(molva)["parking"]["state"] == "not trained"
    assert states(molva)["parking"]["lt"] == "Automobilių aikštelė"
    assert "parking: not trained yet" in molva("doctor").stdout
    assert "nothing found" in molva("search", "topic:parking").stderr

    trained = molva("topics", "train")
    assert "parking" in trained.stdout
    assert "precision" in trained.stdout
    assert states(molva)["parking"]["state"] == "trained"
    assert states(molva)["speed"]["state"] == "built in"
    assert (project / ".molva" / "topics" / "heads.safetensors").is_file()

    assert "7 tagged" in molva("tag").stdout  # what was tagged before, too
    assert "0 tagged" in molva("tag").stdout
    found = records(molva("search", "topic:parking", "--format", "jsonl").stdout)
    assert {row["id"] for row in found} == {"shop:11", "shop:12"}
    bad = records(molva("search", "topic:parking:negative", "--format", "jsonl").stdout)
    assert [row["id"] for row in bad] == ["shop:11"]
    assert molva("search", "topic:parkin", code=2).stderr.count("parking") == 1
    points = json.loads(molva("trends", "--topic", "parking", "--format", "json").stdout)
    assert [(p["start"], p["count"]) for p in points if p["count"]] == [("2026-05-01", 2)]
    assert "parking" in molva("trends", "--topic", "parkin", code=2).stderr
    assert "parking:negative" in molva("export", "--format", "csv").stdout
    assert "− parking" in molva("explain", "shop:11").stdout
    assert "+own." in molva("explain", "shop:11").stdout
    diagnosis = molva("doctor").stdout
    assert "+own." in diagnosis
    assert "another tagger" not in diagnosis

    with (project / "topics" / "parking.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "Парк рядом красивый.", "label": "absent"}\n')
    assert states(molva)["parking"]["state"] == "examples changed"
    line = '{"id": "a", "text": "Всё отлично, рекомендую!"}\n'.encode()
    assert "parking: trained on other examples" in molva("tag", "-", stdin=line).stderr


def test_a_bad_line_of_the_examples_is_one_sentence(project: Path, molva: Molva) -> None:
    with (project / "topics" / "parking.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text": "Стоянка", "label": "?"}\n')
    error = molva("topics", "train", code=1).stderr
    assert error.startswith("Error: line 34 of ")
    assert error.count("\n") == 1
    assert not (project / ".molva").exists()


def test_training_without_topics_says_how_to_declare_one(molva: Molva) -> None:
    error = molva("topics", "train", code=1).stderr
    assert "[topics.its_code]" in error
    assert error.count("\n") == 1
    rows = json.loads(molva("topics", "list", "--format", "json").stdout)
    assert {row["state"] for row in rows} == {"built in"}


def test_another_model_gives_the_sentiment(tagged: Path, molva: Molva, tmp_path: Path) -> None:
    save(tmp_path / "glad", ["LABEL_0", "LABEL_1"], bias=[-20.0, 20.0])
    error = molva("tag", "--sentiment-model", "glad", code=2).stderr
    assert "LABEL_0, LABEL_1" in error
    assert "--sentiment-labels" in error
    labels = "LABEL_0=negative,LABEL_1=positive"
    line = '{"id": "a", "text": "Ждали два часа, ужас."}\n'.encode()
    options = ["--sentiment-model", "glad", "--sentiment-labels", labels]
    (row,) = records(molva("tag", "-", *options, stdin=line).stdout)
    assert row["sentiment"] == "positive"
    (tmp_path / "molva.toml").write_text(
        'sentiment_model = "glad"\n'
        'sentiment_labels = { LABEL_0 = "negative", LABEL_1 = "positive" }\n',
        encoding="utf-8",
    )
    assert "5 tagged" in molva("tag").stdout
    assert "+sentiment." in molva("explain", "shop:1").stdout
    assert "another tagger" not in molva("doctor").stdout
    labelled = tmp_path / "labels.jsonl"
    labelled.write_text(
        '{"id": "1", "lang": "en", "sentences": ["Terrible, never again."], '
        '"sentiment": "negative", "topics": []}\n',
        encoding="utf-8",
    )
    report = molva("evaluate", str(labelled), *options, "--format", "json").stdout
    assert "+sentiment." in json.loads(report)["model"]


def test_a_sentiment_model_that_is_not_there_is_one_sentence(reviews: Path, molva: Molva) -> None:
    error = molva("tag", "--sentiment-model", "./nowhere", code=1).stderr
    assert "there is no folder ./nowhere" in error
    assert error.count("\n") == 1
    assert "LABEL=SENTIMENT" in molva("tag", "--sentiment-labels", "x", code=2).stderr


@pytest.mark.parametrize("name", ["list", "train"])
def test_the_subcommands_are_documented_with_their_options(name: str) -> None:
    document = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    group = cli.commands["topics"]
    assert isinstance(group, click.Group)
    assert group.commands[name].help
    assert f"`molva topics {name}" in document
    for parameter in group.commands[name].params:
        if isinstance(parameter, click.Option):
            assert any(f"`{option}" in document for option in parameter.opts), parameter.opts
