"""The schema.org reviews of a saved page, which may not know its own address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crawlers.items import ParseContext
from crawlers.parsers.saved.page import SavedPage
from crawlers.parsers.schema_org import read_reviews
from crawlers.parsers.structured_data import Block, read_blocks
from mention import Mention, Reject

# Ids need an address; a page that does not know its own gets this one.
_UNKNOWN: Final = "https://saved-page.invalid/"


def blocks_of(page: SavedPage) -> list[Block]:
    """Return the structured data of a page; of an answer in JSON there is none."""
    return [] if page.tree is None else list(read_blocks(page.tree, page.url or _UNKNOWN))


def read_structured(
    page: SavedPage, context: ParseContext, blocks: list[Block] | None = None
) -> Iterator[Mention | Reject]:
    """Yield the reviews of a page, in its order.

    Args:
        page: the page.
        context: source, labels, authors.
        blocks: of `blocks_of`, where they were changed before.
    """
    known = blocks_of(page) if blocks is None else blocks
    for item in read_reviews(known, page.url or _UNKNOWN, context):
        if isinstance(item, Mention) and item.url and item.url.startswith(_UNKNOWN):
            yield item.model_copy(update={"url": None})
        else:
            yield item
