"""Browsers that have signed in with a token. The token itself is never kept by a browser."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from threading import Lock
from typing import Final, Literal

from starlette.responses import Response

Access = Literal["read", "write"]
HOURS: Final = 12
# More at once push out the oldest, so that signing in cannot fill the memory.
_MOST: Final = 1000
_COOKIE: Final = "molva_session"


class Sessions:
    """Who has signed in, by a number that cannot be guessed; forgotten when the process ends."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[Access, float]] = OrderedDict()
        self._lock = Lock()

    def begin(self, access: Access) -> str:
        """Return the number of a new session, for the cookie."""
        number = secrets.token_urlsafe(32)
        with self._lock:
            self._open[number] = access, time.monotonic() + HOURS * 3600
            while len(self._open) > _MOST:
                self._open.popitem(last=False)
        return number

    def access(self, number: str | None) -> Access | None:
        """Return what a session may do; None where there is none or it is over."""
        if number is None:
            return None
        with self._lock:
            access, until = self._open.get(number, (None, 0.0))
            if access is not None and until < time.monotonic():
                del self._open[number]
                return None
        return access

    def end(self, number: str | None) -> None:
        """End a session."""
        if number is not None:
            with self._lock:
                self._open.pop(number, None)


def cookie_name(scheme: str) -> str:
    """Return the name of the cookie with the number of a session.

    Over https no other name of the domain can set one of this name:
    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes

    Args:
        scheme: "https" or "http", by which the page was asked.
    """
    return f"__Host-{_COOKIE}" if scheme == "https" else _COOKIE


def set_cookie(response: Response, scheme: str, number: str) -> None:
    """Have a browser keep the number of its session; an empty one has it forget the cookie."""
    response.set_cookie(
        cookie_name(scheme),
        number,
        max_age=HOURS * 3600 if number else 0,
        path="/",
        httponly=True,
        samesite="strict",
        secure=scheme == "https",
    )
