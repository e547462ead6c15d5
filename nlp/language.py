"""Which language a text is in. Unsure is an answer: a text is never guessed at."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lingua import LanguageDetector

SUPPORTED: Final = ("ru", "en", "lt")
# Languages of the posts from which the model knows how writers feel.
TONED: Final = ("ru", "en")
# The tagger's languages and those that are taken for them: without Ukrainian
# among the choices every Ukrainian text would be Russian.
_CHOICES = [
    *("ru", "uk", "be", "bg", "sr", "mk", "kk", "en", "lt", "lv", "et", "pl", "de", "fr", "es"),
    *("it", "pt", "nl", "sv", "da", "nb", "fi", "cs", "sk", "ro", "hu", "tr", "hr"),
]
# Below this many letters a text says little, and what the platform states counts.
_SHORT = 25
_PLAIN = 50
_ENOUGH = 600
_LETTERS = re.compile(r"[^\W\d_]+")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+")
# By length: fewer than `_SHORT` letters, fewer than 60, more. Chosen on posts and film
# subtitles: Russian posts of a few words look like Macedonian or Bulgarian to the detector.
_PRIORS: Final = {"ru": (200.0, 40.0, 4.0), "en": (10.0, 4.0, 1.5), "lt": (10.0, 4.0, 1.5)}
_CYRILLIC = re.compile(r"[а-яё]")
# Letters that Russian has and its neighbours lack, and the reverse. Belarusian
# has the first as well, but no text of it is without the second.
_RUSSIAN = re.compile(r"[ыэё]")
_NOT_RUSSIAN = re.compile(r"[іїєґўђјљњћџѓќѕәғқңөұүһ]")
_SURELY_RUSSIAN = re.compile(r"[ыэ]")
_LITHUANIAN = re.compile(r"[ėįų]")
# Everyday words of reviews that settle a short text.
_WORDS = {
    "en": frozenset(
        "the and are not it my you your they this that to of for with very good great would "
        "bad nice best worst excellent love app service ok okay wow thanks cool awesome poor "
        "easy recommend recommended terrible horrible perfect amazing please but never".split()
    ),
    "lt": frozenset(
        "ir labai gerai ačiū aciu puiku puikus puiki viskas nepatiko patiko bet yra buvo kad tik "
        "su už uz nuo iki per ne jau dar gera geras blogai super rekomenduoju skanu dėkoju".split()
    ),
    "ru": frozenset(
        "что это все всё как но очень хорошо отлично супер спасибо ужас ужасно плохо нет нету "
        "нормально норм топ рекомендую вкусно класс быстро удобно советую доволен довольна".split()
    ),
}
_SURELY_ENGLISH = frozenset(
    "the and was were with they this that have had for you but not are very from would there "
    "their which been could after our when about".split()
)
# fmt: off
_TRANSLITERATED = frozenset({
    "bolshe", "bystro", "chto", "dengi", "dlya", "dolgo", "dostavili", "dostavka", "esli",
    "eto", "horosho", "kachestvo", "kak", "khorosho", "kogda", "kupil", "kupila", "magazin",
    "menya", "neploho", "nichego", "nikogda", "normalno", "nravitsya", "obsluzhivanie", "ochen",
    "ochenj", "otlichno", "otvratitelno", "ploho", "pochemu", "ponravilas", "ponravilos",
    "ponravilsya", "potomu", "prishel", "prishlo", "rabotaet", "rekomenduyu", "sovetuyu",
    "spasibo", "svoi", "tolko", "tovar", "uzhas", "uzhasno", "voobsche", "voobshche", "vse",
    "vsyo", "xorosho", "zakaz", "zakazal", "zakazala", "zdes",
})
# fmt: on


def identify(text: str, hint: str | None = None) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None when it cannot be told.

    `hint` is the language that the platform states; it decides for a very short
    text only, if the letters allow it, since platforms often state the language
    of their page instead. Text without letters has no language.
    """
    cleaned = _NOISE.sub(" ", text[: _ENOUGH * 4])
    words = [word.lower() for word in _LETTERS.findall(cleaned)]
    sample = " ".join(words)[:_ENOUGH]
    letters = sum(map(len, words))
    if not letters:
        return None
    cyrillic = bool(_CYRILLIC.search(sample))
    if not cyrillic and _share(words, _TRANSLITERATED) >= 0.2:
        return "ru"
    if hint in SUPPORTED and letters < _SHORT and _can_be(hint, sample, cyrillic):
        return hint
    if letters < _SHORT:
        for language in SUPPORTED:
            known = _share(words, _WORDS[language]) >= 0.4
            if known and _can_be(language, sample, cyrillic):
                return language
    elif (sure := _plain(sample, words, cyrillic)) is not None:
        return sure
    scores = _detector().compute_language_confidence_values(sample)
    values = {score.language.iso_code_639_1.name.lower(): score.value for score in scores}
    for language in SUPPORTED:
        if _can_be(language, sample, cyrillic):
            values[language] = values.get(language, 0.0) * _prior(
                language, words, letters, stated=language == hint
            )
    best = max(values, key=values.__getitem__)
    # Three letters of an unknown word are no evidence.
    return best if values[best] >= (0.3 if letters < 4 else 0.12) else None


def _prior(language: str, words: list[str], letters: int, *, stated: bool) -> float:
    """Return by how much to favour a language that the tagger knows: it is met more often.

    Little for a long text, where the detector is sure; more where the text is
    short, or the platform, its letters or everyday words speak for the language.
    """
    step = 0 if letters < _SHORT else 1 if letters < 60 else 2
    prior = _PRIORS[language][step]
    if stated:
        prior *= 5
    if _share(words, _WORDS[language]) >= 0.2:
        prior *= 5
    marks = {"ru": _RUSSIAN, "lt": _LITHUANIAN}.get(language)
    if marks and any(marks.search(word) for word in words[:60]):
        prior *= 10
    return prior


def _plain(sample: str, words: list[str], cyrillic: bool) -> str | None:
    """Return the language of a text that letters and everyday words settle; None for the others.

    Most reviews are of this kind, and the detector takes a hundred times as long.
    No other language that is met here has ы or э without a letter that Russian lacks.
    """
    if len(sample) < _PLAIN:
        return None
    if cyrillic:
        return "ru" if _SURELY_RUSSIAN.search(sample) and _can_be("ru", sample, True) else None
    if sample.isascii():
        return "en" if _share(words, _SURELY_ENGLISH) >= 0.15 else None
    return "lt" if _LITHUANIAN.search(sample) and _share(words, _WORDS["lt"]) >= 0.08 else None


def _can_be(language: str, sample: str, cyrillic: bool) -> bool:
    """Tell whether the letters of `sample` can be of `language`."""
    if language == "ru":
        return cyrillic and not _NOT_RUSSIAN.search(sample)
    latin = any("a" <= character <= "z" for character in sample)
    return latin and not cyrillic and (language == "lt" or sample.isascii())


def _share(words: list[str], known: frozenset[str]) -> float:
    return sum(word in known for word in words) / max(1, len(words))


@cache
def _detector() -> LanguageDetector:
    """Build the detector once. Its models come with the package.

    The small models: the large ones take twenty seconds to load, and are better
    only on texts so short that everyday words and the hint decide better still.
    """
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    choices = [getattr(IsoCode639_1, code.upper()) for code in _CHOICES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*choices)
    return builder.with_low_accuracy_mode().build()
