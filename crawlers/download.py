"""The download handler: sends requests to `base_url`, and keeps crawls out of private networks.

Everything above it (robots.txt, redirects, duplicate filter, spiders) sees the
platform's own addresses, so what is stored does not depend on where a page was
replayed from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.addresses import hostname, is_loopback, is_private, replace_base
from crawlers.keys import Keys
from crawlers.patience import Patience

if TYPE_CHECKING:
    from crawlers.base import MentionSpider

BASE_URL: Final = "MOLVA_BASE_URL"
OWN_HOSTS: Final = "MOLVA_OWN_HOSTS"
# In a request's meta: its `Keys`, and the host that they are for.
KEYS: Final = "molva_keys"
KEYS_HOST: Final = "molva_keys_host"


class PrivateAddressError(IgnoreRequest):
    """A page led to an address inside the user's own network."""


class BaseUrlDownloadHandler(BaseDownloadHandler):
    """HTTP and HTTPS over Scrapy's own handler.

    Settings: `MOLVA_BASE_URL` (address or None), `MOLVA_OWN_HOSTS` (hosts that the
    user named, which may be private).
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._http = HTTP11DownloadHandler(crawler)
        self._base_url: str | None = crawler.settings.get(BASE_URL)
        self._own_hosts = frozenset(crawler.settings.getlist(OWN_HOSTS))

    async def download_request(self, request: Request) -> Response:
        """Fetch `request`, from the other server if there is one.

        Raises:
            PrivateAddressError: a page or redirect led into a private network.
            HostBlockedError, HostBusyError: the host is left alone.
        """
        # Here, where the host's other requests wait behind this one.
        await self._patience.wait(request.url)
        url = replace_base(request.url, self._base_url)
        host = hostname(url)
        if self._base_url is None and is_private(host) and host not in self._own_hosts:
            raise PrivateAddressError(f"{host} is a private address")
        sent = with_keys(request, url)
        if is_loopback(url):
            # A proxy for the outside world does not reach this machine.
            sent.meta["proxy"] = None
            sent.headers.pop("Proxy-Authorization", None)
        response = await self._http.download_request(sent)
        # AutoThrottle looks for it on the request that it knows.
        if "download_latency" in sent.meta:
            request.meta["download_latency"] = sent.meta["download_latency"]
        return response.replace(url=request.url)

    @property
    def _patience(self) -> Patience:
        return cast("MentionSpider", self.crawler.spider).run.patience

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def with_keys(request: Request, url: str) -> Request:
    """Return `request` as it is sent to `url`; after a redirect to another host without keys."""
    keys: Keys | None = request.meta.get(KEYS)
    if keys is None or urlsplit(request.url).netloc != request.meta[KEYS_HOST]:
        return request.replace(url=url)
    if keys.query:
        url += ("&" if urlsplit(url).query else "?") + urlencode(keys.query)
    sent = request.replace(url=url)
    for name, value in keys.headers.items():
        sent.headers[name] = value
    return sent
