"""What a text states about the service: found, normalised, and nothing else taken for it."""

import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.facts import LANGUAGES, PARTS, measure, read, table
from nlp.facts import find, find_in_mention

DOCUMENT = Path(__file__).parents[2] / "docs" / "facts.md"
RECORDS = read()

# Least precision and recall of each kind, over all languages of a part.
FLOORS = {
    ("held_out", "wait"): (0.95, 0.95),
    ("held_out", "repeat_contact"): (0.95, 0.9),
    ("held_out", "recommend"): (0.95, 0.95),
    ("held_out", "resolved"): (0.95, 0.95),
    ("tuning", "wait"): (0.98, 0.98),
    ("tuning", "repeat_contact"): (0.98, 0.98),
    ("tuning", "recommend"): (0.98, 0.98),
    ("tuning", "resolved"): (0.98, 0.98),
}


def stated(text, lang="ru"):
    return [(fact.kind, fact.value) for fact in find(text, lang)]


def waited(text, lang="ru"):
    return [fact.value for fact in find(text, lang) if fact.kind == "wait"]


def test_the_sample_is_what_the_document_says():
    assert len(RECORDS) == len({record["text"] for record in RECORDS}) >= 240
    languages = Counter(record["lang"] for record in RECORDS)
    assert all(
        languages[lang] >= least for lang, least in zip(LANGUAGES, (140, 60, 40), strict=True)
    )
    assert sum(not record["facts"] for record in RECORDS) >= len(RECORDS) / 3
    assert {record["part"] for record in RECORDS} == set(PARTS)
    for record in RECORDS:
        for fact in record["facts"]:
            assert record["text"].count(fact["quote"]) == 1


@pytest.mark.parametrize(("place", "floor"), FLOORS.items())
def test_figures_do_not_fall(place, floor):
    part, kind = place
    scores, _ = measure(RECORDS)
    mine = [score for (of, _, what), score in scores.items() if (of, what) == (part, kind)]
    right = sum(score.right for score in mine)
    assert right / (right + sum(score.wrong for score in mine)) >= floor[0]
    assert right / (right + sum(score.missed for score in mine)) >= floor[1]


def test_the_document_has_the_figures_of_now():
    assert "\n".join(table(RECORDS)) in DOCUMENT.read_text(encoding="utf-8")


def test_a_wrong_and_a_missed_fact_are_counted():
    record = {"part": "tuning", "lang": "ru", "text": "Ждал 40 минут. Рекомендую."}
    facts = [
        {"kind": "wait", "value": 30, "quote": "40 минут"},
        {"kind": "recommend", "value": 1, "quote": "Рекомендую."},
    ]
    scores, mistakes = measure([record | {"facts": facts}])
    wait, recommend = scores["tuning", "ru", "wait"], scores["tuning", "ru", "recommend"]
    assert (wait.right, wait.wrong, wait.missed) == (0, 1, 1)
    assert (wait.precision, wait.recall) == (0, 0)
    assert (recommend.right, recommend.exact, recommend.precision) == (1, 0, 1)
    (mistake,) = mistakes
    assert (mistake.missed, mistake.wrong) == ((("wait", 30),), (("wait", 40),))


HOUR, DAY, WEEK, MONTH = 60, 1440, 10080, 43200


@pytest.mark.parametrize(
    ("lang", "text", "minutes"),
    [
        ("ru", "ждал {}", {
            "минуту": 1, "5 мин": 5, "сорок пять минут": 45, "сто двадцать минут": 120,
            "минут сорок": 40, "час": HOUR, "1,5 часа": 90, "1.5ч": 90, "два с половиной часа": 150,
            "час двадцать минут": 80, "2 часа и 5 минут": 125, "1ч 30м": 90, "полчаса": 30,
            "пол часа": 30, "четверть часа": 15, "час-полтора": 75, "2-3 часа": 150,
            "от 2 до 4 часов": 180, "два или три часа": 150, "пару часов": 120, "больше часа": HOUR,
            "менее 10 минут": 10, "около двух суток": 2 * DAY, "целый день": DAY, "полдня": DAY / 2,
            "третий день": 3 * DAY, "3-й день": 3 * DAY, "вторую неделю": 2 * WEEK,
            "недели три": 3 * WEEK, "полтора месяца": 1.5 * MONTH, "пять рабочих дней": 5 * DAY,
            "несколько дней": 3 * DAY, "час с лишним": HOUR, "20-ти минут": 20, "40+ минут": 40,
        }),
        ("en", "we waited {}", {
            "a minute": 1, "an hour": HOUR, "one hour": HOUR, "half an hour": 30, "90 mins": 90,
            "an hour and a half": 90, "two and a half hours": 150, "1 hr 20 min": 80,
            "1.5 hours": 90,
            "twenty five minutes": 25, "20-30 minutes": 25, "between 2 and 4 days": 3 * DAY,
            "a couple of weeks": 2 * WEEK, "more than a month": MONTH, "several days": 3 * DAY,
            "a quarter of an hour": 15, "the whole day": DAY, "three business days": 3 * DAY,
        }),
        ("lt", "laukiau {}", {
            "minutę": 1, "40 min": 40, "keturiasdešimt penkias minutes": 45, "valandą": HOUR,
            "pusvalandį": 30, "pusę valandos": 30, "pusantros valandos": 90,
            "dvi su puse valandos": 150,
            "1 val. 20 min": 80, "2–3 valandas": 150, "daugiau nei savaitę": WEEK,
            "dvi savaites": 2 * WEEK,
            "tris menesius": 3 * MONTH, "jau trečią dieną": 3 * DAY, "porą dienų": 2 * DAY,
        }),
    ],
)  # fmt: skip
def test_durations_become_minutes(lang, text, minutes):
    found = {written: waited(text.format(written), lang) for written in minutes}
    assert found == {written: [value] for written, value in minutes.items()}


def test_spans_are_exact_whatever_stands_before():
    for before in ("", "😡😡 ", "İstanbul ", "ЁЛКА. ", "a\u0301 "):
        text = f"{before}Ждал больше часа; ЗВОНИЛ ТРИ РАЗА!"
        assert [text[fact.start : fact.end] for fact in find(text, "ru")] == [
            "больше часа",
            "ЗВОНИЛ ТРИ РАЗА",
        ]


def test_a_title_is_read_too():
    found = find_in_mention("Не советую", "Ждали неделю", "ru")
    assert [(fact.kind, fact.field) for fact in found] == [("recommend", "title"), ("wait", "text")]
    assert find_in_mention(None, "Ждали неделю", "de") == find("Ждали неделю", None) == ()


@pytest.mark.parametrize(
    ("lang", "text", "facts"),
    [
        ("ru", "Советую", [("recommend", 1)]),
        ("ru", "Не советую", [("recommend", 0)]),
        ("ru", "Не могу не рекомендовать", [("recommend", 1)]),
        ("ru", "Вопрос решили", [("resolved", 1)]),
        ("ru", "Вопрос так и не решили", [("resolved", 0)]),
        ("ru", "Когда решите вопрос?", []),
        ("ru", "Вопрос не решали, потом решили вопрос", [("resolved", 0), ("resolved", 1)]),
        ("ru", "Звонил 1 раз", []),
        ("ru", "Звонил двадцать раз", [("repeat_contact", 20)]),
        ("ru", "Сто раз звонил", [("repeat_contact", 3)]),
        ("en", "I recommend it", [("recommend", 1)]),
        ("en", "I can't recommend it", [("recommend", 0)]),
        ("en", "I can't recommend it enough", [("recommend", 1)]),
        ("en", "The problem was not resolved", [("resolved", 0)]),
        ("en", "It will be fixed", []),
        ("en", "Called once", []),
        ("lt", "Rekomenduoju", [("recommend", 1)]),
        ("lt", "Nerekomenduoju", [("recommend", 0)]),
        ("lt", "Problemą išsprendė", [("resolved", 1)]),
        ("lt", "Problemos neišsprendė", [("resolved", 0)]),
    ],
)
def test_negation_turns_a_statement(lang, text, facts):
    assert stated(text, lang) == facts


PIECES = (
    "2", "20", "-", "–", "два", "три", "двадцать", "час", "минут", "дней", "мин.", "полтора",
    "ждал", "не", "раз", "звонил", "снова", "рекомендую", "решили", "вопрос", "так и", ",", ".",
    "\n", "İ", "two", "hours", "waited", "an hour", "called", "times", "not", "recommend",
    "problem", "fixed", "tris", "kartus", "skambinau", "valandas", "laukiau", "neišsprendė",
    "😡", "a" * 60,
)  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=60).map(" ".join),
    st.sampled_from(LANGUAGES),
)
def test_whatever_is_written_spans_lie_in_the_text_and_never_cross_within_a_kind(text, lang):
    found = find(text, lang)
    assert found == find(text, lang)
    for fact in found:
        assert 0 <= fact.start < fact.end <= len(text)
        assert fact.value in {0, 1} or fact.kind in {"wait", "repeat_contact"}
        assert fact.value >= 2 or fact.kind != "repeat_contact"
    for kind in {fact.kind for fact in found}:
        spans = [(fact.start, fact.end) for fact in found if fact.kind == kind]
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join),
    st.sampled_from(("", " ", "-")),
    st.sampled_from(LANGUAGES),
)
def test_a_long_hostile_text_takes_no_more_than_its_length_asks_for(piece, between, lang):
    # Rules that ran away would need hours; 20 µs a character are fifty times what is usual.
    text = (piece + between) * (10_000 // len(piece + between))
    begin = time.process_time()
    find(text, lang)
    assert time.process_time() - begin < 20e-6 * len(text) + 0.5


def test_a_review_takes_well_under_a_millisecond():
    texts = [
        (record["lang"], f"{record['text']} {'Всё остальное было хорошо, персонал вежлив. ' * 3}")
        for record in RECORDS
    ]
    for lang in LANGUAGES:
        find("", lang)  # the rules are compiled once
    begin = time.process_time()
    for lang, text in texts:
        find(text, lang)
    assert (time.process_time() - begin) / len(texts) < 1e-3
