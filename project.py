"""The project file `molva.toml`: where the store is, which sources to collect, whose time zone.

Read with the standard library's TOML parser and checked whole: an unknown or
misspelt setting is an error that names it, never silently ignored. Secrets do
not belong in this file; spiders take them from the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mention import UserError

DEFAULT_FILE: Final = "molva.toml"
DEFAULT_STORE: Final = "molva.sqlite"

_TOP: Final = ("store", "time_zone", "contact", "store_author_names", "model", "sources")


class ProjectError(UserError):
    """A project file that cannot be used. The message is one sentence and the next step."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `[[sources]]`: a spider and its arguments."""

    spider: str
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of one project.

    Attributes:
        store: the SQLite file.
        time_zone: IANA name; days, weeks and months of trends begin there.
        contact: address or e-mail that the crawler's user agent names.
        store_author_names: keep display names (off: only salted hashes are kept).
        model: name of a shipped tagger or a path to a model directory.
        sources: what `molva run` collects.
        file: where this was read from; None when there is no project file.
    """

    store: Path = Path(DEFAULT_STORE)
    time_zone: str = "UTC"
    contact: str | None = None
    store_author_names: bool = False
    model: str = "default"
    sources: tuple[Source, ...] = ()
    file: Path | None = None


def load(config: Path | None = None, store: Path | None = None) -> Project:
    """Return the project of the working folder.

    The store is `store`, else `MOLVA_STORE`, else the project file's, else
    `molva.sqlite`. A relative path in the project file counts from that file.

    Raises:
        ProjectError: `config` is missing, is not TOML, or has a setting that is wrong.
    """
    file = config or Path(DEFAULT_FILE)
    if file.is_file():
        project = _read(file)
    elif config is not None:
        raise ProjectError(f"there is no project file at {config}; 'molva init' writes one")
    else:
        project = Project()
    chosen = store or (Path(value) if (value := os.environ.get("MOLVA_STORE")) else None)
    if chosen is not None:
        project = replace(project, store=chosen)
    return project


def _read(file: Path) -> Project:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file} is not valid TOML: {error}; correct that place") from error
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}") from error
    _refuse_unknown(data, _TOP, file, "setting")
    time_zone = _string(data, "time_zone", file) or "UTC"
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ProjectError(
            f"{file}: '{time_zone}' is not a time zone; write one such as \"Europe/Vilnius\""
        ) from error
    names = data.get("store_author_names", False)
    if not isinstance(names, bool):
        raise ProjectError(f"{file}: store_author_names is true or false")
    return Project(
        store=file.parent / (_string(data, "store", file) or DEFAULT_STORE),
        time_zone=time_zone,
        contact=_string(data, "contact", file),
        store_author_names=names,
        model=_string(data, "model", file) or "default",
        sources=tuple(_source(entry, number, file) for number, entry in _entries(data, file)),
        file=file,
    )


def _entries(data: Mapping[str, Any], file: Path) -> list[tuple[int, Any]]:
    entries = data.get("sources", [])
    if not isinstance(entries, list):
        raise ProjectError(f"{file}: each source begins with a line [[sources]]")
    return list(enumerate(entries, start=1))


def _source(entry: Any, number: int, file: Path) -> Source:
    spider = entry.get("spider") if isinstance(entry, dict) else None
    if not isinstance(spider, str):
        raise ProjectError(
            f"{file}: source {number} names no spider; 'molva sources' lists what there is"
        )
    arguments = {}
    for name, value in entry.items():
        if isinstance(value, list):
            value = ",".join(str(item) for item in value)  # noqa: PLW2901 - a list is written with commas
        if not isinstance(value, str | int | float | bool):
            raise ProjectError(f"{file}: '{name}' of source {number} is a text or a number")
        if name != "spider":
            arguments[name] = str(value)
    return Source(spider, arguments)


def _string(data: Mapping[str, Any], name: str, file: Path) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise ProjectError(f"{file}: {name} is a text in quotes")
    return value


def _refuse_unknown(data: Mapping[str, Any], known: tuple[str, ...], file: Path, what: str) -> None:
    for name in data:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
            raise ProjectError(f"{file}: there is no {what} '{name}'; {hint}")


# Equal to molva.example.toml (a test compares them); kept here as well so that an
# installed Molva can write it.
TEMPLATE: Final = """\
# Molva's project file. Copy it to molva.toml (`molva init` does) and make it yours.
# Secrets do not belong here: spiders take them from the environment.

# The store, one SQLite file; a relative path counts from this file.
store = "molva.sqlite"

# Days, weeks and months of trends begin in this time zone.
time_zone = "Europe/Vilnius"

# Where a site's owner can reach you; the crawler names it in its user agent.
# contact = "reviews@example.org"

# Display names of authors are not stored unless this is true; a salted hash is.
store_author_names = false

# A shipped tagger's name or the path of a model folder.
model = "default"

# What `molva run` collects. `molva sources` lists spiders and their arguments.
[[sources]]
spider = "app_store"
app_id = "1234567890"
country = "lt"
brand = "Парус"

[[sources]]
spider = "schema_org"
url = "https://shop.example.org/reviews"
brand = "Парус"

[[sources]]
spider = "rss"
url = ["https://forum.example.org/feed.xml", "https://news.example.org/rss"]
brand = "Маяк"
"""
