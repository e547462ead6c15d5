"""Scrapy settings: good manners, no surprises, nothing that listens."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from crawlers.addresses import hostname, is_loopback
from crawlers.parameters import Addresses, Parameters

ROBOTS_NAME: Final = "Molva"  # the name that robots.txt is asked for

# Statuses that pass: overload, a proxy's trouble, timeouts.
RETRY_HTTP_CODES: Final = (408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524)

_MANNERS: Final[dict[str, Any]] = {
    # One request at a time to a host, a second apart at least, slower when it is slow.
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 1.0,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 1.0,
    "AUTOTHROTTLE_MAX_DELAY": 60.0,
    "RETRY_TIMES": 4,
    "RETRY_HTTP_CODES": list(RETRY_HTTP_CODES),
    "MOLVA_BACKOFF_SECONDS": 1.0,
    "MOLVA_MAX_WAIT_SECONDS": 120.0,
    "ROBOTSTXT_USER_AGENT": ROBOTS_NAME,
    # No language is asked for: a page is read as it is published.
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8"
    },
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "METAREFRESH_ENABLED": False,
    "REDIRECT_MAX_TIMES": 5,
    "HTTPCACHE_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_TIMEOUT": 60,
    "DOWNLOAD_MAXSIZE": 32 * 1024 * 1024,
    "DOWNLOAD_WARNSIZE": 0,
}

_PLUMBING: Final[dict[str, Any]] = {
    # The whole lists, not changes to Scrapy's: it imports what is switched off too, which
    # would cost half a second (aiohttp for a remote control, requests for cookie domains).
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
        "crawlers.middlewares.PatientRetryMiddleware": 550,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
        "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    },
    "EXTENSIONS_BASE": {
        "scrapy.extensions.corestats.CoreStats": 0,
        "scrapy.extensions.throttle.AutoThrottle": 0,
    },
    "DOWNLOAD_HANDLERS": {
        "http": "crawlers.download.BaseUrlDownloadHandler",
        "https": "crawlers.download.BaseUrlDownloadHandler",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
    # The spider explains every refusal itself.
    "HTTPERROR_ALLOW_ALL": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "STATS_DUMP": False,
    # What a person needs to know is in the summary.
    "LOG_ENABLED": False,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}

# Where programs are only tolerated, a person's pace.
_TOLERATED: Final[dict[str, Any]] = {"DOWNLOAD_DELAY": 5.0, "AUTOTHROTTLE_START_DELAY": 5.0}

# Only while a parser is written: what was fetched once is read from the folder for ever.
# Molva's own middleware is above it, so that a page from the folder is like any other.
_CACHE: Final[dict[str, Any]] = {
    "HTTPCACHE_ENABLED": True,
    "HTTPCACHE_EXPIRATION_SECS": 0,
    "HTTPCACHE_IGNORE_HTTP_CODES": [401, 403, *RETRY_HTTP_CODES],
    "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.DummyPolicy",
    "HTTPCACHE_STORAGE": "scrapy.extensions.httpcache.FilesystemCacheStorage",
    "HTTPCACHE_GZIP": True,
    "DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": 900},
}

# A replay server on this machine needs no mercy.
_LOOPBACK: Final[dict[str, Any]] = {
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "MOLVA_BACKOFF_SECONDS": 0.1,
    "DOWNLOAD_VERIFY_CERTIFICATES": False,
}


def user_agent(contact: str | None = None) -> str:
    """Return an honest user agent: name, version and where the operator can be reached."""
    try:
        number = version("molva")
    except PackageNotFoundError:
        number = "0"
    told = " ".join(re.sub(r"[^\x20-\x7e]", " ", contact or "").split())
    return f"{ROBOTS_NAME}/{number} ({'+' + told if told else 'review collector'})"


def build_settings(
    parameters: Parameters,
    *,
    contact: str | None = None,
    obeys_robots: bool = True,
    tolerated: bool = False,
    cache: Path | None = None,
) -> dict[str, Any]:
    """Return the settings of one crawl.

    Args:
        parameters: of the spider; a crawl that only asks this machine is not slowed.
        contact: address or e-mail for the user agent.
        obeys_robots: ask robots.txt before each page.
        tolerated: go slower still.
        cache: folder of answers that were fetched before; for the development of a parser.
    """
    named = [parameters.base_url] if parameters.base_url else []
    if not named and isinstance(parameters, Addresses):
        named = list(parameters.url)
    local = bool(named) and all(is_loopback(url) for url in named)
    return {
        **_MANNERS,
        **_PLUMBING,
        **(_TOLERATED if tolerated else {}),
        **(_LOOPBACK if local else {}),
        **({**_CACHE, "HTTPCACHE_DIR": str(cache.absolute())} if cache else {}),
        "USER_AGENT": user_agent(contact),
        "ROBOTSTXT_OBEY": obeys_robots,
        "MOLVA_BASE_URL": parameters.base_url,
        "MOLVA_OWN_HOSTS": [hostname(url) for url in named],
    }
