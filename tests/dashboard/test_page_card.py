"""A mention's card in a real browser: what is unusual about it, and everything that opens in it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.opened import NARROW, WIDE
from tests.dashboard.samples import (
    ANSWERED,
    CASE,
    CONFLICT,
    COPY,
    GERMAN,
    PENDING,
    SPAM,
    UNANSWERED,
)


def card(page: Page, mention_id: str, words: str = "") -> Locator:
    """Open a mention and return its card."""
    page.goto("/search?" + urlencode({"q": f'{words} id:"{mention_id}"'.strip()}))
    found = page.locator("article.mention")
    expect(found).to_have_count(1)
    return found


def known(page: Page, mention_id: str) -> dict[str, Any]:
    """Return what the interface knows of a mention."""
    response = page.request.get("/api/v1/mention?" + urlencode({"id": mention_id}))
    assert response.ok, response.text()
    answer: dict[str, Any] = response.json()["mention"]
    return answer


def choices(one: Locator) -> Locator:
    return one.get_by_role("group", name="What it should be")


@pytest.mark.parametrize(
    ("mention_id", "words"),
    [
        (CONFLICT, "The stars are better than the text"),
        (CASE, "Case: waiting, Анна"),
        (COPY, "Copy: "),
        (SPAM, "Looks like an advert: "),
        (GERMAN, "The model does not know this language"),
        (PENDING, "not tagged"),
        (ANSWERED, "waited 7 days"),
    ],
)
def test_what_is_unusual_is_said(page: Page, mention_id: str, words: str) -> None:
    expect(card(page, mention_id)).to_contain_text(words)


def test_a_copy_leads_to_its_original(page: Page) -> None:
    card(page, COPY).locator(".badge").get_by_role("link", name="the original").click()
    expect(page.locator("#query")).to_have_value('id:"rss:original"')
    expect(page.locator("article.mention")).to_have_count(1)


def test_a_sentence_lights_its_topics_and_the_focus_of_a_topic_its_sentence(page: Page) -> None:
    one = card(page, UNANSWERED)
    one.locator(".sentence", has_text="нагрубил").hover()
    expect(one.locator(".topic-mark.lit")).to_have_text(re.compile("Politeness"))
    page.mouse.move(0, 0)
    expect(one.locator(".lit")).to_have_count(0)
    one.locator(".topic-mark", has_text="Delivery").focus()
    expect(one.locator(".sentence.lit")).to_have_text("Доставка опоздала на неделю.")


def test_a_topic_that_is_not_spoken_of_goes_and_both_is_one_mark(page: Page) -> None:
    one = card(page, UNANSWERED)
    one.locator(".topic-mark", has_text="Politeness").click()
    choices(one).get_by_role("button", name="not spoken of").click()
    expect(one.locator(".topic-mark")).to_have_count(1)
    # The mark is gone, and the focus is not lost with it.
    expect(one).to_be_focused()
    one.locator(".topic-mark").click()
    choices(one).get_by_role("button", name="both").click()
    expect(one.locator(".topic-mark")).to_have_attribute(
        "aria-label", "Delivery: both, sentence 1, a person said so"
    )
    said = [
        [label["polarity"] for label in part["topics"]]
        for part in known(page, UNANSWERED)["sentences"]
    ]
    assert [sorted(labels) for labels in said] == [["negative", "positive"], []]
    one.locator(".topic-mark").click()
    pressed = choices(one).get_by_role("button", pressed=True)
    expect(pressed).to_have_text(re.compile("both"))


def test_what_was_asked_for_stays_marked_after_a_correction(page: Page) -> None:
    one = card(page, UNANSWERED, "опоздала")
    expect(one.locator("mark")).to_have_text("опоздала")
    for notice in ("Overall sentiment: mixed", "It says so already."):
        one.locator(".sentiment-mark").click()
        choices(one).get_by_role("button", name="mixed").click()
        expect(page.locator(".notice")).to_contain_text(notice)
    expect(one.locator("mark")).to_have_text("опоздала")


def test_an_advert_is_said_to_be_none(page: Page) -> None:
    one = card(page, SPAM)
    one.get_by_role("button", name="More").click()
    one.get_by_role("group", name="Copy or advert?").get_by_role("button", name="Neither").click()
    expect(page.get_by_text("Kept: no copy and no advert.")).to_be_visible()
    expect(one.get_by_text("Looks like an advert")).to_have_count(0)
    assert known(page, SPAM)["noise"] is None


def test_a_long_text_is_folded_until_it_is_asked_for(page: Page) -> None:
    one = card(page, "rss:long")
    words = one.locator(".words")
    folded = words.evaluate("(one) => one.clientHeight")
    one.get_by_role("button", name="Show the whole text").click()
    assert words.evaluate("(one) => one.clientHeight") > folded * 10
    one.get_by_role("button", name="Show less").click()
    assert words.evaluate("(one) => one.clientHeight") == folded


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_everything_that_opens_is_readable_for_everyone(
    page: Page, width: int, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    one = card(page, CASE)
    openers = [
        one.locator(".topic-mark").first,
        one.locator(".sentiment-mark"),
        *(
            one.get_by_role("button", name=name, exact=True)
            for name in ("Add a topic", "Case", "More")
        ),
    ]
    for opener in openers:
        opener.click()
        expect(one.locator(".panel")).to_have_count(1)
        faults = Axe().run(page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        expect(one.locator(".panel")).to_have_count(0)
        expect(opener).to_be_focused()
