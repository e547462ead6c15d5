"""Scrapy middleware for good manners: wait as long as a server asks, then try again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Self, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.utils.misc import load_object
from scrapy.utils.response import response_status_message

from crawlers.blocking import is_blocked
from crawlers.dates import parse_date
from crawlers.patience import HostBlockedError, HostBusyError, Patience
from crawlers.ratings import parse_number

if TYPE_CHECKING:
    from crawlers.base import MentionSpider

BACKOFF: Final = "MOLVA_BACKOFF_SECONDS"
MAX_WAIT: Final = "MOLVA_MAX_WAIT_SECONDS"


class PatientRetryMiddleware:
    """Retries like Scrapy's own, but waits first, and holds back the whole host meanwhile.

    The wait is what `Retry-After` says, else `MOLVA_BACKOFF_SECONDS` doubled with
    every try. A server that asks for more than `MOLVA_MAX_WAIT_SECONDS`, or that shows
    a captcha, is left alone: the answer goes to the spider, which says so, and the
    rest of what the crawl wanted from that host is not asked for.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._codes = {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
        self._exceptions = tuple(
            load_object(one) if isinstance(one, str) else one
            for one in settings.getlist("RETRY_EXCEPTIONS")
        )
        self._backoff = settings.getfloat(BACKOFF)
        self._max_wait = settings.getfloat(MAX_WAIT)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    @property
    def _spider(self) -> MentionSpider:
        return cast("MentionSpider", self._crawler.spider)

    @property
    def _patience(self) -> Patience:
        return self._spider.run.patience

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Answer with a retry where it may help."""
        if is_blocked(response):
            self._patience.leave_alone(request.url, HostBlockedError)
            return response
        if response.status not in self._codes:
            return response
        asked = retry_after(response)
        if asked is not None and asked > self._max_wait:
            self._patience.leave_alone(request.url, HostBusyError)
            return response
        return self._retry(request, response_status_message(response.status), asked) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Retry when the connection failed."""
        if not isinstance(exception, self._exceptions):
            return None
        return self._retry(request, exception, None)

    def _retry(
        self, request: Request, reason: str | Exception, asked: float | None
    ) -> Request | None:
        retry = get_retry_request(request, spider=self._spider, reason=reason)
        if retry is not None:
            tries = int(request.meta.get("retry_times", 0))
            wait = self._backoff * 2**tries if asked is None else asked
            self._patience.hold(request.url, min(wait, self._max_wait))
        return retry


def retry_after(response: Response) -> float | None:
    """Return the seconds that an answer asks to wait for, or None.

    `Retry-After` (RFC 9110, 10.2.3) says it, else what a 429 says of when the quota is renewed.
    """
    header = response.headers.get("Retry-After")
    if header is None:
        return _until_renewed(response) if response.status == 429 else None
    value = header.decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _until_renewed(response: Response) -> float | None:
    """Read `RateLimit-Reset`, with or without X-: seconds left, seconds since 1970, or a date."""
    header = response.headers.get("RateLimit-Reset") or response.headers.get("X-RateLimit-Reset")
    value = (header or b"").decode("latin-1").strip()
    until = parse_date(value)
    if until is not None:
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    left = parse_number(value)
    return None if left is None else max(0.0, left)
