"""What Molva says of its numbers: in English by commands, on the page in three languages."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
from playwright.sync_api import Browser, expect
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response

from answers.remarks import ALARMS, ENDINGS, TEMPLATES, Remark, Template, joined, read, read_ending
from collecting.health import FIELDS, is_silence, misses_mentions
from crawlers.explanations import explain_failure, explain_response
from crawlers.patience import HostBlockedError, HostBusyError
from dashboard.api.said import Said, said
from output.footer import Footer
from output.rows import to_json
from tests.dashboard.opened import opened
from tests.dashboard.samples import UNREAD
from tests.dashboard.test_messages import LANGUAGES, messages, names
from tests.dashboard.test_page_trends import go_to, show, told, week_of

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "answers" / "remarks.py"
SAYING = ("answers", "collecting", "dashboard", "output")
MOMENT = datetime(2026, 3, 5, 6, tzinfo=UTC)


def forms(template: Template) -> tuple[str, ...]:
    return (template,) if isinstance(template, str) else template


def places(template: Template) -> set[str]:
    """Return what a template leaves open."""
    parsed = chain.from_iterable(Formatter().parse(form) for form in forms(template))
    return {name for _, name, _, _ in parsed if name}


# --- the words of the page ------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_remark_has_a_sentence_with_the_same_places(language: str) -> None:
    said = {
        key.removeprefix("remarks.say_"): names(message)
        for key, message in messages(language).items()
        if key.startswith("remarks.say_")
    }
    assert said == {code: places(template) for code, template in TEMPLATES.items()}


def test_whatever_a_remark_names_has_a_name() -> None:
    known = {key for key in messages("en") if key.startswith(("remarks.field", "remarks.figure"))}
    figures = ("share", "share_negative", "net_sentiment", "average_stars")
    wanted = {f"remarks.field_{name}" for name in FIELDS}
    assert known == wanted | {f"remarks.figure_{name}" for name in figures}


def test_a_remark_of_one_and_of_many_is_a_count() -> None:
    for code, template in TEMPLATES.items():
        assert isinstance(template, str) or "count" in places(template), code


def strings(path: Path) -> Iterator[str]:
    """Yield the texts of a module; `{}` stands for what is put into them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
            yield "".join(map(str, parts))


def test_no_remark_is_left_over() -> None:
    paths = chain.from_iterable((ROOT / room).rglob("*.py") for room in SAYING)
    said = {text for path in paths if path != TABLE for text in strings(path)}
    assert "last_run_{}" in said
    in_the_table = {"several_reasons", "and_more", *ENDINGS}
    made_otherwise = {"last_run_failed", "last_run_interrupted", *in_the_table}
    assert set(TEMPLATES) - said == made_otherwise


def test_endings_are_those_that_runs_have() -> None:
    paths = (ROOT / "pipeline.py", ROOT / "crawlers" / "run.py", ROOT / "crawlers" / "base.py")
    said = {text for path in paths for text in strings(path)}
    codes = (*(code for code in ENDINGS if code.startswith("run_")), "pages_unreadable")
    written = {re.sub(r"\{\w+\}", "{}", str(ENDINGS[code])) for code in codes}
    assert written - said == set()
    found = read_ending("reviews.example did not answer in time; run it again later, what came "
                        "before is stored (and 3 more like it)")  # fmt: skip
    assert found is not None
    assert (found.code, found.values["count"]) == ("and_more", 3)


PAGE = "https://reviews.example/shop?page=2"


@pytest.mark.parametrize(
    ("code", "status", "headers", "values"),
    [
        ("host_slow_down", 429, {}, {"status": 429}),
        ("host_wait", 503, {"Retry-After": "60"}, {"status": 503, "seconds": 60}),
        ("host_fails", 502, {}, {"status": 502, "tries": 1}),
        ("page_refused", 403, {}, {"url": PAGE, "status": 403}),
        ("page_missing", 404, {}, {"url": PAGE, "status": 404}),
        ("page_gone", 410, {}, {"url": PAGE, "status": 410}),
    ],
)
def test_answers_that_cannot_be_read_are_told_in_any_language(
    code: str, status: int, headers: dict[str, str], values: dict[str, object]
) -> None:
    response = Response(PAGE, status, headers, request=Request(PAGE))
    remark = read_ending(str(explain_response(response)))
    assert remark is not None
    told = {name: value for name, value in remark.values.items() if name != "host"}
    assert (remark.code, told) == (code, values)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("host_blocked", HostBlockedError()),
        ("host_busy", HostBusyError()),
        ("redirected", IgnoreRequest("max redirections reached")),
        ("robots_forbid", IgnoreRequest("Forbidden by robots.txt")),
        ("host_unknown", CannotResolveHostError()),
        ("host_silent", DownloadConnectionRefusedError()),
        ("host_late", DownloadTimeoutError()),
        ("host_broke_off", ResponseDataLossError()),
    ],
)
def test_requests_without_an_answer_are_told_in_any_language(code: str, error: Exception) -> None:
    remark = read_ending(explain_failure(error, Request(PAGE)))
    assert remark is not None
    assert remark.code == code


# --- in English -----------------------------------------------------------------
def missing() -> Remark:
    why = (Remark("read_up_to", until=MOMENT), Remark("runs_failed", count=2))
    return Remark("source_missing", source="shop (page=1)", why=why)


def test_a_remark_is_its_english_sentence_wherever_a_text_goes(tmp_path: Path) -> None:
    reasons = [Remark("read_so_far", until=MOMENT), Remark("without_sources", sources=(missing(),))]
    whole = joined(reasons)
    text = (
        "so far: read up to 2026-03-05 06:00; without shop (page=1), which was read only up to "
        "2026-03-05 06:00; 2 runs failed"
    )
    assert whole == text
    assert to_json({"reason": whole}) == json.dumps({"reason": text})
    footer = Footer("", "", "UTC", Remark("nothing_found"), notes=(Remark("corrected", count=1),))
    assert json.loads(to_json(footer.as_dict()))["notes"] == [
        "labels of 1 mention were put right by people, and count as these say"
    ]
    again = copy.deepcopy(whole)
    assert (again, again.code, again.values) == (whole, "several_reasons", whole.values)
    assert (joined([]), joined(reasons[:1])) == (None, reasons[0])


def test_what_a_program_gets_has_numbers_and_days() -> None:
    change = Remark("model_changed", day=date(2026, 3, 5), before="a 1", after="b 2")
    model = Said.model_validate(said(change))
    assert json.loads(model.model_dump_json())["values"] == {
        "day": "2026-03-05", "before": "a 1", "after": "b 2"
    }  # fmt: skip
    (up_to, failed) = Said.model_validate(said(missing())).model_dump(mode="json")["values"]["why"]
    assert up_to["values"] == {"until": "2026-03-05T06:00:00Z"}
    assert failed == {"text": "2 runs failed", "code": "runs_failed", "values": {"count": 2}}
    # A name stays a name, whatever it looks like.
    named = Remark("source_alarm", source="2026-03-05", alarm="12")
    assert Said.model_validate(said(named)).values == {"source": "2026-03-05", "alarm": "12"}


VALUES = {
    "usual": 2.5, "count": 21, "runs": 3, "items": 7, "empty": 50, "total": 61, "share": 0.29,
    "field": "rating", "source": "app_store", "host": "reviews.example", "url": "https://a.example/",
    "path": "/shop", "status": 503, "seconds": 60, "tries": 3,
}  # fmt: skip


@pytest.mark.parametrize("code", [*ALARMS, *ENDINGS])
@pytest.mark.parametrize("count", [1, 21])
def test_what_a_store_keeps_is_read_back(code: str, count: int) -> None:
    table = ALARMS if code in ALARMS else ENDINGS
    values = {name: VALUES[name] for name in places(table[code])}
    remark = Remark(code, **values | ({"count": count} if "count" in values else {}))
    found = read(str(remark), table)
    assert found is not None
    assert (found.code, found.values) == (code, remark.values)


@pytest.mark.parametrize(
    "text",
    [
        "the server answered 503 to 9 of 10 requests",
        "brought nothing where many are usual",
        "brought nothing where 050 are usual (median of 1 run before); see in a browser whether "
        "the site still shows them, then check the arguments",
        "app store found nothing; check the arguments",
        "",
    ],
)
def test_a_text_of_somebody_else_is_no_remark(text: str) -> None:
    assert read(text, ALARMS) is None
    assert read(text, ENDINGS) is None


def test_alarms_are_known_by_what_they_say() -> None:
    values = {name: VALUES[name] for template in ALARMS.values() for name in places(template)}
    made = {code: Remark(code, **values) for code in ALARMS}
    silent = {code for code, alarm in made.items() if is_silence(alarm)}
    assert silent == {"brought_nothing", "brought_nothing_again"}
    missed = {code for code, alarm in made.items() if misses_mentions([alarm])}
    assert missed == set(ALARMS) - {"came_without"}


# --- on the page ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "letters"), [("ru", "[а-яё]"), ("lt", "[ąčęėįšųūž]|neskaitytas|temos")]
)
def test_trends_speak_the_language_of_the_page(
    browser: Browser, served: str, language: str, letters: str
) -> None:
    with opened(browser, served, language=language) as (page, _):
        show(page, period="week")
        page.locator(".trend-table summary").click()
        expect(page.locator(".trend-table table")).to_be_visible()
        go_to(page, week_of(UNREAD[1]))
        assert re.search(letters, told(page).split("twogis", 1)[1])
        about = page.locator(".trend-about dd")
        expect(about.first).to_be_visible()
        lines = about.all_inner_texts()
        assert len(lines) >= 4
        assert [line for line in lines if not re.search(letters, line)] == []
        assert "{" not in "".join(lines)
        reasons = page.locator(".trend-table tbody td:last-child").all_inner_texts()
        assert len({reason for reason in reasons if "twogis" in reason}) >= 2
        # The whole view: no sentence of the interface is told as it came.
        expect(page.locator("main [lang=en]")).to_have_count(0)
        body = page.locator("main").inner_text()
        assert not re.search(r"remarks\.|\b(was|were|which|of|with|only)\b", body)


@pytest.mark.parametrize("path", ["/compare", "/"])
def test_other_views_do_as_well(browser: Browser, served: str, path: str) -> None:
    with opened(browser, served, language="ru") as (page, _):
        page.goto(path)
        remarks = page.locator(".remarks li")
        expect(remarks.first).to_be_attached()
        lines = remarks.all_text_contents()
        assert [line for line in lines if not re.search("[а-яё]", line)] == []
        assert "remarks." not in page.locator("main").inner_text()
        if path == "/":
            # What a platform said is told as it said it.
            english = page.locator(".source [lang=en]")
            expect(english).to_have_text("the server answered 503 to 9 of 10 requests")
