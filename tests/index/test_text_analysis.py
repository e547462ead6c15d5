"""Text analysis: which words are the same, where they stand in a text, and that it is stable."""

from __future__ import annotations

import sqlite3
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import stemming, text
from index.compile_fts5 import candidates, texts_of
from index.query import Prefix
from index.query_words import Check
from index.stemming import READINGS, base_form, is_stop_word
from index.text import (
    ANALYSIS_VERSION,
    FORM,
    REPLY_START,
    TITLE_END,
    Pattern,
    analyse,
    document_stems,
    document_terms,
    document_words,
    expand,
    highlight,
    pattern,
)


def patterns(*words: str, prefix: bool = False) -> list[Pattern]:
    found = [pattern(word, reading, prefix=prefix) for word in words for reading in READINGS]
    return [one for one in found if one is not None]


def marked(body: str, *words: str, lang: str | None = None, prefix: bool = False) -> list[str]:
    """Return the pieces of a text that are highlighted."""
    spans = highlight(body, lang, patterns(*words, prefix=prefix))
    return [body[start:end] for start, end in spans]


# --- which words are the same ----------------------------------------------------------


@pytest.mark.parametrize(
    "family",
    [
        "доставка доставки доставкой ДОСТАВКУ доставок доставили доставляют доставлен доставщик",
        "задержка задержали задерживают задержек задержан",
        "возврат вернуть вернули возвращают верните возвращение",
        "вернусь вернулся возвращаемся вернуться",
        "ждать ждём ждем жду ждал",
        "отмена отменить отменили отменяют отмену",
        "запись записаться записали записей",
        "жалоба жалуюсь пожаловаться жалоб",
        "ёж еж Ёж ЁЖ е\u0308ж",
        "йод и\u0306од Йод",
        "замок за\u0301мок зам\u00adок зам\u200bок",
        "сбербанк Cбepбaнк",  # with Latin C, e, p and a
        "iphone iPhone iPhone’ом iPhone'а",
        "delivery deliveries delivered delivering delivers",
        "paid payment pay paying",
        "courier couriers courier's courier’s",
        "dont don't don’t",
        "cafe café CAFÉ cafe\u0301",
        "siunta siuntos siuntą siuntų siunta siuntoje",
        "pristatymas pristatė pristatyti pristatymo pristatyta",
        "vėlavo velavo vėlavimas velavimas vėluoja veluoja",
        "kokybė kokybe kokybės kokybes kokybę",
        "grąžinimas grazinimas grąžino grazino grąžinti",
        "užsakymas uzsakymas užsakiau uzsakiau",
        "turėjo turejo turėjau turejau",
        "žodžio zodzio žodžiu",
        "👍 👍🏽 👍🏿",
        "❤ ❤️",
    ],
)
def test_forms_of_one_word_share_a_stem(family: str) -> None:
    stems = [set(expand(form)) for form in family.split()]
    assert set.intersection(*stems), stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("вернули", "вернусь"),
        ("возврат", "верно"),
        ("доставка", "достали"),
        ("запись", "запах"),
        ("жалоба", "жаль"),
        ("страховка", "страх"),
        ("отмена", "отменный"),
        ("замена", "зам"),
        ("зависает", "зависит"),
        ("благодарность", "благодаря"),
        ("очередь", "очередной"),
        ("йод", "иод"),
        ("polite", "politics"),
        ("grąžinti", "gražu"),
        ("vėluoja", "vėl"),
        ("laukti", "laukas"),
        ("курьер", "доставка"),
        ("не", "ни"),
    ],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert not set(expand(one)) & set(expand(other))


_WORDS = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=14) | st.text(
    "aąbcčdeęėfghiįyjklmnopqrsštuųūvwxzž", min_size=1, max_size=14
)


@given(_WORDS, st.sampled_from(READINGS))
def test_case_composition_and_yo_make_no_difference(word: str, reading: stemming.Reading) -> None:
    stem = stemming.stem(word, reading)
    assert stemming.stem(word.upper(), reading) == stem
    assert stemming.stem(word.capitalize(), reading) == stem
    assert stemming.stem(word.replace("ё", "е"), reading) == stem
    assert stemming.stem(unicodedata.normalize("NFD", word), reading) == stem


@given(st.text("aąbcčdeęėgiįyjklmnoprsštuųūvzž", min_size=1, max_size=14))
def test_lithuanian_without_diacritics_is_the_same(word: str) -> None:
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter)
    )
    assert stemming.stem(word, "lt") == stemming.stem(plain, "lt")


# --- which language a text is read in --------------------------------------------------


@pytest.mark.parametrize(
    ("body", "lang", "stem"),
    [
        ("siuntos", "lt", "siunt"),
        ("siuntos", "en", "siunto"),
        ("siuntos", None, "siunto"),
        ("siuntos ir", None, "siunt"),
        ("siuntos yra", "ru", "siunt"),
        ("siuntos vėlavo", None, "siunt"),
        ("siuntos ve\u0307lavo", None, "siunt"),
        ("deliveries", "ru", "deliveri"),
        ("deliveries late", "pl", "deliveri"),
    ],
)
def test_latin_words_are_read_as_english_or_lithuanian(
    body: str, lang: str | None, stem: str
) -> None:
    assert document_stems(None, body, None, lang).split()[0] == stem


def test_each_part_is_read_in_its_own_language() -> None:
    stems = document_stems("Siuntos vėlavo", "the deliveries", None, None)
    assert stems == f"siunt velavim {TITLE_END} the deliveri"


# --- documents -------------------------------------------------------------------------


def test_parts_are_told_apart() -> None:
    assert document_stems("Ужас", "Курьер", "Извините", "ru") == (
        f"ужас {TITLE_END} курьер {REPLY_START} извинен"
    )
    assert document_stems("", "курьер", "", None) == "курьер"
    assert document_stems(None, "", None, None) == ""


@pytest.mark.parametrize(
    ("body", "stems"),
    [
        ("интернет-магазин, 24/7", "интернет магазин 24 7"),
        ("#чёрная_пятница @парус", "черн пятниц парус"),
        ("см. http://www.парус.рф/отзывы?id=1 сегодня", "см парус рф сегодн"),
        ("4,5 из 5!", "4 5 из 5"),
        ("😡😡 ужас", "u1f621 u1f621 ужас"),
        ("не работает", "не работа"),
        ("...!?—", ""),
    ],
)
def test_what_counts_as_a_word(body: str, stems: str) -> None:
    assert document_stems(None, body, None, "ru") == stems


def test_endless_words_are_cut() -> None:
    stems = document_stems(None, "а" * 100_000 + " b" + "=" * 1000, None, None)
    assert len(stems) < 100
    assert pattern("а" * 100_000, "en") == pattern("а" * 64 + "б", "en")


def test_the_cache_of_stems_is_bounded() -> None:
    flood = " ".join(f"слово{number}" for number in range(text._CACHE_SIZE + 100))
    document_stems(None, flood, None, "ru")
    assert len(text._KNOWN["en"]) <= text._CACHE_SIZE
    assert document_stems(None, "доставка", None, "ru") == "доставк"


_LETTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_PIECES = st.sampled_from(
    ["доставка", "Ёж", "й", "и\u0306", "е\u0308", "a\u0328", "É", "'", "’s", "-", "_", " ", "😡",
     "🏽", "\u200d", "\ufe0f", "https://a.b", "://", "ß", "İ", "ŉ", "ﬁ", "²", "क़", "\ue000", "\x00"]
)  # fmt: skip
_TEXTS = _LETTERS | st.lists(_PIECES, max_size=12).map("".join)
_LANGS = st.sampled_from([None, "ru", "en", "lt", "pl"])


@given(_TEXTS, st.none() | _TEXTS, st.none() | _TEXTS, _LANGS)
@settings(max_examples=200)
def test_stems_and_words_agree(
    body: str, title: str | None, reply: str | None, lang: str | None
) -> None:
    words = document_words(title, body, reply, lang)
    assert words.stems == document_stems(title, body, reply, lang).split()
    assert len(words.stems) == len(words.written)
    for stem in analyse(body, lang).stems:
        # Any tokenizer that cuts at spaces, and SQLite's, keeps it whole.
        assert stem.isalnum()
        assert stem == unicodedata.normalize("NFC", stem)


@given(_TEXTS, _LANGS)
def test_sqlite_sees_the_same_words(body: str, lang: str | None) -> None:
    # SQLite's tables are of another Unicode version than Python's.
    stems = document_stems("а", body, "б", lang).split()
    if any(character > "\u1900" and character.isalnum() for character in "".join(stems)):
        return
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE t USING fts5 (stems, tokenize = 'unicode61 remove_diacritics 0')"
    )
    connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab (t, instance)")
    connection.execute("INSERT INTO t VALUES (?)", (" ".join(stems),))
    terms = connection.execute("SELECT term FROM words ORDER BY offset").fetchall()
    connection.close()
    assert [term for (term,) in terms] == stems


def test_words_stand_beside_stems_that_they_do_not_begin() -> None:
    assert document_terms("Ужас", "Курьера ждали, курьера!", "Ждём", "ru") == (
        f"ужас {TITLE_END} курьер ждат курьер {REPLY_START} ждат"
        f" {FORM}ждали {FORM}ждем {FORM}курьера"
    )
    # A stem of its own, and what SQLite may not know as letters.
    assert document_terms(None, "парус 😡 क़लम", None, "ru") == document_stems(
        None, "парус 😡 क़लम", None, "ru"
    )


@given(_TEXTS, _LANGS, st.data())
@settings(max_examples=300)
def test_the_beginning_of_a_word_finds_what_it_means(
    body: str, lang: str | None, data: st.DataObject
) -> None:
    written = [base_form(word) for word in document_words(None, body, None, lang).written if word]
    word = data.draw(st.sampled_from(written or ["доставка"]) | _PIECES)
    node = Prefix(word[: data.draw(st.integers(1, max(1, len(word))))])
    if not patterns(node.text, prefix=True):
        return
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE t USING fts5 (stems, tokenize = 'unicode61 remove_diacritics 0')"
    )
    connection.execute("INSERT INTO t VALUES (?)", (document_terms(None, body, None, lang),))
    found = connection.execute(
        "SELECT count(*) FROM t WHERE t MATCH ?", (candidates(node),)
    ).fetchone()
    connection.close()
    meant = Check.of(node).holds(None, body, None, lang)
    if texts_of(node) is not None:
        assert found == (meant,)
    elif meant and all(letter < "\u1900" for letter in node.text):
        assert found == (1,)


# --- highlighting ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "word", "pieces"),
    [
        ("Доставка! Доставили, да.", "доставка", ["Доставка", "Доставили"]),
        ("🙂👍🏽 за\u0301мок е\u0308лка 👨\u200d👩\u200d👧 елки", "ёлка", ["е\u0308лка", "елки"]),
        ("🙂👍🏽 за\u0301мок", "замок", ["за\u0301мок"]),
        ("𝒜 😀 доставка", "доставка", ["доставка"]),
        ("не 😡", "😡", ["😡"]),
        ("Приложение не работает, не всегда", "не работает", ["не работает"]),
        ("не, работает", "не работает", ["не, работает"]),
        ("не не работает", "не работает", ["не работает"]),
        ("интернет-магазин и магазин", "магазин", ["магазин", "магазин"]),
        ("интернет-магазин и магазин", "интернет-магазин", ["интернет-магазин"]),
        ("чёрная_пятница", "пятница", ["пятница"]),
        ("https://www.ozon.ru/a ozon", "ozon", ["https://www.ozon.ru/a", "ozon"]),
        ("Siuntą pristatė", "siunta", ["Siuntą"]),
        ("siunta pristate", "siuntą", ["siunta"]),
        ("The couriers’ van", "courier", ["couriers"]),
        ("don’t", "dont", ["don’t"]),
        ("", "слово", []),
        ("слово", "другое", []),
    ],
)
def test_highlights_are_exact(body: str, word: str, pieces: list[str]) -> None:
    assert marked(body, word) == pieces


def test_a_prefix_marks_whole_words_that_begin_with_it() -> None:
    body = "Доставили, достали, до́ставка, недоставили"
    assert marked(body, "достав", prefix=True) == ["Доставили", "до́ставка"]
    assert marked("Cancellation, can cancel", "cancella", prefix=True) == ["Cancellation"]
    assert marked("служба доставки, служба", "служба дост", prefix=True) == ["служба доставки"]


def test_overlapping_matches_become_one_span() -> None:
    assert marked("а б в г", "а б", "б в", "в") == ["а б в"]
    assert marked("а б в г", "в", "г") == ["в", "г"]


@given(_TEXTS, _LANGS, st.data())
def test_a_word_of_a_text_is_found_and_marked_in_it(
    body: str, lang: str | None, data: st.DataObject
) -> None:
    written = analyse(body, lang).written
    if written:
        word = data.draw(st.sampled_from(written))
        pieces = marked(body, word, lang=lang)
        assert any(word in piece.replace("_", " ") for piece in pieces)
    everything = highlight(body, lang, patterns(*written))
    assert all(0 <= start < end <= len(body) for start, end in everything)
    assert all(one[1] <= other[0] for one, other in pairwise(everything))


# --- lists and version -----------------------------------------------------------------


def test_negations_are_no_stop_words() -> None:
    assert is_stop_word("В")
    assert is_stop_word("The")
    assert is_stop_word("ir")
    for word in ("не", "ни", "нет", "без", "not", "no", "without", "never", "ne", "be", "nėra"):
        assert not is_stop_word(word)


def test_no_stem_belongs_to_two_families() -> None:
    seen: dict[tuple[str, str], str] = {}
    language = ""
    for line in stemming._lines(stemming._SYNONYMS):
        if line.startswith("["):
            language = line
            continue
        for word in line.split():
            form = base_form(word.lstrip("="))
            key = word if word.startswith("=") else stemming._snowball(form, language.strip("[]"))
            assert seen.setdefault((language, key), line) == line, key


def test_the_version_names_what_stems_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stemming.version() == ANALYSIS_VERSION
    assert "snowball3.1" in ANALYSIS_VERSION
    assert unicodedata.unidata_version in ANALYSIS_VERSION
    monkeypatch.setattr(stemming, "_SYNONYMS", stemming._STOP_WORDS)
    assert stemming.version() != ANALYSIS_VERSION
