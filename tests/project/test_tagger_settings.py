"""What the project file says of the tagger: topics of its own, another sentiment model."""

from __future__ import annotations

from pathlib import Path

import pytest

import project


def write(folder: Path, text: str) -> Path:
    file = folder / "molva.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_topics_are_known_after_the_built_in_ones(tmp_path: Path) -> None:
    text = '[topics.staff_uniform]\nexamples = "a/b.jsonl"\nnames = { en = "Uniform" }\n'
    loaded = project.load(write(tmp_path, text))
    (topic,) = loaded.topics
    assert topic.code == "staff_uniform"
    assert topic.examples == tmp_path / "a" / "b.jsonl"
    assert topic.name("ru") == "Uniform"
    assert loaded.tagger.folder == tmp_path / ".molva" / "topics"
    assert loaded.tagger.topic_codes()[0] == "speed"
    assert loaded.tagger.topic_codes()[-1] == "staff_uniform"


def test_the_sentiment_model_of_a_relative_path_counts_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    file = write(tmp_path, 'sentiment_model = "mine"\nsentiment_labels = { a = "negative" }')
    setup = project.load(file).tagger
    assert setup.sentiment_model == str(tmp_path / "mine")
    assert setup.sentiment_labels == {"a": "negative"}
    assert setup.with_options(sentiment_model="someone/other").sentiment_labels == {}
    assert setup.with_options(sentiment_labels="a=mixed").sentiment_labels == {"a": "mixed"}
    hub = project.load(write(tmp_path, 'sentiment_model = "someone/other"')).tagger
    assert hub.sentiment_model == "someone/other"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[topics.Parking]\nexamples = "a"', "lower-case ASCII words"),
        ('[topics.speed]\nexamples = "a"', "is built in"),
        ("[topics.parking]", "needs examples"),
        ('topics = "parking"', "[topics.its_code]"),
        ('[topics]\nparking = "a"', "[topics.parking]"),
        ('[topics.parking]\nexample = "a"', "did you mean 'examples'"),
        ('[topics.parking]\nexamples = "a"\nnames = "b"', "write names"),
        ('[topics.parking]\nexamples = "a"\nnames = { de = "b" }', "ru, en, lt"),
        ("sentiment_model = 5", "sentiment_model is a text in quotes"),
        ('sentiment_labels = "a=b"', "write sentiment_labels as {"),
        ('sentiment_labels = { a = "sad" }', "write one of positive"),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(project.ProjectError) as caught:
        project.load(write(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
