import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModel, AutoTokenizer

import nlp.modeling  # noqa: F401  # registers the model with transformers
from nlp.encoder import fast_bfloat16
from nlp.encoding import WINDOW, batches, row_length, windows
from nlp.features import BUCKETS, hashed, ngrams
from nlp.inference import Engine
from nlp.network import ReviewNetwork, segment_attention
from nlp.sentences import split
from nlp.tagger import Tagger
from nlp.weights import (
    FILES,
    MODELS,
    WEIGHTS,
    ModelError,
    pack,
    pack4,
    pack8,
    read_config,
    unpack,
    unpack4,
    verify,
)

TEXTS = [
    "Очень долго ждали курьера. Еда остыла, но оператор извинился и вернул деньги.",
    "Врач внимательный, всё объяснил.",
    "Friendly staff, but the room was dirty and too expensive.",
    "Personalas malonus, tačiau eilė milžiniška.",
]


@pytest.fixture(params=["default", "fast"])
def shipped(request):
    """The folder of each shipped model."""
    return MODELS / request.param


def test_importing_the_room_loads_no_torch():
    code = (
        "import nlp, nlp.tagger, nlp.taxonomy, nlp.evaluation, sys;"
        "assert not {'torch', 'transformers', 'lingua'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_shipped_model_is_known():
    names = {path.name: verify(path)[0] for path in MODELS.iterdir()}
    assert names == {"default": "molva-multilingual", "fast": "molva-multilingual-fast"}


def test_the_shipped_folder_is_small_and_has_no_pickles(shipped):
    files = [path for path in shipped.iterdir() if path.is_file()]
    assert {path.name for path in files} == {*FILES, "README.md", "metrics.json"}
    assert sum(path.stat().st_size for path in files) < 64_000_000


def test_transformers_loads_the_folder(shipped):
    tokenizer = AutoTokenizer.from_pretrained(shipped)
    assert "[UNK]" not in tokenizer.tokenize("Ёлка, очередь! Great žąsis 5")
    config = AutoConfig.from_pretrained(shipped)
    model = AutoModel.from_pretrained(shipped)
    assert type(model).__name__ == "ReviewModel"
    assert len(config.topics) == len(config.thresholds) == 15


def test_storing_what_was_loaded_changes_nothing(shipped):
    stored = safetensors.torch.load_file(shipped / WEIGHTS)
    state = unpack(stored)
    again = unpack(pack(state))
    assert state.keys() == again.keys()
    for name, tensor in state.items():
        torch.testing.assert_close(again[name], tensor, rtol=1e-2, atol=2e-2 * tensor.abs().max())


def test_packing_keeps_numbers_within_half_a_step():
    matrix = torch.randn(50, 64, generator=torch.Generator().manual_seed(1))
    numbers, scale = pack8(matrix)
    assert ((numbers * scale[:, None] - matrix).abs() <= scale[:, None] * 0.501).all()
    restored = unpack4(*pack4(matrix))
    assert (restored - matrix).square().mean() < 0.02 * matrix.square().mean()


@pytest.mark.skipif(not fast_bfloat16(), reason="this processor does not multiply bfloat16")
def test_bfloat16_says_what_float32_says(shipped):
    documents = [(text, split(text)) for text in TEXTS]
    exact = Engine(shipped, bfloat16=False).run(documents)
    fast = Engine(shipped, bfloat16=True).run(documents)
    for one, other in zip(exact, fast, strict=True):
        assert one.overall.argmax() == other.overall.argmax()
        torch.testing.assert_close(other.topics, one.topics, rtol=0, atol=0.05)


def test_company_in_a_batch_does_not_change_an_answer(shipped):
    engine = Engine(shipped, bfloat16=False)
    documents = [(text, split(text)) for text in TEXTS]
    together = engine.run(documents)
    for document, found in zip(documents, together, strict=True):
        for alone, same in zip(engine.run([document])[0], found, strict=True):
            torch.testing.assert_close(alone, same, rtol=0, atol=1e-4)


def test_many_texts_at_once_get_the_answers_of_each_alone():
    lines = Path(__file__).with_name("evaluation.jsonl").read_text("utf-8").splitlines()[::40]
    texts = [" ".join(json.loads(line)["sentences"]) for line in lines]
    # One longer than a window, one without a sentence.
    documents = [(text, split(text)) for text in [*texts, " ".join(texts * 3), ""]]
    engine = Engine(MODELS / "default", bfloat16=False)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        together = engine.run(documents, vectors=True)
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        alone = [engine.run([document], vectors=True)[0] for document in documents]
    finally:
        torch.set_num_threads(before)
    for one, other in zip(alone, together, strict=True):
        for mine, same in zip(one, other, strict=True):
            torch.testing.assert_close(mine, same, rtol=0, atol=1e-3)


@pytest.fixture
def pair(tmp_path):
    """Copies of both shipped models, as a program that brings them along would lay them."""
    for name in ("default", "fast"):
        shutil.copytree(MODELS / name, tmp_path / name)
    return tmp_path


def test_two_models_judge_together(pair):
    ensemble = read_config(pair / "default")["ensemble"]
    assert ensemble["model"] == "fast"
    documents = [(text, split(text)) for text in TEXTS]
    engine = Engine(pair / "default", bfloat16=False)
    whole = engine.deep(documents, vectors=True)
    own = engine.deep_alone(documents, vectors=True)
    other = Engine(pair / "fast", bfloat16=False).deep(documents)
    for both, mine, theirs in zip(whole, own, other, strict=True):
        for one, two, three in zip(both[:3], mine[:3], theirs[:3], strict=True):
            torch.testing.assert_close(one, two + ensemble["share"] * three)
        assert both.vectors.equal(mine.vectors)
    # The smaller one judges alone.
    assert Engine(pair / "fast").member is None


def test_a_missing_or_damaged_member_is_named(pair, monkeypatch):
    weights = pair / "fast" / WEIGHTS
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    with pytest.raises(ModelError, match="fast are damaged"):
        Tagger.load(pair / "default")
    with pytest.raises(ModelError, match="fast are damaged"):
        verify(pair / "default")
    # Where the folder is used alone, the member is the shipped one.
    shutil.rmtree(pair / "fast")
    verify(pair / "default")
    monkeypatch.setattr("nlp.weights.MODELS", pair / "none")
    with pytest.raises(ModelError, match="no model 'fast'"):
        verify(pair / "default")


@given(st.integers(0, 5000))
def test_windows_keep_every_token_once(length):
    place = 0
    for window in windows(0, length):
        assert window.start <= window.keep_start == place <= window.keep_end <= window.end
        assert window.end - window.start <= WINDOW
        place = window.keep_end
    assert place == length


@given(st.lists(st.integers(0, WINDOW), max_size=200))
def test_batches_hold_every_part_once(lengths):
    found = batches(lengths)
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    for batch in found:
        assert len({row_length(lengths[i]) for i in batch}) == 1


def test_attention_of_equal_weights_is_the_mean():
    scores = torch.arange(12.0).reshape(4, 1, 3)
    pooled = segment_attention(scores, torch.zeros(4, 1), torch.tensor([0, 0, 2, 2]), 3)
    assert pooled[0, 0].tolist() == [1.5, 2.5, 3.5]
    assert pooled[1, 0].tolist() == [0, 0, 0]


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_ngrams_are_buckets_and_ignore_case(text):
    assert all(0 <= bucket < BUCKETS for bucket in ngrams(text))
    assert ngrams("ЁЖ И ТУМАН") == ngrams("еж и туман")


@given(st.lists(st.text(max_size=60), max_size=5))
@example(["Ёж, ёж — и туман! ﷺ 👍👍 a𝐀b", "", "\ud800 x", "ш" * 50])
@settings(max_examples=50)
def test_hashing_texts_together_finds_the_ngrams_of_each(texts):
    found = hashed(texts)
    counts = [Counter() for _ in texts]
    for unit, bucket in zip(found.owner.tolist(), found.ids.tolist(), strict=True):
        counts[unit][bucket] += 1
    assert counts == [ngrams(text) for text in texts]
    whole = found.joined([len(texts)])
    assert Counter(whole.ids.tolist()) == sum(counts, Counter())


def test_the_encoder_says_what_that_of_transformers_says(shipped):
    config = read_config(shipped)
    ids = torch.randint(5, 9000, (3, 40), generator=torch.Generator().manual_seed(3))
    mask = torch.ones_like(ids)
    mask[1, 25:] = 0
    with torch.inference_mode():
        mine = ReviewNetwork.load(shipped, config).encode(ids, mask)
        theirs = AutoModel.from_pretrained(shipped).encode(ids, mask)
    seen = mask.bool()
    torch.testing.assert_close(mine[seen], theirs[seen], rtol=1e-3, atol=1e-3)


def test_tagging_starts_without_transformers():
    code = (
        "import sys; from nlp.tagger import Tagger, TagItem;"
        "text = 'Очень долго ждали курьера, еда остыла, а деньги так и не вернули';"
        "next(Tagger.load().tag([TagItem('1', text)]));"
        "assert not {'transformers', 'lingua'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
