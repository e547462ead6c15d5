"""What holds for the whole page, in a real browser: languages, keys, history, tokens, looks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.settings import Settings
from tests.dashboard.looking import check_look
from tests.dashboard.opened import NARROW, WIDE, answering, opened
from tests.dashboard.samples import PARUS, UNANSWERED
from tests.dashboard.serving import READ, WRITE

VIEWS = ("/", "/search", "/trends?period=week", "/compare?by=location")
# The views' names, and how many mentions there are.
NAMES = {
    "en": ("Overview", "Search", "Trends", "Compare", "369 mentions"),
    "ru": ("Обзор", "Поиск", "Динамика", "Сравнение", "369 упоминаний"),
    "lt": ("Apžvalga", "Paieška", "Tendencijos", "Palyginimas", "369 atsiliepimai"),
}
# What a message looks like that nobody has translated.
UNTRANSLATED = re.compile(
    r"\b(?:shell|narrowing|mention|search|trends|overview|compare)\.(?!md\b)[a-z]\w+"
)
DARKEST_OF_LIGHT, LIGHTEST_OF_DARK = 230, 60  # of 255


def settle(page: Page) -> None:
    """Wait until a view has all its answers."""
    expect(page.locator("main h1")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    expect(page.locator('[aria-busy="true"]')).to_have_count(0)


@pytest.mark.parametrize("language", NAMES)
def test_every_view_speaks_the_language_of_the_browser(
    browser: Browser, served: str, language: str
) -> None:
    *views, found = NAMES[language]
    with opened(browser, served, language=language) as (page, _):
        for path in VIEWS:
            page.goto(path)
            settle(page)
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert (
                page.get_by_role("navigation").first.get_by_role("link").all_inner_texts() == views
            )
            assert UNTRANSLATED.findall(page.locator("body").inner_text()) == []
        page.goto("/search")
        expect(page.locator(".total")).to_have_text(found)


def test_another_language_is_chosen_and_kept(page: Page) -> None:
    page.goto("/search")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator(".total")).to_have_text("369 упоминаний")
    expect(page).to_have_title("Поиск · Molva")
    page.reload()
    expect(page.locator(".total")).to_have_text("369 упоминаний")
    expect(page.get_by_role("button", name="Русский")).to_have_attribute("aria-pressed", "true")


def test_back_and_forward_go_through_what_was_seen(page: Page) -> None:
    page.goto("/")
    settle(page)
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("checkbox", name=re.compile(PARUS)).check()
    expect(page).to_have_url(re.compile("brand="))
    total = page.locator(".total")
    expect(total).not_to_have_text("369 mentions")
    narrowed = total.inner_text()
    page.get_by_role("link", name="Trends", exact=True).click()
    # What was chosen stays chosen on the way to another view.
    expect(page).to_have_url(re.compile(r"/trends\?brand="))
    expect(page.get_by_role("checkbox", name=re.compile(PARUS))).to_be_checked()
    page.go_back()
    expect(total).to_have_text(narrowed)
    page.go_back()
    expect(total).to_have_text("369 mentions")
    page.go_back()
    expect(page).to_have_title("Overview · Molva")
    page.go_forward()
    page.go_forward()
    expect(total).to_have_text(narrowed)
    expect(page.get_by_role("checkbox", name=re.compile(PARUS))).to_be_checked()


def test_links_are_links_that_open_beside(page: Page) -> None:
    page.goto("/")
    with page.context.expect_page() as waiting:
        page.get_by_role("link", name="Search", exact=True).click(modifiers=["Control"])
    expect(waiting.value.locator(".total")).to_have_text("369 mentions")
    expect(page).to_have_title("Overview · Molva")


def test_everything_is_reached_by_keys_alone(page: Page) -> None:
    page.goto("/search")
    expect(page.locator(".total")).to_have_text("369 mentions")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    query = page.get_by_label("Query", exact=True)
    expect(query).to_be_focused()
    expect(query).to_have_value("", timeout=1000)
    page.keyboard.type("опоздала topic:delivery:negative")
    page.keyboard.press("Enter")
    expect(page.locator(".total")).not_to_have_text("369 mentions")
    page.keyboard.press("Escape")
    mentions = page.locator("article.mention")
    page.keyboard.press("j")
    expect(mentions.nth(0)).to_be_focused()
    # The same key where Russian is written; Playwright has no such keyboard.
    press = "(one) => one.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', bubbles: true}))"
    mentions.nth(0).evaluate(press)
    expect(mentions.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(mentions.nth(0)).to_be_focused()
    # To its first label, and put it right.
    mark = mentions.nth(0).locator(".topic-mark").first
    for _ in range(10):
        page.keyboard.press("Tab")
        if mark.evaluate("(one) => one === document.activeElement"):
            break
    expect(mark).to_be_focused()
    assert mark.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    panel = mentions.nth(0).get_by_role("region")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator("button:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".notices")).to_contain_text("complaint")


def test_the_keys_are_listed(page: Page) -> None:
    page.goto("/")
    settle(page)
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard")
    expect(listed).to_contain_text("go to the query")
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    listed.get_by_role("button", name="Close").click()
    expect(listed).to_be_hidden()


def test_tokens_let_in_to_read_or_to_write(browser: Browser, settings: Settings) -> None:
    tokens = replace(settings, read_token=READ, write_token=WRITE)
    with answering(tokens) as address, opened(browser, address) as (page, faults):
        faults.expect("status of 40[13]")
        page.goto(f'/search?q=id:"{UNANSWERED}"')
        token = page.get_by_label("Token")
        expect(token).to_be_focused()
        check_look(page)
        token.fill("guessed")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("This is not allowed")
        token.fill(READ)
        page.keyboard.press("Enter")
        # Where one wanted to go.
        article = page.locator("article.mention")
        expect(article).to_have_count(1)
        expect(article.get_by_role("button", name="Open a case")).to_have_count(0)
        page.get_by_role("button", name="Sign out").click()
        token.fill(WRITE)
        page.get_by_role("button", name="Sign in").click()
        expect(article.get_by_role("button", name="Open a case")).to_be_visible()
        page.reload()
        expect(article).to_have_count(1)
        assert page.evaluate("document.cookie") == "", "scripts cannot read it"
        faults.expect("ERR_FAILED")
        page.route(
            "**/api/v1/session",
            lambda route: route.abort() if route.request.method == "DELETE" else route.continue_(),
        )
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are still signed in")).to_be_visible()
        expect(article).to_have_count(1)


def test_the_scheme_of_the_system_is_followed(browser: Browser, served: str) -> None:
    for scheme in ("light", "dark"):
        with opened(browser, served, scheme=scheme) as (page, _):
            page.goto("/search")
            expect(page.locator("article.mention").first).to_be_visible()
            colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            levels = [int(one) for one in re.findall(r"\d+", colour)[:3]]
            if scheme == "light":
                assert min(levels) > DARKEST_OF_LIGHT
            else:
                assert max(levels) < LIGHTEST_OF_DARK


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_keeps_anyone_out_or_sticks_out(
    browser: Browser, served: str, scheme: str, width: int
) -> None:
    with opened(browser, served, scheme=scheme, width=width) as (page, _):
        for path in VIEWS:
            page.goto(path)
            settle(page)
            check_look(page)
        page.get_by_role("button", name="Keyboard").click()
        check_look(page)
        page.goto(f'/search?q=id:"{UNANSWERED}"&brand={PARUS}')
        settle(page)
        check_look(page)
        page.get_by_role("button", name="How to ask").click()
        if width == NARROW:
            page.get_by_role("button", name="Filters").click()
        article = page.locator("article.mention").first
        for opener in (
            article.locator(".topic-mark").first,
            article.get_by_role("button", name="Add a topic"),
            article.get_by_role("button", name="Open a case"),
            article.get_by_role("button", name="More"),
        ):
            opener.click()
            settle(page)
            check_look(page)
