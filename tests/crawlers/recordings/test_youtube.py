"""YouTube: comments, replies and searches of the Data API of 2019."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route
from tests.crawlers.recordings.containers import FIXTURES, recordings
from tests.crawlers.recordings.markup import bare, squeezed

API = "/youtube/v3"
EMPTY = Answer('{"items": []}')
FOLDER = FIXTURES / "youtube"


def crawl(routes: dict[str, Route], **arguments: Any) -> Crawled:
    with Loopback(routes) as server:
        return crawl_process.run(
            "youtube",
            options={
                "store_author_names": True,
                "environment": {"MOLVA_YOUTUBE_API_KEY": "k" * 20},
            },
            base_url=server.url,
            **arguments,
        )


def items(recording: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(recording.read_text("utf-8"))["items"]
    return found


def pages(name: str) -> Route:
    """Serve the recorded pages of a list: the first one, and the other for its token."""
    first, second = (next(FOLDER.glob(f"*__{name}{number}.json")) for number in (1, 2))

    def answer(asked: Asked, _before: int) -> Answer:
        return Answer((second if "pageToken=" in asked.path else first).read_bytes())

    return answer


def check(one: Mention, comment: dict[str, Any], video: str | None, parent: str | None) -> None:
    snippet = comment["snippet"]
    published, updated = (
        datetime.fromisoformat(snippet[name]).astimezone(UTC)
        for name in ("publishedAt", "updatedAt")
    )
    assert one.id == f"youtube:{comment['id']}"
    assert one.kind == "comment"
    assert one.text == snippet["textOriginal"].strip()
    assert bare(one.text) == squeezed(snippet["textDisplay"])
    assert (one.published_at, one.updated_at) == (
        published,
        None if updated == published else updated,
    )
    assert (one.likes, one.author_name) == (snippet["likeCount"], snippet["authorDisplayName"])
    assert one.parent_id == (f"youtube:{parent}" if parent else None)
    place = f"watch?v={video}&lc=" if video else f"channel/{snippet['channelId']}?lc="
    assert one.url == f"https://www.youtube.com/{place}{comment['id']}"


@pytest.mark.parametrize("recording", recordings("youtube", "*by_video_paged_1.json"))
def test_comments_on_a_video_with_replies(recording: Path) -> None:
    """The second recorded page has the comments of the first one again."""
    threads, replies = (
        items(recording),
        [
            one
            for number in (1, 2)
            for one in items(next(FOLDER.glob(f"*by_parent_paged_{number}.json")))
        ],
    )
    video = threads[0]["snippet"]["videoId"]
    routes: dict[str, Route] = {
        f"{API}/commentThreads": pages("comment_threads_by_video_paged_"),
        f"{API}/comments": pages("comments_by_parent_paged_"),
    }
    crawled = crawl(routes, video_id=video)
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.rejects) == ("finished", [])
    assert crawled.summary.stops == {"repeated": 1, "end": 1}
    assert len(crawled.mentions) == len(threads) + len(replies) == 5 + 3
    found = {one.id: one for one in crawled.mentions}
    for thread in threads:
        comment = thread["snippet"]["topLevelComment"]
        check(found[f"youtube:{comment['id']}"], comment, video, video)
    for reply in replies:
        check(found[f"youtube:{reply['id']}"], reply, video, reply["snippet"]["parentId"])


@pytest.mark.parametrize("recording", recordings("youtube", "*threads_with_search.json"))
def test_comment_on_a_channel(recording: Path) -> None:
    comment = items(recording)[0]["snippet"]["topLevelComment"]
    routes: dict[str, Route] = {f"{API}/commentThreads": Answer(recording.read_bytes())}
    channel = comment["snippet"]["channelId"]
    crawled = crawl(routes, channel_id=channel, query="hello")
    assert (len(crawled.mentions), crawled.rejects) == (1, [])
    check(crawled.mentions[0], comment, None, None)


@pytest.mark.parametrize("recording", recordings("youtube", "*by_keywords_p1.json"))
def test_search(recording: Path) -> None:
    videos = items(recording) + items(next(FOLDER.glob("*by_keywords_p2.json")))
    routes: dict[str, Route] = {
        f"{API}/search": pages("search_by_keywords_p"),
        f"{API}/commentThreads": EMPTY,
    }
    crawled = crawl(routes, query="surfing", max_pages=2)
    assert crawled.summary is not None
    assert (crawled.summary.outcome, crawled.rejects) == ("finished", [])
    ids = {one["id"]["videoId"] for one in videos}  # one of them is on both pages
    assert len(crawled.mentions) == len(ids) == 49
    for one in crawled.mentions:
        name = one.id.removeprefix("youtube:")
        snippet = next(video["snippet"] for video in videos if video["id"]["videoId"] == name)
        assert (one.kind, one.url) == ("post", f"https://www.youtube.com/watch?v={name}")
        assert one.title == html.unescape(snippet["title"]).strip()
        assert one.text == html.unescape(snippet["description"]).strip()
        assert one.published_at == datetime.fromisoformat(snippet["publishedAt"])
        assert one.author_name == snippet["channelTitle"]
