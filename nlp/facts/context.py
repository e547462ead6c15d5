"""Texts as the rules read them: lower case, in sentences, with patterns that cannot run away.

A pattern is a regular expression in which a space stands for what separates two words of
one clause, and `…` for up to four words between. Every repetition in it is bounded, so
that the time that a text takes grows with its length and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

# What separates words of one clause: no comma, no full stop.
_SPACE: Final = "[ \\t\u00a0\"«»“”„'’()*/-]{1,3}"
_GAP: Final = rf"(?:{_SPACE}\w{{1,25}}){{0,4}}?{_SPACE}"
_MARK: Final = re.compile("[.!?…\n;]+")
# A full stop after these, or inside a number, ends nothing.
_ABBREVIATIONS: Final = frozenset(
    "мин час ч сут дн нед мес руб тыс min mins val hr hrs sav mėn".split()
)
_COMMA: Final = re.compile(
    r",(?!\s?(?:что|чтобы|that|kad) )|[:—–]| (?:но|а|хотя|зато|однако|потому|but|although"
    r"|though|because|bet|nors|tačiau) "
)
# More of one sentence is read as another: nobody writes sentences that long.
_LONGEST: Final = 600


def lowered(text: str) -> str:
    """Return `text` in lower case with ё as е, character for character."""
    low = text.lower()
    if len(low) != len(text):  # such as İ, which becomes two characters
        low = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return low.replace("ё", "е").replace("’", "'")


def sentences(low: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the sentences of a text, without the marks that end them."""
    start = 0
    for mark in _MARK.finditer(low):
        if mark[0] == "." and _goes_on(low, *mark.span()):
            continue
        yield from _pieces(start, mark.start())
        start = mark.end()
    yield from _pieces(start, len(low))


def _goes_on(low: str, stop: int, behind: int) -> bool:
    """Tell whether the full stop at `stop` is one of an abbreviation or a number."""
    if low[behind : behind + 1].isdigit():
        return True
    before = low[max(0, stop - 8) : stop].split()
    return bool(before) and before[-1].lstrip("0123456789") in _ABBREVIATIONS


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(start, end, _LONGEST):
        yield begin, min(begin + _LONGEST, end)


def clause(low: str, span: tuple[int, int], sentence: tuple[int, int]) -> tuple[int, int]:
    """Return (start, end) of the part of `sentence` around `span` that has no comma in it."""
    start, end = sentence
    for comma in _COMMA.finditer(low, start, end):
        if comma.end() <= span[0]:
            start = comma.end()
        elif comma.start() >= span[1]:
            end = comma.start()
            break
    return start, end


def pattern(*alternatives: str) -> re.Pattern[str]:
    """Compile what matches any of `alternatives` as whole words; the module says how."""
    return re.compile(words(*alternatives))


def words(*alternatives: str) -> str:
    """Return the source of `pattern`, to be a part of another."""
    joined = "|".join(alternatives)
    spaced = joined.replace(" … ", "\0").replace(" ", _SPACE).replace("\0", _GAP)
    return rf"(?<!\w)(?:{spaced})(?!\w)"


def any_of(forms: Iterable[str]) -> str:
    """Return a group of alternatives, those that may begin like others first."""
    return f"(?:{'|'.join(sorted(forms, key=len, reverse=True))})"
