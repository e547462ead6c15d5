"""Questions about addresses: where they lead, whose they are."""

from __future__ import annotations

import ipaddress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def hostname(url: str) -> str:
    """Return the host of `url` in lower case, without the port."""
    return urlsplit(url).hostname or ""


def is_loopback(url: str) -> bool:
    """Whether `url` leads to this machine by its name or number (names are not resolved)."""
    host = hostname(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether `host` is this machine or a number in a private network; names are not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def replace_base(url: str, base_url: str | None) -> str:
    """Return `url` with scheme, host and port of `base_url`; path and query stay."""
    if base_url is None:
        return url
    base, parts = urlsplit(base_url), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, parts.fragment))


def keep_parameters(url: str, *names: str) -> str:
    """Return `url` without its query parameters but `names`: others tell who followed it."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] in names]
    return urlunsplit(parts._replace(query=urlencode(query)))


def site(url: str) -> str:
    """Return the host of `url` in lower case, without `www.` and port."""
    return hostname(url).removeprefix("www.")
