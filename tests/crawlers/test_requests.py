"""What a spider can ask for: forms, JSON, tokens first; and errors that come as HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback

SECRETS = {"MOLVA_BOARD_CLIENT_SECRET": "client-secret-1", "MOLVA_BOARD_API_KEY": "api&key=2"}
TOKEN = Answer('{"token": "token-number-3"}')


def posts(*numbers: int, **more: Any) -> Answer:
    return Answer(json.dumps({"posts": numbers, **more}), content_type="application/json")


def by_page(*pages: Answer) -> Callable[[Asked, int], Answer]:
    """Answer by the number of the page in the body of the request."""

    def answer(asked: Asked, _before: int) -> Answer:
        number = json.loads(asked.body)["page"]
        return pages[number - 1] if number <= len(pages) else posts()

    return answer


def crawl(server: Loopback, stored: dict[str, str] | None = None, **options: Any) -> Crawled:
    options = {"import_first": "tests.crawlers.board_spider", "environment": SECRETS, **options}
    crawled = crawl_process.run("board", stored=stored, options=options, base_url=server.url)
    if crawled.error is not None:
        raise crawled.error
    return crawled


def failed(crawled: Crawled) -> str:
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    return str(crawled.summary.message)


def test_token_is_asked_for_with_a_form_and_pages_with_json_and_keys(tmp_path: Path) -> None:
    log = tmp_path / "log"
    settings = {"LOG_ENABLED": True, "LOG_FILE": str(log)}
    routes = {"POST /token": TOKEN, "POST /posts": by_page(posts(1, 2), posts(3))}
    with Loopback(dict(routes)) as server:
        crawled = crawl(server, settings=settings)
        token, first, second, _ = server.asked
    assert token.body == b"client_secret=client-secret-1&grant=client"
    assert token.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert first.path == second.path == "/posts?v=1&api_key=api%26key%3D2"
    assert first.headers["X-Token"] == second.headers["X-Token"] == "token-number-3"
    assert (first.headers["Content-Type"], second.body) == ("application/json", b'{"page": 2}')
    assert [one.id for one in crawled.mentions] == ["board:1", "board:2", "board:3"]
    assert {one.url for one in crawled.mentions} == {"https://api.board.example.org/posts?v=1"}
    told = log.read_text(encoding="utf-8")
    assert "POST https://api.board.example.org/posts?v=1>" in told
    for key in (*SECRETS.values(), "api%26key%3D2", "token-number-3"):
        assert key not in told


def test_keys_do_not_follow_a_redirect_to_another_host() -> None:
    elsewhere = Answer("", 307, {"Location": "https://other.example.net/posts"})
    routes = {"POST /token": TOKEN, "/posts": [elsewhere, posts(1), posts()]}
    with Loopback(dict(routes)) as server:
        crawl(server)
        sent = [one for one in server.asked if one.path.startswith("/posts")]
    assert "api_key" in sent[0].path
    assert sent[1].path == "/posts"
    assert "X-Token" not in sent[1].headers


def test_error_with_a_good_status_is_told_in_the_platforms_words_without_the_key() -> None:
    error = Answer('{"error": "bad key api&key=2\\u001b[31m\\n twice"}')
    with Loopback({"POST /token": TOKEN, "/posts": error}) as server:
        crawled = crawl(server)
    assert failed(crawled) == (
        "api.board.example.org says: bad key ***[31m twice; check the arguments and the key"
    )
    refused = Answer('{"error": "the board is closed"}', 403)
    with Loopback({"POST /token": TOKEN, "/posts": refused}) as server:
        assert "(403: the board is closed)" in failed(crawl(server))


def test_answer_that_says_to_come_again_is_asked_again_a_few_times() -> None:
    busy = Answer('{"error": "too many", "wait": 0.05}')
    with Loopback({"POST /token": TOKEN, "/posts": [busy, busy, posts(1), posts()]}) as server:
        assert len(crawl(server).mentions) == 1
        bodies = [one.body for one in server.asked if one.path.startswith("/posts")]
    assert bodies[:3] == [b'{"page": 1}'] * 3
    with Loopback({"POST /token": TOKEN, "/posts": busy}) as server:
        assert "says: too many; ask the board" in failed(crawl(server))
        assert len(server.asked) == 1 + 5
    long = Answer('{"error": "too many", "wait": 9999}')
    with Loopback({"POST /token": TOKEN, "/posts": long}) as server:
        assert "asks for a long wait" in failed(crawl(server))
        assert len(server.asked) == 2


def test_pause_that_a_page_asks_for_is_kept() -> None:
    routes = {"POST /token": TOKEN, "/posts": by_page(posts(1, backoff=0.7), posts(2))}
    with Loopback(dict(routes)) as server:
        crawl(server)
        _, first, second, _ = server.asked
    assert second.at - first.at >= 0.7


def test_lookup_that_fails_is_explained_like_a_page() -> None:
    answers = {
        "(404)": Answer("{}", 404),
        "says: unknown client": Answer('{"error": "unknown client"}'),
        "gives no token": Answer("{}"),
        "503 to 5 tries": Answer("{}", 503),
    }
    for words, answer in answers.items():
        with Loopback({"POST /token": answer}) as server:
            crawled = crawl(server)
        assert words in failed(crawled)
        assert crawled.state["posts"]["covered"] == {}
