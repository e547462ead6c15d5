"""What holds of every view: links open what they count, nobody is shut out, nothing sticks out."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

# One of each language, scheme and width that the page is made for.
LOOKS = [("en", "light", 1280), ("ru", "dark", 1280), ("lt", "light", 360)]


def total(page: Page, anchor: Locator) -> int:
    """Return how many mentions the search that a link leads to finds."""
    href = anchor.get_attribute("href")
    assert href is not None
    assert href.startswith("/search?")
    answer = page.request.get(f"/api/v1{href}")
    assert answer.ok, answer.text()
    return int(answer.json()["total"])


def figure(anchor: Locator) -> int:
    """Return the number that a text begins with."""
    return int(anchor.inner_text().split()[0].replace(",", ""))


def check_look(page: Page) -> None:
    """Fail where the view has an accessibility fault or is wider than the window."""
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
