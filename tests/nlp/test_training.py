"""The training pipeline on a toy: every stage by its command, from a random BERT to a tagger."""

import json
import logging
import lzma
import re

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForMaskedLM, BertModel

from nlp.encoding import encode_sentences
from nlp.inference import Logits
from nlp.outputs import SENTIMENTS
from nlp.tagger import Tagger, TagItem
from nlp.training import adapt, base, loop, prune, pseudo, split, student, texts
from nlp.training.__main__ import main
from nlp.training.choosing import mix_and_temperature
from nlp.training.corpus import Corpus, Special
from nlp.training.examples import UNKNOWN, Example, examples
from nlp.training.loop import Settings

# Sentence, topic, sign.
PHRASES = {
    "ru": (
        ("Курьер привёз заказ на день позже.", "delivery", "-"),
        ("Ждали у кассы сорок минут.", "speed", "-"),
        ("Девушка на стойке улыбалась и шутила.", "politeness", "+"),
        ("Цены тут выше, чем у соседей.", "price", "-"),
        ("Хлеб тёплый и хрустит.", "quality", "+"),
        ("Живу в соседнем доме.", None, "0"),
    ),
    "en": (
        ("The parcel came two days early.", "delivery", "+"),
        ("We queued for half an hour.", "speed", "-"),
        ("The clerk snapped at my mother.", "politeness", "-"),
        ("Lunch costs less than a coffee elsewhere.", "price", "+"),
        ("My shoes fell apart in May.", "quality", "-"),
        ("I was there on Sunday.", None, "0"),
    ),
    "lt": (
        ("Siunta atkeliavo sudaužyta.", "delivery", "-"),
        ("Atsakė per penkias minutes.", "speed", "+"),
        ("Pardavėja maloniai nusišypsojo.", "politeness", "+"),
        ("Už kavą paėmė šešis eurus.", "price", "-"),
        ("Žuvis buvo šviežia ir skani.", "quality", "+"),
        ("Buvome čia su šunimi.", None, "0"),
    ),
}
POSTS = {
    "rusentiment_vk": ("ru", "Утро доброе;Снова понедельник;Дома тихо;Кот спит;Пишу диплом;Снег"),
    "us_airline_tweets": (
        "en",
        "Good morning;Monday again;Home at last;My cat sleeps;It snows;Tea",
    ),
    "lt_childcare_synth": (
        "lt",
        "Labas rytas;Vėl pirmadienis;Namuose tylu;Katė miega;Sninga;Pietūs",
    ),
}
ENDINGS = ("!", " :)", "...", " 😊", ", ura", " 2", " ir 3", ", ok", " да", " no")


def units():
    """Two sentences each, of one language; every pair of phrases once."""
    for lang, phrases in PHRASES.items():
        for i, first in enumerate(phrases):
            for j, second in enumerate(phrases):
                if i != j:
                    found = [(k, t, s) for k, (_, t, s) in enumerate((first, second)) if t]
                    signs = {sign for _, _, sign in found}
                    name = {"+": "positive", "-": "negative"}.get("".join(signs), "mixed")
                    yield {
                        "id": f"toy-{lang}-{i}{j}",
                        "dataset": "written",
                        "lang": lang,
                        "domain": "shop",
                        "sentences": [first[0], second[0]],
                        "sentiment": name,
                        "topics": found,
                    }


def write_set(data, name, records):
    with lzma.open(data / "train" / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_base(folder, *, head=True):
    """A random BERT: single letters and the words of the toy, as a Hugging Face directory."""
    torch.manual_seed(1)
    words = re.findall(r"\w+", " ".join(s for p in PHRASES.values() for s, _, _ in p).lower())
    letters = prune.ALPHABETS
    pieces = [*prune.SPECIAL, *letters, *(f"##{c}" for c in letters)]
    pieces += [word for word in dict.fromkeys(words) if len(word) > 1]
    shape = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(pieces), num_hidden_layers=2, **shape)
    model = BertForMaskedLM(config) if head else BertModel(config)
    model.save_pretrained(folder)
    prune.tokenizer_of(pieces).save_pretrained(folder)
    return model


class Interrupt(logging.Handler):
    """Stops a stage as Ctrl+C would, when the log first says `words`."""

    def __init__(self, words):
        super().__init__()
        self.words, self.lines = words, []

    def emit(self, record):
        self.lines.append(record.getMessage())
        if self.words and self.words in self.lines[-1]:
            self.words = None
            raise KeyboardInterrupt


class Toy:
    """A folder with labels, collected texts and a base, and the command line over it."""

    def __init__(self, folder):
        self.folder, self.work = folder, folder / "work"
        self.labels, self.data = folder / "labels", folder / "data"
        self.labels.mkdir()
        (self.data / "train").mkdir(parents=True)
        labelled = list(units())
        for name, part in (("train", labelled[::2]), ("written", labelled[1::2])):
            lines = [json.dumps(unit, ensure_ascii=False) + "\n" for unit in part]
            (self.labels / f"{name}.jsonl").write_text("".join(lines), "utf-8")
        for name, (lang, words) in POSTS.items():
            signs = ("pos", "neg", "neu")
            posts = [
                {
                    "id": f"{name}:{i}",
                    "lang": lang,
                    "text": text,
                    "sentiment": signs[i % 3],
                    "rating": 1 + 4 * (i % 3 == 0),
                }
                for i, text in enumerate(w + end for w in words.split(";") for end in ENDINGS)
            ]
            # The labelled texts are among the collected ones, under other ids.
            posts += [
                {"id": f"{name}:{unit['id']}", "lang": lang, "text": " ".join(unit["sentences"])}
                for unit in labelled
                if unit["lang"] == lang
            ]
            write_set(self.data, name, posts)

    def run(self, *words, interrupt=None, checkpoint="240", code=0):
        """Run a stage; return its log and what it printed. `interrupt`: where it is broken off."""
        handler = Interrupt(interrupt)
        logger = logging.getLogger("nlp.training")
        logger.addHandler(handler)
        options = ["--labels", self.labels, "--data", self.data, "--work", self.work]
        options += ["--no-more", "--checkpoint", checkpoint]
        try:
            result = CliRunner().invoke(main, [str(word) for word in (*options, *words)])
        finally:
            logger.removeHandler(handler)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == (1 if interrupt else code), result.output
        assert handler.words is None, f"the stage never said {interrupt}: {handler.lines}"
        return "\n".join([*handler.lines, result.output])

    def twice(self, *words, interrupt, checkpoint="240"):
        """Run a stage that is broken off, then again; return the second log."""
        self.run(*words, interrupt=interrupt, checkpoint=checkpoint)
        return self.run(*words, checkpoint=checkpoint)

    def sides(self):
        return split.divide(split.read(self.labels, self.data, more=False), self.data)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The toy with the first stages done: base and prune."""
    logger = logging.getLogger("nlp.training")
    level = logger.level
    logger.setLevel(logging.INFO)
    found = Toy(tmp_path_factory.mktemp("toy"))
    write_base(found.folder / "bert")
    found.run("base", "--source", found.folder / "bert")
    found.run("prune", "--layers", 2, "--pieces", 350, "--neurons", 48)
    yield found
    logger.setLevel(level)


@pytest.mark.slow
def test_every_stage_by_its_command_from_a_base_to_two_taggers(toy, tmp_path):
    assert "from step 1" in toy.twice("adapt", "--steps", 30, interrupt="step 20", checkpoint="0")
    encoder = ("--encoder", toy.work / "adapted")
    # Most public sets are not there.
    assert "there is no banks_ru_reviews" in toy.run("intermediate", *encoder)
    learned = ("--start", toy.work / "intermediate" / "deep.pt")
    log = toy.twice("finetune", *encoder, *learned, "--epochs", 2, interrupt=" dev ")
    assert "from step 0" not in log
    toy.run("wide", "--iterations", 2)
    toy.run("export", *encoder, "--target", tmp_path / "teacher", "--name", "teacher")

    teacher = ("pseudo", "--teacher", tmp_path / "teacher", "--size", 100)
    log = toy.twice(*teacher, interrupt="shard 0000")
    assert "100 texts labelled" in log
    assert "0 to go" in toy.run(*teacher)
    shards = pseudo.shards(toy.work / "pseudo")
    read = [document for shard in shards for document in pseudo.documents(shard)]
    assert len({document.id for document in read}) == len(read) > 200
    for name, rows in (("topics", sum(len(d.spans) for d in read)), ("tone", len(read))):
        stored = [load_file(shard)[name] for shard in shards]
        assert sum(len(tensor) for tensor in stored) == rows
        assert {tensor.dtype for tensor in stored} == {torch.float16}

    toy.run("student", "--pieces", 600, "--layers", 1, "--width", 24, "--heads", 2, "--neurons", 32)
    assert "from step 0" not in toy.twice("distil", "--epochs", 2, interrupt=" dev ")
    made = ("--encoder", toy.work / "student", "--deep", toy.work / "distil" / "deep.pt")
    toy.run("export", *made, "--target", tmp_path / "small", "--name", "small", "--version", "0.1")

    for name in ("teacher", "small"):
        tagger = Tagger.load(tmp_path / name)
        (tagging,) = tagger.tag([TagItem("1", "Ждали у кассы сорок минут. Хлеб тёплый и хрустит.")])
        assert tagging.model == name
        assert tagging.sentiment in SENTIMENTS
        assert len(tagging.sentences) == 2


@pytest.mark.slow
def test_a_packed_folder_is_enough_for_a_teacher_and_two_students(toy, tmp_path):
    said = toy.run("pack", "--pieces", 600)
    assert re.search("[1-9][0-9]* plain texts", said)
    shape = ("--kept", 1, "--layers", 1, "--width", 24, "--heads", 2, "--neurons", 32)
    said = toy.run("together", "--times", 0.02, *shape)
    assert said.index("teacher 18 trained") < said.index("small distilled")
    toy.run("wide", "--iterations", 2)
    for name in ("accurate", "small"):
        folder = toy.work / "together" / name
        made = ("--encoder", folder, "--deep", folder / "deep.safetensors")
        toy.run("export", *made, "--target", tmp_path / name, "--name", name)
        (tagging,) = Tagger.load(tmp_path / name).tag([TagItem("1", "Ждали у кассы сорок минут.")])
        assert tagging.model == name


@pytest.mark.parametrize("head", [True, False])
def test_a_local_hugging_face_directory_is_a_base(tmp_path, head):
    model = write_base(tmp_path / "bert", head=head)
    base.fetch(str(tmp_path / "bert"), tmp_path / "base")
    loaded = AutoModel.from_pretrained(tmp_path / "base", add_pooling_layer=False)
    encoder = model.bert if head else model
    ids = torch.arange(20)[None]
    with torch.inference_mode():
        expected = encoder.eval()(input_ids=ids).last_hidden_state
        torch.testing.assert_close(loaded.eval()(input_ids=ids).last_hidden_state, expected)
    assert (tmp_path / "base" / "vocab.txt").read_text("utf-8").split("\n")[:2] == [
        "[PAD]",
        "[UNK]",
    ]
    assert (tmp_path / "base" / base.HEAD).exists() == head


def test_a_tensorflow_checkpoint_becomes_the_same_encoder_and_decoder(tmp_path):
    model = write_base(tmp_path / "bert").eval()
    theirs = {ours: name for name, ours in base.PARTS.items()}
    arrays = {}
    for name, tensor in model.state_dict().items():
        path, kind = name.rsplit(".", 1)
        value = tensor.numpy()
        layer = re.match(r"bert\.encoder\.layer\.(\d+)\.(.+)", path)
        if layer:
            path = f"bert/encoder/layer_{layer[1]}/{theirs[layer[2]]}"
        path = path.replace(".", "/")
        if path.endswith("LayerNorm"):
            arrays[f"module/{path}/{'gamma' if kind == 'weight' else 'beta'}"] = value
        elif path.endswith("_embeddings"):
            arrays[f"module/{path}"] = value
        elif name == "cls.predictions.bias":
            arrays["module/cls/predictions/output_bias"] = value
        elif "decoder" not in path:
            last = ("kernel", value.T) if kind == "weight" else ("bias", value)
            arrays[f"module/{path}/{last[0]}"] = last[1]
    target = tmp_path / "base"
    target.mkdir()
    np.savez(target / "arrays.npz", **arrays)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "bert")
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    (target / "vocab.txt").write_text("\n".join(pieces), "utf-8")

    base.fetch("maven", target)
    # The width says that a toy has one head of attention: all else is as it was.
    config = json.loads((target / "config.json").read_text("utf-8")) | {"num_attention_heads": 2}
    (target / "config.json").write_text(json.dumps(config), "utf-8")
    whole = adapt.masked_model(target, target, tokenizer).eval()
    ids = torch.arange(20)[None]
    with torch.inference_mode():
        torch.testing.assert_close(whole(input_ids=ids).logits, model(input_ids=ids).logits)


def test_a_base_that_is_no_bert_is_refused_in_one_sentence(toy, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}', "utf-8")
    said = toy.run("base", "--source", tmp_path, code=1)
    assert "not bert" in said


def test_a_resumed_stage_ends_where_an_uninterrupted_one_does(toy):
    toy.run("adapt", "--steps", 25, "--name", "whole")
    toy.twice("adapt", "--steps", 25, "--name", "resumed", interrupt="step 20", checkpoint="0")
    one, other = (load_file(toy.work / n / "model.safetensors") for n in ("whole", "resumed"))
    first = load_file(toy.work / "pruned" / "model.safetensors")
    torch.testing.assert_close(other, one)
    assert any(not torch.equal(first[name], tensor) for name, tensor in one.items())


def test_the_mean_of_the_weights_is_the_result_also_after_a_kill(toy):
    stage = ("finetune", "--epochs", 10, "--frozen", 1)
    toy.run(*stage, "--name", "last")
    toy.run(*stage, "--average", 0.9, "--name", "mean")
    toy.twice(*stage, "--average", 0.9, "--name", "killed", interrupt="step 20", checkpoint="0")
    last, mean, killed = (
        torch.load(toy.work / name / "deep.pt", weights_only=True)
        for name in ("last", "mean", "killed")
    )
    torch.testing.assert_close(killed, mean)
    assert not torch.equal(last["overall_scores.weight"], mean["overall_scores.weight"])
    first = load_file(toy.work / "pruned" / "model.safetensors")
    for name, still in (
        ("embeddings.word_embeddings.weight", True),
        ("encoder.layer.0.output.dense.weight", True),
        ("encoder.layer.1.output.dense.weight", False),
    ):
        assert torch.equal(first[name], mean[f"encoder.{name}"]) == still
    said = toy.run(*stage, "--name", "mean", code=1)
    assert "another --average" in said


def test_a_checkpoint_of_another_run_is_refused(toy):
    toy.run("adapt", "--steps", 5, "--name", "short")
    assert "delete it" in toy.run("adapt", "--steps", 6, "--name", "short", code=1)


def test_a_limit_in_minutes_ends_a_stage_with_its_result(toy):
    log = toy.run("finetune", "--epochs", 50, "--minutes", 0.002, "--name", "quick")
    assert "stopped after" in log
    assert (toy.work / "quick" / "deep.pt").exists()


def test_what_is_to_stay_unseen_is_not_read(toy):
    sides = toy.sides()
    assert all(len(side) >= 3 for side in sides.values())
    unseen = {" ".join(unit.sentences) for side in ("dev", "test") for unit in sides[side]}
    seen = {" ".join(unit.sentences) for unit in sides["train"]}
    for chosen in (adapt.read(toy.data, sides), pseudo.choose(toy.data, sides, 1000)):
        found = {text.text for text in chosen}
        assert not found & unseen
        assert len(found & seen) > 10


def test_labels_without_texts_are_cut_from_title_and_text(tmp_path):
    (tmp_path / "train").mkdir()
    write_set(
        tmp_path,
        "shop",
        [
            {"id": "1", "lang": "ru", "title": "Ужас.", "text": " Ждали. Сломан."},
            {"id": "2", "lang": "ru", "text": " Ждали. Сломан."},
        ],
    )
    common = {"dataset": "shop", "lang": "ru", "domain": "shop", "sentiment": "negative"}
    labels = tmp_path / "collected_shop.jsonl"
    records = [
        common | {"id": "1", "cuts": [[0, 5], [7, 13], [14, 21]], "topics": [[1, "speed", "-"]]},
        common | {"id": "2", "cuts": [[0, 6], [7, 14]], "topics": [[1, "quality", "-"]]},
        common | {"id": "gone", "cuts": [[0, 6]], "topics": []},
    ]
    labels.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    found = list(split.read_file(labels, tmp_path))
    assert [unit.sentences for unit in found] == [
        ("Ужас.", "Ждали.", "Сломан."),
        ("Ждали.", "Сломан."),
    ]
    assert [list(map(len, unit.topics)) for unit in found] == [[0, 1, 0], [0, 1]]
    assert list(split.read_file(labels)) == []


def test_a_choice_is_fair_bounded_and_the_same_every_time(toy):
    allowed = texts.Allowed(toy.data, toy.sides())
    whole = texts.sample(toy.data, "rusentiment_vk", allowed, longest=1000, most=10**6)
    part = texts.sample(toy.data, "rusentiment_vk", allowed, longest=1000, most=7)
    assert part == whole[:7]
    letters = texts.sample(toy.data, "rusentiment_vk", allowed, longest=1000, most=100, size=len)
    assert 100 <= sum(len(text.text) for text in letters) < 200


def test_lithuanian_has_its_share_of_the_tokens():
    plan = adapt.plan({"ru": dict.fromkeys(range(900), 3), "lt": {900: 3}}, adapt.Settings(steps=5))
    rows = [row for batch in plan for row in batch]
    assert rows.count(900) > 0.12 * len(rows)


def test_whole_words_are_hidden_and_special_pieces_never(toy):
    tokenizer = AutoTokenizer.from_pretrained(toy.work / "pruned")
    mask = adapt.Mask(tokenizer, 0.15)
    text = "Неведомая зверюшка ждала заказ. " * 10
    ids = tokenizer(text, return_tensors="pt")["input_ids"].repeat(40, 1)
    torch.manual_seed(3)
    hidden, chosen = mask(ids)
    pieces = tokenizer.convert_ids_to_tokens(ids[0].tolist())
    assert "##е" in pieces
    inside = [i for i, piece in enumerate(pieces) if piece.startswith("##")]
    assert torch.equal(chosen[:, inside], chosen[:, [i - 1 for i in inside]])
    assert not chosen[:, [0, -1]].any()
    assert 0.12 < chosen.float().mean() < 0.18
    assert torch.equal(hidden[~chosen], ids[~chosen])
    assert 0.75 < (hidden[chosen] == tokenizer.mask_token_id).float().mean() < 0.85


def test_a_new_vocabulary_is_the_same_every_time_and_spells_every_word():
    phrases = [(lang, s) for lang, found in PHRASES.items() for s, _, _ in found]
    weights = student.weigh([*phrases, ("ru", "щщщ 🙂🙂")])
    pieces = student.train_pieces(weights, 600)
    assert pieces == student.train_pieces(weights, 600)
    assert len(pieces) == len(set(pieces)) <= 600
    core = prune.tokenizer_of(pieces)
    assert "[UNK]" not in core.tokenize("Žuvis Ёлка экран 🙂 parcel №5")
    assert core.tokenize("Žuvis") == ["žuvis"]


def test_a_piece_begins_at_the_mean_of_what_spells_it():
    known = {"[UNK]": 0, "ab": 1, "##c": 2, "##d": 3}
    assert student.spell("abcd", known) == ["ab", "##c", "##d"]
    assert student.spell("##cd", known) == ["##c", "##d"]
    assert student.spell("xyz", known) == []
    table = torch.randn(4, 6, generator=torch.Generator().manual_seed(2))
    pieces = ["ab", "##c", "abc", "##d", "?"]
    found = student.embed(pieces, known, table, 4)
    torch.testing.assert_close(found[2], (found[0] + found[1]) / 2)
    # Five points lie in four dimensions: nothing is lost between them.
    wanted = torch.cdist(table[[1, 2]], table[[3, 0]])
    torch.testing.assert_close(torch.cdist(found[:2], found[3:]), wanted)


def test_a_part_that_is_too_sure_of_itself_is_cooled_and_not_left_alone():
    # Two parts that each know something of their own; the deep one is five times too sure.
    draw = torch.Generator().manual_seed(5)
    gold = torch.randint(3, (2000,), generator=draw)
    truth = torch.nn.functional.one_hot(gold, 3).float()
    deep, wide = (truth * 1.5 + torch.randn(2000, 3, generator=draw) for _ in range(2))
    weight, temperature = mix_and_temperature(5 * deep, wide, gold)
    assert weight == 2.0
    assert temperature > 2
    mixed = 5 * deep + weight * wide
    assert (mixed.argmax(-1) == gold).float().mean() > (deep.argmax(-1) == gold).float().mean()


def test_a_student_comes_to_say_what_its_teacher_says(toy):
    settings = Settings(epochs=40, rate=3e-3, head_rate=1e-2, layer_decay=1.0)
    model, tokenizer = loop.build(toy.work / "pruned", settings)
    topics = len(model.config.topics)
    data = []
    for i, unit in enumerate(toy.sides()["train"][:4]):
        aim = Logits(torch.zeros(2, topics, 4), torch.zeros(4), torch.zeros(3))
        aim.topics[0, i, 3] = aim.topics[1, :, 0] = aim.overall[i] = aim.tone[i % 3] = 6
        encoded = encode_sentences(tokenizer, unit.sentences)
        unknown = torch.full((2, topics), UNKNOWN)
        data.append(Example(encoded, unknown, UNKNOWN, UNKNOWN, aim))
    corpus = Corpus.of(data)
    dev = Corpus.of(examples(toy.sides()["dev"], tokenizer, topics))
    epochs = [range(4)] * settings.epochs
    model = loop.train(
        (model, tokenizer), corpus, epochs, settings, dev=dev, work=toy.work / "soft"
    )
    said = loop.predict(model, corpus, Special.of(tokenizer))
    assert said.overall.argmax(-1).tolist() == [0, 1, 2, 3]
    assert said.tone.argmax(-1).tolist() == [0, 1, 2, 0]
    for i, (first, second) in enumerate(said.topics.unflatten(0, (4, 2))):
        assert int(first[i].argmax()) == 3
        assert not second.argmax(-1).any()
