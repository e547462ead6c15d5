"""Asking in a real browser: the address, errors in long queries, periods, answers that are late."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.dashboard.opened import NARROW, Faults, opened
from tests.dashboard.samples import MAYAK, PARUS


def show(page: Page, **arguments: Any) -> None:
    """Open the view with its arguments."""
    page.goto(f"/search?{urlencode(arguments, doseq=True)}")


def total(page: Page) -> int:
    """Return how many mentions the page says there are, once it has answered."""
    expect(page.locator(".results")).to_have_attribute("aria-busy", "false")
    return int(re.sub(r"\D", "", page.locator(".total").inner_text()) or 0)


def asked(page: Page) -> dict[str, list[str]]:
    """Return what the address asks for."""
    return parse_qs(urlsplit(page.url).query)


def answer(page: Page, path: str, **arguments: Any) -> dict[str, Any]:
    """Return what the interface answers."""
    response = page.request.get(f"/api/v1{path}?{urlencode(arguments, doseq=True)}")
    assert response.ok, response.text()
    found: dict[str, Any] = response.json()
    return found


def facet(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


@pytest.mark.parametrize("before", ["доставка AND ", "🙂🙂 доставка ", "слово " * 40])
def test_an_error_lies_under_the_word_wherever_it_is(
    page: Page, faults: Faults, before: str
) -> None:
    faults.expect("400")
    show(page, q=f"{before}тема:speed курьер")
    error, word = page.locator("#query-error"), page.locator(".query .wrong")
    expect(word).to_have_text("тема:speed")
    expect(page.locator("#query")).to_have_attribute("aria-describedby", "query-error")
    here, there = word.bounding_box(), error.bounding_box()
    assert here is not None
    assert there is not None
    # It begins under the word, but where it would then have no room.
    assert there["y"] >= here["y"] + here["height"] - 2
    assert there["x"] <= here["x"] + 2
    assert abs(there["x"] - here["x"]) <= 2 or here["x"] > 500
    # What is underlined is a copy of the text: it lies exactly behind the field's own.
    assert page.evaluate(
        """() => {
          const [copy, field] = [".mirror", "#query"].map((one) => document.querySelector(one));
          const [one, other] = [copy, field].map((part) => getComputedStyle(part));
          const names = ["fontSize", "fontFamily", "lineHeight", "paddingLeft", "paddingTop"];
          return names.every((name) => one[name] === other[name]) &&
            copy.clientWidth === field.clientWidth && field.scrollHeight <= field.clientHeight;
        }"""
    )
    page.locator("#query").fill("курьер")
    expect(error).to_have_count(0)


def test_a_mistake_is_told_in_the_language_of_the_page(browser: Browser, served: str) -> None:
    with opened(browser, served, language="ru") as (page, faults):
        faults.expect("400")
        show(page, q="доставка topic:sped")
        error = page.locator("#query-error")
        expect(error).to_contain_text("Темы «sped» нет. Возможно, вы имели в виду speed?")
        expect(error.locator("[lang]")).to_have_count(0)
        page.get_by_role("button", name="Lietuvių", exact=True).click()
        expect(error).to_contain_text("Temos „sped“ nėra. Galbūt turėjote omenyje speed?")
        # Of a value that was chosen, in the place of the answer.
        page.get_by_role("button", name="Русский", exact=True).click()
        show(page, first="2026-03-02", last="2026-03-01")
        failure = page.locator(".results .failure")
        expect(failure).to_contain_text("2026-03-02 позже, чем 2026-03-01. Поменяйте дни местами.")
        expect(failure.locator("[lang]")).to_have_count(0)


def test_a_mistake_without_words_of_the_page_is_told_in_english(
    browser: Browser, served: str
) -> None:
    def newer(route: Route) -> None:
        body = {"kind": "query", "message": "this is new; leave it out", "position": None}
        told = {"code": "toString", "values": {}, "argument": None}
        route.fulfill(status=400, json={"error": body | told})

    with opened(browser, served, language="ru") as (page, faults):
        faults.expect("400")
        page.route("**/api/v1/search?**", newer)
        show(page, q="новое")
        expect(page.locator("#query-error [lang=en]")).to_have_text("this is new; leave it out")
        # It is of the query as a whole.
        expect(page.locator(".query .wrong")).to_have_count(0)


def test_what_a_mistake_quotes_is_only_text(page: Page, faults: Faults) -> None:
    faults.expect("400")
    show(page, q='topic:"<img src=x onerror=alert(1)>{near}\u202e$&"')
    error = page.locator("#query-error")
    expect(error).to_contain_text("“<img src=x onerror=alert(1)>{near}")
    expect(error).to_contain_text("$&” is no topic.")
    assert "\u202e" not in error.inner_text()
    expect(error.locator("img")).to_have_count(0)


@pytest.mark.parametrize("language", ["English", "Русский", "Lietuvių"])
def test_examples_of_every_language_can_be_asked(page: Page, language: str) -> None:
    show(page)
    page.get_by_role("button", name=language, exact=True).click()
    page.locator("[aria-controls=query-help]").click()
    examples = page.locator(".example").all_inner_texts()
    assert len(examples) == 10
    for query in examples:
        answer(page, "/search", q=query, limit=1)
    page.keyboard.press("Escape")
    expect(page.locator(".query-help")).to_have_count(0)


def test_an_address_shows_the_same_to_somebody_else(page: Page) -> None:
    show(page, q="доставка", brand=PARUS, order="best")
    found = total(page)
    other = page.context.new_page()
    other.goto(page.url)
    assert total(other) == found
    assert asked(other) == {"q": ["доставка"], "brand": [PARUS], "order": ["best"]}
    expect(other.locator(".chip")).to_contain_text(PARUS)
    expect(facet(other, "Brand").get_by_role("checkbox", name=PARUS)).to_be_checked()
    other.close()


def test_counts_follow_what_is_chosen_but_for_their_own_field(page: Page) -> None:
    show(page)
    everything = total(page)
    mayak, parus = (facet(page, "Brand").locator("li", has_text=one) for one in (MAYAK, PARUS))
    counts = [int(one.locator(".figure").inner_text()) for one in (mayak, parus)]
    mayak.get_by_role("checkbox").check()
    page.wait_for_url("**brand=**")
    assert total(page) == counts[0]
    expect(parus.locator(".figure")).to_have_text(str(counts[1]))
    sources = facet(page, "Source").locator(".figure")
    expect(page.locator(".facets > div")).to_have_attribute("aria-busy", "false")
    assert sum(int(one) for one in sources.all_inner_texts()) == counts[0]
    parus.get_by_role("checkbox").check()
    page.wait_for_url(re.compile("brand=.*brand="))
    assert total(page) == sum(counts)
    page.get_by_role("button", name="Clear all").click()
    assert total(page) == everything
    assert asked(page) == {}


def test_own_days_are_chosen(page: Page) -> None:
    show(page)
    everything = total(page)
    period = page.get_by_label("Period", exact=True)
    period.select_option("90")
    page.wait_for_url("**first=**")
    today = date.fromisoformat(answer(page, "/about")["today"])
    assert asked(page) == {"first": [str(today - timedelta(days=89))], "last": [str(today)]}
    few = total(page)
    period.select_option("own")
    page.get_by_label("First day").fill(str(today - timedelta(days=200)))
    page.wait_for_url(f"**first={today - timedelta(days=200)}**")
    assert few < total(page) < everything
    page.get_by_label("Last day").fill("")
    expect(page).not_to_have_url(re.compile("last="))
    period.select_option("all")
    expect(page).not_to_have_url(re.compile("first="))
    assert total(page) == everything


def test_another_order_begins_with_the_first_page(page: Page) -> None:
    show(page, brand=PARUS)
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**after=**")
    expect(page.locator(".results")).to_be_focused()
    assert asked(page)["brand"] == [PARUS]
    page.get_by_role("link", name="Best match first").click()
    page.wait_for_url("**order=best")
    assert asked(page) == {"brand": [PARUS], "order": ["best"]}


def test_an_answer_that_was_overtaken_is_never_shown(page: Page) -> None:
    show(page)
    total(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/search?q=first**", hold)
    for query in ("first", "курьер"):
        page.locator("#query").fill(query)
        with page.expect_request("**/api/v1/search?q=**"):
            page.keyboard.press("Enter")
    found = total(page)
    assert found == answer(page, "/search", q="курьер")["total"] > 0
    assert len(held) == 1, "the first question was asked"
    late = {"query": "", "total": 0, "next": None, "hits": []}
    held[0].fulfill(json=late)
    page.wait_for_timeout(300)
    assert total(page) == found


def test_an_error_of_the_question_before_is_not_shown_for_the_next(
    page: Page, faults: Faults
) -> None:
    faults.expect("400")
    show(page, q="тема:speed")
    error = page.locator("#query-error")
    expect(error).to_be_visible()
    page.route("**/api/v1/search?**", lambda _route: None)
    page.locator("#query").fill("курьер")
    with page.expect_request("**/api/v1/search?**"):
        page.keyboard.press("Enter")
    expect(page.locator(".results")).to_have_attribute("aria-busy", "true")
    expect(error).to_have_count(0)


def test_what_is_reckoned_from_a_sample_says_so(page: Page) -> None:
    def estimate(route: Route) -> None:
        answer = route.fetch()
        counted = answer.json()
        for values in counted["fields"].values():
            for value in values:
                value["is_estimate"] = True
        route.fulfill(json=counted)

    page.route("**/api/v1/facets?**", estimate)
    show(page)
    topics = facet(page, "Topic")
    expect(topics.locator(".figure").first).to_have_text(re.compile(r"^≈"))
    expect(topics.locator(".split-part").first).to_contain_text("≈")


def test_what_cannot_be_drawn_leaves_the_frame(page: Page, faults: Faults) -> None:
    faults.expect("RangeError")
    broken = {"query": "", "total": 1, "next": None, "hits": [{"id": "broken"}]}
    page.route("**/api/v1/search?**", lambda route: route.fulfill(json=broken))
    show(page)
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.get_by_role("link", name="Trends").click()
    expect(page).to_have_title("Trends · Molva")
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


def test_no_answer_is_said_and_asked_for_again(page: Page, faults: Faults) -> None:
    faults.expect("ERR_FAILED")
    page.route("**/api/v1/search?**", lambda route: route.abort("failed"))
    show(page, q="курьер")
    expect(page.get_by_text("No answer from the server")).to_be_visible()
    page.unroute("**/api/v1/search?**")
    page.get_by_role("button", name="Try again").click()
    assert total(page) > 0


def test_a_phone_keeps_the_values_behind_a_button(page: Page) -> None:
    page.set_viewport_size({"width": NARROW, "height": 740})
    show(page, q="доставка")
    expect(facet(page, "Brand")).to_be_hidden()
    button = page.get_by_role("button", name="Filters")
    button.click()
    facet(page, "Brand").get_by_role("checkbox").first.check()
    page.wait_for_url("**brand=**")
    expect(button).to_contain_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    page.keyboard.press("Escape")
    expect(facet(page, "Brand")).to_be_hidden()
    expect(button).to_be_focused()
