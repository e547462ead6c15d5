"""Who speaks where nobody says who does."""

from __future__ import annotations

import getpass
from contextlib import suppress


def login_name() -> str | None:
    """Return the name of whoever runs this process; None where it has none."""
    # A container may have a user without a name.
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return None
