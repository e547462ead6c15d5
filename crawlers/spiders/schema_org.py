"""Reviews of any page that marks them up with schema.org, and of the pages after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.listing import Listing
from crawlers.parameters import SchemaOrgParameters
from crawlers.parsers.pager import is_same_list, next_page, robots_directives
from crawlers.parsers.schema_org import read_reviews
from crawlers.parsers.structured_data import decode_page, parse_tree, read_blocks
from mention import Mention

# Types that a page may have are many, and servers are careless with them.
NO_PAGES: Final = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")


@dataclass(slots=True)
class _Place:
    """Where the spider is in one list."""

    visited: set[str]
    following: str | None = None
    hidden: bool = False  # the page asked not to be indexed
    # The link to this page may lead to another thing's page; see `_belongs`.
    doubtful: bool = False
    products: set[str | None] = field(default_factory=set)


class SchemaOrgSpider(MentionSpider):
    """Follows each address through its pager; obeys robots.txt and the robots meta tag."""

    name = "schema_org"
    newest_first = None  # sites sort as they like; the dates tell
    shows_all = False  # many pages show the newest reviews and have no pager
    arguments: SchemaOrgParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places: dict[str, _Place] = {}

    @override
    def first_requests(self) -> Iterator[Request]:
        for url in dict.fromkeys(self.arguments.url):
            self._places[url] = _Place(visited={url})
            yield self.page_request(url, self.listing(url, max_pages=self.arguments.max_pages))

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        tree = None
        if b"<" in response.body and not content_type.startswith(NO_PAGES):
            tree = parse_tree(decode_page(response.body, content_type))
        if tree is None:
            self.fail(listing, f"{response.url} is not a web page; check the address")
            return
        place = self._places[listing.key]
        tags = [one.decode("latin-1") for one in response.headers.getlist("X-Robots-Tag")]
        asked = robots_directives(tree, tags)
        place.following = None if "nofollow" in asked else next_page(tree, response.url)
        place.hidden = "noindex" in asked
        if place.hidden:
            self._note_hidden(response, listing)
            return
        # Before extruct changes the tree, everything else was read from it.
        blocks = list(read_blocks(tree, response.url))
        items = list(read_reviews(blocks, response.url, self.context))
        if self._belongs(items, place):
            yield from items

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        place = self._places[listing.key]
        if not listing.page_size and not place.hidden:
            if listing.pages == 1:
                self.run.notes.append(
                    f"{response.url} marks up no reviews; see in its source whether it has "
                    '"@type": "Review"'
                )
            return None
        following = place.following
        if following is None or following in place.visited:
            return None
        place.visited.add(following)
        place.doubtful = not is_same_list(response.url, following)
        return self.page_request(following, listing)

    def _note_hidden(self, response: Response, listing: Listing) -> None:
        """Molva is an index: what asks not to be indexed is not stored."""
        self.context.problems["pages_noindex"] += 1
        if not listing.pages:
            self.fail(
                listing,
                f"{response.url} asks robots not to index it, which Molva obeys; save the page and "
                "import it with 'molva import --format html'",
            )

    @staticmethod
    def _belongs(items: list[Item], place: _Place) -> bool:
        """Whether a page is about what the list is about; a blog's next article is not."""
        products = {item.product for item in items if isinstance(item, Mention)}
        if place.doubtful and not products & place.products:
            return False
        place.products |= products
        return True
