"""A crawl of a source's look-alike with other arguments or answers, and what came of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mention import Mention
from tests.contract.sources.crawls import crawl, serve
from tests.contract.sources.kit import Routes, Source
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer


def answer(value: object, status: int = 200) -> Answer:
    return Answer(json.dumps(value), status, content_type="application/json")


def query_of(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def read(source: Source, routes: Routes, **arguments: Any) -> tuple[Crawled, list[str]]:
    """Crawl with these arguments; return what came and the paths that were asked for."""
    with serve(routes) as server:
        crawled = crawl(replace(source, arguments=arguments), server)
        return crawled, server.paths


def ids(crawled: Crawled) -> set[str]:
    return {one.id.partition(":")[2] for one in crawled.mentions}


def by_id(crawled: Crawled) -> dict[str, Mention]:
    return {one.id.partition(":")[2]: one for one in crawled.mentions}
