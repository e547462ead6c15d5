"""Bluesky: a search and a feed, as bsky.social answered, and the lexicon of the search."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mention import Mention
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Loopback, Route
from tests.crawlers.recordings.containers import interactions, recordings

POSTS = {"f_search.yml": 25, "f_autfeed.yml": 50}


def told(view: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is to come of a recorded post."""
    record = view["record"]
    _, _, did, _, key = view["uri"].split("/")
    assert view["author"]["did"] == did
    answered = record.get("reply", {}).get("parent", {}).get("uri")
    return (
        f"bluesky:{view['uri']}",
        "comment" if answered else "post",
        record["text"].strip().replace("\r\n", "\n"),
        record.get("langs", [None])[0],
        min(datetime.fromisoformat(one) for one in (record["createdAt"], view["indexedAt"])),
        view["likeCount"],
        f"https://bsky.app/profile/{view['author']['handle']}/post/{key}",
        answered and f"bluesky:{answered}",
        view["author"]["displayName"].strip() or view["author"]["handle"],
    )


def found(one: Mention) -> tuple[Any, ...]:
    return (
        one.id,
        one.kind,
        one.text,
        one.lang,
        one.published_at,
        one.likes,
        one.url,
        one.parent_id,
        one.author_name,
    )


@pytest.mark.parametrize("recording", recordings("bluesky", "*.yml"))
def test_pages(recording: Path) -> None:
    (tape,) = interactions(recording)
    page = json.loads(tape.body)
    views = page.get("posts") or [one["post"] for one in page["feed"]]
    query = parse_qs(urlsplit(tape.url).query)
    arguments: dict[str, Any] = (
        {"query": query["q"][0]} if "q" in query else {"author": query["actor"][0]}
    )
    # Nobody recorded the page after this one: it is not there.
    routes: dict[str, Route] = {
        urlsplit(tape.url).path: [
            Answer(tape.body, content_type="application/json"),
            Answer("", 404),
        ]
    }
    with Loopback(routes) as server:
        crawled = crawl_process.run(
            "bluesky", options={"store_author_names": True}, base_url=server.url, **arguments
        )
        cursors = [parse_qs(urlsplit(path).query).get("cursor") for path in server.paths]
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.rejects == []
    assert [found(one) for one in crawled.mentions] == [told(one) for one in views]
    assert len(views) == next(n for name, n in POSTS.items() if recording.name.endswith(name))
    assert [page["cursor"]] in cursors


@pytest.mark.parametrize("recording", recordings("bluesky", "*searchPosts.json"))
def test_search_is_asked_as_its_lexicon_says(recording: Path) -> None:
    lexicon = json.loads(recording.read_bytes())["defs"]["main"]["parameters"]["properties"]
    with Loopback() as server:
        crawl_process.run("bluesky", base_url=server.url, query="парус", since="2026-01-31")
        (path,) = [one for one in server.paths if "searchPosts" in one]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    assert asked.keys() <= lexicon.keys()
    assert asked["sort"] in lexicon["sort"]["knownValues"]
    assert int(asked["limit"]) == lexicon["limit"]["maximum"]
    assert asked["since"] == "2026-01-31T00:00:00Z"
