"""Search in a real browser: asking, narrowing, reading on, taking away what was found."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.opened import Faults
from tests.dashboard.samples import ASTRAL, HOSTILE, MAYAK

REFUSED = "status of 400"


def total(page: Page) -> Locator:
    return page.locator(".results .total")


def number(place: Locator) -> int:
    """Return the number that a place shows."""
    return int(re.sub(r"\D", "", place.inner_text()))


def ask(page: Page, query: str) -> None:
    page.get_by_label("Query", exact=True).fill(query)
    page.keyboard.press("Enter")


def test_what_was_asked_for_is_found_and_marked(page: Page) -> None:
    page.goto("/search")
    expect(total(page)).to_have_text("369 mentions")
    ask(page, "опоздать topic:delivery:negative")
    expect(page).to_have_url(re.compile(r"/search\?q=%D0%BE"))
    expect(total(page)).not_to_have_text("369 mentions")
    expect(page.locator("article.mention").first).to_be_visible()
    marks = page.locator("article.mention mark").all_inner_texts()
    assert marks
    assert all(re.match("(?i)опозда", one) for one in marks), "in any form of the word"


def test_words_after_emoji_are_marked_whole(page: Page) -> None:
    page.goto("/search")
    ask(page, f'id:"{ASTRAL}" опоздала вежливый')
    expect(total(page)).to_have_text("1 mention")
    expect(page.locator("mark")).to_have_text(["вежливый", "опоздала"])
    page.get_by_role("button", name=re.compile("^Delivery: complaint, sentence 2")).hover()
    expect(page.locator(".sentence.lit")).to_have_text("🙂👍 Доставка опоздала 😡 на день.")


def test_what_is_wrong_is_said_under_the_wrong_word(page: Page, faults: Faults) -> None:
    faults.expect(REFUSED)
    page.goto("/search")
    ask(page, "🙂 доставка topik:speed")
    query = page.get_by_label("Query", exact=True)
    expect(query).to_have_attribute("aria-invalid", "true")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("The query cannot be understood")
    expect(said).to_contain_text("There is no field “topik”. Did you mean topic:speed?")
    wrong = page.locator(".mirror .wrong")
    expect(wrong).to_have_text("topik:speed")
    word, message = wrong.bounding_box(), said.bounding_box()
    assert word is not None
    assert message is not None
    assert message["x"] == pytest.approx(word["x"], abs=12)
    assert message["y"] > word["y"]
    ask(page, "доставка topic:speed")
    expect(said).to_have_count(0)
    expect(query).to_have_attribute("aria-invalid", "false")


def test_examples_of_the_help_can_be_tried(page: Page) -> None:
    page.goto("/search")
    page.get_by_role("button", name="How to ask").click()
    page.get_by_role("button", name="stars:<=2 -has:reply").click()
    expect(page.get_by_label("Query", exact=True)).to_have_value("stars:<=2 -has:reply")
    expect(total(page)).not_to_have_text("369 mentions")
    expect(page.locator("article.mention").first).to_be_visible()


def test_facets_narrow_and_can_be_taken_away(page: Page) -> None:
    page.goto("/search")
    brand = page.get_by_role("checkbox", name=re.compile(MAYAK))
    expect(brand).to_be_visible()
    count = number(page.locator("li", has=brand).locator(".figure"))
    complaint = page.get_by_role("button", name=re.compile(r"^Delivery: complaint: \d"))
    of_all = complaint.inner_text()
    brand.check()
    expect(total(page)).to_have_text(f"{count} mentions")
    expect(complaint).not_to_have_text(of_all, use_inner_text=True)
    both = number(complaint)
    complaint.click()
    expect(total(page)).to_have_text(re.compile(rf"^{both} mentions?$"))
    expect(page).to_have_url(re.compile(r"brand=.*topic=delivery%3Anegative"))
    # A shared address shows the same.
    page.reload()
    expect(total(page)).to_have_text(re.compile(rf"^{both} mentions?$"))
    expect(page.get_by_role("checkbox", name=re.compile(MAYAK))).to_be_checked()
    page.get_by_role("button", name="Remove Topic: Delivery: complaint").click()
    expect(total(page)).to_have_text(f"{count} mentions")
    page.get_by_role("button", name=f"Remove Brand: {MAYAK}").click()
    expect(total(page)).to_have_text("369 mentions")
    page.go_back()
    expect(total(page)).to_have_text(f"{count} mentions")


def test_a_period_narrows(page: Page) -> None:
    page.goto("/search")
    page.get_by_role("combobox", name="Period").select_option("Last 30 days")
    expect(page).to_have_url(re.compile(r"first=\d{4}-\d\d-\d\d"))
    expect(total(page)).not_to_have_text("369 mentions")
    page.get_by_role("combobox", name="Period").select_option("All time")
    expect(total(page)).to_have_text("369 mentions")


def test_pages_are_read_one_after_another(page: Page) -> None:
    page.goto("/search")
    mentions = page.locator("article.mention")
    expect(mentions).to_have_count(20)
    first = mentions.first.inner_text()
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_url(re.compile("after="))
    expect(mentions.first).not_to_have_text(first, use_inner_text=True)
    expect(mentions).to_have_count(20)
    expect(total(page)).to_have_text("369 mentions")
    page.get_by_role("link", name="First page").click()
    expect(mentions.first).to_have_text(first, use_inner_text=True)


def test_the_best_match_can_come_first(page: Page) -> None:
    page.goto("/search?q=%D0%BA%D1%83%D1%80%D1%8C%D0%B5%D1%80")
    page.get_by_role("link", name="Best match first").click()
    expect(page).to_have_url(re.compile("order=best"))
    expect(page.locator("article.mention mark").first).to_have_text(
        re.compile("курьер", re.IGNORECASE)
    )


def test_that_nothing_was_found_is_said(page: Page) -> None:
    page.goto("/search?q=zzzzz")
    expect(total(page)).to_have_text("Nothing was found")


@pytest.mark.parametrize("form", ["CSV", "XLSX", "JSON"])
def test_what_is_shown_can_be_taken_away(page: Page, form: str) -> None:
    page.goto("/search?source=rss&topic=delivery%3Anegative")
    expect(page.locator("article.mention").first).to_be_visible()
    count = number(total(page))
    with page.expect_download() as waiting:
        page.get_by_role("link", name=f"Download {form}").click()
    download = waiting.value
    assert re.fullmatch(rf"molva-\d{{4}}-\d\d-\d\d\.{form.lower()}", download.suggested_filename)
    rows = read(Path(download.path()).read_bytes(), form)
    assert len(rows) == count
    assert set(HOSTILE) <= {row["id"] for row in rows}
    (formula,) = (row["text"] for row in rows if row["id"] == "rss:formula")
    assert formula.endswith(HOSTILE["rss:formula"]["text"])
    if form == "CSV":
        assert formula[0] not in "=+-@", "a spreadsheet would run it"


def read(content: bytes, form: str) -> list[dict[str, str]]:
    """Return the rows of a downloaded file."""
    if form == "CSV":
        csv.field_size_limit(1_000_000)
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    if form == "JSON":
        return list(json.loads(content))
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), map(str, row), strict=True)) for row in rows]
