"""Topics of one's own: what is refused, what a head learns, and that nothing else changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from mention import Tagging
from nlp.own_heads import OwnHeads
from nlp.own_topics import (
    LEAST,
    MANIFEST,
    WEIGHTS,
    OwnTopic,
    OwnTopicError,
    background,
    check_code,
    in_use,
    listing,
    read_examples,
    version,
)
from nlp.own_training import Trained, train
from nlp.tagger import Tagger, TagItem, load_engine
from nlp.tagger_setup import TaggerSetup
from nlp.taxonomy import TopicError, codes

HERE = Path(__file__).parent / "own_topics"
PARKING = OwnTopic("parking", HERE / "parking.jsonl", {"ru": "Парковка", "en": "Parking"})
SIGNS = {"positive": "+", "negative": "-", "neutral": "0"}


def new_sentences() -> list[dict[str, str]]:
    text = (HERE / "parking_new.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the fixture `results` puts its heads."""
    return tmp_path_factory.mktemp("heads")


@pytest.fixture(scope="session")
def results(folder: Path) -> list[Trained]:
    return train([PARKING], folder)


@pytest.fixture(scope="session")
def own(results: list[Trained], folder: Path) -> Tagger:
    return TaggerSetup(topics=(PARKING,), folder=folder).load()


def labels(tagging: Tagging, topic: str) -> list[tuple[str, float]]:
    found = [one for sentence in tagging.sentences for one in sentence.topics]
    return [(SIGNS[one.polarity], one.confidence) for one in found if one.topic == topic]


class TestExamples:
    def lines(self, folder: Path, *lines: str) -> OwnTopic:
        good = [json.dumps({"text": f"Sentence {i}", "label": "+"}) for i in range(LEAST)]
        file = folder / "examples.jsonl"
        file.write_text("\n".join([*good, *lines]), encoding="utf-8")
        return OwnTopic("parking", file)

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("{", "not JSON"),
            ("[]", "not a JSON object"),
            ('{"label": "+"}', 'no "text"'),
            ('{"text": " \\u0007 ", "label": "+"}', 'no "text"'),
            ('{"text": "a", "label": "good"}', '"label" is none of'),
            ('{"text": "a"}', '"label" is none of'),
            ('{"text": "Sentence  1", "label": "-"}', "another label"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str, says: str) -> None:
        with pytest.raises(OwnTopicError) as caught:
            read_examples(self.lines(tmp_path, "", line, '{"text": "b", "label": "0"}', "}"))
        assert f"line {LEAST + 2} of " in str(caught.value)
        assert f"so are lines {LEAST + 4}" in str(caught.value)
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_the_same_line_twice_counts_once(self, tmp_path: Path) -> None:
        topic = self.lines(tmp_path, '{"text": "Sentence 1", "label": "+"}')
        assert len(read_examples(topic)) == LEAST

    def test_too_few_that_speak_of_the_topic(self, tmp_path: Path) -> None:
        file = tmp_path / "few.jsonl"
        rows = [{"text": f"a {i}", "label": "+" if i else "absent"} for i in range(LEAST)]
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        with pytest.raises(OwnTopicError, match=rf"9 examples .*at least {LEAST}"):
            read_examples(OwnTopic("parking", file))

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(OwnTopicError, match=r"absent\.jsonl .*No such file"):
            read_examples(OwnTopic("parking", tmp_path / "absent.jsonl"))


@pytest.mark.parametrize(
    "code", ["Parking", "парковка", "2nd", "staff-uniform", "a__b", "_a", "", "a" * 41, "speed"]
)
def test_a_code_that_queries_could_not_tell_apart_is_refused(code: str) -> None:
    with pytest.raises(OwnTopicError):
        check_code(code)


def test_the_background_is_varied_and_in_three_languages() -> None:
    texts = background()
    assert 200 <= len(texts) == len(set(texts)) <= 300
    for sample in ("Всё отлично, рекомендую!", "Not worth it.", "Labai ačiū už pagalbą."):
        assert sample in texts


def test_training_tells_how_sure_it_is(results: list[Trained]) -> None:
    (result,) = results
    assert result.examples == {"positive": 9, "negative": 14, "neutral": 4, "absent": 6}
    assert result.precision > 0.6
    assert result.recall > 0.6
    assert result.polarity > 0.5
    assert 0.3 <= result.threshold < 0.9
    assert set(result.suspects) <= set(background())


def test_new_sentences_are_recognised_in_the_middle_of_a_review(own: Tagger) -> None:
    rows = new_sentences()
    texts = [f"Были в субботу. {row['text']} Вернёмся ещё." for row in rows]
    found = [
        labels(tagging, "parking")
        for tagging in own.tag(TagItem(str(i), text, None, "ru") for i, text in enumerate(texts))
    ]
    assert sum(bool(one) for one in found) >= 0.6 * len(rows)
    assert all(0 < sure <= 1 for one in found for _, sure in one)
    clear = [
        (one[0][0], row["label"])
        for one, row in zip(found, rows, strict=True)
        if one and row["label"] != "0"
    ]
    assert sum(said == meant for said, meant in clear) >= 0.6 * len(clear)


def test_other_sentences_are_left_alone_and_keep_their_labels(own: Tagger, tagger: Tagger) -> None:
    texts = [
        "Ждали в очереди больше двух часов, ужас. Персонал грубый.",
        "Пицца пришла холодная. Оператор извинился и вернул деньги.",
        "The room was dirty and smelled awful.",
        "They refused to refund my money, and the app crashes.",
        "Personalas labai malonus ir paslaugus. Kainos geros.",
        "Всё отлично, рекомендую!",
        "",
        "Sehr gutes Essen, aber der Kellner war leider unfreundlich.",
    ]
    items = [
        TagItem(str(i), text, title="Отзыв" if i % 2 else None) for i, text in enumerate(texts)
    ]
    for mine, usual in zip(own.tag(items), tagger.tag(items), strict=True):
        assert not labels(mine, "parking")
        assert mine.sentences == usual.sentences
        assert mine.sentiment == usual.sentiment
        # The order of additions may differ from run to run.
        assert mine.score == pytest.approx(usual.score)


def test_the_version_names_the_heads_in_use(own: Tagger, tagger: Tagger, folder: Path) -> None:
    name = version([PARKING], folder)
    assert name is not None
    assert own.model_version == f"{tagger.model_version}+{name}"
    setup = TaggerSetup(topics=(PARKING,), folder=folder)
    assert setup.verify() == (own.model, own.model_version)
    assert version([], folder) is None
    assert version([OwnTopic("noise", HERE / "noise.jsonl")], folder) is None


def test_the_version_changes_with_a_head(
    results: list[Trained], folder: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "heads"))
    manifest = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
    manifest["topics"]["parking"]["digest"] = "0" * 16
    (copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert version([PARKING], copy) != version([PARKING], folder)


def test_the_same_examples_give_the_same_heads(
    results: list[Trained], folder: Path, tmp_path: Path
) -> None:
    again = train([PARKING], tmp_path)
    assert again == results
    assert version([PARKING], tmp_path) == version([PARKING], folder)


def test_what_is_not_trained_is_known_but_not_reported(
    results: list[Trained], folder: Path
) -> None:
    noise = OwnTopic("noise", HERE / "noise.jsonl")
    setup = TaggerSetup(topics=(noise, PARKING), folder=folder)
    assert in_use(setup.topics, folder) == ("parking",)
    assert setup.topic_codes() == (*codes(), "noise", "parking")
    assert setup.untrained() == [
        "noise: not trained yet, so not reported; 'molva topics train' trains anew"
    ]
    states = {row["topic"]: row["state"] for row in listing(setup.topics, folder)}
    assert (states["speed"], states["noise"], states["parking"]) == (
        "built in",
        "not trained",
        "trained",
    )
    with pytest.raises(TopicError, match="did you mean 'parking'"):
        setup.check_topics(["speed", "parkin"])


def test_a_name_that_is_missing_is_taken_from_another_language() -> None:
    assert PARKING.name("lt") == "Парковка"
    assert OwnTopic("noise", HERE / "noise.jsonl").name("en") == "noise"


class TestDamage:
    @pytest.fixture
    def copy(self, results: list[Trained], folder: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(folder, tmp_path / "heads"))

    def test_heads_of_another_model_are_not_used(self, copy: Path) -> None:
        with pytest.raises(OwnTopicError, match="another model; run 'molva topics train'"):
            OwnHeads.load([PARKING], copy, "0" * 64)

    @pytest.mark.parametrize("name", [WEIGHTS, MANIFEST])
    def test_a_changed_file_is_noticed(self, copy: Path, name: str) -> None:
        path = copy / name
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(OwnTopicError, match=r"damaged; run 'molva topics train'"):
            TaggerSetup(topics=(PARKING,), folder=copy).verify()
        with pytest.raises(OwnTopicError, match=r"damaged; run 'molva topics train'"):
            TaggerSetup(topics=(PARKING,), folder=copy).load()

    def test_lost_weights_are_noticed(self, copy: Path) -> None:
        (copy / WEIGHTS).unlink()
        with pytest.raises(OwnTopicError, match="missing or damaged"):
            TaggerSetup(topics=(PARKING,), folder=copy).load()


def test_vectors_are_given_when_asked_for_and_change_nothing() -> None:
    engine = load_engine()
    long = "Мы пришли в понедельник. " * 100 + "Парковка забита."
    spans = [(i * 25, i * 25 + 24) for i in range(100)] + [(2500, len(long))]
    documents = [("Всё хорошо. Спасибо!", [(0, 11), (12, 20)]), (long, spans), ("", [])]
    usual, asked = engine.run(documents), engine.run(documents, vectors=True)
    for one, other in zip(usual, asked, strict=True):
        assert one.vectors is None
        assert torch.equal(one.topics, other.topics)
        assert torch.equal(one.overall, other.overall)
        assert other.vectors is not None
        assert other.vectors.shape[0] == len(other.topics)
        assert torch.isfinite(other.vectors).all()
    assert asked[1].vectors is not None
    assert asked[1].vectors[-1].abs().sum() > 0
