"""Which words carried the labels of a mention, as `molva explain --words` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from mention import UserError
from output.rows import Column, print_rows, signed

if TYPE_CHECKING:
    from index.base import Hit
    from nlp.attribution import Attributor

# A table names so many words of a label, those that did most; JSON has all.
_NAMED: Final = 6
# What changes a probability by less than this is not named.
_LEAST: Final = 0.01


def word_records(hit: Hit, attributor: Attributor) -> Iterator[dict[str, Any]]:
    """Yield for each label of a mention what each word did for it, or why nobody can say."""
    from nlp.attribution import METHOD

    mention, tagging = hit.mention, hit.tagging
    for number, sentence in enumerate(tagging.sentences if tagging else (), start=1):
        text = (mention.title or "") if sentence.field == "title" else mention.text
        for topic in dict.fromkeys(label.topic for label in sentence.topics):
            record: dict[str, Any] = {"number": number, "topic": topic, "method": METHOD}
            try:
                found = attributor.words(mention, tagging, number, topic)
            except UserError as error:
                yield record | {"polarity": None, "refused": str(error), "words": []}
                continue
            words = [
                {**word._asdict(), "field": sentence.field, "word": text[word.start : word.end]}
                for word in found.words
            ]
            yield record | {"polarity": found.label.polarity, "refused": None, "words": words}


def print_words(records: Iterable[Mapping[str, Any]]) -> None:
    """Print a table of what `word_records` gives."""
    rows = [
        {
            "number": record["number"],
            "topic": record["topic"],
            "words": record["refused"] or _strongest(record["words"]),
        }
        for record in records
    ]
    if rows:
        click.echo("\nwhat the probability of a label loses without a word")
        print_rows(rows, "table", _COLUMNS)


def _strongest(words: Iterable[Mapping[str, Any]]) -> str:
    """Return the words that did most for a label or against it, the strongest first."""
    named = sorted(
        (word for word in words if abs(word["weight"]) >= _LEAST),
        key=lambda word: -abs(word["weight"]),
    )
    return ", ".join(f"{word['word']} {signed(word['weight'])}" for word in named[:_NAMED])


_COLUMNS: Final = (
    Column("number", "no", right=True),
    Column("topic", "topic"),
    Column("words", "words"),
)
