"""Overall sentiment by another classifier: which are taken, what their labels mean, long texts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, BertConfig, BertModel

from mention import SENTIMENTS
from nlp.sentiment_labels import SentimentLabelError, check_labels, parse_labels, sentiments
from nlp.sentiment_model import SentimentModel, resolve, version
from nlp.tagger import ModelError, Tagger, TagItem
from nlp.tagger_setup import TaggerSetup
from tests.nlp.tiny_classifier import POSITIONS, save, save_roberta, tokenizer

ROOT = Path(__file__).parents[2]
THREE = ("negative", "neutral", "positive")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("three"), THREE)


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["POSITIVE", "Negative", "neutral"], ["positive", "negative", "neutral"]),
        (["NEG", "NEU", "POS", "MIXED"], ["negative", "neutral", "positive", "mixed"]),
        (
            ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
            ["negative", "negative", "neutral", "positive", "positive"],
        ),
        (["Very Negative", "very_positive"], ["negative", "positive"]),
    ],
)
def test_common_label_names_are_understood(names: list[str], meaning: list[str]) -> None:
    assert sentiments(names, {}) == meaning


def test_unknown_labels_are_listed_with_the_way_to_map_them() -> None:
    with pytest.raises(SentimentLabelError) as caught:
        sentiments(["LABEL_0", "LABEL_1", "neutral"], {})
    assert "LABEL_0, LABEL_1" in str(caught.value)
    assert '--sentiment-labels "LABEL_0=negative,LABEL_1=negative"' in str(caught.value)
    mapping = parse_labels("LABEL_0=negative, LABEL_1=POSITIVE")
    assert sentiments(["LABEL_0", "LABEL_1", "neutral"], mapping) == [
        "negative",
        "positive",
        "neutral",
    ]


@pytest.mark.parametrize("text", ["", "LABEL_0", "=negative", "LABEL_0=good", "a=negative,,"])
def test_a_wrong_mapping_is_refused(text: str) -> None:
    with pytest.raises(SentimentLabelError):
        parse_labels(text)


def test_a_mapping_of_a_label_that_is_not_there_is_refused() -> None:
    with pytest.raises(SentimentLabelError, match="no label LABEL_7; its labels are LABEL_0"):
        sentiments(["LABEL_0"], {"LABEL_7": "negative", "LABEL_0": "positive"})
    with pytest.raises(SentimentLabelError, match="write one of positive"):
        check_labels({"LABEL_0": "sad"})


def test_shares_are_those_of_the_model_whatever_the_batch(three: Path) -> None:
    model = SentimentModel.load(three)
    texts = ["good food", "bad , bad , bad wait .", "хорошо", "labai blogai .", "good food"]
    together = torch.stack(model.shares(texts))
    alone = torch.cat([torch.stack(model.shares([text])) for text in texts])
    assert torch.allclose(together, alone, atol=1e-5)
    assert torch.allclose(together.sum(1), torch.ones(len(texts)), atol=1e-5)
    plain = AutoModelForSequenceClassification.from_pretrained(three)
    with torch.inference_mode():
        wanted = plain(**tokenizer()(texts[1], return_tensors="pt")).logits.softmax(-1)[0]
    order = [SENTIMENTS.index(name) for name in THREE]
    assert torch.allclose(together[1][order], wanted, atol=1e-5)
    assert model.shares([]) == []


def test_stars_of_one_sentiment_are_added(tmp_path: Path) -> None:
    names = ["1 star", *(f"{n} stars" for n in range(2, 6))]
    model = SentimentModel.load(save(tmp_path, names, bias=[9.0, 9.0, -9.0, 0.0, 0.0]))
    shares = dict(zip(SENTIMENTS, model.shares(["good"])[0].tolist(), strict=True))
    assert shares["negative"] > 0.95


def test_nothing_of_a_long_text_is_cut(three: Path) -> None:
    model = SentimentModel.load(three)
    words = "good food . bad wait , долго врач хорошо плохо".split() * 7
    plain = AutoModelForSequenceClassification.from_pretrained(three)
    size = POSITIONS - 2
    sums = torch.zeros(3)
    for start in range(0, len(words), size):
        part = words[start : start + size]
        with torch.inference_mode():
            logits = plain(**tokenizer()(" ".join(part), return_tensors="pt")).logits[0]
        sums += len(part) * logits.log_softmax(-1)
    wanted = (sums / len(words)).softmax(-1)
    order = [SENTIMENTS.index(name) for name in THREE]
    assert torch.allclose(model.shares([" ".join(words)])[0][order], wanted, atol=1e-5)
    ends = model.shares([" ".join([*words, end]) for end in ("good", "плохо")])
    assert not torch.allclose(ends[0], ends[1], atol=1e-6)


def test_positions_that_begin_after_the_padding_are_not_overrun(tmp_path: Path) -> None:
    model = SentimentModel.load(save_roberta(tmp_path, THREE))
    shares = model.shares(["good food bad wait " * 20, "good"])
    assert all(float(one.sum()) == pytest.approx(1, abs=1e-5) for one in shares)


def test_the_version_names_weights_and_mapping(three: Path, tmp_path: Path) -> None:
    name = version(three, {})
    assert name == SentimentModel.load(three).version
    assert name.startswith("sentiment.")
    assert name != version(three, {"neutral": "mixed"})
    assert name != version(save(tmp_path / "other", THREE, seed=1), {})


class TestRefused:
    def test_pickled_weights(self, three: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(three, tmp_path / "pickled"))
        (folder / "model.safetensors").unlink()
        torch.save({}, folder / "pytorch_model.bin")
        with pytest.raises(ModelError, match="pickled"):
            SentimentModel.load(folder)

    def test_weights_of_no_classifier(self, tmp_path: Path) -> None:
        config = BertConfig(
            vocab_size=18,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            id2label=dict(enumerate(THREE)),
        )
        BertModel(config).save_pretrained(tmp_path)
        tokenizer().save_pretrained(tmp_path)
        with pytest.raises(ModelError, match=r"no trained classifier.*classifier\.weight"):
            SentimentModel.load(tmp_path)

    def test_code_that_comes_with_a_model_is_not_run(self, three: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(three, tmp_path / "coded"))
        marker = tmp_path / "was_run"
        (folder / "code.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config["model_type"] = "of_my_own"
        config["auto_map"] = {
            "AutoConfig": "code.Config",
            "AutoModelForSequenceClassification": "code.Model",
        }
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        with pytest.raises(ModelError, match="never run"):
            SentimentModel.load(folder)
        assert not marker.exists()

    def test_one_output(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="two or more"):
            SentimentModel.load(save(tmp_path, ["positive"]))

    @pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "a b"])
    def test_no_such_folder(self, name: str) -> None:
        with pytest.raises(ModelError, match="there is no folder"):
            resolve(name)

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
    def test_a_missing_file_is_named(self, three: Path, tmp_path: Path, name: str) -> None:
        folder = Path(shutil.copytree(three, tmp_path / "model"))
        (folder / name).unlink()
        with pytest.raises(ModelError, match=name):
            SentimentModel.load(folder)

    def test_a_shard_outside_the_folder(self, three: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(three, tmp_path / "model"))
        (folder / "model.safetensors").rename(tmp_path / "outside.safetensors")
        index = {"weight_map": {"classifier.bias": "../outside.safetensors"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
        with pytest.raises(ModelError, match="whole sentiment model"):
            SentimentModel.load(folder)


def test_a_hub_id_is_found_in_the_cache_or_told_in_one_sentence(
    three: Path, tmp_path: Path
) -> None:
    """In a process of its own: the hub's client reads its settings when it is imported."""
    cache = tmp_path / "hub" / "models--someone--tiny"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    shutil.copytree(three, cache / "snapshots" / ("a" * 40))
    code = (
        "from nlp.sentiment_model import resolve\n"
        "from nlp.tagger import ModelError\n"
        "print(resolve('someone/tiny'))\n"
        "try:\n    resolve('someone/absent')\n"
        "except ModelError as error:\n    print(error)\n"
    )
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("HF_HUB_CACHE", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=False, text=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    assert Path(lines[0]) == cache / "snapshots" / ("a" * 40)
    assert "someone/absent" in lines[1]
    assert "give its folder" in lines[1]


def test_the_tagger_takes_its_sentiment_from_there(
    three: Path, tmp_path: Path, tagger: Tagger
) -> None:
    folder = save(tmp_path / "glad", THREE, bias=[-20.0, -20.0, 20.0])
    glad = TaggerSetup(sentiment_model=str(folder)).load()
    items = [
        TagItem("a", "Ждали в очереди больше двух часов, ужас.", title="Плохо"),
        TagItem("b", "Sehr gutes Essen, aber der Kellner war leider unfreundlich."),
        TagItem("c", "The food was cold and tasteless."),
    ]
    for other, usual in zip(glad.tag(items), tagger.tag(items), strict=True):
        assert other.sentences == usual.sentences
        assert (other.sentiment is None) == (usual.sentiment is None)
        if usual.sentiment is not None:
            assert other.sentiment == "positive"
            assert other.score == pytest.approx(1, abs=0.01)
            assert usual.sentiment == "negative"
        assert other.model == usual.model
        assert other.model_version == f"{usual.model_version}+{version(folder, {})}"
    assert TaggerSetup(sentiment_model=str(folder)).verify() == (glad.model, glad.model_version)
