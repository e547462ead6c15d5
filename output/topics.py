"""What `molva topics` prints: the topics there are, and how well own ones are recognised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from output.rows import Column, print_rows, printable, share

if TYPE_CHECKING:
    from nlp.own_training import Trained

# Below this, more or other examples are worth more than trust.
ENOUGH: Final = 0.7
SHOWN: Final = 5

LIST_COLUMNS: Final = tuple(Column(key, key) for key in ("topic", "ru", "en", "lt", "state"))
_LABELS: Final = {"positive": "+", "neutral": "0", "negative": "−", "absent": "absent"}


def print_topics(rows: Iterable[dict[str, str]], output_format: str) -> None:
    """Print built-in and own topics with their names."""
    print_rows(rows, output_format, LIST_COLUMNS)


def print_training(results: Sequence[Trained], output_format: str) -> None:
    """Print what the cross-validation of each topic found, and what to do about it."""
    if output_format == "json":
        print_rows((asdict(one) for one in results), output_format, ())
        return
    columns = [Column("topic", "topic")]
    columns += [Column(key, sign, right=True) for key, sign in _LABELS.items()]
    columns += [
        Column(key, key, right=True, show=share) for key in ("precision", "recall", "polarity")
    ]
    print_rows((_row(one) for one in results), "table", columns)
    for one in results:
        if min(one.precision, one.recall) < ENOUGH:
            click.echo(f"{one.topic}: {_advice(one)}", err=True)
        if one.suspects:
            click.echo(
                f"{one.topic}: these background sentences look like the topic; if one speaks "
                "of it, add it to the examples:",
                err=True,
            )
            for text in one.suspects[:SHOWN]:
                click.echo(f"  {printable(text)}", err=True)


def _row(one: Trained) -> dict[str, Any]:
    counts = {key: one.examples.get(key, 0) for key in _LABELS}
    return {
        "topic": one.topic,
        "precision": one.precision,
        "recall": one.recall,
        "polarity": one.polarity,
    } | counts


def _advice(one: Trained) -> str:
    if one.recall < ENOUGH:
        return "many sentences are missed; add examples in other words"
    return 'much else is taken for it; add sentences that look alike with the label "absent"'
