"""How a spider's requests are made: bodies, keys, and the same request once more."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.download import KEYS, KEYS_HOST
from crawlers.keys import Keys

CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")


def build_request(
    url: str,
    callback: Callable[..., Any],
    errback: Callable[..., Any],
    values: dict[str, Any],
    *,
    keys: Keys | None = None,
    json: object = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    meta: Mapping[str, Any] | None = None,
    **options: Any,
) -> Request:
    """Return a request; `MentionSpider.page_request` describes the arguments.

    Args:
        url: without keys.
        callback, errback: called with an answer, or without one.
        values: keyword arguments of `callback`.
        keys: joined to the request when it is sent.
        json: a value to POST.
        form: fields to POST.
        headers, meta, **options: as `scrapy.Request` takes them.
    """
    headers, meta = dict(headers or {}), dict(meta or {})
    if keys is not None:
        meta |= {KEYS: keys, KEYS_HOST: urlsplit(url).netloc}
    if json is not None:
        options |= {"method": "POST", "body": json_format.dumps(json, ensure_ascii=False)}
        headers.setdefault("Content-Type", "application/json")
    elif form is not None:
        options |= {"method": "POST", "body": urlencode(form)}
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    # No duplicate filter: it would silently drop a redirect that leads back, and
    # every list guards itself against going round in circles.
    return Request(
        url,
        callback=callback,
        errback=errback,
        cb_kwargs=values,
        headers=headers,
        meta=meta,
        dont_filter=True,
        **options,
    )


def validators(response: Response) -> dict[str, str] | None:
    """Return what says later whether a page has changed (RFC 9110, 8.8), and of which address."""
    found = {
        condition: value.decode("latin-1")
        for condition, name in zip(CONDITIONS, ("ETag", "Last-Modified"), strict=True)
        if (value := response.headers.get(name))
    }
    first = response.meta.get("redirect_urls", [response.url])[0]
    return {"url": first, **found} if found else None


def conditions(url: str, known: object) -> dict[str, str]:
    """Return the headers that ask for `url` only if it has changed; `known` is of `validators`."""
    if not isinstance(known, dict) or known.get("url") != url:
        return {}
    return {name: known[name] for name in CONDITIONS if isinstance(known.get(name), str)}


def again(response: Response, count: str, most: int) -> Request | None:
    """Return the request of `response` once more, or None after `most` times.

    Args:
        response: of the request.
        count: name of the counter in the request's meta.
        most: how often it may be sent again.
    """
    request = response.request
    tries = int(response.meta.get(count, 0))
    if request is None or tries >= most:
        return None
    return request.replace(meta={**request.meta, count: tries + 1, "retry_times": 0})
