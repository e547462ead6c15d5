"""Pages that a user saved: of the sites that `crawlers.parsers.saved` knows, and schema.org."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from crawlers.errors import ImportFileError
from crawlers.importers.files import open_bytes
from crawlers.importers.options import ImportOptions
from crawlers.parsers.saved import open_page, read_page
from mention import Mention, Reject

MAX_PAGE: Final = 64 * 1024 * 1024  # bytes


def read_html(path: Path, options: ImportOptions) -> Iterator[Mention | Reject]:
    """Yield the reviews of a saved page. What its robots tag asks does not matter to the user."""
    with open_bytes(path) as stream:
        body = stream.read(MAX_PAGE + 1)
    if len(body) > MAX_PAGE:
        raise ImportFileError(f"{path} is larger than {MAX_PAGE >> 20} MB; save one page a file")
    page = open_page(body, str(path))
    if page is None:
        raise ImportFileError(f"{path} is not a web page, nor whole JSON; save it as HTML")
    yield from read_page(page, options.context, options.site)
