"""Comparisons in a real browser: brands and branches side by side, and the mentions behind them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.dashboard.looking import LOOKS, check_look, total
from tests.dashboard.opened import opened
from tests.dashboard.samples import HOSTILE, MAYAK, PARUS, PLACES


def groups(page: Page) -> Locator:
    """Return the rows of the table of groups."""
    return page.get_by_role("region", name="Side by side").locator("tbody tr")


def matrix(page: Page) -> Locator:
    """Return the rows of the table of topics."""
    return page.locator(".matrix tbody tr")


def asked(page: Page, **arguments: str | float | bool) -> Any:
    """Return what the interface answers."""
    answer = page.request.get("/api/v1/compare", params=arguments)
    assert answer.ok, answer.text()
    return answer.json()


def test_brands_stand_side_by_side_with_their_figures(page: Page) -> None:
    page.goto("/compare")
    expect(groups(page)).to_have_count(2)
    for row in asked(page)["groups"]:
        line = groups(page).filter(has_text=row["group"])
        for column in ("share_of_voice", "share_negative"):
            expect(line).to_contain_text(f"{row[column]:.0%}")
        expect(line).to_contain_text(f"{row['average_stars']:.2f}")
        assert total(page, line.get_by_role("link", name=row["group"])) == row["mentions"]
        assert total(page, line.locator(".measure").get_by_role("link")) == row["negative"]
    expect(groups(page).filter(has_text=PARUS)).to_contain_text("worse")
    expect(groups(page).filter(has_text=MAYAK)).to_contain_text("better")


def test_rows_are_put_in_order_by_a_column(page: Page) -> None:
    page.goto("/compare")
    names = groups(page).get_by_role("rowheader")
    expect(names).to_have_text([PARUS, MAYAK])
    heading = page.get_by_role("columnheader", name="Net sentiment")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(names).to_have_text([MAYAK, PARUS])
    # With the keys alone.
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(names).to_have_text([PARUS, MAYAK])
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    expect(names).to_have_text([MAYAK, PARUS])
    expect(heading).not_to_have_attribute("aria-sort", re.compile("."))


def test_a_cell_of_the_matrix_opens_its_mentions(page: Page) -> None:
    page.goto("/compare")
    answer = asked(page)
    row = next(
        one for one in answer["topics"] if (one["topic"], one["group"]) == ("delivery", PARUS)
    )
    cell = matrix(page).filter(has_text="Delivery").locator(".matrix-cell").first
    expect(cell).to_contain_text(f"{row['share_negative']:.0%}")
    points = round(100 * row["share_negative_difference"])
    expect(cell).to_contain_text(f"+{points} points, worse")
    assert total(page, cell.get_by_role("link")) == row["negative"]
    page.get_by_role("button", name="How much it is spoken of").click()
    expect(page).to_have_url(re.compile("show=share$"))
    expect(cell).to_contain_text(f"{row['share']:.0%}")
    assert total(page, cell.get_by_role("link")) == row["count"]


def test_a_topic_that_too_few_speak_of_has_no_share(page: Page) -> None:
    page.goto("/compare")
    cells = matrix(page).filter(has_text="Returns and warranty").locator(".matrix-cell")
    expect(cells.first).to_contain_text("too few")
    expect(cells.first.get_by_role("link")).to_have_count(0)


def test_links_keep_what_the_mentions_were_narrowed_by(page: Page) -> None:
    page.goto("/compare?topic=price&lang=ru&q=-stars:5")
    row = asked(page, topic="price", lang="ru", q="-stars:5")["topics"]
    delivery = next(one for one in row if one["topic"] == "delivery" and one["group"] == PARUS)
    page.get_by_role("button", name="How much it is spoken of").click()
    cell = matrix(page).filter(has_text="Delivery").locator(".matrix-cell").first
    # Of price and of delivery: not of either.
    assert total(page, cell.get_by_role("link")) == delivery["count"]


def test_branches_are_chosen_and_one_of_them_is_the_base(page: Page) -> None:
    page.goto("/compare")
    page.get_by_role("button", name="Branch").click()
    expect(page).to_have_url(re.compile("by=location"))
    hostile = next(one["location"] for one in HOSTILE.values() if "location" in one)
    expect(groups(page)).to_have_count(len(PLACES) + 1)
    expect(groups(page).filter(has_text=hostile)).to_have_count(1)
    page.get_by_role("checkbox", name=hostile).click()
    expect(groups(page)).to_have_count(len(PLACES))
    page.get_by_label("Held against").select_option(PLACES[1])
    expect(groups(page).filter(has_text=PLACES[1])).to_contain_text("the base")
    arguments = parse_qs(urlsplit(page.url).query)
    assert set(arguments["of"]) == set(PLACES)
    assert arguments["base"] == [PLACES[1]]
    # The address is all of it.
    page.reload()
    expect(groups(page)).to_have_count(len(PLACES))
    expect(page.get_by_role("checkbox", name=hostile)).not_to_be_checked()
    page.get_by_role("button", name="The largest again").click()
    expect(groups(page)).to_have_count(len(PLACES) + 1)


def test_it_takes_two(page: Page) -> None:
    questions: list[str] = []
    page.on("request", lambda request: questions.append(urlsplit(request.url).path))
    page.goto(f"/compare?brand={PARUS}")
    expect(page.get_by_text("There are not two to hold against each other.")).to_be_visible()
    assert "/api/v1/compare" not in questions
    page.goto(f"/compare?of={PARUS}")
    expect(page.get_by_text("Choose at least two.")).to_be_visible()
    page.get_by_role("group", name="Which of them").get_by_label(MAYAK).click()
    expect(groups(page)).to_have_count(2)


def test_what_sets_them_apart_is_read_when_asked_for(page: Page) -> None:
    questions: list[str] = []
    page.on("request", lambda request: questions.append(request.url))
    page.goto("/compare")
    expect(groups(page)).to_have_count(2)
    assert not any("distinct=" in one for one in questions)
    page.get_by_role("button", name="Read the texts").click()
    mine = page.get_by_role("region", name=PARUS)
    complaints = mine.get_by_role("listitem")
    expect(complaints.first).to_contain_text("Delivery")
    (row,) = (
        one
        for one in asked(page, distinct="true")["distinct"]
        if (one["group"], one["kind"], one["term"]) == (PARUS, "topic", "delivery")
    )
    expect(complaints.first).to_contain_text(f"{row['mentions']} mentions here")
    assert total(page, complaints.first.get_by_role("link").first) == row["mentions"]
    assert total(page, complaints.first.locator("blockquote").get_by_role("link")) == 1


def test_a_wrong_query_is_told_under_the_query(page: Page, faults: Any) -> None:
    faults.expect("400")
    page.goto("/compare?q=topic:nothing")
    expect(page.locator("#query-error")).to_be_visible()
    expect(page.locator(".failure")).to_have_count(0)


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_it_is_readable_for_everyone(
    browser: Browser, served: str, language: str, scheme: str, width: int
) -> None:
    with opened(browser, served, language=language, scheme=scheme, width=width) as (page, _):
        page.goto("/compare?distinct=1")
        for part in (".groups tbody tr", ".matrix-cell", ".distinct"):
            expect(page.locator(part).first).to_be_visible()
        check_look(page)
