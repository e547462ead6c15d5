"""A web server on this machine that answers as a test says and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Answer:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    cut: int = 0  # bytes that Content-Length promises too many


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    at: float
    method: str = "GET"
    body: bytes = b""


# A route is one answer for ever, a list of answers in turn (the last one stays), or a
# function of (request, how often this path was asked before).
Route = Answer | list[Answer] | Callable[[Asked, int], Answer]


class Answers:
    """Answers by `routes`: path with query, or path alone, to a `Route`; else 404.

    A method before the path, as in `POST /token`, names the requests of that method only.

    Attributes:
        change: makes another answer out of the one that a request would get; called with
            the request, how many came before it, and that answer.
    """

    def __init__(self, routes: dict[str, Route] | None = None) -> None:
        self.routes: dict[str, Route] = routes or {}
        self.change: Callable[[Asked, int, Answer], Answer] | None = None
        self.asked: list[Asked] = []
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            before, total = self._times[asked.path], len(self.asked)
            self.asked.append(asked)
            self._times[asked.path] += 1
        answer = self._routed(asked, before)
        return answer if self.change is None else self.change(asked, total, answer)

    def _routed(self, asked: Asked, before: int) -> Answer:
        paths = (asked.path, asked.path.partition("?")[0])
        names = [f"{asked.method} {path}" for path in paths] + list(paths)
        route = next((self.routes[name] for name in names if name in self.routes), None)
        if route is None:
            return Answer("nothing here", 404)
        if isinstance(route, Answer):
            return route
        if isinstance(route, list):
            return route[min(before, len(route) - 1)]
        return route(asked, before)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def forget(self) -> None:
        self.asked.clear()
        self._times.clear()


class Loopback(Answers):
    """A server that gives these answers."""

    def __init__(self, routes: dict[str, Route] | None = None) -> None:
        super().__init__(routes)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer: two would wait for each other

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(
                    self.path,
                    dict(self.headers.items()),
                    time.monotonic(),
                    self.command,
                    self.rfile.read(length),
                )
                answer = outer.answer(asked)
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                if answer.content_type:
                    self.send_header("Content-Type", answer.content_type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(body) + answer.cut))
                self.end_headers()
                if answer.status != 304:
                    self.wfile.write(body)
                if answer.cut:
                    self.close_connection = True

            do_POST = do_PUT = do_GET  # noqa: N815 - http.server looks for these names

            def log_message(self, *arguments: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
