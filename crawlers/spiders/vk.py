"""Posts of VK by words or on a wall, and the comments below them, with a service token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameters

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.parameters import VkParameters
from crawlers.parsers.vk import COMMENTS, ListPage, error_of, list_page, parse_page

HOST: Final = "https://api.vk.com"
VERSION: Final = "5.199"
SEARCH, WALL, WALL_SEARCH = "newsfeed.search", "wall.get", "wall.search"
SEARCH_PAGE_SIZE: Final = 200  # the most that each gives
PAGE_SIZE: Final = 100
THREAD_SIZE: Final = 10
MOST_FOUND: Final = 1000  # of a search between two times
# Without a beginning a search goes back one day; this is when VK began.
BEGINNING: Final = datetime(2006, 10, 10, tzinfo=UTC)
# In the meta of a request for comments: the threads of the post that are not read yet.
THREADS: Final = "molva_vk_threads"
# In the meta of a request for a following page: the body of the page before.
BEFORE: Final = "molva_vk_before"

# Codes of https://dev.vk.com/reference/errors
WAITS: Final = {1: 2.0, 6: 1.0, 10: 2.0}  # seconds after which the same request may do
STEPS: Final = {
    5: "check the token",
    9: "run it again later",
    14: "VK wants to see a person, which Molva does not pretend to be; run it again later",
    15: "what is not public cannot be read",
    28: "check the token: it must be a service token or a user's",
    29: "the day's limit of the token is used up; run it again tomorrow",
}
# The comments of a post may not be read, or the post is gone.
NO_COMMENTS: Final = frozenset((15, 18, 19, 30, 212))


class VkSpider(MentionSpider):
    """Reads posts, newest first, and the comments of those that have any."""

    name = "vk"
    obeys_robots = False  # an interface for programs
    arguments: VkParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._discussed: set[tuple[str, str]] = set()

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        owner = arguments.owner_id
        if owner and arguments.post_id:
            yield self._comments(owner, arguments.post_id)
            return
        if owner is None:
            since = arguments.since or BEGINNING
            query = {"q": arguments.query, "start_time": int(since.timestamp())}
            listing = self.listing(f"{SEARCH}?{arguments.query}")
            yield self._ask(SEARCH, {**query, "count": SEARCH_PAGE_SIZE}, listing)
            return
        wall = {"owner_id" if owner.lstrip("-").isdigit() else "domain": owner, "count": PAGE_SIZE}
        if arguments.query:
            listing = self.listing(f"{WALL_SEARCH}?{owner}/{arguments.query}")
            yield self._ask(WALL_SEARCH, {**wall, "query": arguments.query}, listing)
        else:
            yield self._ask(WALL, wall, self.listing(f"{WALL}?{owner}"))

    @override
    def complaint(self, response: Response) -> Complaint | None:
        error = error_of(response.body)
        if error is None:
            return None
        code, words = error
        step = STEPS.get(code or 0, "check the arguments and the token")
        return Complaint(words, step, WAITS.get(code or 0))

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        is_comments = _method(response) == COMMENTS
        if is_comments and not self.arguments.post_id and _may_not_be_read(response):
            # A closed discussion is no failure of the search that led to it.
            self.context.problems["comments_closed"] += 1
            listing.stop = "end"
            return
        yield from super().parse(response, listing)
        if self.arguments.comments and not is_comments:
            for post in list_page(response.body).discussed:
                if post not in self._discussed:  # pages overlap when new posts come
                    self._discussed.add(post)
                    yield self._comments(*post)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        yield from parse_page(response.body, response.url, self.context)

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        page = list_page(response.body)
        if not page.items and not self.run.handed_on:
            self.run.notes.append("VK has nothing of the kind; check the arguments")
        if page.items and response.meta.get(BEFORE) == response.body:
            return None  # it may have no mention by which the list would notice
        method = _method(response)
        if method == SEARCH:
            changes = _later_search(page, response.url)
        elif method == COMMENTS:
            return self._more_comments(page, response, listing)
        else:
            changes = _later_offset(page, response.url)
        return None if changes is None else self._follow(response, changes, listing)

    def _comments(self, owner: str, post: str) -> Request:
        query = {
            "owner_id": owner,
            "post_id": post,
            "need_likes": 1,
            "sort": "desc",
            "preview_length": 0,  # whole texts
            "thread_items_count": THREAD_SIZE,
            "count": PAGE_SIZE,
        }
        listing = self.listing(f"{COMMENTS}?{owner}_{post}", whole=True)
        return self._ask(COMMENTS, query, listing, {THREADS: []})

    def _more_comments(
        self, page: ListPage, response: Response, listing: Listing
    ) -> Request | None:
        """Read this level to its end, and then the threads that were met on the way."""
        threads: list[dict[str, str]] = response.meta[THREADS]
        threads += [
            {"comment_id": number, "offset": str(shown)} for number, shown in page.unread_threads
        ]
        changes = _later_offset(page, response.url) or (threads.pop(0) if threads else None)
        if changes is None:
            return None
        return self._follow(response, changes, listing, {THREADS: threads})

    def _follow(
        self,
        response: Response,
        changes: dict[str, str],
        listing: Listing,
        meta: Mapping[str, Any] | None = None,
    ) -> Request:
        url = add_or_replace_parameters(response.url, changes)
        meta = {**(meta or {}), BEFORE: response.body}
        return self.page_request(url, listing, keys=self._keys(), meta=meta)

    def _ask(
        self,
        method: str,
        query: Mapping[str, object],
        listing: Listing,
        meta: Mapping[str, Any] | None = None,
    ) -> Request:
        url = f"{HOST}/method/{method}?{urlencode({**query, 'extended': 1, 'v': VERSION})}"
        return self.page_request(url, listing, keys=self._keys(), meta=meta)

    def _keys(self) -> Keys:
        return Keys(query={"access_token": self.secret("token")})


def _method(response: Response) -> str:
    return urlsplit(response.url).path.rpartition("/")[2]


def _may_not_be_read(response: Response) -> bool:
    error = error_of(response.body)
    return error is not None and error[0] in NO_COMMENTS


def _later_offset(page: ListPage, url: str) -> dict[str, str] | None:
    """Return what asks for the page after this one of a list that is counted, or None."""
    # A page may have less than was asked for: deleted ones are counted, and not shown.
    read = int(_asked(url, "offset") or 0) + PAGE_SIZE
    is_last = not page.items or (page.count is not None and read >= page.count)
    return None if is_last else {"offset": str(read)}


def _later_search(page: ListPage, url: str) -> dict[str, str] | None:
    """Return what asks for the page after this one of a search, or None.

    A search gives the newest thousand posts; older ones are found by a search that ends
    where it stopped.
    """
    if not page.items:
        return None
    if page.next_from:
        again = page.next_from == _asked(url, "start_from")
        return None if again else {"start_from": page.next_from}
    end, oldest = _asked(url, "end_time"), page.oldest
    if (page.total or 0) <= MOST_FOUND or oldest is None or (end and oldest >= int(end)):
        return None
    return {"end_time": str(oldest), "start_from": ""}


def _asked(url: str, name: str) -> str | None:
    return parse_qs(urlsplit(url).query).get(name, [None])[0]
