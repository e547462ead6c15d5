"""How long a customer waited, or something took: `wait`, in minutes.

A length of time counts when words of waiting or of service stand in the same sentence and
nothing says that it is a promise, a way to go, a warranty, an age or a time ago.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.facts.context import any_of, clause, pattern
from nlp.facts.numbers import Numbers

MINUTE: Final = 1
HOUR: Final = 60
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
MONTH: Final = 30 * DAY
YEAR: Final = 365 * DAY

# Longer ones are ages and histories.
_LONGEST: Final = 3 * YEAR
Found = tuple[float, int, int]  # value, start, end


@dataclass(frozen=True, slots=True)
class DurationWords:
    """What one language says about durations; the values are patterns of `context.pattern`.

    Attributes:
        units: {forms: minutes}.
        fixed: {expression: minutes}, such as "half an hour".
        alone: forms of units that mean one where no number stands before them.
        alone_after: forms that do so only after a qualifier.
        inverted: forms of units that stand before their number.
        qualifiers: about, more than: they belong to the span and leave the value alone.
        opening: what begins a range.
        half: "and a half".
        kinds: what may stand between the number and the unit, such as "working".
        rest: what may follow: "and some".
        cues: what has to stand in the sentence.
        waiting: those of them that make even a year a wait.
        not_before, not_after: what may not stand right before or after.
        not_within: what may not stand in the clause.
    """

    numbers: Numbers
    units: Mapping[str, int]
    fixed: Mapping[str, float]
    alone: str
    alone_after: str
    inverted: str
    qualifiers: str
    opening: str
    half: str
    kinds: str
    rest: str
    cues: re.Pattern[str]
    waiting: re.Pattern[str]
    not_before: re.Pattern[str]
    not_after: re.Pattern[str]
    not_within: re.Pattern[str]


class Durations:
    """Finds durations in the texts of one language."""

    def __init__(self, words: DurationWords) -> None:
        self._words = words
        self._units, self._fixed = _compiled(words.units), _compiled(words.fixed)
        units, several = any_of(words.units), words.numbers.several
        self._has_unit = re.compile(rf"(?<![^\W\d_]){any_of([*words.units, *words.fixed])}(?!\w)")
        self._quantity = pattern(
            rf"(?:(?P<qualifier>{words.qualifiers}) )?(?:"
            rf"(?:(?:{words.opening}) )?(?P<numbers>{several})(?P<half> {words.half})?"
            rf"(?: (?:{words.kinds}))?[\s-]{{0,2}}(?P<unit>{units})(?!\w)"
            rf"|(?P<ordinal>{words.numbers.ordinal}) (?P<ordinal_unit>{units})"
            rf"|(?P<inverted>{words.inverted}) (?P<after>{several})"
            rf"|(?P<fixed>{any_of(words.fixed)})"
            rf"|(?P<alone>{words.alone})(?:\s?-\s?(?P<upto>{words.numbers.one})(?: {units})?)?"
            rf"(?P<alone_half> {words.half})?"
            rf"|(?P<alone_after>{words.alone_after})"
            # "1 hour 20 minutes"
            r")(?:\.?,?(?: (?:и|and|ir))?\s?"
            rf"(?P<more>{several})\s?(?P<more_unit>{units}|[мm])(?!\w))?"
            rf"(?: (?:{words.rest}))?"
        )

    def find(self, low: str, spans: Sequence[tuple[int, int]]) -> Iterator[Found]:
        """Yield (minutes, start, end) for a lowered text and its sentences, in order."""
        for sentence in spans:
            if not self._has_unit.search(low, *sentence):
                continue
            has_cue: bool | None = None  # asked once a sentence, and of few sentences
            for match in self._quantity.finditer(low, *sentence):
                value = self._minutes(match)
                if value and has_cue is None:
                    has_cue = bool(self._words.cues.search(low, *sentence))
                if value and has_cue and self._counts(low, match.span(), sentence, value):
                    yield value, *match.span()

    def _minutes(self, match: re.Match[str]) -> float | None:
        """Return the value of a quantity, None for what is none."""
        words = self._words
        read = words.numbers.read
        if match["unit"]:
            value = (read(match["numbers"]) + 0.5 * bool(match["half"])) * self._unit(match["unit"])
        elif match["ordinal"]:
            value = read(match["ordinal"]) * self._unit(match["ordinal_unit"])
        elif match["inverted"]:
            value = read(match["after"]) * self._unit(match["inverted"])
        elif match["fixed"]:
            value = _value(self._fixed, match["fixed"])
        elif match["alone"]:
            number = 1 + 0.5 * bool(match["alone_half"])
            if match["upto"]:
                number = (1 + read(match["upto"])) / 2
            value = number * self._unit(match["alone"].split()[-1])
        else:
            # A genitive means one only where a qualifier asks for it.
            value = self._unit(match["alone_after"]) if match["qualifier"] else 0
        if match["more"] and value:
            value += read(match["more"]) * self._unit(match["more_unit"])
        return value if 0 < value <= _LONGEST else None

    def _unit(self, form: str) -> float:
        return _value(self._units, form) or MINUTE  # "м" after hours

    def _counts(
        self, low: str, span: tuple[int, int], sentence: tuple[int, int], value: float
    ) -> bool:
        words = self._words
        if value >= YEAR and not words.waiting.search(low, *sentence):
            return False
        start, end = clause(low, span, sentence)
        if words.not_after.match(low, span[1], end):
            return False
        before = low[start : span[0]]
        return not (words.not_before.search(before) or words.not_within.search(low, start, end))


def _compiled(values: Mapping[str, float]) -> list[tuple[re.Pattern[str], float]]:
    return [(pattern(forms), value) for forms, value in values.items()]


def _value(values: list[tuple[re.Pattern[str], float]], form: str) -> float:
    return next((value for forms, value in values if forms.fullmatch(form)), 0)
