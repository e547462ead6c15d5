"""The page opened in a real browser, with an eye on everything that the browser complains of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page

from dashboard.app import create_app
from dashboard.serving import listen
from dashboard.settings import Settings

WIDE, NARROW = 1280, 360
HEIGHT = 800
# Told of by the browser itself, whatever the page makes of the events.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`violation of ${event.violatedDirective}: ${event.blockedURI}`));
"""


@dataclass  # no slots: Playwright keeps notes on listeners
class Faults:
    """What a browser complained of while a page was open.

    Attributes:
        seen: errors and warnings of the console, exceptions, dialogs, violations of the policy.
        expected: patterns of complaints that a test provokes; each has to come.
    """

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Let a complaint pass that the test is about to provoke."""
        self.expected.append(pattern)

    def check(self) -> None:
        """Fail where anything else was complained of, or what was expected was not."""
        for pattern in self.expected:
            rest = [one for one in self.seen if not re.search(pattern, one)]
            assert len(rest) < len(self.seen), f"nothing complained of {pattern}: {self.seen}"
            self.seen = rest
        assert self.seen == []

    def listen(self, page: Page) -> None:
        """Hear everything that goes wrong on a page from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: self.seen.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", self._on_failure)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location.get("url", "")
            self.seen.append(f"console: {message.text} ({place})")

    def _on_failure(self, request: Any) -> None:
        # Questions that were overtaken are meant to be broken off.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"request: {request.url} {request.failure}")


@contextmanager
def answering(settings: Settings) -> Iterator[str]:
    """Serve the page from a thread of this process; give its address."""
    with listen("127.0.0.1", 0) as socket:
        config = uvicorn.Config(
            create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    width: int = WIDE,
    language: str = "en",
    scheme: str = "light",
) -> Iterator[tuple[Page, Faults]]:
    """Give an empty page of a fresh profile whose paths count from `address`; check it at the end.

    Args:
        browser: opens it.
        address: of the server.
        width: of the window, in CSS pixels.
        language: that the browser asks for.
        scheme: of colours that the system prefers.
    """
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": HEIGHT},
        locale=language,
        # Far from the time zone of the store, which days are of.
        timezone_id="America/Los_Angeles",
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    faults = Faults()
    try:
        context.add_init_script(_REPORT_VIOLATIONS)
        page = context.new_page()
        faults.listen(page)
        yield page, faults
        faults.check()
    finally:
        context.close()
