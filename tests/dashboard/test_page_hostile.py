"""Hostile texts in a real browser: whatever they say, they are shown as text and do nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.opened import NARROW, WIDE, opened
from tests.dashboard.samples import HOSTILE, moment

DAY = moment(0, 0).date()
ALL = f"first={DAY}&last={DAY}&source=rss"
# Nothing of the page's own looks like what these texts are made of.
MADE = "script:not([src]), img, iframe, object, i, b, [onerror], [onload], [onclick], [onmouseover]"


def check_nothing_was_made(page: Page) -> None:
    """Fail where a text has become an element, a link that runs, or wider than the window."""
    assert page.locator("body").locator(MADE).count() == 0
    for href in page.locator("a[href]").evaluate_all("(all) => all.map((one) => one.protocol)"):
        assert href in {"http:", "https:"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_texts_are_shown_as_they_were_written(browser: Browser, served: str, width: int) -> None:
    with opened(browser, served, width=width) as (page, _):
        page.goto(f"/search?{ALL}")
        for values in HOSTILE.values():
            written = values["text"].replace("\u2028", "")[:20]
            expect(page.locator("article.mention", has_text=written)).to_have_count(1)
        script = page.locator("article.mention", has_text="alert('title')")
        expect(script.locator(".mention-title")).to_contain_text(HOSTILE["rss:script"]["title"])
        expect(script.locator(".mention-text")).to_contain_text(HOSTILE["rss:script"]["text"])
        check_nothing_was_made(page)
        long = page.locator("article.mention", has_text="Доставкааааа")
        long.get_by_role("button", name="Show the whole text").click()
        check_nothing_was_made(page)


def test_their_names_and_addresses_do_nothing_either(page: Page) -> None:
    page.goto(f"/search?{ALL}")
    named = page.locator("article.mention", has_text="отзыв с кавычками в имени")
    expect(named).to_contain_text("<svg onload=alert(5)>")
    original = named.get_by_role("link", name="Open the original")
    href = str(original.get_attribute("href"))
    assert href.startswith("https://evil.example/")
    assert original.get_attribute("onmouseover") is None
    original.hover()
    # It is corrected, its case is opened, and it is found again by its name.
    named.get_by_role("button", name="Delivery: complaint").click()
    named.get_by_role("button", name="neutral").click()
    expect(page.locator(".notices")).to_contain_text("Delivery: neutral")
    named.get_by_role("button", name="Open a case").click()
    named.get_by_role("button", name="Save").click()
    named.get_by_role("button", name="More").click()
    expect(named.get_by_role("region", name="More")).to_contain_text("rss:\"'<&>/?#%00 й")
    check_nothing_was_made(page)


def test_text_of_another_direction_stays_where_it_is(page: Page) -> None:
    page.goto(f"/search?{ALL}")
    article = page.locator("article.mention", has_text="שלום")
    # What stands around it reads from left to right all the same.
    assert article.evaluate("(one) => getComputedStyle(one).direction") == "ltr"
    words = article.locator(".words bdi")
    assert words.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "isolate"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/compare?by=location",
        "/compare?by=product",
        "/trends?split=location",
        "/search?q=%22%3Cscript%3Ealert(6)%3C%2Fscript%3E%22&brand=%3Cimg%20src%3Dx%20onerror%3Dalert(7)%3E",
    ],
)
def test_other_views_show_them_as_text_too(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    expect(page.locator('[aria-busy="true"]')).to_have_count(0)
    check_nothing_was_made(page)
