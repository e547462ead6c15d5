import shutil

import pytest

from mention import Mention
from nlp.tagger import ModelError, Tagger, TagItem, verify
from nlp.taxonomy import codes, load
from nlp.weights import MODELS


def one(tagger, text, **fields):
    return next(tagger.tag([TagItem("a", text, **fields)]))


def pairs(tagging):
    return {(label.topic, label.polarity) for s in tagging.sentences for label in s.topics}


@pytest.mark.parametrize(
    ("text", "sentiment", "pair"),
    [
        ("Ждали в очереди больше двух часов, ужас.", "negative", ("speed", "negative")),
        ("Персонал грубый, нахамили мне на кассе.", "negative", ("politeness", "negative")),
        ("Доставили на день раньше, всё целое. Спасибо!", "positive", ("delivery", "positive")),
        ("Слишком дорого, цены завышены.", "negative", ("price", "negative")),
        ("Вкусная еда, мясо свежее, всем советую.", "positive", ("quality", "positive")),
        ("Приложение постоянно вылетает и зависает.", "negative", ("usability", "negative")),
        ("The room was dirty and smelled awful.", "negative", ("premises", "negative")),
        ("Friendly and polite staff, loved it here!", "positive", ("politeness", "positive")),
        ("The food was cold and tasteless.", "negative", ("quality", "negative")),
        ("They refused to refund my money.", "negative", ("returns", "negative")),
        ("Personalas labai malonus ir paslaugus.", "positive", ("politeness", "positive")),
        ("Pristatymas vėlavo savaitę, kurjeris nemandagus.", "negative", ("delivery", "negative")),
    ],
)
def test_plain_sentences_get_their_topic_and_sentiment(tagger, text, sentiment, pair):
    tagging = one(tagger, text)
    assert tagging.sentiment == sentiment
    assert pair in pairs(tagging)
    assert all(0 <= label.confidence <= 1 for s in tagging.sentences for label in s.topics)
    assert (tagging.score > 0) == (sentiment == "positive")


@pytest.mark.parametrize(
    "text",
    [
        "Всё супер, спасибо!",
        "Отличный банк, пользуюсь давно.",
        "Great company, would recommend!",
        "Viskas puiku, rekomenduoju!",
    ],
)
def test_general_praise_has_no_topic(tagger, text):
    tagging = one(tagger, text)
    assert tagging.sentiment == "positive"
    assert not pairs(tagging)


def test_each_sentence_has_its_own_topics_and_exact_span(tagger):
    text = "Врач очень внимательный и опытный.\n\n  Но в очереди просидели три часа 😡😡  "
    tagging = one(tagger, text)
    first, second = tagging.sentences
    assert text[first.start : first.end] == "Врач очень внимательный и опытный."
    assert text[second.start : second.end] == "Но в очереди просидели три часа 😡😡"
    assert ("speed", "negative") in {(t.topic, t.polarity) for t in second.topics}
    assert "speed" not in {t.topic for t in first.topics}


def test_a_title_is_read_and_reported_as_title(tagger):
    title = "Ужасная доставка"
    tagging = one(tagger, "Больше не закажу.", title=title)
    assert tagging.sentiment == "negative"
    assert [s.field for s in tagging.sentences] == ["title", "text"]
    assert title[tagging.sentences[0].start : tagging.sentences[0].end] == title
    assert tagging.sentences[0].topics[0].topic == "delivery"
    text = tagging.sentences[1]
    assert (text.start, text.end) == (0, len("Больше не закажу."))


def test_a_title_alone_is_enough(tagger):
    assert one(tagger, "", title="Очень вежливые сотрудники").sentiment == "positive"


@pytest.mark.parametrize(
    ("text", "reason", "lang"),
    [
        ("", "empty", None),
        ("   \n ", "empty", None),
        ("👍👍👍", "empty", None),
        ("10/10 !!!", "empty", None),
        ("Sehr gutes Essen, aber der Kellner war leider unfreundlich.", "language", "de"),
        ("Дуже смачна їжа, персонал привітний, радимо всім.", "language", "uk"),
        ("خدمة ممتازة وسريعة شكرا لكم", "language", None),
        ("服务很好，非常满意", "language", None),
    ],
)
def test_what_is_not_understood_is_untagged_with_a_reason(tagger, text, reason, lang):
    tagging = one(tagger, text)
    assert (tagging.sentiment, tagging.untagged_reason) == (None, reason)
    assert tagging.lang == lang
    assert tagging.score is None
    assert not tagging.sentences


@pytest.mark.parametrize(
    "text",
    [
        "ж" * 100_000,
        "Хорошо \x00\x07\x1b[31m плохо \ufeff \u202eкрасный\u202c",
        "Отличный сервис " + "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 200,
        "ﷺ" * 50 + " всё понравилось, вернёмся " + "é̂̃" * 100,
        "Цена" + "!" * 5000,
        "\ud7ff\ufffd\ufffe доставка опоздала",
    ],
)
def test_hostile_text_gives_a_tagging_with_spans_inside(tagger, text):
    tagging = one(tagger, text)
    place = 0
    for sentence in tagging.sentences:
        assert place <= sentence.start < sentence.end <= len(text)
        place = sentence.end


def test_nothing_of_a_long_text_is_cut(tagger):
    filler = "Мы пришли в понедельник. " * 800
    text = filler + "Доставка опоздала на неделю, курьер потерял посылку."
    assert len(text) > 20_000
    last = one(tagger, text).sentences[-1]
    assert text[last.start : last.end].startswith("Доставка")
    assert ("delivery", "negative") in {(t.topic, t.polarity) for t in last.topics}


@pytest.mark.slow
def test_a_megabyte_is_tagged_whole():
    text = "Очень долго ждали, но врач был внимателен. " * 25_000
    # Both shipped taggers read texts by the same code; this one takes seconds, not minutes.
    assert len(one(Tagger.load("fast"), text).sentences) == 25_000


def test_order_ids_and_versions_are_kept(tagger):
    texts = ["Отлично!", "Terrible, waited two hours.", "", "Labai skanu.", "Отлично!"]
    items = [TagItem(f"x:{i}", text) for i, text in enumerate(texts)]
    taggings = list(tagger.tag(iter(items)))
    assert [t.mention_id for t in taggings] == [f"x:{i}" for i in range(5)]
    assert [t.lang for t in taggings] == ["ru", "en", None, "lt", "ru"]
    assert {t.taxonomy_version for t in taggings} == {load().version}
    assert {(t.model, t.model_version) for t in taggings} == {verify("default")}
    assert taggings[0].sentences == taggings[4].sentences


def test_the_same_input_gives_the_same_answer(tagger):
    items = [TagItem(str(i), f"Номер {i}: еда вкусная, но ждать пришлось долго") for i in range(40)]
    fresh = Tagger.load("default")
    assert list(fresh.tag(items)) == list(tagger.tag(items))


def test_a_mention_is_tagged_as_it_is(tagger):
    mention = Mention(id="shop:1", source="shop", title="Плохо", text="Товар сломан, брак.")
    tagging = next(tagger.tag([mention]))
    assert tagging.mention_id == "shop:1"
    assert ("quality", "negative") in pairs(tagging)


def test_only_known_topics_are_reported(tagger):
    topics = {topic for topic, _ in pairs(one(tagger, "Цена, доставка, качество, хамы, обман!"))}
    assert topics <= set(codes())


class TestBrokenModels:
    @pytest.fixture
    def copy(self, tmp_path):
        return shutil.copytree(MODELS / "default", tmp_path / "model")

    def test_no_such_model(self):
        with pytest.raises(ModelError, match=r"no model 'nothing'.*default"):
            Tagger.load("nothing")

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
    def test_a_missing_file_is_named(self, copy, name):
        (copy / name).unlink()
        with pytest.raises(ModelError, match=name):
            Tagger.load(copy)

    def test_one_changed_byte_is_noticed(self, copy):
        path = copy / "model.safetensors"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        with pytest.raises(ModelError, match="damaged"):
            Tagger.load(copy)

    def test_a_cut_file_is_noticed(self, copy):
        path = copy / "model.safetensors"
        path.write_bytes(path.read_bytes()[:1000])
        with pytest.raises(ModelError, match="damaged"):
            verify(copy)

    def test_a_config_of_something_else(self, copy):
        (copy / "config.json").write_text('{"model_type": "bert"}')
        with pytest.raises(ModelError, match="no model of Molva"):
            Tagger.load(copy)
