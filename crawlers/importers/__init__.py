"""Reads reviews that a user has in files: CSV, JSON Lines, mbox and saved web pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from crawlers.authors import AuthorPolicy
from crawlers.errors import ImportFileError, did_you_mean
from crawlers.importers.files import guess_format, open_bytes
from crawlers.importers.options import LABELS, ImportOptions
from mention import Mention, Reject

FORMATS: Final = ("csv", "jsonl", "mbox", "html")
Importer = Callable[[Path, ImportOptions], Iterator[Mention | Reject]]


def import_file(
    path: Path | str,
    file_format: str | None = None,
    *,
    source: str = "import",
    mapping: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    rating_min: float = 1.0,
    rating_max: float = 5.0,
    day_first: bool | None = None,
    site: str | None = None,
    author_salt: str | bytes | None = None,
    store_author_names: bool = False,
    problems: Counter[str] | None = None,
) -> Iterator[Mention | Reject]:
    """Yield what a file holds, row by row, in bounded memory.

    Files that end in .gz, .bz2 or .xz are unpacked on the way. Importing the same
    file again gives the same ids: that of the id column (or Message-ID), else a hash
    of the content. Ids only count within their source, so two different sets of
    data need two names of sources.

    Args:
        path: the file.
        file_format: `csv`, `jsonl`, `mbox` (also a single e-mail) or `html`; by
            default what the name's ending, else the first bytes, say.
        source: first part of the ids.
        mapping: field -> column or key. Common names in Russian, English and
            Lithuanian are found without it; an empty column switches one off.
        labels: field -> value for every row: brand, product, location, country,
            lang or kind.
        rating_min, rating_max: the scale of ratings.
        day_first: whether 03/04/2026 is in April; by default a number above 12
            in the same column decides, else it is in March. 03.04.2026 always is.
        site: a key of `crawlers.registry.SAVED_ONLY`, the site of saved pages; by default
            each page tells.
        author_salt: secret for the hashes of authors, else `MOLVA_AUTHOR_SALT`.
        store_author_names: keep display names too.
        problems: counts of what was read only in part, such as `date_unreadable`.

    Raises:
        ImportFileError: the file cannot be read, or an option does not fit it.
    """
    options = ImportOptions.checked(
        source=source,
        mapping=dict(mapping or {}),
        labels=dict(labels or {}),
        rating_min=rating_min,
        rating_max=rating_max,
        day_first=day_first,
        site=site,
        authors=AuthorPolicy.of(author_salt, store_author_names),
        problems=Counter() if problems is None else problems,
    )
    path = Path(path)
    with open_bytes(path) as stream:  # a missing or empty file is told at once
        chosen = file_format or guess_format(path, stream.peek(4096))
    return _importer(chosen)(path, options)


def _importer(file_format: str) -> Importer:
    if file_format == "csv":
        from crawlers.importers.csv_file import read_csv

        return read_csv
    if file_format == "jsonl":
        from crawlers.importers.jsonl_file import read_jsonl

        return read_jsonl
    if file_format == "mbox":
        from crawlers.importers.mbox_file import read_mbox

        return read_mbox
    if file_format == "html":
        from crawlers.importers.html_file import read_html

        return read_html
    raise ImportFileError(
        f"there is no format '{file_format}'; {did_you_mean(file_format, FORMATS)}"
    )


__all__ = ["FORMATS", "LABELS", "ImportFileError", "import_file"]
