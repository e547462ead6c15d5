"""A mention in a real browser: evidence, why, putting right in two clicks, cases, what it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from dashboard.settings import Settings
from tests.dashboard.opened import Faults, answering, opened
from tests.dashboard.samples import ANSWERED, CASE, CONFLICT, CORRECTED, EDITED, GERMAN, UNANSWERED


def card(page: Page, mention_id: str) -> Locator:
    """Open a mention in the search, alone."""
    page.goto(f'/search?q=id%3A"{mention_id}"')
    article = page.locator("article.mention")
    expect(article).to_have_count(1)
    return article


def mark(article: Locator, label: str) -> Locator:
    return article.get_by_role("button", name=re.compile(f"^{label}"))


def test_a_label_shows_its_evidence_and_how_sure_it_is(page: Page) -> None:
    article = card(page, UNANSWERED)
    mark(article, "Delivery: complaint").click()
    expect(article.locator(".sentence.lit")).to_have_text("Доставка опоздала на неделю.")
    expect(article.get_by_role("region")).to_contain_text("93%")
    mark(article, "Politeness: complaint").click()
    expect(article.locator(".sentence.lit")).to_have_text("Оператор нагрубил.")
    page.keyboard.press("Escape")
    expect(article.get_by_role("region")).to_have_count(0)
    expect(mark(article, "Politeness: complaint")).to_be_focused()


@pytest.mark.slow
def test_the_words_that_carried_a_label_are_shaded(page: Page) -> None:
    page.set_default_timeout(120_000)
    article = card(page, UNANSWERED)
    mark(article, "Delivery: complaint").click()
    article.get_by_role("button", name="Why?").click()
    said = article.locator(".why-words")
    expect(said).to_contain_text("«", timeout=120_000)
    expect(said).to_be_focused()
    shaded = article.locator(".sentence .for")
    expect(shaded.first).to_be_visible()
    assert {"Доставка", "опоздала"} & set(shaded.all_inner_texts())


def test_a_label_is_put_right_in_two_clicks_and_taken_back(page: Page) -> None:
    article = card(page, UNANSWERED)
    mark(article, "Delivery: complaint").click()
    article.get_by_role("button", name="compliment").click()
    expect(mark(article, "Delivery: compliment")).to_be_visible()
    notice = page.locator(".notices")
    expect(notice).to_contain_text("Delivery: compliment")
    # It was written, and holds for whoever comes next.
    article = card(page, UNANSWERED)
    expect(mark(article, "Delivery: compliment")).to_be_visible()
    expect(article).to_contain_text("Corrected by a person")
    mark(article, "Politeness: complaint").click()
    article.get_by_role("button", name="not spoken of").click()
    expect(mark(article, "Politeness")).to_have_count(0)
    notice.get_by_role("button", name="Undo").click()
    expect(mark(article, "Politeness: complaint")).to_be_visible()
    expect(notice).not_to_contain_text("Undo")


def test_a_refused_correction_is_told_of_and_can_be_sent_again(page: Page, faults: Faults) -> None:
    faults.expect("503")
    article = card(page, UNANSWERED)
    mark(article, "Delivery: complaint").click()
    choice = article.get_by_role("button", name="compliment")
    refusal = {"error": {"kind": "store", "message": "the store is locked; try again"}}
    page.route("**/api/v1/corrections", lambda route: route.fulfill(status=503, json=refusal))
    choice.focus()
    page.keyboard.press("Enter")
    expect(article.get_by_role("alert")).to_contain_text("the store is locked")
    expect(mark(article, "Delivery: complaint")).to_be_visible()
    expect(choice).to_be_focused()
    page.unroute("**/api/v1/corrections")
    page.keyboard.press("Enter")
    expect(mark(article, "Delivery: compliment")).to_be_focused()
    page.keyboard.press("u")
    expect(mark(article, "Delivery: complaint")).to_be_focused()


def test_pressing_twice_sends_a_correction_once(page: Page) -> None:
    article = card(page, UNANSWERED)
    mark(article, "Delivery: complaint").click()
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(request.method)

    page.on("request", note)
    twice = "(button) => { button.click(); button.click(); }"
    article.get_by_role("button", name="compliment").evaluate(twice)
    expect(mark(article, "Delivery: compliment")).to_be_visible()
    assert sent.count("POST") == 1


def test_the_sentiment_is_put_right_in_two_clicks(page: Page) -> None:
    article = card(page, ANSWERED)
    article.get_by_role("button", name="negative", exact=True).click()
    article.get_by_role("button", name="mixed").click()
    expect(article.get_by_role("button", name="mixed", exact=True)).to_be_visible()
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect(article.get_by_role("button", name="negative", exact=True)).to_be_visible()


def test_a_topic_that_nobody_noticed_is_added(page: Page) -> None:
    article = card(page, ANSWERED)
    article.get_by_role("button", name="Add a topic").click()
    article.get_by_role("combobox").first.select_option("Communication")
    article.get_by_role("button", name="complaint").last.click()
    expect(mark(article, "Communication: complaint")).to_be_visible()


def test_a_case_is_opened_handed_over_and_remembered(page: Page) -> None:
    article = card(page, UNANSWERED)
    article.get_by_role("button", name="Open a case").click()
    article.get_by_role("combobox").select_option("waiting")
    article.get_by_label("Owner").fill("Анна <b>")
    article.get_by_label("Note").fill("позвонили складу")
    article.get_by_role("button", name="Save").click()
    expect(page.locator(".notices")).to_contain_text("waiting")
    article = card(page, UNANSWERED)
    expect(article).to_contain_text("Анна <b>")
    article.get_by_role("button", name="More").click()
    expect(article).to_contain_text("позвонили складу")


def test_what_else_is_known_is_told(page: Page) -> None:
    article = card(page, CASE)
    article.get_by_role("button", name="More").click()
    more = page.get_by_role("region", name="More")
    expect(more).to_contain_text("ждём склад")
    article = card(page, EDITED)
    article.get_by_role("button", name="More").click()
    expect(article.locator(".mention-text")).to_have_text(re.compile("деньги пришли через месяц"))
    expect(more).to_contain_text("Возврат оформили за час.")
    article = card(page, CORRECTED)
    article.get_by_role("button", name="More").click()
    expect(more).to_contain_text("в тексте есть и хорошее")
    expect(card(page, CONFLICT)).to_contain_text("The stars are better than the text")
    expect(card(page, ANSWERED)).to_contain_text("Нам очень жаль.")


def test_the_original_opens_in_a_window_that_knows_nothing_of_this_one(page: Page) -> None:
    original = card(page, UNANSWERED).get_by_role("link", name="Open the original")
    expect(original).to_have_attribute("href", "https://app-store.example/unanswered")
    expect(original).to_have_attribute("target", "_blank")
    expect(original).to_have_attribute("rel", "noopener noreferrer")


def test_who_may_only_read_is_offered_nothing_to_write(
    browser: Browser, settings: Settings
) -> None:
    with (
        answering(replace(settings, is_read_only=True)) as address,
        opened(browser, address) as (page, _faults),
    ):
        article = card(page, UNANSWERED)
        for name in ("Open a case", "Add a topic"):
            expect(article.get_by_role("button", name=name)).to_have_count(0)
        mark(article, "Delivery: complaint").click()
        expect(article.get_by_role("region")).to_contain_text("93%")
        expect(article.get_by_role("button", name="compliment")).to_have_count(0)
        untagged = card(page, GERMAN)
        expect(untagged).to_contain_text("not tagged")
        expect(untagged.get_by_role("button", name="not tagged")).to_have_count(0)
