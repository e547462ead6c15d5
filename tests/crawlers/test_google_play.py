"""Google Play beyond what all sources have in common: two calls, chunks, the app's page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.errors import ArgumentError, NotAllowedError
from crawlers.items import ParseContext
from crawlers.parsers.google_play import complaint, is_empty, next_token, parse_page
from crawlers.run import check
from mention import Mention, Reject
from tests.contract.sources.google_play import (
    APP,
    CALL,
    DETAILS,
    app_page,
    envelope,
    expected,
    platform,
    record,
)
from tests.crawlers import crawl_process
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Asked, Loopback, Route

REFUSED = """)]}'\n\n[["wrb.fr","UsvDTd",null,null,null,[3],"generic"],["di",9]]"""


def parse(body: str | bytes) -> list[Mention | Reject]:
    context = ParseContext("google_play")
    return list(parse_page(body, "https://play.google.com/x", context, app_id=APP, lang="lt"))


def ids(count: int) -> list[str]:
    return [f"google_play:{expected(number)['id']}" for number in range(count)]


def found(body: str) -> list[str]:
    return [one.id for one in parse(body) if isinstance(one, Mention)]


@pytest.mark.parametrize("call", ["UsvDTd", "oCPfdb"])
@pytest.mark.parametrize("counted", [True, False])
def test_answers_of_both_calls_whole_or_in_counted_chunks(call: str, counted: bool) -> None:
    body = envelope([[record(0), record(1)], [None, "CtgB_2"]], call, counted=counted)
    assert found(body) == ids(2)
    assert next_token(body) == "CtgB_2"


@pytest.mark.parametrize(
    ("more", "token"),
    [
        ([[None, "T"]], "T"),
        ([[None, "T"], [[None, [[1800]]]]], "T"),
        ([["T"]], "T"),
        ([None, [None, "T"]], "T"),
        ([[None, None]], None),
        ([[]], None),
        ([], None),
    ],
)
def test_token_of_the_next_page_wherever_it_stands(more: list[Any], token: str | None) -> None:
    assert next_token(envelope([[record(0)], *more])) == token


@pytest.mark.parametrize("form", ["data:{0}, sideChannel: {{}}", "data:function(){{return {0}}}"])
def test_reviews_that_the_apps_page_embeds(form: str) -> None:
    data = json.dumps([[record(0), record(1)], [None, "T"]])
    page = (
        "<script>var AF_dataServiceRequests = {'ds:3' : {id:'UsvDTd',request:[]}};</script><script>"
        "AF_initDataCallback({key: 'ds:1', isError:  false , hash: '3', data:[[1]]});</script>"
        "<script>AF_initDataCallback({key: 'ds:3', isError:  false , hash: '4', "
        f"{form.format(data)}}});</script>"
    )
    assert found(page) == ids(2)
    assert found(app_page([[record(0)], [None, "T"]])) == ids(1)


@pytest.mark.parametrize(
    ("body", "empty", "said"),
    [
        (envelope([]), True, None),
        (envelope(None), True, None),
        (envelope([[], None]), True, None),
        (envelope([[record(0)]]), False, None),
        (REFUSED, True, "INVALID_ARGUMENT (3)"),
        (""")]}'\n\n[["wrb.fr","oCPfdb",null,null,null,[99],"generic"]]""", True, "status (99)"),
        (""")]}'\n\n[["er",null,null,null,null,405,null,null,null,3]]""", False, "error 405"),
        ("<html>Before you continue</html>", False, None),
        ("", False, None),
    ],
)
def test_nothing_is_told_from_refused_and_unreadable(
    body: str, empty: bool, said: str | None
) -> None:
    assert is_empty(body) == empty
    assert (said or "") in str(complaint(body))
    assert (complaint(body) is None) == (said is None)


def test_damaged_review_is_rejected_alone() -> None:
    broken: list[Any] = [[], None, "x", [None], ["id"], ["id", None, "five"], ["id"] * 3 + [{}, 7]]
    items = parse(envelope([[record(0), *broken, record(1)]]))
    assert [one.id for one in items if isinstance(one, Mention)] == ids(2)
    rejects = [one for one in items if isinstance(one, Reject)]
    assert len(rejects) == len(broken)
    assert all(one.reason and one.where for one in rejects)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner),
)


@given(JSON, JSON)
def test_any_payload_is_read(review: Any, payload: Any) -> None:
    for value in ([[review, record(0)]], payload):
        for body in (envelope(value), app_page(value)):
            items = parse(body)
            assert all(isinstance(one, Mention | Reject) for one in items)
            next_token(body), is_empty(body), complaint(body)
    assert ids(1)[0] in found(envelope([[review, record(0)]]))


def crawl(server: Loopback, **arguments: Any) -> Crawled:
    given = {"app_id": APP, "lang": "lt", "country": "LT", "base_url": server.url}
    return crawl_process.run("google_play", **{**given, **arguments})


def calls(server: Loopback) -> list[str]:
    """What was asked for, in order: names of calls and paths."""
    return [
        json.loads(parse_qs(one.body.decode())["f.req"][0])[0][0][0]
        if one.path.startswith(CALL)
        else urlsplit(one.path).path
        for one in server.asked
        if one.path != "/robots.txt"
    ]


def instead(numbers: range, change: Callable[[str], Answer | None]) -> dict[str, Route]:
    """The look-alike, but calls for which `change` gives an answer get that one."""
    routes = platform(numbers)
    usual: Any = routes[f"POST {CALL}"]

    def page(asked: Asked, before: int) -> Answer:
        form = parse_qs(asked.body.decode())["f.req"][0]
        answer: Answer = change(form) or usual(asked, before)
        return answer

    return {**routes, f"POST {CALL}": page}


@pytest.mark.parametrize("refusal", [Answer(REFUSED), Answer("bad request", 400)])
def test_refused_call_is_made_in_the_other_form_to_the_end(refusal: Answer) -> None:
    routes = instead(range(90), lambda form: refusal if "UsvDTd" in form else None)
    with Loopback(routes) as server:
        crawled = crawl(server)
        assert calls(server) == ["UsvDTd", "oCPfdb", "oCPfdb", "oCPfdb"]
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert [one.id for one in crawled.mentions] == ids(90)


@pytest.mark.parametrize("refusal", [Answer(envelope([])), Answer("gone", 404)])
def test_reviews_of_the_apps_page_are_stored_where_no_list_is_given(refusal: Answer) -> None:
    routes = instead(range(9), lambda _form: refusal)
    routes[f"GET {DETAILS}"] = Answer(app_page([[record(0), record(1)], [None, "T"]]))
    with Loopback(routes) as server:
        crawled = crawl(server)
        assert calls(server) == ["UsvDTd", DETAILS]
    assert crawled.summary is not None
    # What is there is not all there is.
    assert crawled.summary.outcome == "failed"
    assert "no list" in str(crawled.summary.message)
    assert [one.id for one in crawled.mentions] == ids(2)
    assert crawled.state[f"{APP}/lt/lt"]["covered"] is None


def test_app_that_does_not_exist_is_a_failure() -> None:
    routes = instead(range(0), lambda _form: None)
    routes[f"GET {DETAILS}"] = Answer("not found", 404)
    with Loopback(routes) as server:
        crawled = crawl(server)
    assert crawled.summary is not None
    assert crawled.summary.outcome == "failed"
    assert "does not exist" in str(crawled.summary.message)


def test_each_language_is_a_list_of_its_own() -> None:
    def page(asked: Asked, _before: int) -> Answer:
        lang = parse_qs(urlsplit(asked.path).query)["hl"][0]
        first = {"lt": 0, "ru": 1, "pt-BR": 2}[lang]
        return Answer(envelope([[record(first)], [None, None]]))

    with Loopback({f"POST {CALL}": page}) as server:
        crawled = crawl(server, lang="lt, ru,pt-BR", country=None)
        assert all("gl=" not in one.path for one in server.asked)
    assert sorted((one.id, one.lang, one.country) for one in crawled.mentions) == [
        (one, lang, None) for one, lang in zip(ids(3), ("lt", "ru", "pt"), strict=True)
    ]
    assert set(crawled.state) == {f"{APP}/{lang}/" for lang in ("lt", "ru", "pt-BR")}


def test_arguments() -> None:
    with pytest.raises(NotAllowedError, match="terms"):
        check("google_play", {"app_id": APP})
    address = f"https://play.google.com/store/apps/details?id={APP}&hl=lt"
    checked = check("google_play", {"app_id": address}, tolerated=True)
    assert checked.arguments.model_dump()["app_id"] == APP
    for wrong in ({"app_id": "Burė"}, {"app_id": APP, "lang": "lietuvių"}):
        with pytest.raises(ArgumentError):
            check("google_play", wrong, tolerated=True)
