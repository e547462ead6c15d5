"""How well facts are found in labelled sentences: `python -m nlp.evaluation.facts [FILE]`.

Each line of FILE is `{"id", "part", "lang", "text", "facts": [{"kind", "value", "quote"}]}`;
`quote` is the piece of the text that states the fact. A found fact is right when a labelled
one has its kind and its value and the two share a character. `exact` is the share of right
ones whose span is the labelled one to the character.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from mention import Fact, FactKind
from nlp.facts import find

SAMPLE: Final = Path(__file__).parents[2] / "tests" / "nlp" / "facts.jsonl"
PARTS: Final = ("held_out", "tuning")
LANGUAGES: Final = ("ru", "en", "lt")


@dataclass(slots=True)
class Score:
    """Counts of one kind, language and part."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    exact: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.exact + other.exact,
        )

    @property
    def precision(self) -> float | None:
        """The share of found facts that are right; None where none was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """The share of labelled facts that were found; None where there are none."""
        return _share(self.right, self.right + self.missed)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One sentence in which something was missed, or found where nothing is."""

    text: str
    missed: tuple[tuple[str, float], ...]
    wrong: tuple[tuple[str, float], ...]


Scores = dict[tuple[str, str, FactKind], Score]  # by part, language and kind


def read(path: Path = SAMPLE) -> list[dict[str, Any]]:
    """Return the lines of a labelled file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure(records: Iterable[Mapping[str, Any]]) -> tuple[Scores, list[Mistake]]:
    """Look for facts in labelled sentences and compare."""
    scores: Scores = {}
    mistakes = []
    for record in records:
        text, place = record["text"], (record["part"], record["lang"])
        found = list(find(text, record["lang"]))
        missed = []
        for label in record["facts"]:
            start = text.index(label["quote"])
            span = (start, start + len(label["quote"]))
            score = scores.setdefault((*place, label["kind"]), Score())
            fact = next((one for one in found if _is_right(one, label, span)), None)
            if fact is None:
                score.missed += 1
                missed.append((label["kind"], label["value"]))
                continue
            found.remove(fact)
            score.right += 1
            score.exact += (fact.start, fact.end) == span
        for fact in found:
            scores.setdefault((*place, fact.kind), Score()).wrong += 1
        if missed or found:
            wrong = tuple((one.kind, one.value) for one in found)
            mistakes.append(Mistake(text, tuple(missed), wrong))
    return scores, mistakes


def _is_right(fact: Fact, label: Mapping[str, Any], span: tuple[int, int]) -> bool:
    meets = fact.start < span[1] and span[0] < fact.end
    return meets and (fact.kind, fact.value) == (label["kind"], label["value"])


def table(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a Markdown table of the figures, as docs/facts.md has it."""
    records = list(records)
    scores, _ = measure(records)
    sentences = Counter((record["part"], record["lang"]) for record in records)
    yield "| part | language | sentences | kind | facts | precision | recall | exact span |"
    yield "|---|---|---:|---|---:|---:|---:|---:|"
    for part in PARTS:
        for lang in LANGUAGES:
            for kind in get_args(FactKind):
                if score := scores.get((part, lang, kind)):
                    yield _row(part, lang, sentences[part, lang], kind, score)
        whole = sum((one for (of, *_), one in scores.items() if of == part), Score())
        total = sum(number for (of, _), number in sentences.items() if of == part)
        yield _row(part, "all", total, "all", whole)


def _row(part: str, lang: str, sentences: int, kind: str, score: Score) -> str:
    shares = (score.precision, score.recall, _share(score.exact, score.right))
    shown = " | ".join("–" if share is None else f"{share:.2f}" for share in shares)
    name = part.replace("_", " ")
    return f"| {name} | {lang} | {sentences} | {kind} | {score.right + score.missed} | {shown} |"


def _share(some: int, of: int) -> float | None:
    return some / of if of else None


def main() -> None:
    """Print the figures of a labelled file, and what went wrong in the part for tuning."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    if not path.is_file():
        sys.exit(f"there is no file {path}; name one with labelled sentences")
    records = read(path)
    sys.stdout.writelines(f"{line}\n" for line in table(records))
    # Of the held-out part only figures are shown, so that nobody tunes on it by accident.
    _, mistakes = measure(record for record in records if record["part"] != "held_out")
    for one in mistakes:
        sys.stdout.write(f"\n{one.text}\n  missed {one.missed}, wrong {one.wrong}\n")


if __name__ == "__main__":
    main()
