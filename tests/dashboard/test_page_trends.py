"""Trends in a real browser: what is drawn, told and opened."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Position, expect

from tests.dashboard.looking import LOOKS, check_look
from tests.dashboard.opened import Faults, opened
from tests.dashboard.samples import OUTAGE, RETAGGED, UNREAD, VERSION, last_sunday, moment

# A small chart of a topic; the first is that of all mentions, whose scale is its own.
OTHER_SMALL = ".small:not(:first-child)"


def show(page: Page, **asked: str) -> None:
    """Open trends and wait until they are drawn."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    page.goto(f"/trends?{query}")
    expect(page.locator(".trends")).to_have_attribute("aria-busy", "false")


def plots(page: Page) -> Locator:
    """Return the charts that keys move in."""
    return page.get_by_role("application")


def told(page: Page) -> str:
    """Return what whoever hears the page was told last."""
    return page.locator(".large [role=status]").inner_text()


def arguments(address: str) -> dict[str, list[str]]:
    """Return the arguments of an address."""
    return parse_qs(urlsplit(address).query)


def total(page: Page, href: str) -> int:
    """Return how many mentions the search of a link finds."""
    answer = page.request.get(f"/api/v1{href}")
    assert answer.ok, answer.text()
    return int(answer.json()["total"])


def picture(page: Page, chart: str) -> str:
    """Return a chart as it is drawn now."""
    script = "(canvas) => canvas.toDataURL()"
    return str(page.locator(f"{chart} canvas").first.evaluate(script))


def go_to(page: Page, week: date) -> None:
    """Move to a week of a chart by keys."""
    plots(page).focus()
    page.keyboard.press("End")
    for _ in range((datetime.now(UTC).date() - week).days // 7):
        page.keyboard.press("ArrowLeft")


def week_of(weeks: int) -> date:
    """Return the Monday of a week, so many before the last whole one."""
    return moment(weeks, 0).date()


def test_every_topic_has_a_small_chart_and_one_is_large(page: Page) -> None:
    show(page)
    answer = page.request.get("/api/v1/trends").json()
    topics = {row["topic"] for row in answer["rows"]}
    smalls = page.locator(".small")
    expect(smalls).to_have_count(len(topics) + 1)
    expect(smalls.first).to_contain_text("All mentions")
    expect(page.locator(".large canvas")).to_have_count(2)
    # The name of a small chart says what the canvas shows.
    name = smalls.filter(has_text="Delivery").get_by_role("link").inner_text()
    assert re.search(r"Lowest: \d+ \(.+\)\. Highest: .+ Latest: ", name)


def test_a_small_chart_opens_the_large_one(page: Page) -> None:
    show(page, period="week")
    page.get_by_role("link", name="Delivery").click()
    heading = page.get_by_role("heading", name="Delivery", level=2)
    expect(heading).to_be_focused()
    assert arguments(page.url) == {"period": ["week"], "chart": ["delivery"]}
    page.go_back()
    expect(page.get_by_role("heading", name="All mentions", level=2)).to_be_visible()


def test_a_click_on_a_point_opens_its_mentions(page: Page) -> None:
    show(page, period="week", chart="delivery")
    chart = page.locator(".large-chart .u-over")
    box = chart.bounding_box()
    assert box is not None
    # The week of the crisis; after it stands at most the one that is running.
    rows = page.request.get("/api/v1/trends?period=week&overall=true").json()["rows"]
    starts = [row["start"] for row in rows]
    x = (starts.index(str(week_of(0))) + 0.5) / len(starts) * box["width"]
    chart.hover(position={"x": x, "y": 40})
    readout = page.locator(".readout")
    expect(readout).to_contain_text("complaints")
    count = int(readout.get_by_role("link", name=re.compile("mention")).inner_text().split()[0])
    chart.click(position={"x": x, "y": 40})
    expect(page).to_have_url(re.compile("/search"))
    assert arguments(page.url) == {
        "topic": ["delivery"],
        "first": [str(week_of(0))],
        "last": [str(last_sunday())],
    }
    assert total(page, f"/search?{urlsplit(page.url).query}") == count > 20


def test_below_the_line_are_the_complaints(page: Page) -> None:
    show(page, period="quarter", chart="delivery")
    bars = page.locator(".bars-chart .u-over")
    box = bars.bounding_box()
    assert box is not None
    bars.click(position={"x": box["width"] * 0.9, "y": box["height"] - 4})
    expect(page).to_have_url(re.compile("/search"))
    assert arguments(page.url)["topic"] == ["delivery:negative"]


def test_a_finger_looks_before_it_opens(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, has_touch=True, locale="en-US")
    page = context.new_page()
    show(page, period="quarter")
    chart = page.locator(".large-chart .u-over")
    box = chart.bounding_box()
    assert box is not None
    place: Position = {"x": box["width"] * 0.5, "y": box["height"] * 0.5}
    chart.tap(position=place)
    expect(page.locator(".readout")).to_contain_text("Mentions: ")
    assert "/trends" in page.url
    chart.tap(position=place)
    expect(page).to_have_url(re.compile("/search"))
    context.close()


def test_names_of_strangers_are_text(page: Page) -> None:
    show(page, split="location")
    expect(page.locator(".lines").first).to_contain_text("<svg onload=alert(5)>")
    expect(page.locator("[onload]")).to_have_count(0)


def test_keys_move_through_the_chart_and_open_it(page: Page) -> None:
    show(page, period="month", split="brand", chart="politeness")
    plots(page).focus()
    page.keyboard.press("Home")
    first = told(page)
    page.keyboard.press("ArrowRight")
    second = told(page)
    page.keyboard.press("ArrowDown")
    other = told(page)
    assert "Парус" in first
    assert "Парус" in second
    assert first != second
    assert "Маяк" in other
    assert other.split(";")[0] == second.split(";")[0]
    assert re.search(r"Mentions: \d+; 95 % interval: [\d.]+ to [\d.]+; \d+ complaint", other)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search"))
    asked = arguments(page.url)
    assert (asked["topic"], asked["brand"]) == (["politeness"], ["Маяк"])
    page.go_back()
    expect(plots(page)).to_be_visible()


def test_a_gap_is_unknown_and_says_why(page: Page) -> None:
    show(page, period="week", source="app_store")
    go_to(page, week_of(OUTAGE[1]))
    said = told(page)
    assert "not collected" in said
    assert "was not read" in said
    assert "0" not in said.split("Mentions: ")[1].split(";")[0]
    expect(page.locator(".readout")).to_contain_text("was not read")
    # Enter opens nothing where nothing is known.
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/trends"))
    expect(page.locator(".large .marks")).to_contain_text("not collected")


def test_what_was_collected_in_part_is_a_lower_bound(page: Page) -> None:
    show(page, period="week")
    go_to(page, week_of(UNREAD[1]))
    assert re.search(r"Mentions: at least \d+;.*twogis", told(page))


def test_too_little_data_has_no_value_and_says_so(page: Page) -> None:
    show(page, period="week", show="share_negative", chart="returns")
    plots(page).focus()
    page.keyboard.press("Home")
    expect(page.locator(".readout")).to_contain_text("too few to tell")
    small = page.locator(".small").filter(has_text="Returns")
    expect(small).to_contain_text("Longer periods may tell more")
    expect(small.locator("canvas")).to_have_count(0)


def test_a_change_of_the_model_is_named(page: Page) -> None:
    show(page, period="month")
    changes = page.locator(".changes li")
    expect(changes).to_have_count(1)
    expect(changes).to_contain_text(f"{VERSION} (")
    expect(changes).to_contain_text(str(week_of(RETAGGED).day))


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "month", "chart": "politeness"},
        {"period": "quarter", "chart": "delivery", "split": "brand", "topic": "delivery:negative"},
        {"period": "month", "chart": "price", "split": "stars", "topic": "politeness"},
        {"period": "quarter", "split": "location", "q": "доставка OR кассир"},
        {"period": "quarter", "split": "lang", "brand": "Парус"},
        {"period": "week", "chart": "speed", "first": "2026-02-03", "last": "2026-10-07"},
    ],
)
def test_every_number_of_the_table_leads_to_as_many_mentions(
    page: Page, asked: dict[str, str]
) -> None:
    show(page, **asked)
    page.get_by_text("The numbers as a table").click()
    cells = page.locator(".trend-table td a")
    expect(cells.first).to_be_visible()
    found = cells.evaluate_all("(all) => all.map((a) => [a.getAttribute('href'), a.innerText])")
    assert len(found) >= 3
    wrong = [
        (href, text) for href, text in found if total(page, href) != int(re.sub(r"\D", "", text))
    ]
    assert wrong == []


def test_settings_go_to_the_address_and_scales_are_said(page: Page) -> None:
    show(page)
    page.get_by_label("Show", exact=True).select_option(label="Net sentiment")
    page.get_by_label("By", exact=True).select_option(label="Quarter")
    page.get_by_label("Split by").select_option(label="Source")
    expect(page.get_by_text("Each chart has its own scale.")).to_be_visible()
    own = picture(page, OTHER_SMALL)
    page.get_by_label("Same scale").check()
    expect(page.get_by_text("Topics share one scale")).to_be_visible()
    assert arguments(page.url) == {
        "show": ["net_sentiment"],
        "period": ["quarter"],
        "split": ["source"],
        "scale": ["same"],
    }
    page.wait_for_function(
        "([chart, old]) => document.querySelector(`${chart} canvas`)?.toDataURL() !== old",
        arg=[OTHER_SMALL, own],
    )
    expect(page.locator(".lines").first).to_contain_text("app_store")


def test_narrowing_narrows_and_a_wrong_query_is_said_under_the_word(
    page: Page, faults: Faults
) -> None:
    show(page, brand="Маяк", period="quarter")
    page.get_by_text("The numbers as a table").click()
    numbers = page.locator(".trend-table tbody td:nth-child(2)").all_inner_texts()
    answer = page.request.get("/api/v1/trends?overall=true&period=quarter&brand=Маяк")
    counts = [row["count"] for row in answer.json()["rows"]]
    assert [
        int(re.sub(r"\D", "", text)) if text[-1:].isdigit() else None for text in numbers
    ] == counts
    assert len([count for count in counts if count]) >= 2
    faults.expect("400")
    page.goto("/trends?q=topic:delivry")
    expect(page.get_by_role("alert")).to_contain_text("delivery")
    expect(page.locator(".large")).to_have_count(0)


def test_nothing_found_is_said(page: Page) -> None:
    page.goto("/trends?brand=Никто")
    expect(page.get_by_text("No mention was found")).to_be_visible()


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "PNG", "SVG"])
def test_what_is_shown_can_be_downloaded(page: Page, kind: str) -> None:
    show(page, period="quarter", chart="delivery", split="brand")
    with page.expect_download() as downloading:
        page.locator(".large").get_by_role("link", name=f"Download {kind}").click()
    download = downloading.value
    assert download.suggested_filename.endswith(f".{kind.lower()}")
    content = download.path().read_bytes()
    beginning = {"CSV": b"topic", "XLSX": b"PK", "PNG": b"\x89PNG", "SVG": b"<?xml"}[kind]
    assert beginning in content[:20]
    if kind == "CSV":
        topics = {line.split(",")[0] for line in content.decode().splitlines()[1:]}
        assert topics == {"delivery"}


@pytest.mark.parametrize(
    ("code", "words"),
    [("ru", "Похвалы, над"), ("lt", "Pagyrimai"), ("en", "compliments")],
)
def test_three_languages(page: Page, code: str, words: str) -> None:
    show(page, period="quarter")
    before = picture(page, ".bars-chart")
    page.locator(f".languages button[lang={code}]").click()
    expect(page.locator("html")).to_have_attribute("lang", code)
    expect(page.locator(".large .marks")).to_contain_text(words, ignore_case=True)
    body = page.locator("main").inner_text()
    assert not re.search(r"trends\.(?!md)[a-z]", body), "a word has no translation"
    assert "{" not in body
    if code != "en":
        # The names of the quarters are part of the picture.
        page.wait_for_function(
            "(old) => document.querySelector('.large-chart canvas')?.toDataURL() !== old",
            arg=before,
        )


def test_charts_follow_the_scheme_and_the_width(page: Page) -> None:
    show(page)
    light = picture(page, ".large-chart")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "(old) => document.querySelector('.large-chart canvas')?.toDataURL() !== old", arg=light
    )
    page.set_viewport_size({"width": 360, "height": 740})
    # A function, as everywhere: a bare expression is evaluated at every look, against the policy.
    page.wait_for_function(
        "() => document.querySelector('.large-chart canvas')?.clientWidth <= 360"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_pointed_at_in_one_small_chart_is_shown_in_all(page: Page) -> None:
    show(page, period="month")
    when = page.locator(".smalls-when")
    expect(when).to_contain_text("latest")
    page.locator(".small .u-over").nth(2).hover()
    expect(when).to_contain_text(re.compile(r"20\d\d"))
    places = page.locator(".small .u-cursor-x").evaluate_all(
        """(all) => all.map((one) => one.getBoundingClientRect().left
            - one.parentElement.getBoundingClientRect().left)"""
    )
    assert max(places) - min(places) < 1
    assert min(places) > 0


@pytest.mark.parametrize(
    ("start", "period", "last", "name"),
    [
        ("2024-12-30", "week", "2025-01-05", "Dec 30, 2024 – Jan 5, 2025"),
        ("2024-02-01", "month", "2024-02-29", "February 2024"),
        ("2025-10-01", "quarter", "2025-12-31", "Q4 2025"),
        ("2026-03-05", "day", "2026-03-05", "Mar 5, 2026"),
    ],
)
def test_buckets_end_where_the_server_ends_them(
    page: Page, start: str, period: str, last: str, name: str
) -> None:
    show(page)
    script = """([start, period]) => import("/static/parts/trends/buckets.js").then(
        (buckets) => [buckets.lastDay(start, period), buckets.bucketName(start, period)])"""
    found = page.evaluate(script, [start, period])
    assert [found[0], re.sub(r"[\u2009\u00a0]", " ", found[1])] == [last, name]


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter"])
@pytest.mark.parametrize("width", [200, 900])
def test_names_on_an_axis_have_room(page: Page, period: str, width: int) -> None:
    page.goto("/")
    step = {"day": 1, "week": 7, "month": 31, "quarter": 92}[period]
    for count in (1, 2, 8, 60, 800):
        starts = [str(date(2019, 12, 30) + timedelta(days=step * one)) for one in range(count)]
        script = """([starts, period, width]) => import("/static/parts/trends/buckets.js").then(
            (buckets) => buckets.ticks(starts, period, width))"""
        named = page.evaluate(script, [starts, period, width])
        places = [one["at"] for one in named]
        assert 1 <= len(places) <= max(width // 58, 2)
        assert places == sorted(set(places))
        assert all(one["label"].strip() for one in named)


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
@pytest.mark.parametrize("asked", [{}, {"split": "location", "show": "average_stars"}])
def test_nothing_keeps_anyone_out(
    browser: Browser, served: str, asked: dict[str, str], language: str, scheme: str, width: int
) -> None:
    with opened(browser, served, width=width, language=language, scheme=scheme) as (page, _):
        show(page, **asked)
        page.locator(".trend-table summary").click()
        expect(page.locator(".trend-table table")).to_be_visible()
        plots(page).focus()
        page.keyboard.press("End")
        expect(page.locator(".readout-when")).to_be_visible()
        check_look(page)
