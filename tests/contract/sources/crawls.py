"""Real crawls of a look-alike over loopback, and how its answers are changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback

Change = Callable[[Asked, int, Answer], Answer]


def crawl(
    source: Source,
    server: Loopback,
    stored: dict[str, str] | None = None,
    *,
    since: str | None = None,
    max_items: int | None = None,
    **options: Any,
) -> Crawled:
    settings = {"MOLVA_BACKOFF_SECONDS": 0.01, **options.pop("settings", {})}
    options = {"environment": source.environment, "settings": settings, **options}
    limits = {"since": since, "max_items": max_items}
    arguments = source.arguments | {name: one for name, one in limits.items() if one is not None}
    return crawl_process.run(
        source.spider, stored=stored, options=options, base_url=server.url, **arguments
    )


def ended(crawled: Crawled, outcome: str = "finished") -> str:
    """Check how a crawl ended and return its message."""
    if crawled.error is not None:
        raise crawled.error
    assert crawled.summary is not None
    message = str(crawled.summary.message)
    assert crawled.summary.outcome == outcome, message
    return message


def wanted(source: Source, numbers: range) -> dict[str, dict[str, Any]]:
    """Return the fields of every record that must come, by id."""
    fields = [found for number in numbers if (found := source.fields(number)) is not None]
    return {one["id"]: one for one in fields}


def is_page(source: Source, asked: Asked) -> bool:
    return bool(source.page_requests([asked]))


def on_pages(source: Source, change: Callable[[int, Answer], Answer]) -> Change:
    """Change the answers to requests for pages; `change` gets the number of pages before."""
    pages = 0

    def changed(asked: Asked, _before: int, answer: Answer) -> Answer:
        nonlocal pages
        if not is_page(source, asked):
            return answer
        pages += 1
        return change(pages - 1, answer)

    return changed


def serve(routes: Routes, change: Change | None = None) -> Loopback:
    server = Loopback(routes)
    server.change = change
    return server
