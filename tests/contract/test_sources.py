"""What every source must do: the same tests over a look-alike of each platform.

`tests/contract/sources/kit.py` says what a source brings. Each test is a real crawl over
loopback; the damaged answers are mostly tried without a network (see `simulated`).
`MOLVA_EXAMPLES=10000` tries that many of them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from crawlers.base import EMPTY_RETRIES
from crawlers.errors import NotAllowedError
from crawlers.keys import MissingKeyError
from crawlers.parameters import read_arguments
from crawlers.registry import SPIDERS, find
from crawlers.run import check
from crawlers.spider_entry import variable
from mention import Mention
from tests.contract.sources.crawls import crawl, ended, on_pages, serve, wanted
from tests.contract.sources.kit import Source, load
from tests.contract.sources.mutate import mutate
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback

EXAMPLES: Final = int(os.environ.get("MOLVA_EXAMPLES", "200"))
MARKUP: Final = re.compile(
    r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);"
    r"|\[/?(?:b|i|u|h\d|url|quote|list|spoiler)[\]=]",
    re.IGNORECASE,
)
# What a mention has when the platform has the feature.
SHOWN: Final[dict[str, str]] = {
    "author": "author_name",
    "edited": "updated_at",
    "language": "lang",
    "likes": "likes",
    "parent": "parent_id",
    "rating": "rating",
    "reply": "reply_text",
    "reply_time": "reply_at",
}


@pytest.fixture(params=SPIDERS)
def source(request: pytest.FixtureRequest) -> Source:
    """Every spider's source; a spider without one fails here."""
    return load(request.param)


def test_records_are_what_the_platform_says(source: Source, tmp_path: Path) -> None:
    log = tmp_path / "log"
    settings = {"LOG_ENABLED": True, "LOG_LEVEL": "DEBUG", "LOG_FILE": str(log)}
    numbers = range(source.records)
    expected = wanted(source, numbers)
    with serve(source.platform(numbers)) as server:
        first = crawl(source, server, settings=settings)
        asked = list(server.asked)
        named = crawl(source, server, store_author_names=True)
    ended(first)
    assert [one.reason for one in first.rejects] == []
    assert [one.id for one in first.mentions] == [one.id for one in named.mentions]
    found = {one.id: one for one in first.mentions}
    assert len(found) == len(first.mentions)
    assert found.keys() == expected.keys()
    for mention in named.mentions:
        fields = expected[mention.id]
        assert {"id", "text", "url", "published_at"} <= fields.keys()
        shown = mention.model_dump()
        assert {name: shown[name] for name in fields} == fields
    check_cleanness(source, first, server)
    check_names(source, first, named)
    check_features(source, named)
    check_secrets(source, first, asked, log.read_text(encoding="utf-8"))


def check_cleanness(source: Source, crawled: Crawled, server: Loopback) -> None:
    host = server.url.removeprefix("http://")
    for one in crawled.mentions:
        for text in (one.title, one.text, one.reply_text):
            assert not MARKUP.search(text or ""), text
        for time in (one.published_at, one.updated_at, one.reply_at):
            assert time is None or time.utcoffset() is not None
        if one.rating is not None:
            assert (one.rating_min, one.rating_max) == source.scale
        assert host not in one.model_dump_json()
    assert host not in json.dumps(crawled.state)


def check_names(source: Source, plain: Crawled, named: Crawled) -> None:
    assert all(one.author_name is None for one in plain.mentions)
    for one, same in zip(plain.mentions, named.mentions, strict=True):
        assert one.author_id == same.author_id
        if same.author_name:
            assert one.author_id is not None
            assert same.author_name not in one.model_dump_json(exclude={"title", "text"})
    if "author" in source.features:
        ids = {one.author_id for one in plain.mentions if one.author_id}
        assert len(ids) > 1, "all records have the same author"


def check_features(source: Source, crawled: Crawled) -> None:
    """The first records show just what the source says that the platform has."""
    shown = {
        feature
        for feature, field in SHOWN.items()
        if any(getattr(one, field) is not None for one in crawled.mentions)
    }
    if any(source.fields(number) is None for number in range(source.records)):
        shown.add("deleted")
    assert shown == source.features - {"markup"}
    if "markup" in source.features:
        assert MARKUP.search("".join(_text(one) for one in served(source)))


def served(source: Source) -> list[Answer]:
    answers: list[Answer] = []

    def note(_asked: Asked, _before: int, answer: Answer) -> Answer:
        answers.append(answer)
        return answer

    with serve(source.platform(range(source.records)), note) as server:
        crawl(source, server)
    return answers


def _text(answer: Answer) -> str:
    return answer.body if isinstance(answer.body, str) else answer.body.decode("utf-8", "replace")


def check_secrets(source: Source, crawled: Crawled, asked: list[Asked], log: str) -> None:
    """Keys reach the platform, and nothing else."""
    assert "Crawled (200)" in log
    kept = [one.model_dump(mode="json") for one in crawled.items]
    for value in (*source.secrets.values(), *source.exchanged):
        for place in (json.dumps(kept), json.dumps(crawled.state), log, str(crawled.summary)):
            assert value not in place
    sent = json.dumps([[one.path, one.headers, str(one.body)] for one in asked])
    for value in source.exchanged:
        assert value in sent
    if source.secrets:
        # A key may be sent as it is, or make a signature.
        keys = source.secrets.values()
        assert "Authorization" in sent or any(value in sent for value in keys)


def test_second_run_asks_for_less_and_finds_what_is_new(source: Source) -> None:
    if source.several_pages is None:
        pytest.skip("the platform has one page")
    older, newer = range(1, source.several_pages), range(source.several_pages)
    state: dict[str, Any] = {}
    with serve(source.platform(older)) as server:
        first = crawl(source, server, state=state)
        ended(first)
        assert {one.id for one in first.mentions} == wanted(source, older).keys()
        pages = len(source.page_requests(server.asked))
        assert pages >= 4
    with serve(source.platform(newer)) as server:
        second = crawl(source, server, stored=first.stored, state=first.state)
        ended(second)
        new = {one.id for one in second.mentions} - first.stored.keys()
        assert new == wanted(source, newer).keys() - wanted(source, older).keys()
        assert not source.incremental or len(source.page_requests(server.asked)) < pages


def test_crawl_that_broke_off_goes_on_where_it_was(source: Source) -> None:
    if source.several_pages is None:
        pytest.skip("the platform has one page")
    numbers = range(source.several_pages)
    broken = Answer("no", 403)
    with serve(source.platform(numbers)) as server:
        server.change = on_pages(source, lambda pages, answer: broken if pages >= 3 else answer)
        first = crawl(source, server)
        ended(first, "failed")
    with serve(source.platform(numbers)) as server:
        second = crawl(source, server, stored=first.stored, state=first.state)
        ended(second)
    found = first.stored.keys() | second.stored.keys()
    assert found == wanted(source, numbers).keys()


@pytest.mark.parametrize("repeated", [0, 1], ids=["first", "second"])
def test_server_that_repeats_a_page_does_not_hold_the_crawl(source: Source, repeated: int) -> None:
    """The first page, or the second one, for ever; its cursor too."""
    if source.several_pages is None:
        pytest.skip("the platform has one page")
    answers: list[Answer] = []

    def same(pages: int, answer: Answer) -> Answer:
        answers.append(answer)
        return answers[min(pages, repeated)]

    with serve(source.platform(range(source.several_pages))) as server:
        server.change = on_pages(source, same)
        crawled = crawl(source, server)
        assert len(source.page_requests(server.asked)) <= 2 + repeated + EMPTY_RETRIES
    ids = [one.id for one in crawled.mentions]
    assert ids
    assert len(ids) == len(set(ids))


def test_limits_are_kept(source: Source) -> None:
    numbers = range(source.records)
    records = wanted(source, numbers)
    dated = [one["published_at"] for one in records.values() if one["published_at"]]
    since = sorted(dated)[len(dated) // 2].replace(hour=0, minute=0, second=0, microsecond=0)
    recent = set()
    for name, one in records.items():
        times = [time for time in (one["published_at"], one.get("updated_at")) if time]
        if not times or max(times) >= since:
            recent.add(name)
    with serve(source.platform(numbers)) as server:
        crawled = crawl(source, server, since=f"{since:%Y-%m-%d}")
        few = crawl(source, server, max_items=2)
    ended(crawled)
    assert crawled.stored.keys() == recent
    assert "max_items=2" in ended(few, "stopped")
    assert len(few.mentions) == 2


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_refusal_is_a_failure_with_one_sentence(source: Source, status: int) -> None:
    def refuse(asked: Asked, _before: int, answer: Answer) -> Answer:
        if asked.path == "/robots.txt":
            return answer
        # Servers repeat what they were asked, and so would their words in a message.
        said = {"message": f"asked {asked.path} with {asked.headers}"}
        headers = {"Retry-After": "86400"} if status == 429 else {}
        body = json.dumps({"error": said, "error_message": said["message"]})
        return Answer(body, status, headers, "application/json")

    with serve(source.platform(range(source.records)), refuse) as server:
        crawled = crawl(source, server)
        requests = len([one for one in server.asked if one.path != "/robots.txt"])
    message = ended(crawled, "failed")
    assert str(status) in message
    assert "\n" not in message
    # Some platforms have two servers for the same thing.
    assert 1 <= requests <= (10 if status == 500 else 2)
    for value in (*source.secrets.values(), *source.exchanged):
        assert value not in message
        assert value not in json.dumps([one.model_dump(mode="json") for one in crawled.items])


def test_server_that_is_busy_for_a_moment_costs_nothing(source: Source) -> None:
    busy = Answer("busy", 503)
    numbers = range(source.records)
    with serve(source.platform(numbers)) as server:
        server.change = on_pages(source, lambda pages, answer: busy if pages == 0 else answer)
        crawled = crawl(source, server)
    ended(crawled)
    assert {one.id for one in crawled.mentions} == wanted(source, numbers).keys()


def test_error_with_a_good_status_is_a_failure(source: Source) -> None:
    for error, word in source.errors:
        assert error.status == 200
        with serve(source.platform(range(source.records))) as server:
            server.change = on_pages(source, lambda _pages, _answer, error=error: error)
            crawled = crawl(source, server)
        assert word in ended(crawled, "failed")
        assert not crawled.mentions


def test_nothing_there_is_told(source: Source) -> None:
    with serve(source.platform(range(0))) as server:
        crawled = crawl(source, server)
        pages = len(source.page_requests(server.asked))
    if crawled.error is not None:
        raise crawled.error
    assert crawled.summary is not None
    assert not crawled.items
    assert crawled.summary.message, "a person is not told that nothing was found"
    assert pages == source.lists + EMPTY_RETRIES * find(source.spider).load().doubts_empty_pages


def test_robots_txt_is_obeyed_where_it_is_meant(source: Source) -> None:
    obeys = find(source.spider).load().obeys_robots
    routes = source.platform(range(source.records))
    routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", content_type="text/plain")
    with serve(routes) as server:
        crawled = crawl(source, server)
        assert ("/robots.txt" in server.paths) == obeys
        if obeys:
            assert set(server.paths) == {"/robots.txt"}
    if obeys:
        assert "robots.txt" in ended(crawled, "failed")
    else:
        ended(crawled)


def test_nothing_is_asked_without_a_key_or_leave(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = find(source.spider)
    for name in source.secrets:
        monkeypatch.delenv(variable(source.spider, name), raising=False)
    if entry.law == "TOLERATED":
        assert entry.terms
        with pytest.raises(NotAllowedError, match=re.escape(entry.terms)):
            check(source.spider, source.arguments)
    assert entry.law != "FORBIDDEN"
    for one in entry.secrets:
        assert one.origin
        with pytest.raises(ValueError, match=variable(source.spider, one.name)):
            check(source.spider, {**source.arguments, one.name: "a key"}, tolerated=True)
    arguments = read_arguments(source.spider, entry.parameters, source.arguments)
    if any(one.is_needed(arguments) for one in entry.secrets):
        with pytest.raises(MissingKeyError, match=f"MOLVA_{source.spider.upper()}_"):
            check(source.spider, source.arguments, tolerated=True)
    else:
        warning = check(source.spider, source.arguments, tolerated=True).warning
        assert (entry.terms or "") in str(warning)


def test_damaged_answers_raise_nothing_and_cost_only_what_is_damaged(source: Source) -> None:
    counts = mutate(source, EXAMPLES)
    assert counts["mentions"]


def test_damaged_answers_over_the_network(source: Source) -> None:
    damages: list[Callable[[bytes], bytes]] = [
        lambda body: body[: len(body) // 2],
        lambda body: body.decode("utf-8", "replace").encode("utf-16"),
        lambda _body: b"<html><body>Down for maintenance</body></html>",
    ]
    for damage in damages:
        with serve(source.platform(range(source.records))) as server:
            server.change = on_pages(
                source,
                lambda _pages, answer, damage=damage: replace(
                    answer, body=damage(_text(answer).encode())
                ),
            )
            crawled = crawl(source, server)
        assert crawled.error is None
        assert crawled.summary is not None
        assert "report it" not in str(crawled.summary.message)
        assert all(isinstance(one, Mention) or one.reason for one in crawled.items)
