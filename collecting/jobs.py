"""From the sources of a project file to jobs: one spider with the arguments of one run.

A source that is meant for brands becomes a job for each brand, and where an argument
says `{spelling}` a job for each of its spellings.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from crawlers.addresses import hostname, is_loopback
from index.runs import without_secret
from project import Brand, Project, Source
from project.sources import SPELLING

# Says through which server a source is read, not which source.
_SERVER: Final = "base_url"
# Arguments that name the host that is asked; other spiders have one of their own.
_ADDRESSES: Final = ("url", "instance")
_ADDRESS: Final = re.compile(r"https?://[^\s/?#,]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one spider.

    Attributes:
        spider: its name.
        arguments: as a person types them.
        every: how often it should run.
        tolerated: whether this source may be read though its platform merely tolerates it.
    """

    spider: str
    arguments: Mapping[str, str]
    every: timedelta
    tolerated: bool = False

    @property
    def series(self) -> str:
        """What all runs of this job share; see `series_of`."""
        return series_of(self.spider, self.arguments)

    @property
    def shown(self) -> dict[str, object]:
        """The arguments without secrets, as they may be printed."""
        return {name: without_secret(name, value) for name, value in self.arguments.items()}

    @property
    def label(self) -> str:
        """The arguments on one line, for a person."""
        return label_of(self.shown)

    @property
    def hosts(self) -> frozenset[str]:
        """Whom the job asks: hosts, or the name of a spider that has its own platform.

        This machine is no host: a replay server needs no mercy.
        """
        if base := self.arguments.get(_SERVER):
            return frozenset() if is_loopback(base) else frozenset((hostname(base),))
        given = [self.arguments[name] for name in _ADDRESSES if name in self.arguments]
        named = [one for value in given for one in _ADDRESS.findall(value) or [f"//{value}"]]
        if not named:
            return frozenset((self.spider,))
        return frozenset(hostname(one) for one in named if not is_loopback(one))


def series_of(spider: str, arguments: Mapping[str, object]) -> str:
    """Return a name for all runs of one spider with the same arguments, in any order.

    A hash, because an argument may be an address with a token in it.
    """
    told = sorted((name, str(value)) for name, value in arguments.items() if name != _SERVER)
    text = json.dumps([spider, told], ensure_ascii=False)
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{spider}:{digest}"


def label_of(arguments: Mapping[str, object]) -> str:
    """Return arguments on one line, for a person."""
    return " ".join(f"{name}={value}" for name, value in arguments.items() if name != _SERVER)


def jobs_of(project: Project) -> list[Job]:
    """Return the jobs of all sources in their order, each once."""
    brands = {brand.name: brand for brand in project.brands}
    jobs = (
        Job(source.spider, arguments, source.every, source.tolerated)
        for source in project.sources
        for arguments in _filled(source, brands)
    )
    return list({job.series: job for job in jobs}.values())


def _filled(source: Source, brands: Mapping[str, Brand]) -> Iterator[dict[str, str]]:
    """Yield the arguments of a source for each brand and, where it asks for it, each spelling."""
    if not source.brands:
        yield dict(source.arguments)
    spells = any(SPELLING in value for value in source.arguments.values())
    for name in source.brands:
        for spelling in brands[name].spellings if spells else (name,):
            filled = {key: _fill(value, spelling) for key, value in source.arguments.items()}
            yield filled | {"brand": name}


def _fill(value: str, spelling: str) -> str:
    is_address = value.startswith(("http://", "https://"))
    return value.replace(SPELLING, quote(spelling, safe="") if is_address else spelling)
