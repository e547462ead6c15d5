import pytest

from nlp.language import identify


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Доставили на два дня позже, поддержка молчит", "ru"),
        ("Отлично!", "ru"),
        ("Delivery took two weeks and nobody answered the phone", "en"),
        ("Great service", "en"),
        ("Labai gerai, personalas malonus ir viską paaiškino", "lt"),
        ("Ačiū", "lt"),
        ("Ochen dolgo vezli, dostavka uzhas", "ru"),
        ("Sehr gute Qualität, schnelle Lieferung, gerne wieder", "de"),
        ("Дуже добре обслуговування, рекомендую всім", "uk"),
        ("Bardzo dobry sklep, szybka dostawa, polecam wszystkim", "pl"),
        ("Ļoti laipns personāls, iesaku visiem", "lv"),
        ("Väga hea teenindus, soovitan kõigile", "et"),
        ("Служителите са много любезни, препоръчвам на всички", "bg"),
        ("👍👍👍", None),
        ("12345 !!!", None),
        ("https://example.org/a/b", None),
        ("", None),
    ],
)
def test_language_of_a_text(text, expected):
    assert identify(text) == expected


def test_a_hint_decides_for_very_short_text_only():
    assert identify("ok", "en") == "en"
    german = "Sehr gute Qualität, schnelle Lieferung, gerne wieder"
    assert identify(german, "ru") == "de"
    assert identify("Отлично", "en") == "ru"
    assert identify("👍", "ru") is None


def test_hostile_text_does_not_stop_it():
    for text in ("\x00\ud800".encode("utf-8", "replace").decode(), "а" * 100_000, "\u202e" * 50):
        identify(text)
