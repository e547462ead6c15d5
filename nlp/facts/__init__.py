"""What a text states about the service, found by rules: `find`. docs/facts.md defines each kind.

Rules, not the model: durations and counts have to be exact, and a rule can be read. They know
nothing of the network's weights, so that facts are found anew without running it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Final, Literal, Protocol

from mention import Fact, FactKind
from nlp.facts.context import lowered, sentences
from nlp.facts.durations import Found

__all__ = ["VERSION", "find", "find_in_mention"]

# Raised with every change of a rule: `molva tag` then looks for facts in what it has tagged.
VERSION: Final = 1


class _Finder(Protocol):
    def find(self, low: str, spans: Sequence[tuple[int, int]]) -> Iterator[Found]: ...


def find(text: str, lang: str | None, field: Literal["title", "text"] = "text") -> tuple[Fact, ...]:
    """Return what `text` states, in its order; nothing for a language without rules.

    Args:
        text: of one field of a mention; offsets count in it.
        lang: ISO 639-1, as identified.
        field: which one it is.
    """
    finders = _finders(lang)
    if not finders:
        return ()
    low = lowered(text)
    spans = list(sentences(low))
    facts = [
        Fact(kind=kind, value=value, field=field, start=start, end=end)
        for kind, finder in finders
        for value, start, end in finder.find(low, spans)
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end)))


def find_in_mention(title: str | None, text: str, lang: str | None) -> tuple[Fact, ...]:
    """Return what a title and a text state, the title's facts first."""
    return (*(find(title, lang, "title") if title else ()), *find(text, lang))


@cache
def _finders(lang: str | None) -> tuple[tuple[FactKind, _Finder], ...]:
    rules: ModuleType
    if lang == "ru":
        from nlp.facts import russian as rules
    elif lang == "en":
        from nlp.facts import english as rules
    elif lang == "lt":
        from nlp.facts import lithuanian as rules
    else:
        return ()
    return (
        ("wait", rules.DURATIONS),
        ("repeat_contact", rules.CONTACTS),
        ("recommend", rules.RECOMMENDATION),
        ("resolved", rules.RESOLUTION),
    )
