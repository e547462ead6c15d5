"""Who may ask and who may write: hosts, tokens, and what a browser is told to forbid.

Review text is hostile and a browser runs whatever it is made to: nothing is loaded or run but
the page's own files. Other sites, open in the same browser, can neither read (they would need
the page's name, a token or its cookie) nor write (their requests say where they come from).
"""

from __future__ import annotations

import logging
import re
from ipaddress import ip_address
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api import PREFIX, is_api
from dashboard.errors import ApiError
from dashboard.refusals import SENTENCES
from dashboard.sessions import Access, Sessions, cookie_name
from dashboard.settings import Settings
from dashboard.tokens import Tokens

# Bytes; a correction with a long note has a few thousand.
LARGEST_BODY: Final = 64 * 1024

# https://www.w3.org/TR/CSP3/
_POLICY: Final = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
))  # fmt: skip
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # A query is nobody's business whose review is opened.
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_SIGN_IN: Final = f"{PREFIX}/session"
# What tells the page how to begin, before anyone has signed in.
_OPEN: Final = (_SIGN_IN, f"{PREFIX}/openapi.json")
# https://www.rfc-editor.org/rfc/rfc9110#name-host-and-authority: a name or an address, a port.
_HOST: Final = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[\w.-]+))(?::\d{1,5})?", re.ASCII)

_log = logging.getLogger(__name__)


class Guard:
    """Stands before the application; lets through what may pass and adds the headers."""

    def __init__(
        self, app: ASGIApp, settings: Settings, tokens: Tokens, sessions: Sessions
    ) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            # Nothing here speaks by WebSocket; closed before it was accepted, it is refused.
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head, is_begun = scope["method"] == "HEAD", False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                _add_headers(MutableHeaders(scope=message), scope["path"])
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            passes = self._refusal(scope) or self._app
            # HEAD is GET without the answer's body: RFC 9110, 9.3.2.
            asked = {**scope, "method": "GET"} if is_head else scope
            await passes(asked, _limited(receive), send_with_headers)
        except Exception:
            # Who asks learns nothing of it, and the log has the address without its question.
            _log.exception("%s %r failed", scope["method"], scope["path"])
            if is_begun:
                raise  # the connection is cut, so that nobody takes a part for the whole
            fault = ApiError(500, "fault", "fault").answer()
            await fault(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return the answer to a request that may not pass; None for one that may."""
        try:
            self._check(scope)
        except ApiError as error:
            return error.answer()
        return None

    def _check(self, scope: Scope) -> None:
        """Let a request pass, with what it may do in its state.

        Raises:
            ApiError: it may not pass.
        """
        headers = Headers(scope=scope)
        host, method, path = headers.get("host", ""), scope["method"], scope["path"]
        if not self._is_ours(host):
            raise ApiError(403, "access", "other_name")
        if not is_api(path):
            return
        if not _is_asked_by_us(headers, host, method):
            raise ApiError(403, "access", "other_site")
        _check_length(headers)
        access = self._access(scope, headers)
        scope.setdefault("state", {})["access"] = access
        if path in _OPEN:
            return
        if access is None:
            raise ApiError(401, "access", "token_needed", {"www-authenticate": "Bearer"})
        if method not in _SAFE and access != "write":
            raise ApiError(403, "access", "only_reading")

    def _is_ours(self, host: str) -> bool:
        """Whether a request names this page, and not another name for its address.

        Otherwise a site whose name was made to mean this machine could read everything
        (DNS rebinding).
        """
        name = host_name(host)
        if name is None:
            return False
        return "*" in self._settings.hosts or name in self._settings.hosts or is_loopback(name)

    def _access(self, scope: Scope, headers: Headers) -> Access | None:
        """Return what a request may do by its token or its cookie."""
        if not self._settings.needs_token:
            return "read" if self._settings.is_read_only else "write"
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            # Starlette reads headers as Latin-1; so they become the bytes that were sent.
            return self._tokens.access(token.strip().encode("latin-1"), address_of(scope))
        return self._sessions.access(Request(scope).cookies.get(cookie_name(scope["scheme"])))


def address_of(scope: Scope) -> str:
    """Return the address of whoever asks; empty where there is none."""
    client = scope.get("client")
    return client[0] if client else ""


def host_name(host: str) -> str | None:
    """Return the name or address in a Host header, in lower case; None where it is none."""
    found = _HOST.fullmatch(host.lower())
    return None if found is None else found["six"] or found["name"]


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _add_headers(headers: MutableHeaders, path: str) -> None:
    headers.update(_HEADERS)
    headers.setdefault("vary", "Accept-Encoding")
    # The page's files are asked for again each time, and answered with 304 while they are the
    # same: after an upgrade nobody has a mixture of two versions.
    headers["cache-control"] = "no-store" if is_api(path) else "no-cache"


def _is_asked_by_us(headers: Headers, host: str, method: str) -> bool:
    """Whether the page itself asks, or a program, which no other site can make ask.

    Other sites may link to an answer, and can neither read what a link brings nor time it: not
    in a frame either, which tells its site when it has loaded, whatever it may show.
    https://www.w3.org/TR/fetch-metadata/ and, for browsers without it, the Origin.
    """
    site = headers.get("sec-fetch-site", "none")
    if site not in ("same-origin", "none"):
        is_link = headers.get("sec-fetch-mode") == "navigate"
        return method in _SAFE and is_link and headers.get("sec-fetch-dest") == "document"
    origin = headers.get("origin")
    # Pages without an origin of their own, such as sandboxed ones, send "null".
    return method in _SAFE or origin is None or origin.partition("://")[2] == host.lower()


def only_json(request: Request) -> None:
    """Refuse what is not JSON, for the `dependencies=` of what takes a body.

    Raises:
        ApiError: it says that it is something else; forms, which any site can send, do.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "argument", "no_json")


def _check_length(headers: Headers) -> None:
    """Refuse what says that it is too large before any of it is read."""
    length = headers.get("content-length", "0").strip()
    if len(length) > 10 or not length.isdecimal() or int(length) > LARGEST_BODY:
        raise ApiError(413, "argument", "too_large", most=LARGEST_BODY // 1024)


def _limited(receive: Receive) -> Receive:
    """Return `receive` for a body that may not say how long it is."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            # FastAPI would take any other error here for a body that cannot be read.
            sentence = SENTENCES["too_large"].format(most=LARGEST_BODY // 1024)
            raise HTTPException(413, sentence)
        return message

    return limited
