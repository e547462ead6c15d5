"""What the registry says of a spider."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from crawlers.parameters import Parameters

if TYPE_CHECKING:
    from crawlers.base import MentionSpider

Law = Literal["OPEN", "OWNER", "TOLERATED", "FORBIDDEN"]

# docs/sources.md says what each class means for a user.
LAW: Final[dict[Law, str]] = {
    "OPEN": "a documented public interface or feed, meant for third parties",
    "OWNER": "an official interface for one's own app, business or shop",
    "TOLERATED": "undocumented and keyless; the terms may forbid automation; off by default",
    "FORBIDDEN": "the terms forbid it and the site fights it; not crawled, only imported",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that a spider takes from the environment; see `crawlers.keys`.

    Attributes:
        name: `token` of `vk` is the variable `MOLVA_VK_TOKEN`.
        origin: where a person gets one, such as `make one at console.example.org`.
        required: whether there is nothing to ask without it.
        needed_by: else the arguments that cannot do without it.
    """

    name: str
    origin: str
    required: bool = True
    needed_by: tuple[str, ...] = ()

    def is_needed(self, arguments: Parameters) -> bool:
        """Whether what `arguments` ask for cannot be had without it."""
        return self.required or any(getattr(arguments, name) for name in self.needed_by)


@dataclass(frozen=True, slots=True)
class SpiderEntry:
    """One spider.

    Attributes:
        path: `module:Class`, imported when the spider runs.
        parameters: its arguments.
        law: class of the platform, a key of `LAW`.
        description: one line for `molva sources`.
        secrets: the keys that it needs or can use.
        terms: address of the platform's terms; a TOLERATED one must have it.
    """

    path: str
    parameters: type[Parameters]
    law: Law
    description: str
    secrets: tuple[Secret, ...] = ()
    terms: str | None = None

    def load(self) -> type[MentionSpider]:
        """Import and return the spider's class (this loads Scrapy)."""
        module, _, name = self.path.partition(":")
        spider: type[MentionSpider] = getattr(import_module(module), name)
        return spider


def variable(spider: str, name: str) -> str:
    """Return the environment variable of a key, such as `MOLVA_VK_TOKEN`."""
    return f"MOLVA_{spider}_{name}".upper()
