"""The real browser of the tests: `python -m tests.browser` finds one, or gets one, and says where.

| step | what |
|---|---|
| named | the program that `MOLVA_TEST_BROWSER` names |
| installed | `chromium`, `chromium-browser` or `google-chrome` on the PATH |
| Playwright | the build that Playwright keeps for itself |
| Debian | `apt-get install chromium`, where that is Debian and we are root |
| download | `playwright install chromium`, with the libraries it needs where we are root |

Tests only look for one; `make test` gets one before they begin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from platform import freedesktop_os_release
from typing import Final

from playwright.sync_api import Browser, sync_playwright

VARIABLE: Final = "MOLVA_TEST_BROWSER"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without fonts every letter is an empty box.
PACKAGES: Final = ("chromium", "fonts-liberation")
# No calls home; on a machine without a display there is nothing to accelerate with.
OPTIONS: Final = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_LONGEST: Final = 900.0  # seconds for getting one


class BrowserError(Exception):
    """There is no browser, or none that starts. The message is one sentence and the next step."""


def find_browser() -> Path:
    """Return the program of a Chromium that is here.

    Raises:
        BrowserError: there is none, or `MOLVA_TEST_BROWSER` names none.
    """
    if named := os.environ.get(VARIABLE):
        found = shutil.which(named)
        if found is None:
            raise BrowserError(
                f"{VARIABLE} names {named}, which is no program; correct or unset it"
            )
        return Path(found)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    raise BrowserError(
        f"there is no Chromium to test the page with; run 'make browser', or set {VARIABLE} to "
        "the program of one"
    )


def get_browser() -> Path:
    """Return the program of a Chromium; install one where there is none.

    Raises:
        BrowserError: none can be had; tells why each step failed.
    """
    try:
        return find_browser()
    except BrowserError:
        if os.environ.get(VARIABLE):
            raise
    failed = []
    steps: dict[str, Callable[[], None]] = {"apt-get": _with_apt, "playwright": _with_playwright}
    for name, step in steps.items():
        try:
            step()
            return find_browser()
        except (BrowserError, OSError, subprocess.TimeoutExpired) as error:
            failed.append(f"{name}: {error}")
    raise BrowserError(
        f"no Chromium can be had ({'; '.join(failed)}); install one yourself, or set {VARIABLE} "
        "to its program"
    )


def _with_apt() -> None:
    # Ubuntu's package is a placeholder for a snap, which does not start in a container.
    if freedesktop_os_release().get("ID") != "debian":
        raise BrowserError("this is not Debian")
    if not _is_root():
        raise BrowserError("only root may install packages")
    _run("apt-get", "update", "--quiet")
    _run("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES)


def _with_playwright() -> None:
    with_libraries = ("--with-deps",) if _is_root() and shutil.which("apt-get") else ()
    _run(sys.executable, "-m", "playwright", "install", *with_libraries, "chromium")


def _run(*command: str) -> None:
    done = subprocess.run(
        command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, timeout=_LONGEST,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing was said").splitlines()
        raise BrowserError(f"{' '.join(command)} ended with code {done.returncode}: {said[-1]}")


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a Chromium without a window, for the time of a `with` block.

    Raises:
        BrowserError: there is none.
    """
    program = find_browser()
    # Its sandbox refuses root, as which containers and CI run.
    options = [*OPTIONS, *(("--no-sandbox",) if _is_root() else ())]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


def main() -> None:
    """Find or get a browser and print its program."""
    try:
        sys.stdout.write(f"{get_browser()}\n")
    except BrowserError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
