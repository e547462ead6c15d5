"""Steam beyond what all sources have in common: BBCode, cursors, what is asked for."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.errors import ArgumentError
from crawlers.parsers.bbcode import bbcode_text
from crawlers.registry import find
from crawlers.run import check
from tests.contract.sources.steam import APP, expected, platform
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer, Asked, Loopback

MARKS = "b i u h1 h2 h3 strike spoiler noparse url list olist quote code table tr th td p".split()
PATH = f"/appreviews/{APP}"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain [sic] 10/10 <3", "plain [sic] 10/10 <3"),
        ("[B]Парус[/b] [I]и[/I] [u]ветер[/u]", "Парус и ветер"),
        ("[h1]Вывод[/h1]\nБерите.", "Вывод\nБерите."),
        ("[list][*]раз[*]два[/list]", "раз\nдва"),
        ("[quote=Боцман]Жди[/quote]Не жду", "Жди\nНе жду"),
        ("[url=https://e.example.org/?a=b]тут[/url]", "тут"),
        ("[url]https://e.example.org[/url]", "https://e.example.org"),
        ("до[img]https://e.example.org/a.png[/img] после", "до после"),
        ("[previewyoutube=abc;full][/previewyoutube]Видео", "Видео"),
        ("[table][tr][th]а[/th][th]б[/th][/tr][tr][td]1[/td][td]2[/td][/tr][/table]", "а  б\n1  2"),
        ("Первый.\n\nВторой.", "Первый.\n\nВторой."),
        ("[b]не закрыт", "не закрыт"),
        ("&lt;3 [b]&amp;[/b]", "<3 &"),
        ("arr[0] = x[n]", "arr[0] = x[n]"),
    ],
)
def test_bbcode_becomes_text(markup: str, text: str) -> None:
    assert bbcode_text(markup) == text


@given(st.lists(st.tuples(st.sampled_from(MARKS), st.text("абв \n", min_size=1, max_size=9))))
def test_words_survive_and_marks_do_not(parts: list[tuple[str, str]]) -> None:
    shown = bbcode_text("".join(f"[{mark}]{words}[/{mark}]" for mark, words in parts))
    assert "[" not in shown
    assert "".join(shown.split()) == "".join("".join(words.split()) for _, words in parts)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(bbcode_text(text), str)


def test_hostile_text_takes_no_time() -> None:
    begin = time.monotonic()
    for text in ("[url=" * 50_000, "[quote=x" * 50_000, " " * 200_000 + "[h1]", "[img]" * 50_000):
        bbcode_text(text)
    assert time.monotonic() - begin < 5


def crawl(server: Loopback, **arguments: Any) -> crawl_process.Crawled:
    return crawl_process.run("steam", **{"app_id": APP, "base_url": server.url, **arguments})


def queries(server: Loopback) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(path).query) for path in server.paths]


def test_reviews_of_a_language_and_kind_of_purchase_are_asked_for() -> None:
    with Loopback(platform(range(3))) as server:
        crawl(server, language="RU", purchase_type="steam")
        crawl(server, language="tchinese", app_id=f"https://store.steampowered.com/app/{APP}/Burė")
        asked = queries(server)
    assert (asked[0]["language"], asked[0]["purchase_type"]) == (["russian"], ["steam"])
    assert asked[0]["filter_offtopic_activity"] == ["0"]
    assert asked[-1]["language"] == ["tchinese"]
    assert asked[-1]["purchase_type"] == ["all"]


def test_wrong_arguments_are_refused() -> None:
    for wrong in ({"app_id": "half-life"}, {"app_id": APP, "purchase_type": "gift"}):
        with pytest.raises(ArgumentError, match="steam"):
            check("steam", wrong)
    assert find("steam").law == "OPEN"


def test_short_page_is_not_the_end_but_a_known_cursor_is() -> None:
    def page(first: int, count: int, cursor: str) -> Answer:
        routes = platform(range(first, first + count))
        route: Any = routes[PATH]
        body = json.loads(route(Asked(f"{PATH}?json=1&cursor=*", {}, 0.0), 0).body)
        return Answer(json.dumps({**body, "cursor": cursor}))

    pages = {"*": page(0, 7, "A+/="), "A+/=": page(7, 3, "B"), "B": page(10, 5, "A+/=")}
    with Loopback({PATH: lambda asked, _: pages[query_cursor(asked.path)]}) as server:
        crawled = crawl(server)
        cursors = [one["cursor"] for one in queries(server)]
    assert cursors == [["*"], ["A+/="], ["B"]]
    assert [one.id for one in crawled.mentions] == [
        f"steam:{expected(number)['id']}" for number in range(15)
    ]


def query_cursor(path: str) -> str:
    return parse_qs(urlsplit(path).query)["cursor"][0]
