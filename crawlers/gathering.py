"""The base of spiders whose records come in one answer, and what belongs to each in others.

An answer to a review changes what is stored of the review. A page is therefore read when all
that belongs to it has come; were it read at once and completed later, each run would store
two versions of the same review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.listing import Listing

# The interface has no such method, or the key may not use it: so it is for every record.
_NOT_FOR_US: Final = frozenset((403, 404))
# In the meta of requests: of a page, what was gathered for it; of the others, the `_Gathering`.
_GATHERED: Final = "molva_gathered"
_GATHERING: Final = "molva_gathering"


class Wanted(NamedTuple):
    """Something that is asked for about one record."""

    what: str  # such as `comments`
    record_id: str


@dataclass(slots=True)
class _Gathering:
    """What is gathered for a page.

    Attributes:
        page: the answer with the records.
        left: what is still to be asked for.
        found: the bodies of the answers so far.
    """

    page: Response
    left: list[Wanted]
    found: dict[Wanted, bytes] = field(default_factory=dict)


class GatheringSpider(MentionSpider):
    """A spider that gathers what belongs to the records of a page before it reads the page.

    A subclass implements `wanted` and `detail_request`, and reads pages with what
    `gathered` returns. Where the platform does not give a detail at all, records are
    stored without it, which is told; where it fails in the middle, so does the list.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refused: set[str] = set()

    def wanted(self, response: Response) -> list[Wanted]:
        """Return what the records of a page need; nothing where the page cannot be read."""
        raise NotImplementedError

    def detail_request(self, wanted: Wanted, listing: Listing, meta: Mapping[str, Any]) -> Request:
        """Return the request for a detail, made with `page_request`."""
        raise NotImplementedError

    def gathered(self, response: Response, what: str) -> dict[str, bytes]:
        """Return what was gathered for a page: id of a record -> body of the answer."""
        found: Mapping[Wanted, bytes] = response.meta.get(_GATHERED, {})
        return {one.record_id: body for one, body in found.items() if one.what == what}

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        gathering: _Gathering | None = response.meta.get(_GATHERING)
        if gathering is None:
            gathering = _Gathering(
                response, self.wanted(response) if response.status == 200 else []
            )
        else:
            wanted = gathering.left[0]
            trouble = self._trouble(response)
            if isinstance(trouble, Request):
                yield trouble
                return
            if trouble is None:
                gathering.found[wanted] = response.body
            elif response.status in _NOT_FOR_US:
                self._refused.add(wanted.what)
                self.run.notes.append(f"reviews are stored without their {wanted.what}: {trouble}")
            else:
                self.fail(listing, trouble)
                return
            del gathering.left[0]
        gathering.left = [one for one in gathering.left if one.what not in self._refused]
        if gathering.left:
            yield self.detail_request(gathering.left[0], listing, {_GATHERING: gathering})
            return
        gathering.page.meta[_GATHERED] = gathering.found
        yield from super().parse(gathering.page, listing)
