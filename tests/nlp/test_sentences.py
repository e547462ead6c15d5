import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.sentences import LONGEST, split

LETTERS = "абвёЖąčėŽqwE. !?…,;:-—()«»\"'\n\t\r\u2028\u200b\u00a0👍🏽🇱🇹0123456789اب"
TEXTS = st.one_of(st.text(max_size=400), st.text(alphabet=LETTERS, max_size=400))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_spans_are_ordered_disjoint_and_cover_every_visible_character(text):
    spans = split(text)
    place = 0
    for start, end in spans:
        assert place <= start < end <= len(text)
        assert not text[place:start].strip()
        assert text[start:end].strip() == text[start:end]
        place = end
    assert not text[place:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ждал час. Никто не извинился!", ["Ждал час.", "Никто не извинился!"]),
        ("Great food. Rude staff.", ["Great food.", "Rude staff."]),
        ("Puikus maistas. Lėtas aptarnavimas.", ["Puikus maistas.", "Lėtas aptarnavimas."]),
        ("Плюсы: цена\nМинусы: очередь", ["Плюсы: цена", "Минусы: очередь"]),
        ("Купил за 5 тыс. руб. в июле.", ["Купил за 5 тыс. руб. в июле."]),
        ("Супер!!! 👍👍 Приду ещё", ["Супер!!! 👍👍", "Приду ещё"]),
        ("Плюсы: цена Минусы: очередь", ["Плюсы: цена", "Минусы: очередь"]),
        ("", []),
        (" \n\t ", []),
        ("👍", ["👍"]),
    ],
)
def test_sentences(text, expected):
    assert [text[a:b] for a, b in split(text)] == expected


def test_one_endless_word_is_cut_and_kept_whole():
    text = "а" * 100_000
    spans = split(text)
    assert max(end - start for start, end in spans) <= LONGEST
    assert "".join(text[a:b] for a, b in spans) == text


def test_a_megabyte_without_line_breaks_is_split_in_seconds():
    text = "Очень долго ждали, но врач был внимателен. " * 25_000
    assert len(split(text)) == 25_000
