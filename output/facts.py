"""How the facts of a mention look: values in columns, and each beside the words that state it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from index.rows import FACT_FIELDS, fact_values
from mention import FACT_UNITS, Fact, Mention, Tagging
from output.rows import Column, Kind, print_rows

# What the columns of an export hold.
FACT_KINDS: Final[dict[str, Kind]] = dict.fromkeys(FACT_FIELDS.values(), "number")

_COLUMNS: Final = (
    Column("kind", "fact"),
    Column("value", "value", right=True),
    Column("unit", "unit"),
    Column("words", "words"),
)


def fact_columns(tagging: Tagging | None) -> dict[str, float | None]:
    """Return {column: value} for every kind, None where the text states nothing of it."""
    values = fact_values(tagging) if tagging else {}
    return {column: values.get(kind) for kind, column in FACT_FIELDS.items()}


def fact_records(mention: Mention, tagging: Tagging | None) -> Iterator[dict[str, Any]]:
    """Yield each fact with its unit, its span and the words that state it."""
    for fact in tagging.facts if tagging else ():
        yield {
            **fact.model_dump(mode="json"),
            "unit": FACT_UNITS[fact.kind],
            "words": _words(mention, fact),
        }


def print_facts(mention: Mention, tagging: Tagging) -> None:
    """Print a table of the facts of one mention; nothing where there are none."""
    if tagging.facts:
        click.echo()
        rows = [
            record | {"value": f"{record['value']:g}"} for record in fact_records(mention, tagging)
        ]
        print_rows(rows, "table", _COLUMNS)


def _words(mention: Mention, fact: Fact) -> str:
    text = (mention.title or "") if fact.field == "title" else mention.text
    return text[fact.start : fact.end]
