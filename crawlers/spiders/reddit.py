"""Posts and comments of Reddit, by words, by subreddit, or both, with an approved app's keys."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import Then
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys, protect
from crawlers.listing import Listing
from crawlers.parameters import RedditParameters
from crawlers.parsers.error_words import error_words
from crawlers.parsers.reddit import SITE, discussed, left_out, next_after, parse_page
from crawlers.signing_in import SigningInSpider
from mention import Mention

HOST: Final = "https://oauth.reddit.com"
TOKEN: Final = f"{SITE}/api/v1/access_token"
PAGE_SIZE: Final = 100  # the most that a listing gives
MOST_COMMENTS: Final = 500  # that the page of a post gives; the others are asked for by their ids
MOST_IDS: Final = 100  # that can be asked for at once
# What Reddit leads to instead of a subreddit that does not exist.
ELSEWHERE: Final = "/subreddits/search"
# In the meta of a request for comments of a post: its `_Thread`.
THREAD: Final = "molva_reddit_thread"


@dataclass(slots=True)
class _Thread:
    """What is not read yet of the comments of a post."""

    post: str
    left: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add(self, ids: list[str]) -> None:
        new = [one for one in dict.fromkeys(ids) if one not in self.seen]
        self.seen.update(new)
        self.left += new

    def take(self) -> list[str]:
        taken, self.left = self.left[:MOST_IDS], self.left[MOST_IDS:]
        return taken


class RedditSpider(SigningInSpider):
    """Reads listings, newest first; Reddit ends each of them after a thousand entries or so."""

    name = "reddit"
    obeys_robots = False  # an interface for programs
    shows_all = False
    arguments: RedditParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        path = f"/r/{arguments.subreddit}" if arguments.subreddit else ""
        query: dict[str, str] = {}
        if arguments.query:
            query = {"q": arguments.query, "sort": "new"}
            if path:
                query["restrict_sr"] = "1"
        path += "/search" if query else "/new"
        listing = self.listing(f"{path}?{urlencode(query)}")
        yield self.sign_in(listing, partial(self._pages, path, query, listing))

    @override
    def token_request(self, then: Then, listing: Listing) -> Request:
        pair = f"{self.secret('client_id')}:{self.secret('client_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        protect(basic)
        return self.lookup_request(
            TOKEN,
            then,
            listing,
            form={"grant_type": "client_credentials"},
            keys=Keys(headers={"Authorization": f"Basic {basic}"}),
        )

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        yield from super().parse(response, listing)
        if self.arguments.comments and urlsplit(response.url).path.endswith("/search"):
            for post in discussed(response.body):
                yield self._ask(
                    f"/comments/{post}",
                    {"limit": MOST_COMMENTS, "sort": "new"},
                    self.listing(f"/comments/{post}", whole=True),
                    {THREAD: _Thread(post)},
                )

    @override
    def complaint(self, response: Response) -> Complaint | str | None:
        if urlsplit(response.url).path.startswith(ELSEWHERE):
            return Complaint("there is no such subreddit", "check the arguments")
        return error_words(response.body)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        for item in parse_page(response.body, response.url, self.context):
            # The page of a post has the post again, which the search gave.
            if THREAD not in response.meta or not _is_post(item):
                yield item

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        thread: _Thread | None = response.meta.get(THREAD)
        if thread is not None:
            thread.add(left_out(response.body))
            ids = thread.take()
            query = {"api_type": "json", "link_id": f"t3_{thread.post}", "children": ",".join(ids)}
            meta = {THREAD: thread}
            return self._ask("/api/morechildren", query, listing, meta) if ids else None
        is_empty = listing.pages == 1 and not listing.page_size
        if is_empty and not urlsplit(response.url).path.endswith("/comments"):
            self.run.notes.append("Reddit has no such posts; check the arguments")
        after = next_after(response.body)
        if after is None:
            return None
        url = add_or_replace_parameter(response.url, "after", after)
        return None if url == response.url else self.page_request(url, listing, keys=self.keys)

    def _pages(self, path: str, query: Mapping[str, str], listing: Listing) -> Iterator[Request]:
        yield self._ask(path, {**query, "limit": PAGE_SIZE}, listing)
        if self.arguments.comments and not query:
            newest = f"/r/{self.arguments.subreddit}/comments"
            yield self._ask(newest, {"limit": PAGE_SIZE}, self.listing(newest))

    def _ask(
        self,
        path: str,
        query: Mapping[str, object],
        listing: Listing,
        meta: Mapping[str, Any] | None = None,
    ) -> Request:
        # Without raw_json Reddit escapes every text as HTML.
        url = f"{HOST}{path}?{urlencode({**query, 'raw_json': 1})}"
        return self.page_request(url, listing, keys=self.keys, meta=meta)


def _is_post(item: Item) -> bool:
    return isinstance(item, Mention) and item.kind == "post"
