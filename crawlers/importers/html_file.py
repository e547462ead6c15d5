"""Pages that a user saved: their schema.org reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from crawlers.errors import ImportFileError
from crawlers.importers.files import open_bytes
from crawlers.importers.options import ImportOptions
from crawlers.items import http_url
from crawlers.parsers.schema_org import read_reviews
from crawlers.parsers.structured_data import decode_page, parse_tree, read_blocks
from mention import Mention, Reject

MAX_PAGE: Final = 64 * 1024 * 1024  # bytes
# What browsers put at the head of a page that they save.
_SAVED_FROM: Final = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
# Ids need an address; a page that does not know its own gets this one.
_UNKNOWN: Final = "https://saved-page.invalid/"


def read_html(path: Path, options: ImportOptions) -> Iterator[Mention | Reject]:
    """Yield the reviews of a saved page. What its robots tag asks does not matter to the user."""
    with open_bytes(path) as stream:
        body = stream.read(MAX_PAGE + 1)
    if len(body) > MAX_PAGE:
        raise ImportFileError(f"{path} is larger than {MAX_PAGE >> 20} MB; save one page a file")
    context = options.context
    tree = parse_tree(decode_page(body))
    if tree is None:
        raise ImportFileError(f"{path} is not a web page; save it as HTML")
    saved = _SAVED_FROM.search(body[:4096])
    url = (
        http_url(saved[1].decode("ascii", "replace") if saved else None)
        or http_url(tree.xpath("string(//link[@rel='canonical']/@href)"))
        or http_url(tree.xpath("string(//meta[@property='og:url']/@content)"))
        or _UNKNOWN
    )
    found = False
    for item in read_reviews(list(read_blocks(tree, url)), url, context):
        found = True
        if isinstance(item, Mention) and item.url and item.url.startswith(_UNKNOWN):
            yield item.model_copy(update={"url": None})
        else:
            yield item
    if not found:
        yield context.reject("the page marks up no schema.org reviews", where=str(path))
