"""Stories and comments of Hacker News: by words, by tags, or the whole of a discussion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import HackerNewsParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.hackernews import answers, complaint, extent, parse_item, parse_page

SEARCH: Final = "https://hn.algolia.com/api/v1/search_by_date"
DISCUSSION: Final = "https://hn.algolia.com/api/v1/items/"
ITEM: Final = "https://hacker-news.firebaseio.com/v0/item/"
PAGE_SIZE: Final = 100
# The search gives no more to one query; what is older is another query, up to a time.
DEPTH: Final = 1000
EVERYTHING: Final = "(story,comment,poll)"
# In the meta of a request for a single item: its `_Discussion`.
ITEMS: Final = "molva_hackernews_items"


@dataclass(slots=True)
class _Discussion:
    """What is not read yet of a discussion that comes item by item."""

    left: list[str]
    seen: set[str] = field(default_factory=set)

    def add(self, ids: list[str]) -> None:
        new = [one for one in dict.fromkeys(ids) if one not in self.seen]
        self.seen.update(new)
        self.left = new + self.left


class HackerNewsSpider(MentionSpider):
    """Reads what the search finds, newest first, and discussions.

    The search learns of new items some time after Hacker News has them. A discussion that it
    does not know yet is read from Hacker News itself, one request for each comment.
    """

    name = "hackernews"
    obeys_robots = False  # an interface for programs
    arguments: HackerNewsParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        if arguments.query or arguments.tags:
            yield self._search(self.listing(f"{arguments.query or ''}/{self._tags}"))
        for item in dict.fromkeys(arguments.item or ()):
            yield self.page_request(DISCUSSION + item, self.listing(f"item/{item}", whole=True))

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        if response.status == 404 and response.url.startswith(DISCUSSION):
            discussion = _Discussion([])
            discussion.add([response.url.removeprefix(DISCUSSION)])
            yield self._item(discussion, listing)
            return
        yield from super().parse(response, listing)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = error_words(response.body) or complaint(response.body)
        return None if said is None else Complaint(said, "check the arguments")

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        parse = parse_page if response.url.startswith(SEARCH) else parse_item
        yield from parse(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        if listing.pages == 1 and not listing.page_size:
            self.run.notes.append("Hacker News has nothing like that; check the arguments")
        if response.url.startswith(SEARCH):
            return self._next_of_search(response, listing)
        discussion: _Discussion | None = response.meta.get(ITEMS)
        if discussion is None:
            return None
        discussion.add(answers(response.body))
        return self._item(discussion, listing) if discussion.left else None

    def _next_of_search(self, response: Response, listing: Listing) -> Request | None:
        query = parse_qs(urlsplit(response.url).query)
        page = int(query.get("page", ["0"])[0])
        filters = query.get("numericFilters", [None])[0]
        this = extent(response.body)
        if not this.hits:
            return None
        read = (page + 1) * PAGE_SIZE
        if read < DEPTH and (this.pages is None or page + 1 < this.pages):
            return self._search(listing, page + 1, filters)
        if this.oldest is None or this.found is None or this.found <= read:
            return None
        # Others of the same second may not have been on the page.
        return self._search(listing, 0, self._filters(before=this.oldest + 1))

    def _search(self, listing: Listing, page: int = 0, filters: str | None = None) -> Request:
        query = {
            "query": self.arguments.query or "",
            "tags": self._tags,
            "hitsPerPage": str(PAGE_SIZE),
            "page": str(page),
        }
        filters = filters or self._filters()
        if filters:
            query["numericFilters"] = filters
        return self.page_request(f"{SEARCH}?{urlencode(query)}", listing)

    @property
    def _tags(self) -> str:
        return self.arguments.tags or EVERYTHING

    def _filters(self, before: int | None = None) -> str:
        since = self.arguments.since
        filters = [f"created_at_i>={int(since.timestamp())}"] if since else []
        return ",".join([*filters, f"created_at_i<{before}"] if before else filters)

    def _item(self, discussion: _Discussion, listing: Listing) -> Request:
        url = f"{ITEM}{discussion.left.pop(0)}.json"
        return self.page_request(url, listing, meta={ITEMS: discussion})
