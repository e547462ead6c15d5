"""Google News: the feed of a search of 2026, with the lines of its values indented anew."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings


@pytest.mark.parametrize("recording", recordings("rss_google_news", "*.xml"))
def test_feed(recording: Path) -> None:
    items = ElementTree.parse(recording).findall("channel/item")
    answer = Answer(recording.read_bytes(), content_type="application/xml; charset=utf-8")
    with Loopback({"/rss/search": answer}) as server:
        crawled = crawl_process.run(
            "google_news",
            options={"store_author_names": True},
            base_url=server.url,
            query="markets",
            country="sg",
        )
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.rejects) == ("finished", [])
    assert len(crawled.mentions) == len(items) == 100
    for one, item in zip(crawled.mentions, items, strict=True):
        told = {child.tag: " ".join((child.text or "").split()) for child in item}
        assert one.id == f"google_news:{told['guid']}"
        assert (one.kind, one.url, one.text) == ("article", told["link"], "")
        assert f"{one.title} - {told['source']}" == told["title"]
        assert one.published_at == parsedate_to_datetime(told["pubDate"]).astimezone(UTC)
        assert (one.lang, one.country, one.author_name) == ("en", "SG", told["source"])
