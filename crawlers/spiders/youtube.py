"""Comments on videos of YouTube: of one or several, of a channel, or of what a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from typing_extensions import override
from w3lib.url import add_or_replace_parameter

from crawlers.base import MentionSpider
from crawlers.delivery import Item
from crawlers.explanations import Complaint
from crawlers.keys import Keys
from crawlers.listing import Listing
from crawlers.middlewares import MAX_WAIT
from crawlers.parameters import YouTubeParameters
from crawlers.parsers.youtube import next_token, parse_page, trouble, unread_threads, videos
from mention import Mention

API: Final = "https://www.googleapis.com/youtube/v3"
SEARCH, THREADS, REPLIES = "/search", "/commentThreads", "/comments"
PAGE_SIZE: Final = 100
MOST_VIDEOS: Final = 50  # on a page of a search
# Reasons of errors, https://developers.google.com/youtube/v3/docs/errors: of one video; no more
# today; too fast; what passes.
COMMENTS_OFF, NO_VIDEO = "commentsDisabled", "videoNotFound"
USED_UP: Final = ("quotaExceeded", "dailyLimitExceeded")
TOO_FAST: Final = ("rateLimitExceeded", "userRateLimitExceeded")
PASSING: Final = ("processingFailure", "backendError", "internalError")
A_MINUTE, A_MOMENT = 60.0, 5.0
# In the meta of requests for replies: the video that they are below, which they do not say.
VIDEO: Final = "molva_youtube_video"


class YouTubeSpider(MentionSpider):
    """Reads comments, newest first, with their replies; a search gives the videos as well."""

    name = "youtube"
    obeys_robots = False  # an interface for programs
    arguments: YouTubeParameters

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What came already: replies come with their comments, and again in the list of all.
        self._given: set[str] = set()
        self._asked: set[str] = set()  # videos and comments that are asked about

    @override
    def first_requests(self) -> Iterator[Request]:
        arguments = self.arguments
        for video in dict.fromkeys(arguments.video_id or ()):
            yield self._threads({"videoId": video}, arguments.query)
        if arguments.channel_id:
            channel = {"allThreadsRelatedToChannelId": arguments.channel_id}
            yield self._threads(channel, arguments.query)
        if self._searches:
            query = {"type": "video", "order": "date", "q": str(arguments.query)}
            listing = self.listing(f"search/{arguments.query}", max_pages=arguments.max_pages)
            if arguments.since:
                query["publishedAfter"] = f"{arguments.since:%Y-%m-%dT%H:%M:%SZ}"
            yield self._first(SEARCH, listing, {**query, "maxResults": str(MOST_VIDEOS)})

    @override
    def parse(self, response: Response, listing: Listing) -> Iterator[Request]:
        said = trouble(response.body)
        reason = said.reason if said else None
        if reason == COMMENTS_OFF or (reason == NO_VIDEO and self._searches):
            self.context.problems["videos_without_comments"] += 1
            self.run.notes.append("below a video comments are off")
            listing.stop = "end"
            return
        if reason in USED_UP:
            # Whatever else is asked for today would be refused.
            self.wait(response, self.settings.getfloat(MAX_WAIT) + 1)
        yield from super().parse(response, listing)
        path = urlsplit(response.url).path
        if path.endswith(SEARCH):
            for video in self._not_asked(videos(response.body)):
                yield self._threads({"videoId": video}, None)
        elif path.endswith(THREADS) and self.arguments.replies:
            yield from self._replies(response)

    @override
    def complaint(self, response: Response) -> Complaint | None:
        said = trouble(response.body)
        if said is None:
            return None
        if said.reason in USED_UP:
            return Complaint(said.words, "run it again after midnight, Pacific time")
        wait = A_MINUTE if said.reason in TOO_FAST else None
        return Complaint(said.words, wait=A_MOMENT if said.reason in PASSING else wait)

    @override
    def parse_page(self, response: Response, listing: Listing) -> Iterator[Item]:
        are_replies = urlsplit(response.url).path.endswith(REPLIES)
        video = _video_of(response)
        for item in parse_page(response.body, response.url, self.context, video=video):
            if isinstance(item, Mention):
                if are_replies and item.id in self._given:
                    continue
                self._given.add(item.id)
            yield item

    @override
    def next_page(self, response: Response, listing: Listing) -> Request | None:
        path = urlsplit(response.url).path
        was_asked_for = path.endswith(SEARCH if self._searches else THREADS)
        if listing.pages == 1 and not listing.page_size and was_asked_for:
            self.run.notes.append("YouTube has nothing like that; check the arguments")
        token = next_token(response.body)
        if token is None:
            return None
        url = add_or_replace_parameter(response.url, "pageToken", token)
        return None if url == response.url else self._ask(url, listing, response.meta.get(VIDEO))

    def _threads(self, of: Mapping[str, str], words: str | None) -> Request:
        query = {"order": "time", **of, "maxResults": str(PAGE_SIZE), "textFormat": "plainText"}
        if words:
            query["searchTerms"] = words
        listing = self.listing("/".join([*of.values(), *([words] if words else [])]))
        return self._first(THREADS, listing, query)

    def _replies(self, response: Response) -> Iterator[Request]:
        threads = {thread.comment: thread.video for thread in unread_threads(response.body)}
        for comment in self._not_asked(threads):
            query = {
                "parentId": comment,
                "maxResults": str(PAGE_SIZE),
                "textFormat": "plainText",
            }
            listing = self.listing(f"replies/{comment}", whole=True)
            video = threads[comment] or _video_of(response)
            yield self._first(REPLIES, listing, query, video)

    def _not_asked(self, ids: Iterable[str]) -> list[str]:
        new = [one for one in ids if one not in self._asked]
        self._asked.update(new)
        return new

    @property
    def _searches(self) -> bool:
        return not (self.arguments.video_id or self.arguments.channel_id)

    def _first(
        self, path: str, listing: Listing, query: Mapping[str, str], video: str | None = None
    ) -> Request:
        part = "snippet,replies" if path == THREADS else "snippet"
        return self._ask(f"{API}{path}?{urlencode({'part': part, **query})}", listing, video)

    def _ask(self, url: str, listing: Listing, video: str | None = None) -> Request:
        keys = Keys(query={"key": self.secret("api_key")})
        return self.page_request(url, listing, keys=keys, meta={VIDEO: video} if video else None)


def _video_of(response: Response) -> str | None:
    asked: str | None = response.meta.get(VIDEO)
    return asked or parse_qs(urlsplit(response.url).query).get("videoId", [None])[0]
