"""YouTube, GDELT and Google News beyond what all sources have in common."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.errors import ArgumentError
from crawlers.run import check
from tests.contract.sources import gdelt, google_news, youtube
from tests.contract.sources.crawls import ended
from tests.contract.sources.kit import Routes, Source
from tests.contract.sources.mutate import mutate
from tests.contract.sources.simulated import simulate
from tests.crawlers.loopback import Answer, Answers, Asked, Route
from tests.crawlers.reading import answer, by_id, ids, query_of, read

# --- YouTube ----------------------------------------------------------------------------

VIDEO, OTHER = youtube.VIDEO, "dQparus-_02"
CHANNEL = "UC" + "p" * 22
SEARCH = "/youtube/v3/search"


def refusal(reason: str, message: str = "No.", status: int = 403) -> Answer:
    error = {"code": status, "message": message, "errors": [{"reason": reason}]}
    return answer({"error": error}, status)


def thread(number: int, replies: int = 0, total: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {
        "snippet": {"topLevelComment": comment(f"C{number}"), "totalReplyCount": total},
    }
    if replies:
        made["replies"] = {"comments": [comment(f"C{number}.{one}") for one in range(replies)]}
    return made


def comment(name: str) -> dict[str, Any]:
    parent = {"parentId": name.partition(".")[0]} if "." in name else {}
    snippet = {"textDisplay": f"Text of {name}", "publishedAt": "2026-03-01T00:00:00Z", **parent}
    return {"kind": "youtube#comment", "id": name, "snippet": snippet}


def found(*videos: str, token: str | None = None) -> dict[str, Any]:
    snippet = {
        "title": "Parus &amp; wind",
        "description": "&quot;Cold&quot;",
        "publishedAt": "2026-03-02T00:00:00Z",
        "channelTitle": "Parus",
    }
    items: list[dict[str, Any]] = [
        {"kind": "youtube#searchResult", "id": {"videoId": one}, "snippet": snippet}
        for one in videos
    ]
    channel = {"kind": "youtube#searchResult", "id": {"channelId": CHANNEL}, "snippet": snippet}
    return {"items": [*items, channel], **({"nextPageToken": token} if token else {})}


def comments_of(answers: dict[str, Answer]) -> Route:
    """Return a route that answers by the video."""
    unknown = refusal("videoNotFound", status=404)
    return lambda asked, _before: answers.get(query_of(asked.path)["videoId"], unknown)


def test_search_gives_the_videos_and_the_comments_on_them() -> None:
    def page(asked: Asked, _before: int) -> Answer:
        if "pageToken" in query_of(asked.path):
            return answer(found(OTHER, VIDEO, token="third"))
        return answer(found(VIDEO, token="second"))

    routes: Routes = {
        SEARCH: page,
        youtube.THREADS: comments_of(
            {VIDEO: answer({"items": [thread(1)]}), OTHER: refusal("commentsDisabled")}
        ),
    }
    crawled, paths = read(youtube.SOURCE, routes, query="parus", since="2026-01-31", max_pages=2)
    assert "comments are off" in ended(crawled)
    mentions = by_id(crawled)
    assert mentions.keys() == {VIDEO, OTHER, "C1"}
    assert (mentions[VIDEO].title, mentions[VIDEO].text) == ("Parus & wind", '"Cold"')
    assert (mentions[VIDEO].kind, mentions["C1"].parent_id) == ("post", f"youtube:{VIDEO}")
    asked = [query_of(path) for path in paths if urlsplit(path).path == SEARCH]
    assert [one.get("pageToken") for one in asked] == [None, "second"]
    assert {one["publishedAfter"] for one in asked} == {"2026-01-31T00:00:00Z"}
    assert len(paths) == 2 + 2


def test_all_replies_are_asked_for_where_there_are_more_than_five() -> None:
    def replies(asked: Asked, _before: int) -> Answer:
        assert query_of(asked.path)["parentId"] == "C1"
        if "pageToken" in query_of(asked.path):
            return answer({"items": [comment("C1.6")]})
        items = [comment(f"C1.{one}") for one in range(3, 6)]
        return answer({"items": items, "nextPageToken": "second"})

    routes: Routes = {
        youtube.THREADS: answer({"items": [thread(1, 5, 7), thread(2, 2, 2), thread(3)]}),
        youtube.REPLIES: replies,
    }
    crawled, paths = read(youtube.SOURCE, routes, video_id=f"https://youtu.be/{VIDEO}?t=5")
    ended(crawled)
    expected = {"C1", "C2", "C3", "C2.0", "C2.1", *(f"C1.{one}" for one in range(7))}
    assert ids(crawled) == expected
    assert len(crawled.mentions) == len(expected)
    for name, one in by_id(crawled).items():
        assert one.parent_id == f"youtube:{name.partition('.')[0] if '.' in name else VIDEO}"
        assert one.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={name}"
    few, fewer = read(youtube.SOURCE, routes, video_id=VIDEO, replies="false")
    assert ids(few) == expected - {"C1.5", "C1.6"}
    assert (len(paths), len(fewer)) == (3, 1)


def test_comments_of_a_channel_with_words() -> None:
    routes: Routes = {youtube.THREADS: answer({"items": [thread(1)]})}
    crawled, paths = read(
        youtube.SOURCE,
        routes,
        channel_id=f"https://www.youtube.com/channel/{CHANNEL}",
        query="parus",
    )
    ended(crawled)
    asked = query_of(paths[0])
    assert asked["allThreadsRelatedToChannelId"] == CHANNEL
    assert (asked["searchTerms"], asked["textFormat"]) == ("parus", "plainText")
    assert crawled.mentions[0].parent_id is None


def test_used_up_quota_ends_the_crawl_at_once() -> None:
    said = 'You have exceeded your <a href="/youtube">quota</a>.'
    videos = [f"dQparus-{number:03}" for number in range(40)]
    routes: Routes = {
        SEARCH: answer(found(*videos)),
        youtube.THREADS: refusal("quotaExceeded", said),
    }
    crawled, paths = read(youtube.SOURCE, routes, query="parus")
    message = ended(crawled, "failed")
    assert "quotaExceeded: You have exceeded your quota." in message
    assert "midnight" in message
    assert len(crawled.mentions) == len(videos)
    assert len(paths) < len(videos) / 2  # those that were under way


def test_what_passes_is_asked_again_and_a_video_that_is_gone_is_passed_over() -> None:
    answers = [refusal("processingFailure", status=400), answer({"items": [thread(1)]})]
    routes: Routes = {youtube.THREADS: lambda _asked, _before: answers.pop(0)}
    source = replace(youtube.SOURCE, arguments={"video_id": VIDEO})
    assert [one.id for one in simulate(source, Answers(routes)).mentions] == ["youtube:C1"]
    routes = {SEARCH: answer(found(VIDEO)), youtube.THREADS: refusal("videoNotFound", status=404)}
    crawled, _ = read(youtube.SOURCE, routes, query="parus")
    ended(crawled)
    crawled, _ = read(youtube.SOURCE, routes, video_id=VIDEO)
    assert "videoNotFound" in ended(crawled, "failed")


def test_damaged_searches_and_replies_raise_nothing() -> None:
    routes: Routes = {
        SEARCH: answer(found(VIDEO, OTHER)),
        youtube.THREADS: comments_of({VIDEO: answer({"items": [thread(1, 2, 4), thread(2)]})}),
        youtube.REPLIES: answer({"items": [comment(f"C1.{one}") for one in range(4)]}),
    }
    source = replace(youtube.SOURCE, arguments={"query": "x"}, platform=lambda _numbers: routes)
    assert mutate(source, 150)["mentions"]


@pytest.mark.parametrize(
    ("spider", "arguments", "words"),
    [
        ("youtube", {}, "'query' or 'video_id' or 'channel_id'"),
        ("youtube", {"video_id": "https://www.youtube.com/"}, "not the address of a video"),
        ("youtube", {"channel_id": "@parus"}, "begins with UC"),
        ("gdelt", {}, "needs the argument 'query'"),
        ("google_news", {"query": "x", "lang": "Lithuanian"}, "not a language code"),
    ],
)
def test_wrong_arguments_are_told(spider: str, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        check(spider, arguments, tolerated=True)


# --- GDELT ------------------------------------------------------------------------------


def gdelt_source(**arguments: str) -> Source:
    return replace(gdelt.SOURCE, arguments={"query": "x", **arguments})


def test_gdelt_is_asked_again_when_it_wants_five_seconds_between_requests() -> None:
    said = "Please limit requests to one every 5 seconds or contact us for larger queries."
    answers = [Answer(said), Answer(said, 429), answer({"articles": [gdelt.article(0)]})]
    routes: Routes = {gdelt.PATH: lambda _asked, _before: answers.pop(0)}
    result = simulate(gdelt_source(), Answers(routes))
    assert (len(result.mentions), result.failures) == (1, [])


def test_more_articles_of_one_time_than_an_answer_holds_do_not_hold_the_crawl() -> None:
    def page(asked: Asked, _before: int) -> Answer:
        query = query_of(asked.path)
        assert query["startdatetime"] == "20260301000000"
        is_later = query.get("enddatetime", "9") >= "20260328201500"
        articles = [gdelt.article(0) | {"url": f"https://e.example/{one}"} for one in range(250)]
        return answer({"articles": articles if is_later else [gdelt.article(9)]})

    crawled, paths = read(gdelt_source(), {gdelt.PATH: page}, query="x", since="2026-03-01")
    ended(crawled)
    assert len(crawled.mentions) == 250 + 1
    assert [query_of(path).get("enddatetime") for path in paths] == [None, "20260328201459"]


def test_backslashes_that_json_does_not_know_are_taken_as_they_stand() -> None:
    body = json.dumps({"articles": [gdelt.article(0) | {"title": "AT"}]})
    routes: Routes = {gdelt.PATH: Answer(body.replace('"AT"', r'"Parus \ wind \u0026 \"cold\""'))}
    (one,) = simulate(gdelt_source(), Answers(routes)).mentions
    assert one.title == 'Parus \\ wind & "cold"'


# --- Google News ------------------------------------------------------------------------


def test_since_is_asked_for_and_what_is_older_is_left_out() -> None:
    numbers = range(14)
    routes = google_news.SOURCE.platform(numbers)
    (page,) = routes.values()
    assert callable(page)

    def checked(asked: Asked, before: int) -> Answer:
        assert query_of(asked.path)["q"] == "burė after:2026-03-28"
        return page(replace(asked, path=asked.path.replace("+after%3A2026-03-28", "")), before)

    arguments = {**google_news.SOURCE.arguments, "since": "2026-03-28"}
    crawled, _ = read(google_news.SOURCE, {google_news.PATH: checked}, **arguments)
    ended(crawled)
    days = {number: google_news.SOURCE.fields(number) for number in numbers}
    late = {one["id"] for one in days.values() if one and one["published_at"].day == 28}
    assert {one.id for one in crawled.mentions} == late
    assert 0 < len(late) < len(numbers)


def test_feed_that_breaks_off_gives_what_is_whole() -> None:
    (page,) = google_news.SOURCE.platform(range(5)).values()
    assert callable(page)

    def cut(asked: Asked, before: int) -> Answer:
        whole = page(asked, before)
        return replace(whole, body=str(whole.body)[: str(whole.body).rindex("<pubDate>")])

    crawled, _ = read(google_news.SOURCE, {google_news.PATH: cut}, **google_news.SOURCE.arguments)
    assert len(crawled.mentions) == 4
    assert ["what comes after is lost" in one.reason for one in crawled.rejects] == [True]
