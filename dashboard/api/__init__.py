"""The JSON interface: a file for each group of questions. docs/api.md describes it."""

from typing import Final

PREFIX: Final = "/api/v1"


def is_api(path: str) -> bool:
    """Whether the path of a request is one of the interface, of this version or another."""
    return path == "/api" or path.startswith("/api/")
