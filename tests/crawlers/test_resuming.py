"""A crawl that was killed or refused goes on where it was, with the real store and command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import index
from tests.crawlers import crawl_process
from tests.crawlers.app_store_feed import page, path
from tests.crawlers.loopback import Answer, Asked, Loopback
from tests.crawlers.test_requests import TOKEN, by_page, crawl, posts

ROOT = Path(__file__).parents[2]
APP = {"app_id": "77", "country": "lt"}
BOARD = "https://api.board.example.org"


def feed(first: int, last: int = 500) -> dict[str, Any]:
    """Ten pages of reviews; the lower the number, the newer."""
    numbers = range(first, last)
    pages = [numbers[start : start + 50] for start in range(0, 500, 50)]
    return {path(place + 1): Answer(page(part)) for place, part in enumerate(pages)}


def asked_pages(server: Loopback) -> list[int]:
    return [int(one.partition("page=")[2].partition("/")[0]) for one in server.paths]


def test_killed_crawl_goes_on_where_it_was(tmp_path: Path) -> None:
    """`kill -9` while page 7 is on its way; two new reviews before the next run."""
    store = tmp_path / "store.sqlite"
    command = [
        *(sys.executable, "-m", "cli", "collect", "app_store", "--store", str(store)),
        *("-a", "app_id=77", "-a", "country=lt", "-a"),
    ]

    def hang(asked: Asked, _before: int) -> Answer:
        time.sleep(60)
        return Answer("")

    with Loopback(feed(2) | {path(7): hang}) as server:
        process = subprocess.Popen([*command, f"base_url={server.url}"], cwd=ROOT)
        deadline = time.monotonic() + 60
        while path(7) not in server.paths and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.5)  # within a second everything is stored
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with Loopback(feed(0)) as server:
        subprocess.run([*command, f"base_url={server.url}"], cwd=ROOT, check=True, timeout=60)
        # From the top to a row of known ones, then from the last page that was whole.
        assert asked_pages(server) == [1, 6, 7, 8, 9, 10]
    with index.open_store(store) as opened:
        assert opened.state("app_store")["lt/77"] == {"covered": {"since": None, "max_pages": 10}}
        wanted = [f"app_store:{900_000 - number}" for number in range(500)]
        assert len(opened.known(wanted)) == 500


def test_run_that_failed_goes_on_and_one_with_other_arguments_does_not() -> None:
    refused = {path(number): Answer("no", 403) for number in (6, 7)}
    with Loopback(feed(0) | refused) as server:
        first = crawl_process.run("app_store", base_url=server.url, **APP)
    assert first.state["lt/77"]["resume"]["pages"] == 4
    with Loopback(feed(0)) as server:
        for arguments, pages in (
            ({"since": "2020-01-01"}, list(range(1, 11))),
            ({"brand": "Парус"}, [1, 5, 6, 7, 8, 9, 10]),
        ):
            server.forget()
            again = crawl_process.run(
                "app_store",
                stored=first.stored,
                options={"state": dict(first.state)},
                base_url=server.url,
                **APP,
                **arguments,
            )
            assert asked_pages(server) == pages
            assert len(first.stored.keys() | again.stored.keys()) == 500
            assert again.state["lt/77"]["covered"] is not None
            assert "resume" not in again.state["lt/77"]


def numbered(server: Loopback) -> list[str]:
    return [one.body.decode() for one in server.asked if one.path.startswith("/posts")]


def test_page_asked_for_with_json_is_resumed_with_its_body_and_without_keys() -> None:
    pages = [posts(*range(40 * number, 40 * number + 40)) for number in range(6)]
    with Loopback({"POST /token": TOKEN, "/posts": by_page(*pages[:4], Answer("{}", 403))}) as one:
        first = crawl(one)
    point = first.state["posts"]["resume"]
    assert (point["method"], point["body"]) == ("POST", '{"page": 4}')
    assert "key" not in point["url"].partition("?")[2]
    routes = {"POST /token": TOKEN, "/posts": by_page(*pages)}
    with Loopback(dict(routes)) as server:
        second = crawl(server, state=first.state, stored=first.stored)
        assert numbered(server) == [f'{{"page": {n}}}' for n in (1, 4, 5, 6, 7)]
        assert all("api_key" in one.path for one in server.asked[1:])
    assert len(first.stored | second.stored) == 240


def test_point_that_is_no_longer_good_costs_one_request() -> None:
    pages = [posts(*range(40 * number, 40 * number + 40)) for number in range(6)]
    with Loopback({"POST /token": TOKEN, "/posts": by_page(*pages[:4], Answer("{}", 403))}) as one:
        first = crawl(one)
    for gone in (Answer("{}", 400), posts(), pages[0]):
        state = {"posts": dict(first.state["posts"])}
        state["posts"]["resume"] |= {"url": f"{BOARD}/gone", "body": ""}
        routes = {"POST /token": TOKEN, "/posts": by_page(*pages), "/gone": gone}
        with Loopback(dict(routes)) as server:
            second = crawl(server, state=state, stored=first.stored)
            assert server.asked[2].path.startswith("/gone")
            assert numbered(server) == [f'{{"page": {n}}}' for n in range(1, 8)]
        assert second.summary is not None
        assert second.summary.outcome == "finished"
        assert len(first.stored | second.stored) == 240
