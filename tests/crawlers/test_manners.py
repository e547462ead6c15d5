"""How every spider behaves: patience, honesty, durable batches, and one sentence for trouble."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from crawlers.authors import AuthorPolicy
from crawlers.parameters import AppStoreParameters, RssParameters
from crawlers.settings import build_settings, user_agent
from tests.crawlers import crawl_process
from tests.crawlers.app_store_feed import page, path
from tests.crawlers.loopback import Answer, Loopback

APP = {"app_id": "77", "country": "lt"}
FEED = (
    "<rss version='2.0'><channel><item><guid>https://n.example.org/1</guid><title>x</title></item>"
    "</channel></rss>"
)
SITE = "https://n.example.org"


def test_retry_after_is_waited_for() -> None:
    busy = Answer("slow down", 429, {"Retry-After": "1"})

    def dated(asked: object, before: int) -> Answer:
        until = formatdate(time.time() + 2, usegmt=True)
        return Answer(FEED) if before else Answer("busy", 503, {"Retry-After": until})

    with Loopback({"/seconds": [busy, Answer(FEED)], "/date": dated}) as server:
        for name in ("seconds", "date"):
            crawled = crawl_process.run("rss", url=f"{SITE}/{name}", base_url=server.url)
            assert crawled.summary is not None
            assert crawled.summary.outcome == "finished"
            asked, again = (one.at for one in server.asked if one.path == f"/{name}")
            assert again - asked >= 0.9


def test_a_long_wait_a_captcha_and_a_refusal_end_the_crawl_with_the_reason() -> None:
    challenge = "<html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x>"
    cases = {
        "/long": (Answer("busy", 429, {"Retry-After": "86400"}), "86400"),
        "/wall": (Answer(challenge, 503), "captcha"),
        "/header": (Answer("ok", 200, {"cf-mitigated": "challenge"}), "captcha"),
        "/forbidden": (Answer("no", 403), "403"),
        "/redirects": (Answer("", 302, {"Location": "/redirects"}), "check the address"),
    }
    with Loopback({name: answer for name, (answer, _) in cases.items()}) as server:
        crawled = crawl_process.run(
            "rss",
            url=",".join(f"https://{name[1:]}.example.org{name}" for name in cases)
            # The same hosts are not asked for anything more.
            + ",https://wall.example.org/more,https://long.example.org/more",
            base_url=server.url,
            # A host is asked no faster than this outside of this machine either; without any
            # pause the next request may have left before the answer was looked at.
            options={"settings": {"DOWNLOAD_DELAY": 0.3}},
        )
        for name in ("/long", "/wall", "/header", "/forbidden"):
            assert server.paths.count(name) == 1
        assert "/more" not in server.paths
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "6 more" in str(crawled.summary.message)

    with Loopback({name: answer for name, (answer, _) in cases.items()}) as server:
        for name, (_, words) in cases.items():
            one = crawl_process.run("rss", url=SITE + name, base_url=server.url)
            assert one.summary is not None
            assert words in str(one.summary.message)


def test_server_that_does_not_answer() -> None:
    crawled = crawl_process.run("rss", url=SITE + "/f", base_url="http://127.0.0.1:9")
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "nothing answers" in str(crawled.summary.message)


def test_page_cannot_lead_into_the_private_network() -> None:
    with Loopback({"/secret": Answer(FEED)}) as inner:
        # A name that is no loopback number to Molva would need a name server, so the
        # public site is played by the address that the user named, the inner one by another.
        port = inner.url.rsplit(":", 1)[1]
        with Loopback(
            {"/feed": Answer("", 302, {"Location": f"http://localhost:{port}/secret"})}
        ) as site:
            crawled = crawl_process.run("rss", url=site.url + "/feed")
        assert inner.asked == []
    assert crawled.summary is not None
    assert "private network" in str(crawled.summary.message)


def test_batches_are_handed_over_within_a_second_while_the_crawl_goes_on() -> None:
    def slow(asked: object, before: int) -> Answer:
        time.sleep(1.6)
        return Answer(page(range(50, 60)))

    routes = {path(1): Answer(page(range(50))), path(2): slow, path(3): Answer(page(()))}
    with Loopback(routes) as server:
        crawled = crawl_process.run("app_store", base_url=server.url, **APP)
        third = next(one.at for one in server.asked if one.path == path(3))
    assert [len(batch) for batch in crawled.batches] == [50, 10]
    assert crawled.batch_times[0] < third


def test_sink_that_fails_ends_the_crawl_and_its_error_is_raised() -> None:
    pages = {path(n): Answer(page(range(50 * n, 50 * n + 50))) for n in range(1, 11)}
    with Loopback(dict(pages)) as server:
        crawled = crawl_process.run(
            "app_store", base_url=server.url, options={"fail_after": 1}, **APP
        )
        assert len(server.asked) < 10
    assert "disk is full" in str(crawled.error)
    assert crawled.state["lt/77"]["covered"] is None


def test_interrupted_crawl_keeps_what_it_has() -> None:
    pages = {path(n): Answer(page(range(50 * n, 50 * n + 50))) for n in range(1, 11)}
    with Loopback(dict(pages)) as server:
        crawled = crawl_process.run(
            "app_store", base_url=server.url, options={"interrupt_after": 1}, **APP
        )
        assert len(server.asked) < 10
    assert crawled.summary is not None
    assert crawled.summary.outcome == "stopped"
    assert len(crawled.mentions) == crawled.summary.items >= 100
    assert crawled.state["lt/77"]["covered"] is None


def test_wrong_arguments_cost_no_request() -> None:
    cases = [
        ("appstore", {}, "did you mean 'app_store'"),
        ("app_store", {}, "needs the argument 'app_id'"),
        ("app_store", {"app_id": "77", "contry": "lt"}, "did you mean 'country'"),
        ("app_store", {"app_id": "com.example"}, "app_id=com.example"),
        ("rss", {"url": "n.example.org/feed"}, "http://"),
        ("rss", {"url": SITE, "since": "2026-13-01"}, "not a date"),
        ("rss", {"url": SITE, "max_items": "many"}, "max_items=many"),
    ]
    for spider, arguments, words in cases:
        crawled = crawl_process.run(spider, **arguments)
        assert words in str(crawled.error), crawled.error
        assert type(crawled.error).__name__ == "ArgumentError"


def test_first_page_that_has_not_changed_is_the_only_one_that_is_asked_for() -> None:
    fresh = Answer(page(range(50)), headers={"ETag": '"v1"', "Last-Modified": "yesterday"})
    routes = {path(1): [fresh, Answer("", 304)], path(2): Answer(page(()))}
    with Loopback(dict(routes)) as server:
        first = crawl_process.run("app_store", base_url=server.url, **APP)
        server.asked.clear()
        options = {"state": first.state}
        again = crawl_process.run(
            "app_store", stored=first.stored, options=options, base_url=server.url, **APP
        )
        (asked,) = server.asked
    assert (asked.headers["If-None-Match"], asked.headers["If-Modified-Since"]) == (
        '"v1"',
        "yesterday",
    )
    assert again.summary is not None
    assert (again.summary.outcome, again.summary.stop_reason) == ("finished", "not_modified")
    assert again.state == first.state


def test_cache_asks_for_each_page_once_and_never_keeps_a_refusal(tmp_path: Path) -> None:
    routes = {path(1): Answer(page(range(50))), path(2): [Answer("busy", 503), Answer(page(()))]}
    with Loopback(dict(routes)) as server:
        first, second = (
            crawl_process.run(
                "app_store", options={"cache": tmp_path / "cache"}, base_url=server.url, **APP
            )
            for _ in range(2)
        )
        assert server.paths == [path(1), path(2), path(2)]
    assert first.stored.keys() == second.stored.keys() != set()


def test_user_agent_names_the_contact_and_nothing_else_gets_into_the_header() -> None:
    assert "+reviews@example.org" in user_agent("reviews@example.org")
    assert "\r" not in user_agent("x\r\nEvil: 1")
    assert user_agent().startswith("Molva/")


def test_strangers_are_asked_slowly_and_this_machine_is_not() -> None:
    far = build_settings(AppStoreParameters(app_id="77"))
    assert far["AUTOTHROTTLE_ENABLED"]
    assert far["DOWNLOAD_DELAY"] >= 1
    assert far["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert far["DOWNLOAD_VERIFY_CERTIFICATES"]
    assert not far["COOKIES_ENABLED"]
    near = build_settings(AppStoreParameters(app_id="77", base_url="http://[::1]:8080"))
    assert near["DOWNLOAD_DELAY"] == 0
    mixed = RssParameters.model_validate({"url": "http://localhost:1/a,https://n.example.org/b"})
    assert build_settings(mixed)["DOWNLOAD_DELAY"] >= 1


@pytest.mark.parametrize("module", ["crawlers", "crawlers.registry", "crawlers.run"])
def test_import_loads_no_scrapy(module: str) -> None:
    heavy = "scrapy twisted lxml extruct feedparser torch"
    code = f"import sys, {module}; print([m for m in '{heavy}'.split() if m in sys.modules])"
    root = Path(__file__).parents[2]
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_author_salt_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOLVA_AUTHOR_SALT", raising=False)
    assert AuthorPolicy.of().fields("x", "7")["author_id"] is None
    monkeypatch.setenv("MOLVA_AUTHOR_SALT", "pepper")
    hashed = AuthorPolicy.of().fields("x", "7")["author_id"]
    assert hashed
    assert hashed == AuthorPolicy.of(b"pepper").fields("x", "7")["author_id"]
    assert hashed != AuthorPolicy.of("pepper").fields("y", "7")["author_id"]


def test_spider_with_a_bug_fails_with_one_sentence_and_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "buggy_spider.py").write_text(
        """
from crawlers.base import MentionSpider
from crawlers.parameters import Parameters
from crawlers.registry import SPIDERS, SpiderEntry


class Buggy(MentionSpider):
    name = "buggy"

    def first_requests(self):
        yield self.page_request("https://n.example.org/1", self.listing("x"))

    def parse_page(self, response, listing):
        if listing.pages:
            raise KeyError("surprise")
        yield self.context.mention("1", text="x")

    def next_page(self, response, listing):
        return self.page_request("https://n.example.org/2", listing)


SPIDERS["buggy"] = SpiderEntry("buggy_spider:Buggy", Parameters, "OPEN", "x")
""",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    with Loopback({"/1": Answer("x"), "/2": Answer("x")}) as server:
        crawled = crawl_process.run(
            "buggy", options={"import_first": "buggy_spider"}, base_url=server.url
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "report" in str(crawled.summary.message)
    assert [one.id for one in crawled.mentions] == ["buggy:1"]
    assert crawled.state["x"]["covered"] is None


def test_crawl_writes_nothing_to_the_terminal(tmp_path: Path) -> None:
    """As the command line runs it: a fresh process, with errors on the way."""
    code = (
        "import json, sys\nfrom crawlers.run import crawl\nitems = []\n"
        "summary = crawl('app_store', json.loads(sys.argv[1]), items.extend)\n"
        "open(sys.argv[2], 'w').write(f'{summary.outcome} {len(items)}')\n"
    )
    routes = {path(1): [Answer("bad", 500), Answer(page(range(5)))], path(2): Answer("x", 404)}
    with Loopback(routes) as server:
        done = subprocess.run(
            [
                sys.executable, "-c", code,
                json.dumps({**APP, "base_url": server.url}), str(tmp_path / "out"),
            ],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "http_proxy": "http://127.0.0.1:9"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out").read_text() == "finished 5"
