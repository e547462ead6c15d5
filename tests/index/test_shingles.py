"""How similar texts are, and that similar ones are found."""

from __future__ import annotations

import pytest

from index.shingles import SHORTEST, THRESHOLD, bands, shingles, similarity

SOFA = (
    "Заказывал диван в магазине Парус в начале месяца, обещали привезти через неделю, а привезли "
    "через три. Сборщик нахамил жене, ушёл и не доделал, деньги за сборку возвращать отказались"
)
APP = (
    "The app crashes every time I open the cart. I have reinstalled it twice and wrote to support, "
    "but nobody has answered me for more than a week now."
)


@pytest.mark.parametrize(
    ("one", "other", "are_copies"),
    [
        (SOFA, SOFA.upper() + "!!!", True),
        (SOFA, f"Добрый день! {SOFA}", True),
        (SOFA, SOFA.replace("месяца", "марта"), True),
        (SOFA, SOFA.replace("Сборщик", "Сборщики").replace("ё", "е"), True),
        (APP, APP.replace("twice", "three times"), True),
        (APP, f"{APP} https://shop.example.org/parus", True),
        (SOFA, SOFA.partition(".")[0], False),
        (SOFA, f"{SOFA}. {APP}", False),
        (
            "Курьер привёз заказ вовремя, всё было аккуратно упаковано, спасибо магазину Парус",
            "Курьер привёз заказ с опозданием, всё было кое-как упаковано, позор магазину Парус",
            False,
        ),
        (
            "Долго ждал на линии, оператор ничего не знает, проблему так и не решили, ухожу",
            "Оператор ничего не знает, долго ждал на линии, в итоге ухожу к конкурентам",
            False,
        ),
    ],
)
def test_what_counts_as_a_copy(one: str, other: str, are_copies: bool) -> None:
    assert (similarity(shingles(None, one), shingles(None, other)) >= THRESHOLD) is are_copies


def test_the_resemblance_is_that_of_broder() -> None:
    # Shingles of two words each: 9 and 9, of which 7 are the same; 7 / (9 + 9 - 7).
    one = shingles(None, "a b c d e f g h i j")
    other = shingles(None, "a b c d x f g h i j")
    assert len(one) == len(other) == 9
    assert similarity(one, other) == pytest.approx(7 / 11)
    assert similarity(one, one) == 1.0
    assert similarity(one, shingles(None, "отлично")) == 0.0


def test_short_texts_are_never_compared() -> None:
    words = "раз два три четыре пять шесть семь восемь".split()
    assert len(words) == SHORTEST
    assert shingles(None, " ".join(words))
    assert not shingles(None, " ".join(words[:-1]))
    assert not shingles("Отлично!", "Всем рекомендую")
    assert list(bands([shingles(None, "Отлично!")])) == [()]


def test_a_title_is_part_of_the_text() -> None:
    assert shingles("Долго ждали", SOFA) == shingles(None, f"Долго ждали. {SOFA}")


def test_bands_stay_the_same_from_release_to_release() -> None:
    # They are kept in stores: other ones need another `index.shingles.VERSION`.
    (hashes,) = bands([frozenset({"a b", "b c", "c d"})])
    assert hashes[:3] == PINNED


PINNED = (1164977459, 1331099568, 1624144158)


def test_similar_texts_share_a_band() -> None:
    # With probability 1 − (1 − 0.8^6)^16 = 0.992: of 200 pairs at the threshold about two do not.
    found = 0
    for pair in range(200):
        common = {f"{pair} {number}" for number in range(40)}
        one, other = (frozenset(common | {f"{pair} {side}{n}" for n in range(5)}) for side in "ab")
        assert similarity(one, other) == THRESHOLD
        first, second = bands([one, other])
        found += bool(set(first) & set(second))
    assert found >= 195
