"""A small proxy before the real server: it may refuse, cut, or answer for some documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

# Given to the answer's items of one bulk request: (index of the item, its id) -> status
# to answer instead of sending it on, or None.
Refuse = Callable[[int, str], int | None]


@dataclass
class Proxy:
    """What the proxy does to bulk requests, and what it saw.

    Attributes:
        url: where it listens.
        refuse: decides item by item; called for each bulk request anew.
        fail: (status, times): answers so many whole bulk requests with that status.
        drop: sends so many bulk requests on and then breaks the connection off.
        largest: bytes of a request; larger ones are answered with 413.
        bulks: number of documents or deletions of each bulk request that came.
    """

    url: str = ""
    refuse: Refuse | None = None
    fail: tuple[int, int] = (0, 0)
    drop: int = 0
    largest: int = 1 << 30
    bulks: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)


@contextmanager
def proxy_to(url: str) -> Iterator[Proxy]:
    """Run a proxy to the server at `url` on a free port."""
    proxy = Proxy()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy, urlsplit(url).netloc))
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(proxy: Proxy, upstream: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _pass_on(self, body: bytes) -> tuple[int, bytes]:
            connection = HTTPConnection(upstream, timeout=30)
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in {"host", "content-length", "connection", "accept-encoding"}
            }
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.kind = answer.headers.get("content-type", "application/json")
            connection.close()
            return answer.status, content

        def _bulk(self, body: bytes) -> tuple[int, bytes] | None:
            actions = _actions(body)
            proxy.bulks.append(len(actions))
            proxy.sizes.append(len(body))
            self.kind = "application/vnd.elasticsearch+json;compatible-with=9"
            if len(body) > proxy.largest:
                return 413, b'{"error": "too large"}'
            status, times = proxy.fail
            if times:
                proxy.fail = status, times - 1
                return status, _error(status)
            refused = {
                place: answer
                for place, (verb, mention_id, _) in enumerate(actions)
                if proxy.refuse and (answer := proxy.refuse(place, mention_id))
            }
            kept = [one for place, one in enumerate(actions) if place not in refused]
            items = iter(())
            if kept:
                status, content = self._pass_on(b"".join(lines for _, _, lines in kept))
                if status != 200:
                    return status, content
                items = iter(json.loads(content)["items"])
            if proxy.drop:
                proxy.drop -= 1
                return None
            answers = [
                {verb: {"status": refused[place], **json.loads(_error(refused[place]))}}
                if place in refused
                else next(items)
                for place, (verb, _, _) in enumerate(actions)
            ]
            return 200, json.dumps({"items": answers}).encode()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if "/_bulk" in self.path:
                answer = self._bulk(body)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
            else:
                answer = self._pass_on(body)
            status, content = answer
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", self.kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names of http.server

    return Handler


def _actions(body: bytes) -> list[tuple[str, str, bytes]]:
    """Return (verb, id, lines) of a bulk request."""
    lines = iter(body.splitlines(keepends=True))
    found = []
    for line in lines:
        ((verb, about),) = json.loads(line).items()
        content = line if verb == "delete" else line + next(lines)
        found.append((verb, about["_id"], content))
    return found


def _error(status: int) -> bytes:
    error: dict[str, Any] = {
        "type": "es_rejected_execution_exception",
        "reason": "rejected execution of coordinating operation",
    }
    return json.dumps({"error": error, "status": status}).encode()
