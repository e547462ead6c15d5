"""Writes the tables of `docs/sources.md`: `python -m tests.contract.sources.table`.

Names, arguments, keys and terms come from the registry, what a source was tested on from
its `Source`. The words between the tables are written by hand and stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

from crawlers.parameters import BrandLabels, Parameters
from crawlers.registry import SPIDERS, describe
from crawlers.spider_entry import LAW, Secret, variable
from tests.contract.sources.kit import Evidence, load

DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "sources.md"

EVIDENCE: Final[dict[Evidence, str]] = {
    "recording": "real recordings",
    "look-alike": "look-alikes",
    "specification": "specification only",
}
_COMMON: Final = frozenset((*Parameters.model_fields, *BrandLabels.model_fields))
_IMPORT: Final = (
    "`molva import`",
    "CSV, JSON Lines, mbox and e-mail, saved web pages",
    "your own files",
    "",
    "",
)
# What is generated of a section: blank lines, tables and the address of the terms.
_GENERATED: Final = re.compile(r"\n*(?:(?:\|[^\n]*|Terms: [^\n]*)?\n)*")


def written(document: str) -> str:
    """Return `document` with all tables as they should be."""
    document = _with_table(document, _sources())
    document = _with_table(document, _laws())
    document = _with_table(document, _common())
    start = document.index("\n### `")
    end = document.index("\n## ", start)
    prose = _prose(document[start:end])
    sections = [_section(row, prose.get(row["spider"], "")) for row in describe()]
    return document[:start] + "\n" + "\n".join(sections) + document[end:]


def _sources() -> str:
    rows = [
        (
            f"`{name}`",
            entry.description,
            entry.law,
            _need(entry.secrets),
            EVIDENCE[load(name).evidence],
        )
        for name, entry in SPIDERS.items()
    ]
    return _table(("source", "what it gives", "class", "key", "tested on"), [*rows, _IMPORT])


def _laws() -> str:
    return _table(("class", "meaning"), LAW.items())


def _common() -> str:
    row = next(iter(describe()))
    common = [one for one in row["parameters"] if one["name"] in _COMMON]
    return _table(("every source takes", "default", "meaning"), map(_argument, common))


def _section(row: dict[str, Any], prose: str) -> str:
    own = [one for one in row["parameters"] if one["name"] not in _COMMON]
    parts = [f"### `{row['spider']}`"]
    if own:
        parts.append(_table(("argument", "default", "meaning"), map(_argument, own)))
    entry = SPIDERS[row["spider"]]
    if entry.secrets:
        keys = [
            (f"`{variable(row['spider'], one.name)}`", _need([one]), one.origin)
            for one in entry.secrets
        ]
        parts.append(_table(("key", "", "where it is from"), keys))
    if entry.terms:
        parts.append(f"Terms: <{entry.terms}>")
    return "\n\n".join([*parts, *filter(None, [prose])]) + "\n"


def _argument(one: dict[str, Any]) -> tuple[str, str, str]:
    default = one["default"]
    shown = "needed" if one["required"] else "" if default is None else f"`{_plain(default)}`"
    return f"`{one['name']}`", shown, one["description"]


def _plain(default: object) -> str:
    """Return a default as a person would type it."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return str(default)


def _need(secrets: Collection[Secret]) -> str:
    if any(one.required for one in secrets):
        return "needed"
    names = dict.fromkeys(name for one in secrets for name in one.needed_by)
    arguments = " and ".join(f"`{name}`" for name in names)
    return f"for {arguments}" if arguments else "optional" if secrets else ""


def _prose(sections: str) -> dict[str, str]:
    """Return what is written by hand below the tables of each section."""
    parts = re.split(r"\n### `(\w+)`\n", sections)[1:]
    return {
        name: _GENERATED.sub("", text, count=1).strip()
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    lines.insert(1, "|---" * len(head) + "|")
    return re.sub(r"\|  (?=\|)", "| ", "\n".join(lines))


def _with_table(document: str, table: str) -> str:
    """Replace the table that has the same head."""
    head = re.escape(table.partition("\n")[0].partition(" |")[0])
    return re.sub(
        rf"^{head} \|.*\n(?:\|.*\n)*", lambda _: table + "\n", document, flags=re.MULTILINE
    )


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
