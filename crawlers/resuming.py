"""Where a crawl that broke off goes on: the request of a page, kept in the state as JSON.

While a list is read, the last page whose mentions are all stored is noted. A run that was
killed or failed leaves that note. The next run begins at the top, where new mentions are;
at a row of mentions that the store has, it goes on from the noted page instead of reading
through everything that the run before has stored. The page itself is read again, since
a list whose pages are numbered may have shifted meanwhile. Scrapy's own JOBDIR
would go on below without looking at the top, and would write keys to the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scrapy import Request

from crawlers.download import KEYS, KEYS_HOST
from crawlers.items import digest
from crawlers.keys import hide
from crawlers.listing import Listing
from crawlers.page_requests import CONDITIONS
from crawlers.parameters import Parameters

# In the meta of a resumed request: what to ask instead when it fails.
INSTEAD: Final = "molva_instead"

# Arguments that change what is done with a page, and not which pages there are.
_NO_MATTER: Final = {"base_url", "max_items", "brand", "product", "location"}


def point_of(request: Request, pages: int, fingerprint: str) -> dict[str, Any] | None:
    """Return the note of a page, or None where it cannot be kept.

    Args:
        request: of the page.
        pages: of the list that were read before it.
        fingerprint: of the spider's arguments; with others there is another list.
    """
    try:
        body = request.body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if hide(body) != body or hide(request.url) != request.url:
        return None
    return {
        "url": request.url,
        "method": request.method,
        "body": body,
        "pages": pages,
        "arguments": fingerprint,
    }


def fingerprint(arguments: Parameters) -> str:
    """Return a hash of the arguments that decide which pages there are."""
    return digest(arguments.model_dump_json(exclude=_NO_MATTER))


def resumed(
    current: Request, point: Mapping[str, Any], instead: tuple[Request, Listing, int]
) -> Request:
    """Return the request of a noted page.

    Args:
        current: a request of the same list, whose headers and keys are still good.
        point: what `point_of` returned.
        instead: when this one fails, the request to send, its list, and the pages read before.
    """
    meta: dict[str, Any] = {
        name: current.meta[name] for name in (KEYS, KEYS_HOST) if name in current.meta
    }
    meta[INSTEAD] = instead
    request: Request = current.replace(
        url=point["url"],
        method=point["method"],
        body=point["body"],
        meta=meta,
    )
    for name in CONDITIONS:
        request.headers.pop(name, None)
    return request
