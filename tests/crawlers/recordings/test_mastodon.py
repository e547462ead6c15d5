"""Mastodon: timelines, a post and its conversation, as mastodon.social answered."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Asked, Loopback, Route
from tests.crawlers.recordings.containers import Interaction, interactions, recordings
from tests.crawlers.recordings.markup import bare, squeezed

HOST = "mastodon.social"
POST = "109294719267373593"
TIMELINES = {  # recording -> pages, posts
    "get_timeline_hashtag_anonymous.yml": (1, 5),
    "get_timeline_hashtag_instance.yml": (1, 5),
    "get_timeline_public_anonymous.yml": (1, 20),
    "handle_params_max_id.yml": (4, 160),
}
ANSWERS = 127


def home(status: dict[str, Any]) -> str:
    """Return the id that a post has everywhere."""
    host, path = re.fullmatch(r"https://([^/]+)/(.+)", status["uri"]).groups()  # type: ignore[union-attr]  # it must match
    return f"mastodon:{host}/{path.rpartition('/')[2] if '/statuses/' in path else path}"


def told(statuses: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Return what is to come of recorded posts, by id."""
    homes = {one["id"]: home(one) for one in statuses}
    return {
        home(one): (
            "comment" if one["in_reply_to_id"] else "post",
            squeezed(one["content"]),
            one["spoiler_text"].strip() or None,
            one["language"],
            datetime.fromisoformat(one["created_at"]),
            one["edited_at"] and datetime.fromisoformat(one["edited_at"]),
            one["favourites_count"],
            one["url"],
            parent(one["in_reply_to_id"], homes),
            one["account"]["display_name"] or one["account"]["username"],
        )
        for one in statuses
    }


def parent(local: str | None, homes: dict[str, str]) -> str | None:
    return homes.get(local, f"mastodon:{HOST}/{local}") if local else None


def found(one: Mention) -> tuple[Any, ...]:
    return (
        one.kind,
        bare(one.text),
        one.title,
        one.lang,
        one.published_at,
        one.updated_at,
        one.likes,
        one.url,
        one.parent_id,
        one.author_name,
    )


def answer(one: Interaction) -> Answer:
    link = {"Link": one.headers["link"]} if "link" in one.headers else {}
    return Answer(one.body, one.status, link, one.headers["content-type"])


def crawl(routes: dict[str, Route], **arguments: Any) -> crawl_process.Crawled:
    options = {"store_author_names": True}
    with Loopback(routes) as server:
        crawled = crawl_process.run(
            "mastodon", options=options, instance=HOST, base_url=server.url, **arguments
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.rejects == []
    return crawled


@pytest.mark.parametrize("recording", recordings("mastodon", "*timeline*.yml", "*max_id.yml"))
def test_timelines(recording: Path) -> None:
    tape = interactions(recording)
    pages = {parse_qs(urlsplit(one.url).query).get("max_id", [""])[0]: one for one in tape}

    def page(asked: Asked, _before: int) -> Answer:
        place = parse_qs(urlsplit(asked.path).query).get("max_id", [""])[0]
        return answer(pages[place]) if place in pages else Answer("[]")

    tags = re.findall(r"/tag/(\w+)", tape[0].url)
    crawled = crawl({urlsplit(tape[0].url).path: page}, tag=",".join(tags))
    statuses = [status for one in tape for status in json.loads(one.body)]
    assert {one.id: found(one) for one in crawled.mentions} == told(statuses)
    size = next(size for name, size in TIMELINES.items() if recording.name.endswith(name))
    assert (len(tape), len(crawled.mentions)) == size


@pytest.mark.parametrize("recording", recordings("mastodon", "*get_context*.yml"))
def test_conversation(recording: Path) -> None:
    """A post and all that was answered: two recordings, asked for together."""
    context = interactions(recording)[0]
    post = interactions(next(recording.parent.glob("*get_status*.yml")))[0]
    routes: dict[str, Route] = {urlsplit(one.url).path: answer(one) for one in (context, post)}
    crawled = crawl(routes, post=f"https://{HOST}/@recorded/{POST}")
    answers = json.loads(context.body)
    assert len(answers["descendants"]) == ANSWERS
    expected = told(answers["ancestors"] + answers["descendants"]) | told([json.loads(post.body)])
    assert {one.id: found(one) for one in crawled.mentions} == expected
    assert len(crawled.mentions) == ANSWERS + 1
