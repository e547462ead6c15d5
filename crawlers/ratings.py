"""Ratings as pages and spreadsheets write them: 4.6, "4,6", "80%", "4 из 5", "★★★★☆"."""

from __future__ import annotations

import math
import re
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_OF: Final = re.compile(
    r"^\s*([+-]?\d+(?:[.,]\d+)?)\s*(?:/|из|iš|of|out of|von|sur)\s*(\d+(?:[.,]\d+)?)\b",
    re.IGNORECASE,
)
_MAX_LENGTH: Final = 40


def parse_number(value: object) -> float | None:
    """Return a finite number from a number or a text with a decimal point or comma, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    if not isinstance(value, str) or len(value) > _MAX_LENGTH:
        return None
    match = _NUMBER.fullmatch(value.strip())
    return float(match[0].replace(",", ".")) if match else None


def parse_rating(value: object, low: float, high: float) -> tuple[float, float, float] | None:
    """Return (rating, low, high) on the scale that `value` is written in, or None.

    A plain number is on the scale `low` to `high`. A percentage is on 0 to 100;
    "4 из 5" and "9/10" bring their own highest value.
    """
    number = parse_number(value)
    if number is not None:
        return number, low, high
    if not isinstance(value, str) or len(value) > _MAX_LENGTH:
        return None
    text = value.strip()
    if text.endswith("%"):
        share = parse_number(text[:-1])
        return None if share is None else (share, 0.0, 100.0)
    if match := _OF.match(text):
        given, best = (float(part.replace(",", ".")) for part in match.groups())
        return given, low, best
    number = _from_words(text)
    return None if number is None else (number, low, high)


def _from_words(text: str) -> float | None:
    """Count stars, or take the only number among words ("5 звёзд", "Rated 4.0")."""
    stars = text.count("★") or text.count("⭐")
    if stars and not text.strip("★☆⭐\ufe0f "):
        return float(stars)
    numbers = _NUMBER.findall(text)
    return float(numbers[0].replace(",", ".")) if len(numbers) == 1 else None


def _finite(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
