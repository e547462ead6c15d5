"""The demo's web server on this machine.

    python -m demo.site --port 8765

serves the pages until Ctrl-C; `DemoSite` does the same inside a program:

    with DemoSite() as site:
        print(site.base_url)
"""

from __future__ import annotations

import argparse
import re
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from demo import pages
from demo.pages import Page

_APP_STORE: Final = re.compile(
    r"/([a-z]{2})/rss/customerreviews/page=(\d{1,6})/id=(\d+)/sortby=mostrecent/json"
)
_SHOP: Final = re.compile(r"/shop/(\w+)/reviews")
_FORUM: Final = re.compile(r"/forum/(\w+)/feed\.xml")
ROBOTS: Final = Page("text/plain", "User-agent: *\nDisallow: /shop/*/basket\nAllow: /\n")
NOT_FOUND: Final = Page("text/plain", "There is no such page.\n", status=404)


def find_page(target: str) -> Page:
    """Return the answer for a path with its query; what is not there is a page of status 404."""
    parts = urlsplit(target)
    if match := _APP_STORE.fullmatch(parts.path):
        country, number, app_id = match.groups()
        apps = {brand.app_id: brand for brand in pages.BRANDS if country == pages.COUNTRY}
        return pages.app_store_page(apps.get(app_id), int(number))
    slugs = {brand.slug: brand for brand in pages.BRANDS}
    if (match := _SHOP.fullmatch(parts.path)) and (brand := slugs.get(match[1])):
        number = parse_qs(parts.query).get("page", ["1"])[0]
        page = pages.shop_page(brand, int(number)) if re.fullmatch(r"\d{1,6}", number) else None
        return page or NOT_FOUND
    if (match := _FORUM.fullmatch(parts.path)) and (brand := slugs.get(match[1])):
        return pages.forum_feed(brand)
    if parts.path == "/robots.txt":
        return ROBOTS
    return pages.front_page() if parts.path == "/" else NOT_FOUND


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        page = find_page(self.path)
        asked = self.headers
        unchanged = page.is_unchanged(asked.get("If-None-Match"), asked.get("If-Modified-Since"))
        body = b"" if unchanged else page.body.encode()
        self.send_response(304 if unchanged else page.status)
        if page.modified is not None:
            self.send_header("ETag", page.etag)
            self.send_header("Last-Modified", format_datetime(page.modified, usegmt=True))
        if not unchanged:
            self.send_header("Content-Type", f"{page.content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing: the commands that crawl the site say what they got."""


class DemoSite:
    """The site while it runs, on 127.0.0.1 only; a context manager.

    Attributes:
        base_url: such as `http://127.0.0.1:8765`.
    """

    def __init__(self, port: int = 0) -> None:
        """Take `port`, or with 0 a free one; the site answers from `__enter__` on.

        Raises:
            OSError: the port is taken.
        """
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        # Asked every 50 ms whether to stop, so that the end of the block is not felt.
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m demo.site", description="Serve the demo site.")
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: 8765)")
    port = parser.parse_args().port
    try:
        site = DemoSite(port)
    except (OSError, OverflowError):
        parser.exit(1, f"port {port} cannot be used; choose another with --port\n")
    with site:
        print(f"The look-alike pages are at {site.base_url}/ until you press Ctrl-C.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
