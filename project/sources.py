"""Brands and sources of a project file: what is searched for, where, and how often."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from project.checks import ProjectError, refuse_unknown, switch, text

# Stands in an argument for each spelling of a brand in turn.
SPELLING: Final = "{spelling}"
# A source that says nothing of a schedule.
DAILY: Final = timedelta(days=1)

_EVERY: Final = re.compile(r"(\d{1,4})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_BRAND: Final = ("name", "own", "spellings")
# What `brands` of a source may say in place of a list -> which brands are meant.
_GROUPS: Final[Mapping[str, tuple[bool, ...]]] = {
    "all": (True, False),
    "own": (True,),
    "competitors": (False,),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One entry of `[[brands]]`.

    Attributes:
        name: the label of what is found.
        own: the user's own; others are competitors.
        spellings: how people write it, in any script; the name comes first.
    """

    name: str
    own: bool = False
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `[[sources]]`: a spider and its arguments.

    Attributes:
        spider: its name.
        arguments: as a person types them; `SPELLING` is still to be replaced.
        brands: names of the brands that it is run for, once each; empty: it is run once,
            as its arguments say.
        every: how often it should run.
        tolerated: the user wants it although the platform merely tolerates robots.
    """

    spider: str
    arguments: dict[str, str] = field(default_factory=dict)
    brands: tuple[str, ...] = ()
    every: timedelta = DAILY
    tolerated: bool = False


def read_brands(data: Mapping[str, Any], file: Path) -> tuple[Brand, ...]:
    """Return the brands of a project file.

    Raises:
        ProjectError: one is not as it should be.
    """
    brands: dict[str, Brand] = {}
    for number, entry in enumerate(_tables(data, "brands", "brand", file), start=1):
        brand = _brand(entry, number, file)
        if brand.name in brands:
            raise ProjectError(f"{file}: the brand '{brand.name}' is there twice; remove one")
        brands[brand.name] = brand
    return tuple(brands.values())


def read_sources(
    data: Mapping[str, Any], brands: Sequence[Brand], file: Path
) -> tuple[Source, ...]:
    """Return the sources of a project file.

    Raises:
        ProjectError: one is not as it should be, or names a brand that is not there.
    """
    entries = _tables(data, "sources", "source", file)
    return tuple(_source(entry, number, brands, file) for number, entry in enumerate(entries, 1))


def _tables(data: Mapping[str, Any], name: str, one: str, file: Path) -> list[dict[str, Any]]:
    entries = data.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProjectError(f"{file}: each {one} begins with a line [[{name}]]")
    return entries


def _brand(entry: Mapping[str, Any], number: int, file: Path) -> Brand:
    refuse_unknown(entry, _BRAND, file, f"setting of brand {number}:")
    name = (text(entry, "name", file) or "").strip()
    if not name:
        raise ProjectError(f'{file}: brand {number} needs a name, such as name = "Парус"')
    spellings = entry.get("spellings", [])
    if not isinstance(spellings, list) or not all(
        isinstance(one, str) and one.strip() for one in spellings
    ):
        raise ProjectError(
            f'{file}: write spellings of brand \'{name}\' as ["Парус", "Parus"], none empty'
        )
    distinct: dict[str, str] = {}
    for one in (name, *spellings):
        distinct.setdefault(one.strip().casefold(), one.strip())
    return Brand(name, switch(entry, "own", file), tuple(distinct.values()))


def _source(entry: Mapping[str, Any], number: int, brands: Sequence[Brand], file: Path) -> Source:
    spider = entry.get("spider")
    if not isinstance(spider, str):
        raise ProjectError(
            f"{file}: source {number} names no spider; 'molva sources' lists what there is"
        )
    settings = {"spider", "brands", "every", "tolerated"}
    arguments = {
        name: _argument(value, name, number, file)
        for name, value in entry.items()
        if name not in settings
    }
    return Source(
        spider=spider,
        arguments=arguments,
        brands=_brands_of(entry, arguments, number, brands, file),
        every=_every(entry, number, file),
        tolerated=switch(entry, "tolerated", file, f" of source {number}"),
    )


def _argument(value: Any, name: str, number: int, file: Path) -> str:
    if isinstance(value, list):
        value = ",".join(str(item) for item in value)
    if not isinstance(value, str | int | float | bool):
        raise ProjectError(f"{file}: '{name}' of source {number} is a text or a number")
    return str(value)


def _brands_of(
    entry: Mapping[str, Any],
    arguments: Mapping[str, str],
    number: int,
    brands: Sequence[Brand],
    file: Path,
) -> tuple[str, ...]:
    """Return for which brands a source is run; one that spells them is for all, if not told."""
    spelled = any(SPELLING in value for value in arguments.values())
    wanted = entry.get("brands", arguments.get("brand") if spelled else None)
    if wanted is None and not spelled:
        return ()
    if "brands" in entry and "brand" in arguments:
        raise ProjectError(f"{file}: source {number} has both brand and brands; remove one")
    if wanted is None or (isinstance(wanted, str) and wanted in _GROUPS):
        owners = _GROUPS[wanted or "all"]
        names = [brand.name for brand in brands if brand.own in owners]
    else:
        names = wanted if isinstance(wanted, list) else [wanted]
        if not all(isinstance(name, str) for name in names):
            raise ProjectError(
                f'{file}: brands of source {number} is "all", "own", "competitors" '
                "or a list of names"
            )
        known = [brand.name for brand in brands]
        refuse_unknown(names, known, file, f"brand for source {number}:")
    if not names:
        raise ProjectError(
            f"{file}: source {number} is meant for brands, and there are none; "
            "add one that begins with a line [[brands]]"
        )
    return tuple(dict.fromkeys(names))


def _every(entry: Mapping[str, Any], number: int, file: Path) -> timedelta:
    value = entry.get("every")
    if value is None:
        return DAILY
    match = _EVERY.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ProjectError(
            f'{file}: every of source {number} is a text such as "30m", "6h", "1d" or "2w"'
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
