"""Numbers in digits and in words, in the forms that a language gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from nlp.facts.context import any_of

# With the endings that writers add: 20-ти, 3-й, 2nd.
DIGITS: Final = (
    r"(?<![\d.,:/])\d{1,4}(?:[.,]\d{1,2})?(?:-?(?:ти|ть|мя|ми|[юхийея]|го|th|rd|nd|st)|\+)?(?![\d])"
)
_VALUE: Final = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")


class Numbers:
    """The number words of one language.

    Attributes:
        one: source of a pattern for one number.
        ordinal: source of a pattern for "third", "3rd" and so on, from the second.
    """

    def __init__(
        self, cardinals: Mapping[str, float], ordinals: Mapping[str, int], separator: str
    ) -> None:
        """Make the patterns.

        Args:
            cardinals: {pattern of a word's forms: its value}.
            ordinals: likewise, from the second on.
            separator: pattern of what stands between the ends of a range.
        """
        self._values = {**cardinals, **ordinals}
        self.one = f"(?:{DIGITS}|{any_of(cardinals)}(?!\\w))"
        self.ordinal = (
            f"(?:[2-9]|[1-9]\\d)-?(?:й|ый|ой|ю|ую|я|е|nd|rd|th|oji|ąją|ą|ias)|{any_of(ordinals)}"
        )
        self._separator = rf"(?:\s{{0,2}}[-–—−]\s{{0,2}}|\s{separator}\s|,?\s)"
        self._token = re.compile(rf"{DIGITS}|[^\W\d]+")
        # lru_cache on a method would keep the object; this one lives as long as it does.
        self._value = lru_cache(maxsize=4096)(self._value_of)

    @property
    def several(self) -> str:
        """Source of a pattern for a number of several words, or a range."""
        return f"{self.one}(?:{self._separator}{self.one}){{0,3}}"

    def read(self, written: str) -> float:
        """Return the value of what `several`, `one` or `ordinal` matched.

        Of a range it is the middle: 2-3 is 2.5.
        """
        ends: list[float] = []
        for token in self._token.findall(written):
            value = self._value(token)
            if value is None:
                continue
            # "twenty five" is one number, "two three" are two.
            if ends and ends[-1] >= 20 and value < _room(ends[-1]) and not token[0].isdigit():
                ends[-1] += value
            else:
                ends.append(value)
        return (min(ends) + max(ends)) / 2 if ends else 0.0

    def _value_of(self, token: str) -> float | None:
        digits = _VALUE.match(token)
        if digits:
            return float(digits[0].replace(",", "."))
        for forms, value in self._values.items():
            if re.fullmatch(forms, token):
                return value
        return None


def _room(value: float) -> float:
    """Return what a following word must be below to be a part of the same number."""
    if value % 100 == 0:
        return 100
    return 10 if value % 10 == 0 else 0
