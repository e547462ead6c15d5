"""The JSON interface: a file for each group of questions. docs/api.md describes it."""

from typing import Final

PREFIX: Final = "/api/v1"
# Of many more mentions a sample of so many is counted, for values beside a search and for
# charts: a person sees no difference of a hundredth, and waits.
MOST_COUNTED: Final = 10_000


def is_api(path: str) -> bool:
    """Whether the path of a request is one of the interface, of this version or another."""
    return path == "/api" or path.startswith("/api/")
