import json
from pathlib import Path

import pytest

from mention import SentenceTagging, Tagging, TopicLabel
from nlp.evaluation import LabelError, Scored, evaluate, f1, read_records, report, score

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


def tagging(sentiment, *spans):
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
        mention_id="1", sentiment=sentiment, confidence=0.8, sentences=tuple(found), **versions
    )


def test_spans_count_for_the_labelled_sentence_they_share_most_with():
    said = tagging(
        "mixed", (0, 12, [("professionalism", "positive")]), (13, 24, [("speed", "negative")])
    )
    assert score(RECORD, said).said == score(RECORD, said).gold


def test_a_wrong_polarity_is_no_pair_but_a_right_topic():
    said = tagging("negative", (14, 24, [("speed", "positive")]))
    result = report([score(RECORD, said)], "m 1")
    figures = result.groups["all"]["all"]
    assert figures["pair_f1"].value == 0
    assert figures["topic_f1"].value == pytest.approx(2 / 3)
    assert figures["accuracy"].value == 0
    assert result.confusion["mixed"]["negative"] == 1


def test_an_interval_holds_its_figure_and_narrows_with_more_texts():
    def figures(copies):
        right = Scored(RECORD, "mixed", 0.9, frozenset(), frozenset())
        wrong = Scored(RECORD, "negative", 0.9, frozenset(), frozenset())
        return report([right, wrong, right] * copies, "m").groups["all"]["all"]["accuracy"]

    few, many = figures(10), figures(100)
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low


def test_f1_of_nothing_is_zero():
    assert f1(0, 0, 0) == 0


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"sentences": ["a"], "topics": [], "sentiment": "good"}',
        '{"sentences": ["a"], "topics": [[0, "sped", "+"]], "sentiment": "mixed"}',
        '{"sentences": ["a"], "topics": [[1, "speed", "+"]], "sentiment": "mixed"}',
        '{"sentences": ["a"], "topics": [[0, "speed", "?"]], "sentiment": "mixed"}',
    ],
)
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(RECORD) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(LabelError, match="line 2"):
        read_records(path)


@pytest.mark.slow
def test_the_published_texts_reach_the_floors(tagger):
    """Floors as in trafilatura: a change that loses quality fails here, per language."""
    records = read_records(HERE / "evaluation.jsonl")
    result = evaluate(records, tagger)
    floors = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
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
    json.dumps(result.as_dict())
