"""Tokens: what their bearers may do, and patience with those who guess them."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock
from typing import Final

from dashboard.errors import ApiError
from dashboard.sessions import Access
from dashboard.settings import Settings

# Wrong tokens that a person may type before anyone has to wait.
FREE_MISTAKES: Final = 5
LONGEST_WAIT: Final = 60  # seconds
# Without another mistake for so long, those before are forgotten.
_FORGOTTEN_AFTER: Final = 600  # seconds
_MOST_ADDRESSES: Final = 1000


class Tokens:
    """Tells tokens apart; an address that sent several wrong ones has to wait for the next."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """See `Settings`; `clock` gives seconds."""
        self._settings = settings
        self._clock = clock
        self._mistakes: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def access(self, token: bytes, address: str) -> Access | None:
        """Return what the bearer of a token may do; None for a token that is none.

        Args:
            token: as it was sent.
            address: of whoever sent it.

        Raises:
            ApiError: too many wrong ones came from there; it was not even looked at.
        """
        place = _network(address)
        with self._lock:
            number, latest = self._mistakes.get(place, (0, 0.0))
            quiet = self._clock() - latest
            if quiet > _FORGOTTEN_AFTER:
                number = 0
            left = _wait(number) - quiet
            if left > 0:
                raise ApiError(
                    429,
                    "access",
                    "many_wrong_tokens",
                    {"retry-after": str(ceil(left))},
                    seconds=ceil(left),
                )
            access = self._look_up(token)
            if access is not None:
                self._mistakes.pop(place, None)
                return access
            self._mistakes[place] = number + 1, self._clock()
            self._mistakes.move_to_end(place)
            while len(self._mistakes) > _MOST_ADDRESSES:
                self._mistakes.popitem(last=False)
        return None

    def _look_up(self, token: bytes) -> Access | None:
        def is_it(secret: str | None) -> bool:
            # As bytes: texts that are not ASCII cannot be compared in constant time.
            return secret is not None and hmac.compare_digest(secret.encode(), token)

        if is_it(self._settings.write_token):
            return "read" if self._settings.is_read_only else "write"
        return "read" if is_it(self._settings.read_token) else None


def _wait(mistakes: int) -> int:
    """Return how many seconds have to pass after so many mistakes: 1, 2, 4 … after the free."""
    over = mistakes - FREE_MISTAKES
    return 0 if over < 0 else min(2 ** min(over, 16), LONGEST_WAIT)


def _network(address: str) -> str:
    """Return an address, of IPv6 the /64: whoever has one of its addresses has them all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
