import gzip
import json
import lzma
import random
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from mention import SENTIMENTS, SentenceTagging, Tagging, TopicLabel
from nlp.evaluation import LabelError, Scored, evaluate, mistakes, read_records, report, score
from nlp.evaluation.figures import calibration
from nlp.evaluation.scoring import by_sign
from nlp.tagger import Tagger
from nlp.taxonomy import codes

HERE = Path(__file__).parent
RECORD = {
    "id": "1",
    "lang": "ru",
    "domain": "clinic",
    "dataset": "written",
    "sentences": ["Врач хороший.", "Ждали час."],
    "sentiment": "mixed",
    "topics": [[0, "professionalism", "+"], [1, "speed", "-"]],
}


def tagging(sentiment, *spans, confidence=0.8, value=0.0, **more):
    found = [
        SentenceTagging(
            start=start,
            end=end,
            topics=tuple(TopicLabel(topic=t, polarity=p, confidence=0.9) for t, p in labels),
        )
        for start, end, labels in spans
    ]
    versions = {"model": "m", "model_version": "1", "taxonomy_version": "1"}
    return Tagging(
        mention_id="1",
        sentiment=sentiment,
        confidence=confidence if sentiment else None,
        score=value if sentiment else None,
        sentences=tuple(found),
        **versions,
        **more,
    )


UNTAGGED = tagging(None, untagged_reason="language")
RIGHT = tagging(
    "mixed", (0, 12, [("professionalism", "positive")]), (13, 24, [("speed", "negative")])
)


def labels(tmp_path, *lines, stars=False):
    path = tmp_path / "labels.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return read_records(path, stars=stars)


def test_spans_count_for_the_labelled_sentence_they_share_most_with():
    assert score(RECORD, RIGHT).said == score(RECORD, RIGHT).gold


def test_a_wrong_polarity_is_no_pair_but_a_right_topic():
    said = tagging("negative", (14, 24, [("speed", "positive")]))
    result = report([score(RECORD, said)], "m 1")
    figures = result.groups["all"]["all"]
    assert figures["pair_f1"].value == figures["text_pair_f1"].value == 0
    assert figures["topic_f1"].value == pytest.approx(2 / 3)
    assert figures["accuracy"].value == 0
    assert result.confusion["mixed"]["negative"] == 1
    assert result.topics["speed"]["f1"].value == 1
    assert result.polarities["speed"]["negative"]["recall"].value == 0
    assert result.polarities["speed"]["positive"]["precision"].value == 0


def test_a_project_s_own_topic_is_not_measured():
    said = tagging("mixed", (0, 12, [("parking_for_bicycles", "positive")]))
    assert report([score(RECORD, said)], "m").groups["all"]["all"]["topic_f1"].value == 0


def test_an_interval_holds_its_figure_and_narrows_with_more_texts():
    def figures(copies):
        right = Scored(RECORD, "mixed", 0.9, frozenset(), frozenset())
        wrong = Scored(RECORD, "negative", 0.9, frozenset(), frozenset())
        return report([right, wrong, right] * copies, "m").groups["all"]["all"]["accuracy"]

    few, many = figures(10), figures(100)
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_a_figure_without_basis_is_null_and_never_divides_by_zero():
    record = {"sentences": ["Всё хорошо."], "sentiment": "positive", "topics": []}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scored in ([], [score(record, UNTAGGED)], [score(record, tagging("positive"))]):
            result = report(scored, "m")
            figures = json.loads(json.dumps(result.as_dict(), allow_nan=False))
            assert figures["topics"]["speed"]["f1"] == {"value": None, "low": None, "high": None}
            assert figures["classes"]["mixed"]["recall"]["value"] is None
            for _, columns, rows in result.tables():
                assert all(set(row) == set(columns) for row in rows)
    shown = {
        row["sentiment"]: row for t, _, rows in result.tables() for row in rows if "class" in t
    }
    assert shown["mixed"]["recall"] == "–"


def test_an_untagged_text_counts_as_wrong():
    result = report([score(RECORD, RIGHT), score(RECORD, UNTAGGED)], "m")
    assert result.untagged == 1
    assert result.groups["all"]["all"]["accuracy"].value == 0.5
    assert result.classes["mixed"]["precision"].value == 1
    assert result.classes["mixed"]["recall"].value == 0.5
    assert result.topics["speed"]["recall"].value == 0.5
    assert result.confusion["mixed"]["untagged"] == 1


def random_texts(number, seed=1):
    generator = random.Random(seed)

    def pairs():
        return frozenset(
            (generator.randrange(3), generator.choice(codes()), generator.choice(SENTIMENTS[:3]))
            for _ in range(generator.randrange(4))
        )

    texts = []
    for _ in range(number):
        said, gold = pairs(), pairs()
        record = {"sentences": ["a"] * 3, "sentiment": generator.choice(SENTIMENTS)}
        sentiment = record["sentiment"] if generator.random() < 0.6 else "negative"
        texts.append(Scored(record, sentiment, generator.random(), said | gold, gold))
    return texts


def test_figures_agree_with_scikit_learn():
    texts = random_texts(200)
    result = report(texts, "m")
    gold = [text.record["sentiment"] for text in texts]
    said = [text.said_sentiment for text in texts]
    figures = result.groups["all"]["all"]
    assert figures["macro_f1"].value == pytest.approx(f1_score(gold, said, average="macro"))
    assert figures["weighted_f1"].value == pytest.approx(f1_score(gold, said, average="weighted"))
    expected = precision_recall_fscore_support(gold, said, labels=SENTIMENTS)
    for place, name in enumerate(SENTIMENTS):
        row = result.classes[name]
        measured = [row["precision"].value, row["recall"].value, row["f1"].value, row["texts"]]
        assert measured == pytest.approx([part[place] for part in expected])
    for code in ("speed", "price"):
        there = [any(pair[1] == code for pair in text.gold) for text in texts]
        here = [any(pair[1] == code for pair in text.said) for text in texts]
        assert result.topics[code]["f1"].value == pytest.approx(f1_score(there, here))


def test_intervals_are_those_of_texts_resampled_one_by_one():
    texts = random_texts(60)
    measure = report(texts, "m").groups["all"]["all"]["accuracy"]
    right = np.array([text.right for text in texts])
    draws = np.random.default_rng(5).integers(len(texts), size=(4000, len(texts)))
    low, high = np.percentile(right[draws].mean(1), [2.5, 97.5])
    assert measure.low == pytest.approx(low, abs=0.02)
    assert measure.high == pytest.approx(high, abs=0.02)


def test_three_thousand_texts_are_resampled_in_seconds():
    texts = random_texts(3000)
    begin = time.process_time()
    report(texts, "m")
    assert time.process_time() - begin < 10


def test_calibration_has_ten_bins_of_equal_width():
    found = calibration([(0.95, True), (1.0, True), (0.91, False), (0.3, False)])
    assert len(found.bins) == 10
    assert [one.count for one in found.bins] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 3]
    assert found.bins[9].accuracy == pytest.approx(2 / 3)
    assert found.bins[0].confidence is None
    expected = (abs(2.86 / 3 - 2 / 3) * 3 + 0.3) / 4
    assert found.error == pytest.approx(expected)
    assert calibration([]).error is None


def test_topics_are_calibrated_by_what_was_labelled():
    wrong = tagging("mixed", (13, 24, [("speed", "positive")]))
    result = report([score(RECORD, RIGHT), score(RECORD, wrong)], "m")
    assert result.calibration["topics"].count == 3
    assert result.calibration["topics"].bins[9].accuracy == pytest.approx(2 / 3)


def test_the_sign_of_the_score_decides_where_labels_have_fewer_classes():
    def said(*gold):
        texts = [
            score({"text": "a", "sentiment": name}, tagging(called, value=value))
            for name, (called, value) in zip(
                gold, [("mixed", 0.2), ("neutral", -0.1), ("positive", 0.9)], strict=True
            )
        ]
        counted, notes = by_sign(texts)
        assert report(counted, "m").calibration["sentiment"].count == 3 - sum(
            one.by_sign for one in counted
        )
        return [one.said_sentiment for one in counted], len(notes)

    assert said("positive", "negative", "mixed") == (["mixed", "neutral", "positive"], 0)
    assert said("positive", "neutral", "positive") == (["positive", "neutral", "positive"], 1)
    assert said("positive", "negative", "positive") == (["positive", "negative", "positive"], 1)


def test_usual_spellings_are_read(tmp_path):
    found = labels(
        tmp_path,
        {"text": "Ждали час.", "sentiment": "NEG"},
        {"text": "Fine.", "title": "Good", "sentiment": "Positive", "lang": "en-GB"},
        {"sentences": ["Gerai."], "sentiment": "neu", "id": 7, "topics": None},
        {"text": "Медленно и грубо.", "topics": [["speed", "-"], ["politeness", "negative"]]},
        {"text": "Дорого.", "topics": [{"topic": "Price", "polarity": "−", "confidence": 1}]},
        {"text": "Дорого.", "topics": {"price": "neg"}},
        RECORD,
        "",
    )
    assert found.bad_lines == []
    assert [one.get("sentiment") for one in found.records] == [
        *("negative", "positive", "neutral", None, None, None, "mixed")
    ]
    assert found.records[1]["lang"] == "en"
    assert found.records[2]["id"] == "7"
    assert "topics" not in found.records[2]
    assert found.records[3]["topics"] == [["speed", "-"], ["politeness", "-"]]
    assert found.records[4]["topics"] == found.records[5]["topics"] == [["price", "-"]]
    assert found.records[6]["topics"] == RECORD["topics"]


def test_topics_without_sentence_numbers_count_per_text():
    record = {"text": "Ждали час. Врач хороший.", "topics": [["speed", "-"], ["price", "-"]]}
    said = tagging("mixed", (0, 10, [("speed", "negative")]), (11, 24, [("speed", "positive")]))
    result = report([score(record, said)], "m")
    figures = result.groups["all"]["all"]
    assert figures["accuracy"].value is None
    assert figures["pair_f1"].value is None
    assert figures["topic_f1"].value == pytest.approx(2 / 3)
    assert figures["text_pair_f1"].value == pytest.approx(0.5)
    assert figures["sentiment_texts"] == figures["sentence_texts"] == 0
    headings = [column for _, columns, _ in result.tables() for column in columns]
    assert not any("sentence" in heading or "overall" in heading for heading in headings)


def test_texts_without_topics_count_as_the_others_of_their_file(tmp_path):
    none = {"sentences": ["Ладно.", "Ок."], "topics": []}
    per_text = labels(tmp_path, none, {"sentences": ["Ждали."], "topics": [["speed", "-"]]})
    assert all("text" in record for record in per_text.records)
    per_sentence = labels(tmp_path, none, RECORD)
    assert all("sentences" in record for record in per_sentence.records)


def test_stars_are_labels_when_asked_for(tmp_path):
    lines = [{"text": "Текст.", "rating": rating} for rating in (1, "2", 3, 4.0, 5)]
    exported = {"text": "Текст.", "rating": 10, "rating_max": 10, "stars": 5.0}
    topics = {"text": "Ждали.", "rating": 3, "topics": [["speed", "-"]]}
    said_otherwise = {"text": "Текст.", "rating": 1, "sentiment": "positive"}
    unrated = {"text": "Текст.", "sentiment": "neutral"}
    found = labels(tmp_path, *lines, exported, topics, said_otherwise, unrated, stars=True)
    assert [one.get("sentiment") for one in found.records] == [
        *("negative", "negative", "positive", "positive", "positive", None, "negative", "neutral")
    ]
    assert found.left_out == 2
    with pytest.raises(LabelError, match="--stars"):
        labels(tmp_path, *lines)
    with pytest.raises(LabelError, match="neither good nor bad"):
        labels(tmp_path, lines[2], stars=True)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"sentences": ["a"], "topics": [], "sentiment": "good"}', "'good'"),
        ('{"sentences": ["a"], "topics": [[0, "sped", "+"]], "sentiment": "mixed"}', "'speed'"),
        ('{"sentences": ["a"], "topics": [[1, "speed", "+"]]}', "sentence number 1"),
        ('{"sentences": ["a"], "topics": [[true, "speed", "+"]]}', "sentence number True"),
        ('{"sentences": ["a"], "topics": [["0", "speed", "+"]]}', "sentence number '0'"),
        ('{"sentences": ["a"], "topics": [[0, "speed", "?"]]}', "polarity '?'"),
        ('{"sentences": ["a"], "topics": [[0, "speed", 1]]}', "polarity 1"),
        ('{"sentences": ["a"], "topics": [[0, 7, "+"]]}', "[sentence, topic, polarity]"),
        ('{"sentences": ["a"], "topics": [["speed"]]}', "[sentence, topic, polarity]"),
        ('{"sentences": ["a"], "topics": ["speed"]}', "[sentence, topic, polarity]"),
        ('{"sentences": ["a"], "topics": [[0, 1, "speed", "+"]]}', "[sentence, topic, polarity]"),
        ('{"sentences": ["a"], "topics": "speed"}', "no list"),
        ('{"sentences": ["a"], "topics": [["speed", "+"], [0, "price", "+"]]}', "with and without"),
        ('{"text": "a", "topics": [[0, "speed", "+"]]}', 'no "sentences"'),
        ('{"sentences": "a", "sentiment": "mixed"}', "no list of texts"),
        ('{"sentences": [], "sentiment": "mixed"}', "empty text"),
        ('{"text": " ", "sentiment": "mixed"}', "empty text"),
        ('{"sentiment": "mixed"}', 'no "text"'),
        ('{"text": 5, "sentiment": "mixed"}', 'no "text"'),
        ('{"text": "a"}', "neither"),
        ('{"text": "a", "sentiment": 1}', "sentiment 1"),
        ('{"text": "a", "sentiment": "\\ud83d"}', "sentiment"),
        ('{"text": "a", "rating": 9}', "rating 9"),
        ('{"text": "a", "rating": NaN}', "rating nan"),
        ('{"text": "a", "rating": true}', "rating True"),
        ('{"text": "a", "rating": [5]}', "rating [5]"),
        ('{"text": "a", "rating": "five"}', "rating 'five'"),
    ],
)
def test_a_bad_line_is_counted_with_its_number_and_reason(tmp_path, line, says):
    found = labels(tmp_path, RECORD, line, RECORD, stars=True)
    assert [record["line"] for record in found.records] == [1, 3]
    [bad] = found.bad_lines
    assert bad.number == 2
    assert says in bad.reason
    bad.reason.encode()


def test_a_line_that_is_not_utf8_is_bad_and_a_mark_at_the_start_is_not(tmp_path):
    line = json.dumps(RECORD).encode()
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\n\xff\xfe\n" + line)
    found = read_records(path)
    assert len(found.records) == 2
    assert "UTF-8" in found.bad_lines[0].reason


def test_a_line_may_hold_any_character_that_json_allows(tmp_path):
    record = {"text": "Ждали\u2028час\u0085и \ud83d ещё.", "sentiment": "negative"}
    found = labels(tmp_path, json.dumps(record), json.dumps(RECORD, ensure_ascii=False))
    assert len(found.records) == 2
    found.records[0]["text"].encode()


@pytest.mark.parametrize(("opener", "ending"), [(gzip.open, "gz"), (lzma.open, "xz")])
def test_packed_files_are_read_and_damaged_ones_named(tmp_path, opener, ending):
    path = tmp_path / f"labels.jsonl.{ending}"
    with opener(path, "wt", encoding="utf-8") as file:
        file.write((json.dumps(RECORD) + "\n") * 500)
    assert len(read_records(path).records) == 500
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LabelError, match="damaged"):
        read_records(path)


def test_a_file_without_a_usable_line_says_so(tmp_path):
    with pytest.raises(LabelError, match=r"no usable line \(line 1 is not JSON"):
        labels(tmp_path, "text,sentiment", "хорошо,positive")
    with pytest.raises(LabelError, match="no usable line"):
        labels(tmp_path, "")
    with pytest.raises(LabelError, match="cannot be read"):
        read_records(tmp_path)


def test_mistakes_come_surest_first_with_what_was_labelled_and_said():
    sure = score(RECORD, tagging("negative", (13, 24, [("speed", "negative")]), confidence=0.99))
    unsure = score(
        {"text": "Ждали час.", "title": "Плохо", "sentiment": "positive"},
        tagging("negative", (0, 10, []), confidence=0.4),
    )
    missed = score(RECORD, tagging("mixed", (13, 24, [("speed", "negative")])))
    untagged = score(RECORD, UNTAGGED)
    rows = mistakes([untagged, unsure, score(RECORD, RIGHT), missed, sure])
    assert [row["certainty"] for row in rows] == [0.99, 0.4, 0, 0]
    assert rows[0]["id"] == "1"
    assert rows[0]["wrong"] == ["sentiment", "topics"]
    assert rows[0]["labelled"] == {
        "sentiment": "mixed",
        "topics": [
            {"sentence": 0, "topic": "professionalism", "polarity": "positive", "found": False},
            {"sentence": 1, "topic": "speed", "polarity": "negative", "found": True},
        ],
    }
    assert rows[0]["said"]["sentiment"] == "negative"
    assert rows[0]["said"]["topics"][0]["right"] is True
    assert rows[0]["sentences"] == RECORD["sentences"]
    assert rows[1]["wrong"] == ["sentiment"]
    assert rows[1]["sentences"] == ["Ждали час."]
    assert rows[2]["said"]["untagged_reason"] == "language"
    assert rows[3]["wrong"] == ["topics"]
    json.dumps(rows)


def test_a_title_is_tagged_with_its_text_and_the_language_found(tagger):
    record = {
        "title": "Доставка опоздала на неделю",
        "text": "Курьер не отвечал на звонки и нагрубил мне у двери.",
        "sentiment": "negative",
        "topics": [["delivery", "-"]],
    }
    german = {"text": "Das Paket kam leider viel zu spät an.", "sentiment": "negative"}
    result = evaluate([record, german], tagger)
    assert result.texts == 2
    assert result.untagged == 1
    assert set(result.groups["language"]) == {"ru", "de"}
    assert result.groups["language"]["ru"]["accuracy"].value == 1
    assert result.groups["language"]["de"]["accuracy"].value == 0
    assert result.notes


def test_every_figure_is_documented():
    document = (HERE.parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    names = set()

    def collect(value):
        for key, inner in value.items() if isinstance(value, dict) else ():
            names.add(key)
            collect(inner)
        for inner in value if isinstance(value, list) else ():
            collect(inner)

    collect(report([score(RECORD, RIGHT)], "m").as_dict())
    collect(mistakes([score(RECORD, UNTAGGED)]))
    values = {*SENTIMENTS, *codes(), "all", "value", "low", "high", "ru", "clinic", "written"}
    assert sorted(name for name in names - values if f"`{name}`" not in document) == []


@pytest.mark.slow
@pytest.mark.parametrize("model", ["default", "fast"])
def test_the_published_texts_reach_the_floors(model):
    """Floors as in trafilatura: a change that loses quality fails here, per language."""
    records = read_records(HERE / "evaluation.jsonl").records
    result = evaluate(records, Tagger.load(model))
    floors = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))[model]
    measured = {"all": result.groups["all"]["all"], **result.groups["language"]}
    low = [
        f"{group} {name}: {measured[group][name].value:.3f} < {floor}"
        for group, figures in floors.items()
        for name, floor in figures.items()
        if measured[group][name].value < floor
    ]
    assert not low
    assert result.untagged <= 0.01 * len(records)
    assert result.calibration_error < 0.1
    for title, columns, rows in result.tables():
        assert title
        assert all(set(row) == set(columns) for row in rows)
    json.dumps(result.as_dict(), allow_nan=False)
