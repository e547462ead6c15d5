"""Pictures of every view, to be looked at: `python -m tests.dashboard.screenshots FOLDER`.

Of the samples, in light and dark, wide and narrow, in three languages; a picture is as high as
its page. `--only 'trends-*-dark-*'` takes some: they are named `view-language-scheme-width.png`.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from cluster import Place
from dashboard.settings import Settings
from project import load
from tests.browser import BrowserError, chromium
from tests.dashboard.opened import NARROW, WIDE, answering, opened
from tests.dashboard.samples import EDITED, fill, moment

LANGUAGES: Final = ("ru", "en", "lt")
SCHEMES: Final = ("light", "dark")
WIDTHS: Final = (WIDE, NARROW)


def _nothing(_page: Page) -> None:
    pass


def _open_label(page: Page) -> None:
    page.locator("article.mention .topic-mark").first.click()


def _open_more(page: Page) -> None:
    page.locator("article.mention .mention-foot button").last.click()
    page.locator("article.mention .panel table").wait_for()


def _open_keys(page: Page) -> None:
    page.keyboard.press("?")


_HOSTILE_DAY: Final = moment(0, 0).date()
# What is opened, and what is then done to it, by the name of the picture.
VIEWS: Final[dict[str, tuple[str, Callable[[Page], None]]]] = {
    "overview": ("/", _nothing),
    "search": ("/search?q=опоздала", _open_label),
    "more": (f'/search?q=id:"{EDITED}"', _open_more),
    "hostile": (f"/search?source=rss&first={_HOSTILE_DAY}&last={_HOSTILE_DAY}", _nothing),
    "wrong": ("/search?q=доставка topik:speed", _nothing),
    "trends": ("/trends?period=week", _nothing),
    "split": ("/trends?split=brand&show=share_negative&period=quarter", _nothing),
    "compare": ("/compare?by=brand&distinct=1", _nothing),
    "branches": ("/compare?by=location", _open_keys),
}


def take(browser: Browser, address: str, folder: Path, pattern: str) -> int:
    """Write the pictures whose names match `pattern` into `folder`; return how many."""
    count = 0
    for language, scheme, width in product(LANGUAGES, SCHEMES, WIDTHS):
        names = {f"{view}-{language}-{scheme}-{width}.png": view for view in VIEWS}
        files = fnmatch.filter(names, pattern)
        look = {"language": language, "scheme": scheme}
        with opened(browser, address, width=width, **look) as (page, faults):
            for file in files:
                path, act = VIEWS[names[file]]
                if names[file] == "wrong":
                    faults.expect("status of 400")
                page.goto(path)
                page.wait_for_load_state("networkidle")
                act(page)
                page.wait_for_load_state("networkidle")
                # One with a dialog is as high as the window.
                page.screenshot(path=folder / file, full_page=act is not _open_keys)
                count += 1
    return count


def main() -> None:
    """Fill a store, serve it, and take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.dashboard.screenshots")
    parser.add_argument("folder", type=Path, help="is made where it is not there")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="of the names")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own:
        store = Path(own) / "molva.sqlite"
        fill(store)
        place = Place(load(store.with_name("molva.toml"), store), False, False)
        try:
            with answering(Settings(place)) as address, chromium() as browser:
                count = take(browser, address, folder, arguments.only)
        except BrowserError as error:
            sys.exit(f"Error: {error}")
    sys.stdout.write(f"{count} pictures in {folder}\n")


if __name__ == "__main__":
    main()
