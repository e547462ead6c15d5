"""A crawl without a network: the spider's own methods, called with answers of a look-alike.

It takes milliseconds, so that ten thousand damaged answers can be tried. Statuses that
Scrapy's middleware would retry are not retried, and robots.txt is not asked.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawlers.authors import AuthorPolicy
from crawlers.base import MentionSpider
from crawlers.crawl_run import CrawlRun
from crawlers.delivery import Delivery, Item
from crawlers.download import with_keys
from crawlers.items import ParseContext
from crawlers.listing import State
from crawlers.parameters import LABELS, Parameters, read_arguments
from crawlers.registry import find
from crawlers.settings import build_settings
from mention import Mention, Reject
from tests.contract.sources.kit import Source
from tests.crawlers.loopback import Answer, Answers, Asked

# More than any look-alike of a few records needs; a crawl that goes in circles gets here.
MOST_REQUESTS = 60


@dataclass
class Simulated:
    """What came out."""

    items: list[Item] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    ended: bool = True

    @property
    def mentions(self) -> list[Mention]:
        return [one for one in self.items if isinstance(one, Mention)]

    @property
    def rejects(self) -> list[Reject]:
        return [one for one in self.items if isinstance(one, Reject)]


def simulate(source: Source, answers: Answers) -> Simulated:
    """Crawl `answers` and return what came; what the spider raises is raised here."""
    result = Simulated()
    spider = _spider(source, _Collected(result.items))
    waiting = deque(spider.first_requests())
    while waiting:
        if len(result.answers) >= MOST_REQUESTS:
            result.ended = False
            break
        request = waiting.popleft()
        asked = _asked(request)
        answer = answers.answer(asked)
        result.asked.append(asked)
        result.answers.append(answer)
        response = _response(request, answer)
        callback: Any = request.callback
        try:
            waiting.extend(callback(response, **request.cb_kwargs))
        except CloseSpider:
            break
    spider.closed("finished")
    result.failures = spider.run.failures
    return result


class _Collected(Delivery):
    """Keeps what comes, outside of any event loop."""

    def __init__(self, items: list[Item]) -> None:
        super().__init__(items.extend)
        self._items = items

    def add(self, item: Item) -> None:
        self._items.append(item)


def _spider(source: Source, delivery: Delivery) -> MentionSpider:
    entry = find(source.spider)
    given = {"base_url": "http://127.0.0.1:9", **source.arguments}
    arguments = read_arguments(source.spider, entry.parameters, given)
    labels = {name: str(value) for name in LABELS if (value := getattr(arguments, name, None))}
    state: State = {}
    run = CrawlRun(
        delivery=delivery,
        context=ParseContext(source.spider, labels, AuthorPolicy(b"salt")),
        state=state,
        given_keys=source.secrets,
    )
    return entry.load().from_crawler(_crawler(source.spider), arguments=arguments, run=run)


@cache
def _crawler(spider: str) -> Crawler:
    """Return what holds the settings; to make one takes longer than to crawl."""
    local = Parameters.model_validate({"base_url": "http://127.0.0.1:9"})
    return Crawler(find(spider).load(), build_settings(local))


def _asked(request: Request) -> Asked:
    sent = with_keys(request, request.url)
    parts = urlsplit(sent.url)
    headers = {str(name): value for name, value in sent.headers.to_unicode_dict().items()}
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Asked(path, headers, time.monotonic(), request.method, request.body)


def _response(request: Request, answer: Answer) -> Response:
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    headers = Headers({"Content-Type": answer.content_type, **answer.headers})
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(url=request.url, status=answer.status, headers=headers, body=body, request=request)
