"""Which words carried a label: by the shipped tagger, and by one whose words are known."""

from __future__ import annotations

import queue
import re
import threading

import pytest

from mention import CERTAIN, Mention, Tagging
from nlp import attribution
from nlp.attribution import CONTEXT, MOST_CHARACTERS, MOST_TEXTS, AttributionError, Attributor
from nlp.document import Document
from nlp.tagger import Tagger
from nlp.tagger_setup import TaggerSetup
from nlp.weights import ModelError
from tests.nlp.test_own_topics import PARKING, folder, own, results

__all__ = ["folder", "own", "results"]

TEXT = "Магазин на углу. Ждали в очереди сорок минут, но кассир вежлив!!! Зайду ещё."


class Counting:
    """A tagger that goes by a few words, and remembers what it was given to read."""

    def __init__(self):
        self.knows = {"ждали": 0.5, "минут": 0.25, "вежлив": -0.125}
        self.read = []

    def chances(self, documents, sentence, topic, polarity):
        self.read += documents
        return [self.chance(text[slice(*spans[sentence])]) for text, spans in documents]

    def chance(self, sentence):
        words = re.findall(r"\w+", sentence.lower())
        return 0.25 + sum(self.knows.get(word, 0) for word in words)


@pytest.fixture
def counting(monkeypatch):
    """That tagger, as what is installed."""
    tagger = Counting()
    monkeypatch.setattr(TaggerSetup, "verify", lambda _setup: ("counting", "1"))
    monkeypatch.setattr(TaggerSetup, "load", lambda _setup: tagger)
    return tagger


def mention(text, title=None):
    return Mention(id="shop:1", source="shop", text=text, title=title)


def tagged(one, number, version="1", **values):
    """A tagging that takes one sentence of a mention, counted from 1, to complain of speed."""
    label = {"topic": "speed", "polarity": "negative", "confidence": 0.9} | values
    return Tagging.model_validate(
        {
            "mention_id": one.id,
            "sentiment": "negative",
            "sentences": [
                {"field": field, "start": start, "end": end}
                | {"topics": [label] if place == number else []}
                for place, (field, start, end) in enumerate(
                    Document(one.title or "", one.text).places, start=1
                )
            ],
            "model": "counting",
            "model_version": version,
            "taxonomy_version": "1",
        }
    )


def weights(one, found):
    text = one.title if found.sentence.field == "title" else one.text
    return {text[word.start : word.end]: word.weight for word in found.words}


def test_a_word_weighs_what_the_label_loses_without_it(counting):
    one = mention(TEXT)
    found = Attributor(TaggerSetup()).words(one, tagged(one, 2), 2, "speed")
    assert weights(one, found) == {
        "Ждали": 0.5, "в": 0, "очереди": 0, "сорок": 0, "минут": 0.25, "но": 0, "кассир": 0,
        "вежлив": -0.125, "!!!": 0,
    }  # fmt: skip
    assert (found.number, found.label.polarity) == (2, "negative")


def test_only_one_word_is_missing_and_every_other_sentence_is_whole(counting):
    one = mention(TEXT)
    Attributor(TaggerSetup()).words(one, tagged(one, 2), 2, "speed")
    whole, *rest = counting.read
    assert whole[0] == TEXT
    for text, spans in rest:
        first, changed, last = (text[start:end] for start, end in spans)
        assert (first, last) == ("Магазин на углу.", "Зайду ещё.")
        left = re.findall(r"\w+|!+", changed)
        assert len(left) == 8


def test_a_title_counts_in_the_title(counting):
    one = mention("Больше не приду.", title="Долго ждали 👍 минут")
    found = Attributor(TaggerSetup()).words(one, tagged(one, 1), 1, "speed")
    assert weights(one, found) == {"Долго": 0, "ждали": 0.5, "👍": 0, "минут": 0.25}


def test_a_sentence_of_one_word_rests_on_it(counting):
    one = mention("Ждали. Ушли.")
    found = Attributor(TaggerSetup()).words(one, tagged(one, 1), 1, "speed")
    assert weights(one, found) == {"Ждали": 0.75}


@pytest.mark.parametrize("text", ["…", "— ."])
def test_a_sentence_without_a_word_has_none(counting, text):
    one = mention(text)
    assert Attributor(TaggerSetup()).words(one, tagged(one, 1), 1, "speed").words == ()


@pytest.mark.parametrize("words", [63, 64, 150, 1000])
def test_a_long_sentence_is_asked_about_in_groups_of_words(counting, words):
    one = mention(" ".join(["ждали", *("ах" for _ in range(words - 1))])[:1999])
    found = Attributor(TaggerSetup()).words(one, tagged(one, 1), 1, "speed")
    assert len(counting.read) <= MOST_TEXTS
    assert sum(len(text) for text, _ in counting.read) <= MOST_CHARACTERS
    assert found.words[0].start == 0
    assert found.words[-1].end == len(one.text)
    assert all(a.end < b.start for a, b in zip(found.words, found.words[1:], strict=False))
    assert [word.weight for word in found.words if word.weight] == [0.5]


def test_of_a_long_text_the_neighbours_are_read(counting):
    one = mention("Магазин на углу у парка. " * 200 + "Долго ждали. " + "Кассир молчал. " * 200)
    found = Attributor(TaggerSetup()).words(one, tagged(one, 201), 201, "speed")
    assert weights(one, found) == {"Долго": 0, "ждали": 0.5}
    text, spans = counting.read[0]
    assert CONTEXT / 2 < len(text) <= CONTEXT
    assert text.startswith("Магазин")
    assert text.endswith("молчал.")
    assert "Долго ждали." in [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("number", "topic", "tagging", "says"),
    [
        (1, "speed", None, "not tagged yet"),
        (9, "speed", {}, "there is no sentence 9; there are 3"),
        (0, "speed", {}, "there is no sentence 0"),
        (1, "speed", {}, "not taken to speak of 'speed'"),
        (2, "price", {}, "not taken to speak of 'price'"),
        (2, "speed", {"version": "0.9"}, "given by counting 0.9 and counting 1 is installed"),
    ],
)
def test_what_cannot_be_told_is_said_in_a_sentence(counting, number, topic, tagging, says):
    one = mention(TEXT)
    labels = None if tagging is None else tagged(one, 2, **tagging)
    with pytest.raises(AttributionError, match=re.escape(says)):
        Attributor(TaggerSetup()).words(one, labels, number, topic)
    assert not counting.read


def test_a_person_has_to_be_asked_for_their_own_reasons(counting):
    one = mention(TEXT)
    said = tagged(one, 2, confidence=CERTAIN).model_copy(update={"corrected": True})
    with pytest.raises(AttributionError, match="a person gave this label"):
        Attributor(TaggerSetup()).words(one, said, 2, "speed")
    kept = tagged(one, 2).model_copy(update={"corrected": True})
    assert Attributor(TaggerSetup()).words(one, kept, 2, "speed").words


def test_other_sentences_than_the_tagger_saw_are_noticed(counting):
    one = mention(TEXT)
    with pytest.raises(AttributionError, match="other sentences by now"):
        Attributor(TaggerSetup()).words(mention(f"Да. {TEXT}"), tagged(one, 2), 2, "speed")


def test_a_tagger_is_loaded_once_and_anew_after_a_change(counting, monkeypatch):
    loaded = []
    monkeypatch.setattr(TaggerSetup, "load", lambda _setup: loaded.append(1) or counting)
    one, attributor = mention(TEXT), Attributor(TaggerSetup())
    for _ in range(3):
        attributor.words(one, tagged(one, 2), 2, "speed")
    assert len(loaded) == 1
    monkeypatch.setattr(TaggerSetup, "verify", lambda _setup: ("counting", "1+own.2"))
    attributor.words(one, tagged(one, 2, version="1+own.2"), 2, "speed")
    assert len(loaded) == 2


def test_one_waits_for_another_and_not_for_ever(counting, monkeypatch):
    monkeypatch.setattr(attribution, "PATIENCE", 0.05)
    begun, go_on = threading.Event(), threading.Event()

    def load(_setup):
        begun.set()
        go_on.wait(30)
        return counting

    monkeypatch.setattr(TaggerSetup, "load", load)
    one, attributor = mention(TEXT), Attributor(TaggerSetup())
    found = []
    first = threading.Thread(
        target=lambda: found.append(attributor.words(one, tagged(one, 2), 2, "speed"))
    )
    first.start()
    assert begun.wait(30)
    with pytest.raises(AttributionError, match="ask again in a moment"):
        attributor.words(one, tagged(one, 2), 2, "speed")
    go_on.set()
    first.join(30)
    assert len(found) == 1


def test_only_so_many_wait_so_that_threads_are_left_for_other_questions(counting, monkeypatch):
    go_on, refused = threading.Event(), queue.Queue()

    def load(_setup):
        go_on.wait(30)
        return counting

    monkeypatch.setattr(TaggerSetup, "load", load)
    one, attributor = mention(TEXT), Attributor(TaggerSetup())
    found = []

    def ask():
        try:
            found.append(attributor.words(one, tagged(one, 2), 2, "speed"))
        except AttributionError as error:
            refused.put(str(error))

    asking = [threading.Thread(target=ask) for _ in range(attribution.MOST_AT_ONCE + 2)]
    for thread in asking:
        thread.start()
    # They are told at once, while none of the others has an answer.
    told = [refused.get(timeout=15) for _ in range(2)]
    assert all("ask again in a moment" in one for one in told)
    assert not found
    go_on.set()
    for thread in asking:
        thread.join(30)
    assert (len(found), refused.qsize()) == (attribution.MOST_AT_ONCE, 0)


def test_without_a_model_it_is_said_what_to_do(tmp_path):
    one = mention(TEXT)
    with pytest.raises(ModelError, match="give a folder or a shipped model's name"):
        Attributor(TaggerSetup(model=str(tmp_path / "none"))).words(one, tagged(one, 2), 2, "speed")


# --- the shipped tagger --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic", "strongest"),
    [
        ("Приятное место. Ждали в очереди больше двух часов.", "speed", {"Ждали", "очереди"}),
        ("The staff at the desk were rude to my mother.", "politeness", {"rude"}),
        ("Viskas gerai. Pristatymas vėlavo savaitę.", "delivery", {"Pristatymas", "vėlavo"}),
    ],
)
def test_the_shipped_tagger_goes_by_the_words_that_a_reader_would_name(
    tagger, monkeypatch, text, topic, strongest
):
    monkeypatch.setattr(TaggerSetup, "load", lambda _setup: tagger)
    one = mention(text)
    (tagging,) = tagger.tag([one])
    number = next(
        number
        for number, sentence in enumerate(tagging.sentences, start=1)
        if any(label.topic == topic for label in sentence.topics)
    )
    found = Attributor(TaggerSetup()).words(one, tagging, number, topic)
    weighed = weights(one, found)
    assert max(weighed, key=weighed.__getitem__) in strongest
    assert all(-1 <= weight <= 1 for weight in weighed.values())


def test_it_is_what_tagging_the_text_without_the_word_says(tagger, monkeypatch):
    monkeypatch.setattr(TaggerSetup, "load", lambda _setup: tagger)
    one = mention("Ждали в очереди сорок минут. Кассир вежлив.")

    def label(text):
        (tagging,) = tagger.tag([mention(text)])
        return tagging, {topic.topic: topic for topic in tagging.sentences[0].topics}

    tagging, before = label(one.text)
    weighed = weights(one, Attributor(TaggerSetup()).words(one, tagging, 1, "speed"))
    for word in ("очереди", "сорок", "минут"):
        _, after = label(one.text.replace(f"{word}", "", 1))
        if after.get("speed") and after["speed"].polarity == before["speed"].polarity:
            lost = before["speed"].confidence - after["speed"].confidence
            assert weighed[word] == pytest.approx(lost, abs=0.02)


def test_a_topic_of_ones_own_is_explained_too(own: Tagger, monkeypatch):
    monkeypatch.setattr(TaggerSetup, "load", lambda _setup: own)
    monkeypatch.setattr(TaggerSetup, "verify", lambda _setup: (own.model, own.model_version))
    one = mention("Врач принял сразу. Припарковаться вечером невозможно.")
    (tagging,) = own.tag([one])
    label = next(x for x in tagging.sentences[1].topics if x.topic == PARKING.code)
    found = Attributor(TaggerSetup(topics=(PARKING,))).words(one, tagging, 2, PARKING.code)
    weighed = weights(one, found)
    assert weighed["вечером"] < min(weighed["Припарковаться"], weighed["невозможно"])
    assert 0.05 < weighed["Припарковаться"] <= label.confidence + 0.02
    with pytest.raises(ValueError, match="knows no topic 'towing'"):
        own.chances([("Где-то", [(0, 6)])], 0, "towing", "negative")
