"""Which spiders there are. Importing this loads no spider: classes are named, not imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

from crawlers.errors import ArgumentError, did_you_mean
from crawlers.parameters import (
    AppStoreParameters,
    Parameters,
    RssParameters,
    SchemaOrgParameters,
)

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
class SpiderEntry:
    """One spider.

    Attributes:
        path: `module:Class`, imported when the spider runs.
        parameters: its arguments.
        law: class of the platform, a key of `LAW`.
        description: one line for `molva sources`.
    """

    path: str
    parameters: type[Parameters]
    law: Law
    description: str

    def load(self) -> type[MentionSpider]:
        """Import and return the spider's class (this loads Scrapy)."""
        module, _, name = self.path.partition(":")
        spider: type[MentionSpider] = getattr(import_module(module), name)
        return spider


SPIDERS: Final[dict[str, SpiderEntry]] = {
    "app_store": SpiderEntry(
        "crawlers.spiders.app_store:AppStoreSpider",
        AppStoreParameters,
        "OPEN",
        "the newest 500 customer reviews of an app in one country's App Store",
    ),
    "schema_org": SpiderEntry(
        "crawlers.spiders.schema_org:SchemaOrgSpider",
        SchemaOrgParameters,
        "OPEN",
        "reviews that a web page marks up as schema.org Review, and its following pages; "
        "whether you may is up to the site",
    ),
    "rss": SpiderEntry(
        "crawlers.spiders.rss:RssSpider",
        RssParameters,
        "OPEN",
        "entries of RSS, Atom and JSON feeds",
    ),
}


def find(name: str) -> SpiderEntry:
    """Return the entry of a spider.

    Raises:
        ArgumentError: there is none of that name.
    """
    try:
        return SPIDERS[name]
    except KeyError:
        raise ArgumentError(f"there is no spider '{name}'; {did_you_mean(name, SPIDERS)}") from None


def describe() -> Iterator[dict[str, Any]]:
    """Yield a row for each spider: `spider`, `law`, `arguments`, `description`, `parameters`.

    `arguments` holds names, those that may be left out in brackets; `parameters`
    has name, title, description, default and whether it is required.
    """
    for name, entry in SPIDERS.items():
        fields = sorted(
            entry.parameters.model_fields.items(), key=lambda item: not item[1].is_required()
        )
        yield {
            "spider": name,
            "law": entry.law,
            "arguments": [field if info.is_required() else f"[{field}]" for field, info in fields],
            "description": entry.description,
            "parameters": [
                {
                    "name": field,
                    "required": info.is_required(),
                    "default": None if info.is_required() else info.default,
                    "title": info.title,
                    "description": info.description,
                }
                for field, info in fields
            ],
        }
