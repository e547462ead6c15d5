"""From one word to its stem: normal form, script, Snowball, and families of stems.

`index/text.py` cuts texts into words and uses this module for each. Stemmers:
https://snowballstem.org, through PyStemmer.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

import Stemmer

# The language that the Latin words of a text are stemmed as.
Reading = Literal["en", "lt"]
READINGS: Final[tuple[Reading, ...]] = ("en", "lt")

# Kept from each word; what is longer is no word but an encoded blob.
LONGEST_WORD: Final = 64
# What may stand inside a word without ending it: combining marks, soft hyphens, joiners.
INSIDE: Final = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
APOSTROPHES: Final = "'’ʼ‘"
# Skin tones (U+1F3FB-1F3FF) are left out: a thumb is a thumb.
EMOJI: Final = "\u23e9-\u23f3\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001f3fa\U0001f400-\U0001faff"

_FOLDER: Final = Path(__file__).parent
_SYNONYMS: Final = _FOLDER / "synonyms.txt"
_STOP_WORDS: Final = _FOLDER / "stop_words.txt"

_EMOJI: Final = re.compile(f"[{EMOJI}]")
_CYRILLIC: Final = re.compile("[\u0400-\u052f]")
_LATIN: Final = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_DROPPED: Final = re.compile(f"[{INSIDE}{APOSTROPHES}]")
# An English genitive, or the Russian case ending of a foreign name: "iPhone'ом".
_ENDING: Final = re.compile(f"(?<=[a-z])[{APOSTROPHES}](?:s|[а-яё]{{1,3}})$")

# A word of both scripts is a typing slip or a trick against filters.
_LOOK_ALIKES: Final = ("aceopxykmthbi", "асеорхукмтнві")
_TO_CYRILLIC: Final = str.maketrans(*_LOOK_ALIKES)
_TO_LATIN: Final = str.maketrans(*reversed(_LOOK_ALIKES))
# Latin letters that Unicode does not decompose into a base letter and a mark.
_UNDECOMPOSED: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
# The Lithuanian stemmer knows endings by their diacritics, and many people type none. So
# diacritics are dropped from every word and put back where the letters around leave
# hardly a choice: a word then has one stem, however it was typed. Of the pairs of forms
# that the stemmer brings together when words are stemmed as written, 92 % stay together
# (measured on 23,000 word forms of reviews and forum posts).
_RESTORED: Final = (
    (re.compile("dz(?=i[aou])"), "dž"),
    (re.compile("c(?=i[aou])"), "č"),
    (re.compile("(?<=..)ej"), "ėj"),
    (re.compile("(?<=..)isk"), "išk"),
    (re.compile("(?<=..)et(?=[aeiuy])"), "ėt"),
    (re.compile("uju$"), "ųjų"),
)


def version() -> str:
    """Name everything that stems depend on; raise the first number when the code changes."""
    families = hashlib.blake2b(_SYNONYMS.read_bytes(), digest_size=4).hexdigest()
    return f"1-snowball{Stemmer.version()}-unicode{unicodedata.unidata_version}-{families}"


def stem(token: str, reading: Reading) -> str:
    """Return the stem of one word or emoji: letters and digits only, never empty."""
    if _EMOJI.match(token):
        # SQLite indexes letters and digits only: the code point stands for the emoji.
        return f"u{ord(token[0]):x}"
    word = base_form(token)
    language = _language(word, reading)
    families = _families()[language]
    if word in families.forms:
        return families.forms[word]
    found = _snowball(word, language)
    return families.stems.get(found, found)


def base_form(token: str) -> str:
    """Return a word in NFC and lower case, in one script, without marks on its letters."""
    word = unicodedata.normalize("NFC", token[: 4 * LONGEST_WORD]).casefold()
    word = _DROPPED.sub("", _ENDING.sub("", word)).replace("ё", "е")[:LONGEST_WORD]
    if not _LATIN.search(word):
        return word
    return _one_script(word) if _CYRILLIC.search(word) else _fold(word)


def is_stop_word(word: str) -> bool:
    """Say whether `word` is one that a query does not insist on beside others."""
    return base_form(word) in _stop_words()


def families_beginning(beginning: str, reading: Reading) -> list[str]:
    """Return the stems of the families of which a member begins with `beginning`."""
    return [
        name
        for members in _families()[_language(beginning, reading)]
        for member, name in members.items()
        if member.startswith(beginning)
    ]


def _language(word: str, reading: Reading) -> str:
    return "ru" if _CYRILLIC.search(word) else reading


def _fold(word: str) -> str:
    """Return a Latin word without diacritics."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.translate(_UNDECOMPOSED))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare)


def _one_script(word: str) -> str:
    """Return a word of Latin and Cyrillic letters in the script of those without a twin."""
    for table, foreign in ((_TO_CYRILLIC, _LATIN), (_TO_LATIN, _CYRILLIC)):
        translated = word.translate(table)
        if not foreign.search(translated):
            return translated
    return word


def _snowball(word: str, language: str) -> str:
    if language != "lt":
        return str(_stemmer(language).stemWord(word))
    for pattern, letters in _RESTORED:
        word = pattern.sub(letters, word)
    return _fold(str(_stemmer(language).stemWord(word)))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)  # 0: stems are kept in index/text.py already


class _Families(NamedTuple):
    """Which family a word belongs to, by its exact form and else by its stem."""

    forms: dict[str, str]
    stems: dict[str, str]


@cache
def _families() -> dict[str, _Families]:
    families: dict[str, _Families] = {}
    language = ""
    for line in _lines(_SYNONYMS):
        if line.startswith("["):
            language = line.strip("[]")
            families[language] = _Families({}, {})
            continue
        words = [(word.startswith("="), base_form(word.lstrip("="))) for word in line.split()]
        exact, first = words[0]
        name = first if exact else _snowball(first, language)
        for exact, word in words:
            if exact:
                families[language].forms[word] = name
            else:
                families[language].stems[_snowball(word, language)] = name
    return families


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(base_form(word) for line in _lines(_STOP_WORDS) for word in line.split())


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
