"""How copies and adverts are printed, with the reason, and what people have said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from index.noise import PERSON, NoiseKind
from output.ledger import beginning, moment
from output.rows import Column, Kind, print_rows, printable, to_json

if TYPE_CHECKING:
    from index.base import Hit
    from index.noise import Noise
    from index.noise_book import Found
    from index.verdicts import Said

# The columns that say of any mention whether it is noise.
NOISE_COLUMNS: Final[dict[str, Kind]] = {
    "noise": "texts",
    "noise_reasons": "texts",
    "copy_of": "text",
}
_MEANINGS: Final = {
    "same_author": "the same author again",
    "same_source": "another author, same source",
    "other_source": "another source",
    PERSON: "a person says so",
}


def noise_record(noise: Noise | None) -> dict[str, Any]:
    """Return the values of `NOISE_COLUMNS`; empty where a mention is no noise."""
    return {
        "noise": [] if noise is None else list(noise.kinds),
        "noise_reasons": [] if noise is None else list(noise.reasons),
        "copy_of": None if noise is None else noise.copy_of,
    }


def noise_line(noise: Noise | None) -> str | None:
    """Return in a line why a mention may be left out of counts; None where it is no noise."""
    if noise is None:
        return None
    kinds = " and ".join(_named(kind, noise) for kind in noise.kinds)
    return f"{kinds}: {', '.join(_MEANINGS.get(one, one) for one in noise.reasons)}"


def _named(kind: NoiseKind, noise: Noise) -> str:
    if kind == "copy" and noise.copy_of is not None:
        return f"copy of {noise.copy_of}"
    return kind


def _joined(value: Any) -> str:
    return ", ".join(_MEANINGS.get(one, one) for one in value)


_FOUND: Final = (
    Column("id", "id"),
    Column("noise", "is", show=_joined),
    Column("noise_reasons", "because", show=_joined),
    Column("copy_of", "copy of"),
    Column("similarity", "alike", right=True, show=lambda one: "" if one is None else f"{one:.2f}"),
    Column("published_at", "when", show=moment),
    Column("text", "text", show=beginning),
)
_FOUND_KEYS: Final = tuple(
    Column(key, key)
    for key in (
        "id", "noise", "noise_reasons", "copy_of", "similarity", "source", "brand", "published_at",
        "title", "text", "url",
    )
)  # fmt: skip


def print_noise(found: Iterable[Found], output_format: str) -> int:
    """Print copies and adverts, each group together, and return how many there were."""
    columns = _FOUND if output_format == "table" else _FOUND_KEYS
    return print_rows(map(_row, found), output_format, columns)


def _row(found: Found) -> dict[str, Any]:
    mention = found.hit.mention
    return {
        "id": mention.id,
        **noise_record(found.hit.noise),
        "similarity": None if found.similarity is None else round(found.similarity, 3),
        "source": mention.source,
        "brand": mention.brand,
        "published_at": mention.published_at,
        "title": mention.title,
        "text": mention.text,
        "url": mention.url,
    }


_VERDICTS: Final = (
    Column("number", "no", right=True),
    Column("made_at", "when", show=moment),
    Column("author", "who"),
    Column("says", "says"),
    Column("note", "note"),
    Column("in_force", "holds", show=lambda value: "yes" if value else "no"),
)


def print_verdicts(hit: Hit, said: Sequence[Said], output_format: str) -> None:
    """Print whether a mention is noise, and every verdict about it."""
    rows = list(_verdict_rows(said))
    if output_format == "json":
        record = {"id": hit.mention.id, **noise_record(hit.noise), "verdicts": rows}
        click.echo(to_json(record, indent=2))
        return
    if output_format == "table":
        line = noise_line(hit.noise) or "neither a copy nor an advert"
        click.echo(printable(f"{hit.mention.id}: {line}"))
    if rows or output_format != "table":
        print_rows(rows, output_format, _VERDICTS)


def _verdict_rows(said: Sequence[Said]) -> Iterator[dict[str, Any]]:
    for one in said:
        undoes = one.verdict.undoes
        yield {
            "number": one.number,
            "made_at": one.verdict.made_at,
            "author": one.verdict.author,
            "says": one.verdict.verdict if undoes is None else f"takes back no {undoes}",
            "note": one.verdict.note,
            "in_force": one.in_force,
        }
