"""Posts of a forum on Discourse: the newest ones, by words, or the whole of a topic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.listing import Listing
from crawlers.parameters import DiscourseParameters
from crawlers.parsers.discourse import parse_page, post_numbers, stream, trouble
from crawlers.parsers.discourse_lists import (
    Found,
    found_posts,
    has_more_found,
    listed_topics,
    more_topics,
)
from mention import Mention, Reject

NEWEST: Final = "/posts.json"
SEARCH: Final = "/search.json"
TOPICS: Final = "/latest.json"
GONE: Final = (403, 404, 410)
MOST_SEARCHED: Final = 10  # pages that a search gives
MOST_IDS: Final = 20  # posts of a topic that can be asked for at once
# Old servers give what is public of the fifty numbers below `before`. So many times there may
# be nothing in a row; others give fifty posts, however far they reach.
WINDOW: Final = 50
MOST_GAPS: Final = 20
# In the meta of requests: windows without a post so far, ids of a topic's posts that are not read,
# the found post that is asked for, and whether a list named the topic that is asked for.
GAPS: Final = "molva_discourse_gaps"
LEFT: Final = "molva_discourse_left"
FOUND: Final = "molva_discourse_found"
LISTED: Final = "molva_discourse_listed"


class DiscourseSpider(MentionSpider):
    """Reads the forum's newest posts, what a search finds, or topics.

    A search gives no texts: each post that the store does not have is asked for.
    """

    name = "discourse"
    obeys_robots = False  # an interface for programs
    arguments: DiscourseParameters

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        if arguments.query:
            words = arguments.query
            if "order:" not in words:
                words += " order:latest"
            if arguments.since:
                words += f" after:{arguments.since:%Y-%m-%d}"
            path = f"{SEARCH}?{urlencode({'q': words, 'page': 1})}"
            yield self._ask(path, self.listing(arguments.instance + path, whole=True))
        for topic in dict.fromkeys(arguments.topic or ()):
            yield self._topic(topic)
        if not (arguments.query or arguments.topic):
            yield self._ask(NEWEST, self.listing(f"{arguments.instance}{NEWEST}"))

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        path = urlsplit(response.url).path
        if path == NEWEST and response.status == 404 and not listing.pages:
            # Forums from before 2014 do not have it.
            yield self._topics(TOPICS, listing, frozenset())
        elif response.status in GONE and FOUND in response.meta:
            self.context.problems["posts_unreadable"] += 1
            found: Found = response.meta[FOUND]
            host = self.arguments.instance
            item = found.mention(response.url, self.context, host=host)
            self.hand_on(listing.take([item] if item else []))
            listing.stop = listing.stop or "end"
        elif response.status in GONE and LISTED in response.meta:
            self.context.problems["topics_unreadable"] += 1
            listing.stop = "end"
        else:
            yield from super().parse(response, listing)
            if path == SEARCH:
                yield from self._posts_of_search(response)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = trouble(response.body)
        if said is None:
            return None
        return Complaint(said.words, "check the arguments, or ask the forum's owner", said.wait)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        host, found = self.arguments.instance, response.meta.get(FOUND)
        if urlsplit(response.url).path == SEARCH:
            posts = list(found_posts(response.body, response.url, self.context))
            if not any(isinstance(one, Found) for one in posts):
                yield from (one for one in posts if isinstance(one, Reject))
            return
        repeated = self.context.mention_id(f"{host}/{_number(response, 'before')}")
        title = found.title if found else None
        for item in parse_page(response.body, response.url, self.context, host=host, title=title):
            if not isinstance(item, Mention) or item.id != repeated:
                yield item

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        path = urlsplit(response.url).path
        if path == NEWEST:
            return self._older(response, listing)
        if path == SEARCH:
            page = _number(response, "page") or 1
            if page >= MOST_SEARCHED or not has_more_found(response.body):
                return None
            url = add_or_replace_parameter(response.url, "page", str(page + 1))
            return self.page_request(url, listing)
        return None if FOUND in response.meta else self._rest_of_topic(response, listing)

    def _older(self, response: Response, listing: Listing) -> Request | None:
        before, gaps = _number(response, "before"), int(response.meta.get(GAPS, 0))
        numbers = post_numbers(response.body)
        older = min((one for one in numbers if before is None or one < before), default=None)
        if older is not None:
            return self._ask(f"{NEWEST}?before={older}", listing)
        if before is None:
            self.run.notes.append(f"{self.arguments.instance} has no posts that all may read")
            return None
        # Only old servers include `before` itself.
        if not (before in numbers or gaps) or before <= WINDOW or gaps >= MOST_GAPS:
            return None
        return self._ask(f"{NEWEST}?before={before - WINDOW}", listing, {GAPS: gaps + 1})

    def _posts_of_search(self, response: Response) -> Iterator[Request]:
        host = self.arguments.instance
        found = list(found_posts(response.body, response.url, self.context))
        posts = [one for one in found if isinstance(one, Found)]
        ids = {one.number: self.context.mention_id(f"{host}/{one.number}") for one in posts}
        stored = self.run.known(list(ids.values())) if self.run.known and ids else {}
        if posts:  # else they were all that was on the page, and `parse_page` gave them
            rejects = [one for one in found if isinstance(one, Reject)]
            self.hand_on(rejects)
        for one in posts:
            if ids[one.number] not in stored:
                path = f"/posts/{one.number}.json"
                yield self._ask(path, self.listing(host + path, whole=True), {FOUND: one})

    def _topics(self, path: str, listing: Listing, seen: frozenset[str]) -> Request:
        then = partial(self._read_topics, listing=listing, seen=seen)
        return self.lookup_request(f"https://{self.arguments.instance}{path}", then, listing)

    def _read_topics(
        self, response: Response, listing: Listing, seen: frozenset[str]
    ) -> Iterator[Request]:
        topics = listed_topics(response.body)
        if topics is None:
            self.fail(listing, f"{response.url} is no list of topics; check the arguments")
            return
        since = self.arguments.since
        wanted = [
            topic.number
            for topic in topics
            if topic.number not in seen and not (since and topic.bumped and topic.bumped < since)
        ]
        for topic in dict.fromkeys(wanted):
            yield self._topic(topic, {LISTED: True})
        more = more_topics(response.body)
        if more is None or not wanted:
            listing.stop = "end"
        else:
            yield self._topics(more, listing, seen.union(wanted))

    def _topic(self, topic: str, meta: Mapping[str, Any] | None = None) -> Request:
        path = f"/t/{topic}.json"
        return self._ask(path, self.listing(self.arguments.instance + path, whole=True), meta)

    def _rest_of_topic(self, response: Response, listing: Listing) -> Request | None:
        left: list[int] | None = response.meta.get(LEFT)
        if left is None:
            every, here = stream(response.body)
            if not every:  # topics of many thousand posts do not list them
                page = str((_number(response, "page") or 1) + 1)
                url = add_or_replace_parameter(response.url, "page", page)
                return self.page_request(url, listing) if here else None
            left = [one for one in every if one not in set(here)]
        if not left:
            return None
        topic = urlsplit(response.url).path.split("/")[2].removesuffix(".json")
        query = urlencode([("post_ids[]", one) for one in left[:MOST_IDS]])
        return self._ask(f"/t/{topic}/posts.json?{query}", listing, {LEFT: left[MOST_IDS:]})

    def _ask(self, path: str, listing: Listing, meta: Mapping[str, Any] | None = None) -> Request:
        return self.page_request(f"https://{self.arguments.instance}{path}", listing, meta=meta)


def _number(response: Response, name: str) -> int | None:
    """Return a whole number from the query of an answer's address."""
    value = parse_qs(urlsplit(response.url).query).get(name, [""])[0]
    return int(value) if value.isascii() and value.isdigit() else None
