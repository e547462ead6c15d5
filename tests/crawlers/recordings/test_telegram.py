"""Telegram: a page of the preview of a channel."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback
from tests.crawlers.recordings.containers import recordings


@pytest.mark.parametrize("recording", recordings("telegram", "*.html"))
def test_page(recording: Path) -> None:
    page = recording.read_text("utf-8")
    with Loopback({"/s/telegram": Answer(page)}) as server:
        crawled = crawl_process.run(
            "telegram",
            options={"store_author_names": True},
            channel="telegram",
            base_url=server.url,
        )
        paths = [path for path in server.paths if path != "/robots.txt"]
    # The same page again, and no third time.
    assert paths == ["/s/telegram", "/s/telegram?before=419"]
    assert crawled.rejects == []
    expected = page.split('data-post="')[1:]
    assert len(crawled.mentions) == len(expected) == 2
    for one, post in zip(crawled.mentions, reversed(expected), strict=True):
        name = post.partition('"')[0]
        assert (one.id, one.url) == (f"telegram:{name}", f"https://t.me/{name}")
        time = re.search(r'<time datetime="([^"]+)"', post)
        assert time is not None
        assert one.published_at == datetime.fromisoformat(time[1])
        markup = re.search(r'(?s)js-message_text"[^>]*>(.*?)</div>', post)
        assert markup is not None
        words = html.unescape(re.sub("<[^>]+>", "", markup[1].replace("<br/>", "\n")))
        assert one.text.split() == words.split()
        assert one.text.count("\n") == markup[1].count("<br/>")
        assert (one.author_name, one.likes, one.updated_at) == ("Telegram News", None, None)
