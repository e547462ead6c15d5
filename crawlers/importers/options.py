"""The options of an import, checked once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Self

from crawlers.authors import AuthorPolicy
from crawlers.errors import ImportFileError, did_you_mean
from crawlers.importers.columns import FIELDS
from crawlers.items import ParseContext
from crawlers.registry import SAVED_ONLY
from mention import KINDS

# What --set may give to every row.
LABELS: Final = ("brand", "product", "location", "country", "lang", "kind")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """See `crawlers.importers.import_file`."""

    source: str = "import"
    mapping: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    rating_min: float = 1.0
    rating_max: float = 5.0
    day_first: bool | None = None
    site: str | None = None
    authors: AuthorPolicy = field(default_factory=AuthorPolicy)
    problems: Counter[str] = field(default_factory=Counter)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Return options that fit together.

        Raises:
            ImportFileError: they do not; the message names the option.
        """
        options = cls(**values)
        if not re.fullmatch("[a-z0-9][a-z0-9_.-]*", options.source):
            raise ImportFileError(
                f"'{options.source}' cannot name a source; use lower-case letters, digits, "
                "'_', '.' and '-'"
            )
        for name in options.mapping:
            if name not in FIELDS:
                raise ImportFileError(f"no field is called '{name}'; {did_you_mean(name, FIELDS)}")
        for name in options.labels:
            if name not in LABELS:
                raise ImportFileError(f"'{name}' cannot be set; {did_you_mean(name, LABELS)}")
        kind = options.labels.get("kind")
        if kind is not None and kind not in KINDS:
            raise ImportFileError(f"no kind is called '{kind}'; {did_you_mean(kind, KINDS)}")
        if options.site is not None and options.site not in SAVED_ONLY:
            raise ImportFileError(
                f"no site is called '{options.site}'; {did_you_mean(options.site, SAVED_ONLY)}"
            )
        if not options.rating_min < options.rating_max:
            raise ImportFileError("the lowest rating must be below the highest one")
        return options

    @property
    def context(self) -> ParseContext:
        """What parsers need."""
        return ParseContext(self.source, self.labels, self.authors, self.problems)
