"""What a text states in a few words: a contact made again, a recommendation, a solution.

Rules are tried in order on each sentence that has a trigger. What one has matched is taken,
also by a rule that says that it means nothing («врач рекомендовал»), so that exceptions
stand before what they are exceptions to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from nlp.facts.context import pattern
from nlp.facts.durations import Found
from nlp.facts.numbers import Numbers

# A number, nothing, or the number that the group `count` of the pattern matched.
Value = float | Literal["count"] | None
Rule = tuple[str, Value]

# "Several times", of which nobody knows how many; and what "a hundred times" means.
SEVERAL: Final = 3
_HYPERBOLE: Final = 50


class Statements:
    """Finds one kind of statement in the texts of one language."""

    def __init__(self, numbers: Numbers, trigger: str, rules: Sequence[Rule]) -> None:
        """Compile the rules.

        Args:
            numbers: of the language.
            trigger: part of a word without which no rule can match.
            rules: (pattern of `context.pattern`, value) in order.
        """
        self._numbers = numbers
        self._trigger = re.compile(trigger)
        self._rules = [(pattern(source), value) for source, value in rules]

    def find(self, low: str, spans: Sequence[tuple[int, int]]) -> Iterator[Found]:
        """Yield (value, start, end) for a lowered text and its sentences, in order."""
        for sentence in spans:
            if self._trigger.search(low, *sentence):
                yield from self._in_sentence(low, sentence)

    def _in_sentence(self, low: str, sentence: tuple[int, int]) -> list[Found]:
        taken: list[tuple[int, int]] = []
        found: list[Found] = []
        for rule, meaning in self._rules:
            for match in rule.finditer(low, *sentence):
                start, end = match.span()
                if any(start < there[1] and there[0] < end for there in taken):
                    continue
                taken.append((start, end))
                value = self._count(match["count"]) if meaning == "count" else meaning
                if value is not None:
                    found.append((value, start, end))
        return sorted(found, key=lambda one: one[1])

    def _count(self, written: str) -> float | None:
        """Return how many contacts; None for one, which repeats nothing."""
        count = int(self._numbers.read(written) + 0.5)
        if count < 2:
            return None
        return count if count <= _HYPERBOLE else SEVERAL
