"""Which hosts are waited for, and which are left alone for the rest of a crawl."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest


class HostBlockedError(IgnoreRequest):
    """The host has shown a captcha or challenge before; it is not asked again."""


class HostBusyError(IgnoreRequest):
    """The host has asked for a longer wait than a crawl takes; it is not asked again."""


class Patience:
    """Shared by all requests of a crawl; a host is known by the platform's address."""

    def __init__(self) -> None:
        self._resume: dict[str, float] = {}  # host -> time.monotonic() of the next request
        self._left_alone: dict[str, type[IgnoreRequest]] = {}  # host -> why

    def hold(self, url: str, seconds: float) -> None:
        """Ask the host of `url` for nothing during the next seconds."""
        self._resume[urlsplit(url).netloc] = time.monotonic() + seconds

    def leave_alone(self, url: str, why: type[IgnoreRequest]) -> None:
        """Ask the host of `url` for nothing more."""
        self._left_alone[urlsplit(url).netloc] = why

    async def wait(self, url: str) -> None:
        """Return when the host of `url` may be asked.

        Raises:
            HostBlockedError, HostBusyError: it is left alone.
        """
        host = urlsplit(url).netloc
        wait = self._resume.get(host, 0.0) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if host in self._left_alone:
            raise self._left_alone[host]
