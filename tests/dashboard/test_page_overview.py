"""The overview in a real browser: what changed, what is on, who waits, and what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.settings import Settings
from index import open_store
from tests.contract.records import make
from tests.dashboard.looking import LOOKS, check_look, figure, total
from tests.dashboard.opened import Faults, answering, opened
from tests.dashboard.samples import GERMAN, last_sunday
from tests.dashboard.serving import place_of


def part(page: Page, title: str) -> Locator:
    """Return a part of the overview once it is there."""
    found = page.get_by_role("region", name=title, exact=True)
    expect(found).to_have_attribute("aria-busy", "false")
    return found


def opinions(page: Page, title: str) -> Locator:
    """Return the topics that people complain of, or praise."""
    return page.get_by_role("region", name=title).get_by_role("listitem")


def test_the_week_says_what_changed_and_by_more_than_chance(page: Page) -> None:
    page.goto("/")
    week = part(page, "Last week against the week before")
    answer = page.request.get("/api/v1/overview/week").json()
    mentions = week.locator(".tile").filter(has_text="Mentions")
    expect(mentions).to_contain_text("up, more than chance explains")
    expect(mentions).to_contain_text(f"before: {answer['total']['before_count']}")
    assert total(page, mentions.get_by_role("link")) == answer["total"]["after_count"]
    negative = week.locator(".tile").filter(has_text="Share negative")
    share = answer["total"]["after_share_negative"]
    expect(negative.get_by_role("link")).to_have_text(f"{share:.0%}")
    link = negative.get_by_role("link")
    assert total(page, link) == round(share * answer["total"]["after_count"])


def test_a_topic_that_changed_opens_its_mentions(page: Page) -> None:
    page.goto("/")
    delivery = opinions(page, "Complaints").first
    expect(delivery).to_contain_text("Delivery")
    expect(delivery).to_contain_text("up, more than chance explains")
    rows = page.request.get("/api/v1/overview/week").json()["topics"]
    (row,) = (one["complaints"] for one in rows if one["topic"] == "delivery")
    expect(delivery).to_contain_text(re.compile(rf"{row['before']}\s*→\s*then\s*{row['after']}"))
    assert total(page, delivery.get_by_role("link")) == row["after"]
    delivery.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/search\?"))
    arguments = parse_qs(urlsplit(page.url).query)
    assert arguments["topic"] == ["delivery:negative"]
    assert arguments["last"] == [str(last_sunday())]
    assert opinions(page, "Compliments").count() == 0  # of the view that was left
    page.go_back()
    expect(opinions(page, "Compliments").first).to_be_visible()


def test_all_topics_are_shown_when_asked_for(page: Page) -> None:
    page.goto("/")
    expect(opinions(page, "Compliments")).to_have_count(5)
    button = page.get_by_role("region", name="Compliments").get_by_role("button")
    count = int(re.findall(r"\d+", button.inner_text())[0])
    button.click()
    expect(opinions(page, "Compliments")).to_have_count(count)
    button.click()
    expect(opinions(page, "Compliments")).to_have_count(5)


def test_an_alert_tells_its_evidence_and_opens_all_of_it(page: Page) -> None:
    page.goto("/")
    alert = part(page, "Alerts").get_by_role("listitem")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("More complaints about “Delivery” than usual: Парус")
    answer = page.request.get("/api/v1/overview/alerts").json()["on"][0]
    observed = answer["figures"]["observed"]
    expect(alert).to_contain_text(f": {observed}, where ")
    expect(alert).to_contain_text("Almost certain")
    expect(alert.locator("blockquote")).to_have_count(len(answer["evidence"]))
    assert total(page, alert.get_by_role("link", name="Read all of them")) == observed
    assert total(page, alert.get_by_role("link", name="the mention").first) == 1


def test_an_alert_is_told_in_the_language_of_the_page(browser: Browser, served: str) -> None:
    for language, headline in (
        ("ru", "Жалоб по теме «Доставка» больше обычного: Парус"),
        ("lt", "Skundų tema „Pristatymas“ daugiau nei įprastai: Парус"),
    ):
        with opened(browser, served, language=language) as (page, _):
            page.goto("/")
            alert = page.locator(".alert")
            expect(alert.get_by_role("heading")).to_have_text(headline)
            expect(alert).not_to_contain_text("chance")


def test_complaints_without_a_reply_are_counted_by_age(page: Page) -> None:
    page.goto("/")
    waiting = part(page, "Waiting for a reply")
    everything = waiting.get_by_role("link").first
    assert total(page, everything) == figure(everything) > 0
    ages = [int(text) for text in waiting.locator(".ages .figure").all_inner_texts()]
    assert sum(ages) == figure(everything)
    expect(waiting.get_by_role("listitem").filter(has_text="Парус").first).to_be_visible()
    expect(waiting).to_contain_text("replies are never seen there: rss")


def test_sources_in_trouble_come_first(page: Page) -> None:
    page.goto("/")
    sources = part(page, "Sources")
    expect(sources).to_contain_text("1 of 6 sources is in trouble.")
    first = sources.get_by_role("listitem").first
    expect(first).to_contain_text("Trouble:")
    expect(first).to_contain_text("rss url=https://forum.example/feed")
    expect(first).to_contain_text("failed: 0 read, 0 of them new.")
    expect(first).to_contain_text("the server answered 503 to 9 of 10 requests")


def test_one_brand_can_be_looked_at(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Маяк").click()
    expect(page).to_have_url(re.compile(r"brand="))
    expect(page.get_by_role("button", name="Маяк")).to_have_attribute("aria-pressed", "true")
    # The crisis is of the other brand.
    expect(opinions(page, "Complaints").first).not_to_contain_text("more than chance")
    waiting = part(page, "Waiting for a reply")
    assert total(page, waiting.get_by_role("link").first) == figure(
        waiting.get_by_role("link").first
    )
    page.get_by_role("button", name="All brands").click()
    expect(opinions(page, "Complaints").first).to_contain_text("more than chance")


def test_days_without_mentions_are_said_to_have_none(page: Page) -> None:
    page.goto(f"/?q=id%3A{GERMAN}")
    expect(page.get_by_text("Only what this finds:")).to_be_visible()
    expect(page.get_by_text("Nothing was found of these days:")).to_be_visible()
    expect(page.get_by_text("No negative mention waits for a reply.")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    expect(opinions(page, "Complaints").first).to_be_visible()


def test_a_part_that_fails_leaves_the_others_alone(page: Page, faults: Faults) -> None:
    faults.expect("503")
    error = '{"error": {"kind": "store", "message": "the store is busy", "position": null}}'
    page.route("**/overview/alerts", lambda route: route.fulfill(status=503, body=error))
    page.goto("/")
    alerts = part(page, "Alerts")
    expect(alerts.get_by_role("alert")).to_contain_text("the store is busy")
    expect(opinions(page, "Complaints").first).to_be_visible()
    page.unroute("**/overview/alerts")
    alerts.get_by_role("button", name="Try again").click()
    expect(alerts).to_contain_text("More complaints about “Delivery”")


def test_an_empty_store_says_what_to_do_first(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "molva.toml").write_text('store = "molva.sqlite"', encoding="utf-8")
    with open_store(tmp_path / "molva.sqlite"):
        pass
    settings = Settings(place_of(tmp_path / "molva.sqlite"))
    with answering(settings) as address, opened(browser, address) as (page, _):
        page.goto("/")
        for command in ("molva collect", "molva import", "molva tag"):
            expect(page.get_by_text(command).first).to_be_visible()
        expect(page.get_by_text("Last week")).to_have_count(0)
        check_look(page)


def test_a_store_that_is_not_tagged_says_so(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "molva.toml").write_text('store = "molva.sqlite"', encoding="utf-8")
    with open_store(tmp_path / "molva.sqlite") as store:
        store.upsert([make()])
    settings = Settings(place_of(tmp_path / "molva.sqlite"))
    with answering(settings) as address, opened(browser, address) as (page, _):
        page.goto("/")
        expect(page.get_by_text("none of them is tagged yet")).to_be_visible()
        expect(part(page, "Sources")).to_contain_text("No source has been read yet.")
        expect(page.get_by_text("Last week")).to_have_count(0)


def test_it_is_worked_with_keys_alone(page: Page) -> None:
    page.goto("/")
    expect(opinions(page, "Complaints").first).to_be_visible()
    page.get_by_role("button", name="All brands").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("brand="))
    opinions(page, "Complaints").first.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?"))


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_it_is_readable_for_everyone(
    browser: Browser, served: str, language: str, scheme: str, width: int
) -> None:
    with opened(browser, served, language=language, scheme=scheme, width=width) as (page, _):
        page.goto("/")
        for region in (".tile", ".alert", ".ages", ".source"):
            expect(page.locator(region).first).to_be_visible()
        check_look(page)
